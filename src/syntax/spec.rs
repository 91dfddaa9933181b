//! What a spec says, as plain data. Optional keys are `None` where the author said nothing: defaults are `resolve`'s.

use crate::diagnose::{Origin, Place};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub at: Place,
}

/// An SQL expression that is a piece of a longer scalar: `decimal(10,2) = 0` holds one at offset 16.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The expression.
    pub text: String,
    /// The scalar it stands in.
    pub at: Place,
    /// Byte offset of the expression in that scalar.
    pub offset: usize,
}

/// A scalar with the type that YAML gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Quoted or plain text.
    String(String),
    /// A number, as it was written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, `~` or nothing.
    Null,
}

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// `entity:` and what belongs to it.
    Entity(Box<EntitySpec>),
    /// Only `projections:`.
    Projections(Vec<ProjectionSpec>),
}

/// `entity: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitySpec {
    /// Its document.
    pub origin: Origin,
    /// The document's root.
    pub at: Place,
    /// `entity:`.
    pub name: Located<String>,
    /// `schema:`.
    pub schema: Option<Located<String>>,
    /// `table:`.
    pub table: Option<Located<String>>,
    /// `renamed_from:`, an entity's former name, with that of its schema where that was another.
    pub renamed_from: Option<Located<String>>,
    /// `description:`.
    pub description: Option<Located<String>>,
    /// `extends:`, possibly `schema.Entity`.
    pub extends: Option<Located<String>>,
    /// `patterns:`.
    pub patterns: Vec<Located<Pattern>>,
    /// `hierarchical: true`.
    pub hierarchical: Option<Located<bool>>,
    /// `translations:`.
    pub translations: Option<TranslationsSpec>,
    /// `fields:` in their order, then `computed_fields:`.
    pub fields: Vec<FieldSpec>,
    /// `constraints:`.
    pub constraints: Vec<ConstraintSpec>,
    /// `indexes:`.
    pub indexes: Vec<IndexSpec>,
    /// `search:`.
    pub search: Option<Box<SearchSpec>>,
    /// `partitioning:`.
    pub partitioning: Option<Box<PartitioningSpec>>,
    /// `projections:`.
    pub projections: Vec<ProjectionSpec>,
}

/// An element of `patterns:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// `created_at, created_by, updated_at, updated_by`, and the trigger that sets `updated_at`.
    AuditTrail,
    /// `deleted_at, deleted_by`.
    SoftDelete,
}

/// `translations: {enabled: true, fields: […]}`; `None` in the entity when not enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranslationsSpec {
    /// Where.
    pub at: Place,
    /// The translated fields: they need not exist on the entity.
    pub fields: Vec<Located<String>>,
}

/// One entry of `fields:` or `computed_fields:`. What few fields say is boxed: a schema has a hundred thousand of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSpec {
    /// The field's name.
    pub name: String,
    /// The field's value; `at.the_key()` is its name.
    pub at: Place,
    /// The type; `None` for a computed field, whose type is its expression's.
    pub ty: Option<Located<TypeSpec>>,
    /// `!`, `required: true`, `nullable: false`.
    pub required: bool,
    /// `unique`.
    pub unique: bool,
    /// `indexed: true`.
    pub indexed: bool,
    /// `= …`, `default:`.
    pub default: Option<Box<DefaultSpec>>,
    /// `generated:`, or a computed field's expression.
    pub generated: Option<Box<Text>>,
    /// `generated_from:`.
    pub generated_from: Option<Vec<SearchFieldSpec>>,
    /// `language:` beside `generated_from:`.
    pub language: Option<Box<Located<String>>>,
    /// `description:`.
    pub description: Option<String>,
    /// `renamed_from:`.
    pub renamed_from: Option<Box<Located<String>>>,
    /// `native: true` beside an enum.
    pub native: Option<bool>,
}

/// A default as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultSpec {
    /// From `= …` or a string under `default:`: a bare word, a quoted SQL string or an SQL expression; which of them
    /// depends on the field's type.
    Text(Text),
    /// A YAML number, boolean or null under `default:`.
    Scalar(Located<Scalar>),
}

