//! Statements as data: one variant for each that `render` has a template for.

use std::borrow::Cow;

use crate::catalog::{
    Attribute, Bound, Column, Constraint, Domain, Identity, Index, OwningColumn, Partition,
    PartitionKey, PartitionPolicy, Policy, Routine, RoutineDefinition, Sequence, Table, Trigger,
    View,
};
use crate::diff::{LabelPlace, Object};
use crate::sql::{Expr, Ident, QualifiedName};

/// A constraint with its name.
pub type NamedConstraint<'a> = (&'a Ident, &'a Constraint);

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement<'a> {
    /// CREATE SCHEMA.
    CreateSchema {
        /// Its name.
        name: &'a Ident,
    },
    /// CREATE SCHEMA of one in which something stands aside for as long as a transaction takes.
    CreateSchemaAside {
        /// Its name.
        name: Ident,
    },
    /// DROP SCHEMA of such a one.
    DropSchemaAside {
        /// Its name.
        name: Ident,
    },
    /// CREATE EXTENSION.
    CreateExtension {
        /// Its name.
        name: &'a Ident,
        /// SCHEMA.
        schema: Option<&'a Ident>,
    },
    /// CREATE TYPE … AS ENUM.
    CreateEnumType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its labels in order.
        labels: &'a [String],
    },
    /// CREATE TYPE … AS.
    CreateCompositeType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its attributes in order.
        attributes: &'a [Attribute],
    },
    /// CREATE DOMAIN.
    CreateDomain {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        domain: &'a Domain,
    },
    /// CREATE SEQUENCE.
    CreateSequence {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        sequence: &'a Sequence,
    },
    /// ALTER SEQUENCE … OWNED BY.
    SetSequenceOwner {
        /// The sequence.
        name: &'a QualifiedName,
        /// The column.
        owner: &'a OwningColumn,
    },
    /// CREATE FUNCTION.
    CreateFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// CREATE FUNCTION, of a further one of a name.
    CreateOverload {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        definition: &'a RoutineDefinition,
    },
    /// CREATE TABLE.
    CreateTable {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        table: &'a Table,
        /// The constraints that stand in it: primary key first, then by name.
        constraints: Vec<NamedConstraint<'a>>,
    },
    /// CREATE TABLE … PARTITION OF.
    CreatePartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
        /// All else of it.
        table: &'a Table,
        /// The constraints that stand in it.
        constraints: Vec<NamedConstraint<'a>>,
        /// IF NOT EXISTS: maintenance may have made it.
        if_missing: bool,
    },
    /// CREATE TABLE … LIKE: what is to be a partition, before it is one.
    CreateLike {
        /// Its name.
        name: &'a QualifiedName,
        /// The partitioned table.
        of: &'a QualifiedName,
        /// PARTITION BY, where it is partitioned itself.
        partition_key: Option<&'a PartitionKey>,
        /// IF NOT EXISTS: maintenance may have made it.
        if_missing: bool,
    },
    /// ALTER TABLE … ADD CONSTRAINT.
    AddConstraint {
        /// On which table.
        table: &'a QualifiedName,
        /// The constraint.
        constraint: NamedConstraint<'a>,
    },
    /// CREATE INDEX.
    CreateIndex {
        /// On which table or materialized view.
        relation: Cow<'a, QualifiedName>,
        /// Its name.
        name: Cow<'a, Ident>,
        /// What it is.
        index: &'a Index,
        /// While others write, or on a partitioned table alone.
        way: IndexWay,
    },
    /// CREATE INDEX of one that stands in no catalog.
    CreateMeantimeIndex {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: Ident,
        /// What it is.
        index: Box<Index>,
    },
    /// CREATE UNIQUE INDEX that a key will use.
    CreateKeyIndex {
        /// On which table.
        table: Cow<'a, QualifiedName>,
        /// Its name.
        name: Cow<'a, Ident>,
        /// The key.
        constraint: &'a Constraint,
        /// While others write, or on a partitioned table alone.
        way: IndexWay,
    },
    /// CREATE TRIGGER.
    CreateTrigger {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        trigger: &'a Trigger,
        /// Instead of one of that name, if there is one.
        or_replace: bool,
    },
    /// CREATE POLICY.
    CreatePolicy {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        policy: &'a Policy,
    },
    /// CREATE VIEW.
    CreateView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
        /// Whether its query is the one that was noted.
        noted: bool,
    },
    /// CREATE MATERIALIZED VIEW.
    CreateMaterializedView {
        /// Its name.
        name: Cow<'a, QualifiedName>,
        /// What it is.
        view: &'a View,
        /// Whether its query is the one that was noted.
        noted: bool,
    },
    /// INSERT INTO `specql.partition_policy`.
    SetPartitionPolicy {
        /// Of which table.
        table: &'a QualifiedName,
        /// What it is.
        policy: &'a PartitionPolicy,
    },
    /// COMMENT ON.
    Comment {
        /// Which object.
        on: Object<'a>,
        /// The text; `None` takes the comment away.
        text: Option<&'a str>,
    },
    /// ALTER TABLE.
    AlterTable {
        /// The table.
        table: Cow<'a, QualifiedName>,
        /// ONLY: without its partitions.
        only: bool,
        /// What is done to it.
        action: Box<TableAction<'a>>,
    },
    /// ALTER INDEX … RENAME TO.
    RenameIndex {
        /// IF EXISTS: nobody but the server has named it.
        if_exists: bool,
        /// Its former name.
        from: QualifiedName,
        /// Its name.
        to: Cow<'a, Ident>,
    },
    /// ALTER SEQUENCE … RENAME TO.
    RenameSequence {
        /// Its former name.
        from: QualifiedName,
        /// Its name.
        to: Ident,
    },
    /// ALTER INDEX … ATTACH PARTITION.
    AttachIndex {
        /// The index of the partitioned table.
        parent: QualifiedName,
        /// That of the partition.
        index: QualifiedName,
    },
    /// TRUNCATE.
    Empty {
        /// The table.
        table: &'a QualifiedName,
    },
    /// ALTER TYPE … RENAME TO, and into another schema.
    RenameType {
        /// Its former name.
        from: Cow<'a, QualifiedName>,
        /// Its name.
        to: Cow<'a, QualifiedName>,
    },
    /// ALTER TYPE … ADD VALUE.
    AddEnumLabel {
        /// The type.
        name: &'a QualifiedName,
        /// The label.
        label: &'a str,
        /// Where in the order it comes.
        place: LabelPlace<'a>,
    },
    /// ALTER MATERIALIZED VIEW … RENAME TO.
    RenameMaterializedView {
        /// Its former name.
        from: QualifiedName,
        /// Its name.
        to: &'a Ident,
    },
    /// REFRESH MATERIALIZED VIEW.
    Refresh {
        /// Which.
        name: &'a QualifiedName,
        /// CONCURRENTLY.
        concurrently: bool,
    },
    /// SELECT of the function that fills an incremental projection.
    Fill {
        /// The function.
        name: &'a QualifiedName,
        /// The projection.
        table: &'a QualifiedName,
    },
    /// CREATE OR REPLACE VIEW.
    ReplaceView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// CREATE OR REPLACE FUNCTION.
    ReplaceFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// DO: notes who owns a relation and who may use it, for the rest of the transaction.
    NotePrivileges {
        /// Which.
        relation: &'a QualifiedName,
    },
    /// DO: notes the query of a view as the server writes it now, for the rest of the transaction.
    NoteQuery {
        /// Of which.
        view: &'a QualifiedName,
    },
    /// DO: gives what was noted to what has taken its place.
    GivePrivileges {
        /// Which.
        relation: &'a QualifiedName,
    },
    /// DROP of anything that has a statement for it; for a part of a table that is ALTER TABLE.
    Drop {
        /// Which object.
        object: Object<'a>,
        /// CONCURRENTLY, of an index.
        concurrently: bool,
    },
    /// DROP TABLE of one that was put aside under another name.
    DropTable {
        /// Which.
        name: QualifiedName,
        /// Its foreign keys to others that it still has.
        keys: Vec<NamedConstraint<'a>>,
    },
    /// DROP TYPE of one that was put aside under another name.
    DropType {
        /// Which.
        name: QualifiedName,
    },
    /// DO: a table goes into another schema, with the partitions that it has when that is done.
    MoveAside {
        /// The table.
        table: &'a QualifiedName,
        /// The schema.
        schema: Ident,
    },
    /// DELETE FROM `specql.partition_policy`.
    RemovePartitionPolicy {
        /// Of which table.
        table: &'a QualifiedName,
    },
    /// UPDATE `specql.partition_policy`: the same under another name of the table.
    RenamePartitionPolicy {
        /// The table's former name.
        from: &'a QualifiedName,
        /// Its name.
        to: &'a QualifiedName,
    },
    /// UPDATE, a few rows at a time, until no row is without a value.
    Backfill {
        /// The table.
        table: &'a QualifiedName,
        /// The column that gets its default.
        column: &'a Ident,
    },
    /// SELECT setval: an identity goes on where the rows end.
    ContinueIdentity {
        /// The table.
        table: &'a QualifiedName,
        /// The column.
        column: &'a Ident,
    },
    /// A CHECK, not looked at yet, by which a default partition takes no rows of a partition that comes; none where it has some.
    KeepOut {
        /// The default partition.
        default: &'a QualifiedName,
        /// The constraint's name.
        check: Ident,
        /// What is so of each row that it has no longer.
        condition: Expr,
    },
    /// VALIDATE CONSTRAINT, where it is there and no row breaks it.
    ValidateWhereItHolds {
        /// The table.
        table: &'a QualifiedName,
        /// The constraint.
        name: Ident,
    },
    /// Rows that wait in a default partition go into the one that is made for them, before that is attached; nothing where the
    /// CHECK has been validated that says that there are none.
    MoveWaiting {
        /// The default partition.
        default: &'a QualifiedName,
        /// What it is a partition of.
        of: &'a QualifiedName,
        /// The constraint's name.
        check: Ident,
        /// What is so of each of them.
        condition: Expr,
        /// Where they go.
        into: &'a QualifiedName,
    },
    /// INSERT INTO … SELECT: all rows.
    CopyRows {
        /// From where.
        from: QualifiedName,
        /// To where.
        to: &'a QualifiedName,
        /// The columns, each with its value in terms of the other table's.
        values: Vec<(&'a Ident, Expr)>,
    },
}