/// A type as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeSpec {
    /// `text`, `decimal(10,2)`, `timestamp(3) with time zone` (name without its arguments, white space folded).
    Named {
        /// The name.
        name: String,
        /// The arguments, each trimmed.
        arguments: Vec<String>,
    },
    /// `list(T)`, `T[]`.
    List(Box<TypeSpec>),
    /// `enum(a, "b c", 'd')`, `enum[…]`.
    Enum(Vec<String>),
    /// `ref(X)`, `ref(schema.X, on_delete=cascade)`.
    Reference(Box<ReferenceSpec>),
    /// `pg(ltree)`.
    Raw(String),
}

/// `ref(…)` with the options that stood in it or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceSpec {
    /// `schema.` before the entity, or `schema:` beside the type.
    pub schema: Option<String>,
    /// The entity; `Self` is the entity itself.
    pub entity: String,
    /// `on_delete`.
    pub on_delete: Option<ReferenceAction>,
    /// `on_update`.
    pub on_update: Option<ReferenceAction>,
    /// `enforce=false`: column and index, no constraint.
    pub enforce: bool,
    /// `with=created_at`: more columns of the other key, carried along.
    pub with: Vec<String>,
}

/// What happens to a referring row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceAction {
    /// NO ACTION.
    NoAction,
    /// RESTRICT.
    Restrict,
    /// CASCADE.
    Cascade,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// One entry of `constraints:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintSpec {
    /// The entry.
    pub at: Place,
    /// `name:`.
    pub name: Option<Located<String>>,
    /// `type:`.
    pub kind: Located<ConstraintKind>,
    /// `fields:`.
    pub fields: Vec<Located<String>>,
    /// `condition:`.
    pub condition: Option<Located<String>>,
    /// `references: "customers(id)"`.
    pub references: Option<Located<String>>,
    /// `ref: Customer`.
    pub reference: Option<Located<String>>,
    /// `on_delete:`.
    pub on_delete: Option<ReferenceAction>,
    /// `on_update:`.
    pub on_update: Option<ReferenceAction>,
    /// `deferrable: true`.
    pub deferrable: bool,
    /// `initially_deferred: true`.
    pub initially_deferred: bool,
    /// `nulls_distinct:`.
    pub nulls_distinct: Option<Located<bool>>,
    /// `error_message:` (or `description:`).
    pub error_message: Option<String>,
    /// `renamed_from:`.
    pub renamed_from: Option<Located<String>>,
    /// `using:` of an exclusion constraint; gist when nothing is said.
    pub using: Option<Located<String>>,
    /// `elements:` of an exclusion constraint.
    pub elements: Vec<ExcludeElement>,
}

impl ConstraintSpec {
    /// Whether it is DEFERRABLE, which `initially_deferred: true` says as well.
    pub fn is_deferrable(&self) -> bool {
        self.deferrable || self.initially_deferred
    }
}

/// `type:` of a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `primary_key`.
    PrimaryKey,
    /// `unique`.
    Unique,
    /// `check`.
    Check,
    /// `foreign_key`.
    ForeignKey,
    /// `exclude`.
    Exclude,
}

/// `{expression: "tstzrange(starts, ends)", with: "&&"}`; `field:` instead of `expression:` names a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludeElement {
    /// The index element.
    pub expression: Located<String>,
    /// The operator.
    pub operator: Located<String>,
}

/// One entry of `indexes:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSpec {
    /// The entry.
    pub at: Place,
    /// `name:`.
    pub name: Option<Located<String>>,
    /// `renamed_from:`.
    pub renamed_from: Option<Located<String>>,
    /// `columns:` (or `fields:`): index elements as text.
    pub columns: Vec<Located<String>>,
    /// `type:`, as written.
    pub method: Option<Located<String>>,
    /// `condition:`.
    pub condition: Option<Located<String>>,
    /// `include:`.
    pub include: Vec<Located<String>>,
    /// `unique:`.
    pub unique: Option<Located<bool>>,
    /// `nulls_distinct:`.
    pub nulls_distinct: Option<Located<bool>>,
    /// `with:` storage parameters.
    pub with: Vec<(String, Located<Scalar>)>,
    /// `description:`.
    pub description: Option<String>,
}