impl<'a> Statement<'a> {
    /// ALTER TABLE, its partitions included.
    pub(super) fn alter(table: &'a QualifiedName, action: TableAction<'a>) -> Self {
        Self::AlterTable {
            table: Cow::Borrowed(table),
            only: false,
            action: Box::new(action),
        }
    }
}

/// How an index is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexWay {
    /// Nobody writes meanwhile.
    Plain,
    /// CONCURRENTLY.
    Concurrently,
    /// ON ONLY: of a partitioned table without its partitions; it is valid when all of theirs are attached.
    ParentOnly,
}

/// What ALTER TABLE does.
#[derive(Debug, Clone, PartialEq)]
pub enum TableAction<'a> {
    /// RENAME TO.
    RenameTo(Cow<'a, Ident>),
    /// SET SCHEMA.
    SetSchema(&'a Ident),
    /// RENAME COLUMN.
    RenameColumn {
        /// Its former name.
        from: Cow<'a, Ident>,
        /// Its name.
        to: &'a Ident,
    },
    /// RENAME CONSTRAINT.
    RenameConstraint {
        /// Its former name.
        from: Cow<'a, Ident>,
        /// Its name.
        to: Cow<'a, Ident>,
    },
    /// ADD COLUMN.
    AddColumn(Cow<'a, Column>),
    /// DROP COLUMN.
    DropColumn(&'a Ident),
    /// ALTER COLUMN … TYPE.
    SetType {
        /// The column as it is.
        column: &'a Column,
        /// Whether values are cast in so many words.
        using: Option<Expr>,
    },
    /// SET DEFAULT.
    SetDefault(&'a Ident, &'a Expr),
    /// DROP DEFAULT.
    DropDefault(&'a Ident),
    /// SET NOT NULL.
    SetNotNull(&'a Ident),
    /// DROP NOT NULL.
    DropNotNull(&'a Ident),
    /// ADD GENERATED … AS IDENTITY.
    AddIdentity(&'a Column),
    /// SET GENERATED ….
    SetIdentity(&'a Ident, Identity),
    /// DROP IDENTITY.
    DropIdentity(&'a Ident),
    /// SET EXPRESSION (17 and newer).
    SetExpression(&'a Ident, &'a Expr),
    /// DROP EXPRESSION.
    DropExpression(&'a Ident),
    /// ADD CONSTRAINT.
    AddConstraint(Cow<'a, Ident>, Cow<'a, Constraint>),
    /// ADD CONSTRAINT … NOT NULL NOT VALID (18 and newer).
    AddNotNull(Cow<'a, Ident>, &'a Ident),
    /// ADD CONSTRAINT … USING INDEX.
    UseIndex {
        /// The constraint.
        constraint: NamedConstraint<'a>,
        /// The index.
        index: Cow<'a, Ident>,
        /// Whether it gets the constraint's name; otherwise the constraint has its.
        renamed: bool,
    },
    /// VALIDATE CONSTRAINT.
    Validate {
        /// Its name.
        name: Cow<'a, Ident>,
        /// The table that a foreign key refers to: its rows are looked up.
        references: Option<&'a QualifiedName>,
    },
    /// DROP CONSTRAINT.
    DropConstraint(Cow<'a, Ident>),
    /// DROP CONSTRAINT IF EXISTS of a CHECK.
    DropCheckIfExists(Ident),
    /// ATTACH PARTITION.
    Attach {
        /// The partition.
        partition: Cow<'a, QualifiedName>,
        /// FOR VALUES.
        bound: Cow<'a, Bound>,
        /// Only where it is none yet: maintenance may have attached it.
        if_missing: bool,
    },
    /// DETACH PARTITION.
    Detach {
        /// The partition.
        partition: &'a QualifiedName,
        /// CONCURRENTLY.
        concurrently: bool,
    },
    /// SET LOGGED, SET UNLOGGED.
    SetLogged(bool),
}