/// `search:` of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchSpec {
    /// Where.
    pub at: Place,
    /// `fields:`.
    pub fields: Vec<SearchFieldSpec>,
    /// `language:`.
    pub language: Option<Located<String>>,
    /// `column:`.
    pub column: Option<Located<String>>,
    /// `index:`: `gin`, `gist` or `none`, as written.
    pub index: Option<Located<String>>,
}

/// A field of a search vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFieldSpec {
    /// The field; in the mapping form `at` is the key.
    pub field: Located<String>,
    /// The weight as written, `None` in the list form.
    pub weight: Option<Located<String>>,
}

/// `partitioning:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitioningSpec {
    /// Where.
    pub at: Place,
    /// `strategy:`, as written.
    pub strategy: Located<String>,
    /// `column:`.
    pub column: Located<String>,
    /// `intervals:`.
    pub intervals: Option<IntervalsSpec>,
    /// `retention:`.
    pub retention: Option<Located<String>>,
    /// `retention_action:`: whether to drop instead of detach.
    pub drop_expired: Option<bool>,
    /// `start:`.
    pub start: Option<Located<Scalar>>,
    /// `premake:`.
    pub premake: Option<Located<u32>>,
    /// `default:`.
    pub default: Option<Located<bool>>,
    /// `partitions:` of HASH.
    pub partitions: Option<Located<u32>>,
    /// `partitioning:` within it.
    pub sub: Option<Box<PartitioningSpec>>,
}

/// `intervals:` in its three shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntervalsSpec {
    /// `monthly`, `"10 days"`, `1000`.
    One(Located<Scalar>),
    /// `[monthly]`, `[tenant_1, tenant_2]`.
    Many(Vec<Located<Scalar>>),
    /// `{eu: [de, fr], us: [us]}`.
    Groups(Vec<(Located<String>, Vec<Located<Scalar>>)>),
}

/// One entry of `projections:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionSpec {
    /// The entry.
    pub at: Place,
    /// `name:`.
    pub name: Located<String>,
    /// `schema:`; the root's when nothing is said.
    pub schema: Option<Located<String>>,
    /// `description:`.
    pub description: Option<String>,
    /// `includes:`; the first is the root.
    pub includes: Vec<IncludeSpec>,
    /// `filters:`, `condition:` of each.
    pub filters: Vec<Located<String>>,
    /// `refresh:`.
    pub refresh: Option<RefreshSpec>,
    /// `indexes:`.
    pub indexes: Vec<IndexSpec>,
}

/// `Order: [COUNT(*) as n]` or its long form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncludeSpec {
    /// The include's value.
    pub at: Place,
    /// The entity, possibly `schema.Entity`; `at` is the key.
    pub entity: Located<String>,
    /// The output columns as text.
    pub fields: Vec<Located<String>>,
    /// `filter:`.
    pub filter: Option<Located<String>>,
    /// `via:`.
    pub via: Option<Located<String>>,
    /// `as:`.
    pub alias: Option<Located<String>>,
}

/// `refresh:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshSpec {
    /// Where.
    pub at: Place,
    /// `materialized:`.
    pub materialized: bool,
    /// `on:`.
    pub on: Option<EventsSpec>,
    /// `concurrently:`.
    pub concurrently: Option<Located<bool>>,
    /// `mode:`.
    pub mode: Option<Located<RefreshMode>>,
    /// `every:`.
    pub every: Option<Located<String>>,
}

/// `mode:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshMode {
    /// Once, at the end of each transaction that touched a source.
    Commit,
    /// In each statement's own AFTER trigger.
    Statement,
    /// Marked, and refreshed by `specql.refresh_projections()`.
    Queued,
    /// A table kept right row by row.
    Incremental,
}

/// `on:` in its three shapes; event names as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsSpec {
    /// `all`.
    All,
    /// `[create, update]`: the root's.
    Root(Vec<Located<String>>),
    /// `{User: [create], Order: [create, update]}`; `at` of an entity is its key.
    Each(Vec<(Located<String>, Vec<Located<String>>)>),
}
