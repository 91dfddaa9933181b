//! The rules of squawk, and what answers each.

use specqlc::catalog::{Catalog, Column, Identity};
use specqlc::diff::{Former, Object};
use specqlc::plan::HazardKind::{
    self, BlocksReads, BlocksWrites, BreaksOldCode, DeletesData, NotReversible, RewritesTable,
    StaleProjection,
};
use specqlc::plan::{Duration, IndexWay, LockMode, Plan, Statement, Step, TableAction};
use specqlc::sql::{Ident, QualifiedName};

/// A step that a rule warns of.
pub struct Finding<'f, 'a> {
    pub step: &'f Step<'a>,
    pub plan: &'f Plan<'a>,
    pub from: &'f Catalog,
    pub former: &'f Former<'a>,
    pub to: &'f Catalog,
}

/// What answers a rule: any of these hazards, or one of the reasons why a step needs none.
pub struct Rule {
    pub name: &'static str,
    hazards: &'static [HazardKind],
    harmless: &'static [Harmless],
}

/// Why a warning is a false alarm, and of which steps.
type Harmless = (&'static str, fn(&Finding<'_, '_>) -> bool);

const ALWAYS: fn(&Finding<'_, '_>) -> bool = |_| true;

/// Nobody but the plan knows it.
const OF_THE_PLAN: Harmless = (
    "its name is one for the meantime: no code has ever known it",
    |found| !found.was_there(),
);
const COMES_AGAIN: Harmless = (
    "something of that name stands in its place when the transaction ends",
    |found| found.comes_again(),
);
const AS_WRITTEN: Harmless = ("the author chose the type", ALWAYS);
const CATALOG_CHANGE: Harmless = (
    "it takes no longer than a change of the system catalogs, under a lock_timeout: tests/recipes.rs has measured that nothing is \
     scanned or written",
    |found| found.step.transactional && found.step.duration == Duration::CatalogChange,
);

/// Every rule of squawk that has something to say of a plan.
pub const RULES: &[Rule] = &[
    Rule {
        name: "adding-field-with-default",
        hazards: &[RewritesTable],
        harmless: &[],
    },
    // A CHECK that is validated comes before, where there are rows.
    Rule {
        name: "adding-not-nullable-field",
        hazards: &[],
        harmless: &[EMPTIED],
    },
    Rule {
        name: "adding-required-field",
        hazards: &[BreaksOldCode],
        harmless: &[(
            "only functions of this program write its own tables, and they change in the same transaction",
            |found| matches!(found.step.object, Object::Column(table, _) if table.schema.as_str() == "specql"),
        )],
    },
    Rule {
        name: "adding-foreign-key-constraint",
        hazards: &[BlocksWrites],
        harmless: &[FOUND_BY_PARTITION],
    },
    // Any primary key, whatever the rule's name.
    Rule {
        name: "adding-serial-primary-key-field",
        hazards: &[BlocksWrites],
        harmless: &[FOUND_BY_PARTITION, EMPTIED],
    },
    Rule {
        name: "ban-alter-identity",
        hazards: &[BreaksOldCode],
        harmless: &[(
            "BY DEFAULT takes what code writes, and gives what it does not",
            |found| found.numbered_after(),
        )],
    },
    Rule {
        name: "ban-drop-column",
        hazards: &[BreaksOldCode, DeletesData],
        harmless: &[COMES_AGAIN],
    },
    Rule {
        name: "ban-drop-constraint",
        hazards: &[BreaksOldCode],
        harmless: &[
            OF_THE_PLAN,
            COMES_AGAIN,
            (
                "who writes what it allowed goes on; keys, which ON CONFLICT names, have a hazard",
                |found| !found.is_key(),
            ),
        ],
    },
    Rule {
        name: "ban-drop-default",
        hazards: &[BreaksOldCode],
        harmless: &[(
            "who leaves the column out gets NULL, another default or a number, and no error",
            |found| {
                let next = found.column_after();
                next.is_none_or(|next| {
                    !next.not_null || next.default.is_some() || next.identity.is_some()
                })
            },
        )],
    },
    Rule {
        name: "ban-drop-function",
        hazards: &[BreaksOldCode],
        harmless: &[COMES_AGAIN],
    },
    Rule {
        name: "ban-drop-generated-expression",
        hazards: &[BreaksOldCode],
        harmless: &[],
    },
    Rule {
        name: "ban-drop-not-null",
        hazards: &[BreaksOldCode],
        harmless: &[(
            "no value changes; NULL comes from code that was written for it",
            ALWAYS,
        )],
    },
    Rule {
        name: "ban-drop-schema",
        hazards: &[BreaksOldCode],
        harmless: &[OF_THE_PLAN],
    },
    Rule {
        name: "ban-drop-table",
        hazards: &[BreaksOldCode, DeletesData],
        harmless: &[OF_THE_PLAN, COMES_AGAIN],
    },
    Rule {
        name: "ban-drop-type",
        hazards: &[BreaksOldCode],
        harmless: &[OF_THE_PLAN],
    },
    Rule {
        name: "ban-drop-view",
        hazards: &[BreaksOldCode, StaleProjection],
        harmless: &[COMES_AGAIN],
    },
    Rule {
        name: "ban-set-schema",
        hazards: &[BreaksOldCode],
        harmless: &[],
    },
    Rule {
        name: "changing-column-type",
        hazards: &[RewritesTable, BlocksReads],
        harmless: &[CATALOG_CHANGE, EMPTIED],
    },
    Rule {
        name: "constraint-missing-not-valid",
        hazards: &[BlocksWrites],
        harmless: &[FOUND_BY_PARTITION, WITHOUT_PARTITIONS, EMPTIED],
    },
    Rule {
        name: "disallowed-unique-constraint",
        hazards: &[BlocksWrites],
        harmless: &[WITHOUT_PARTITIONS, FOUND_BY_PARTITION],
    },
    Rule {
        name: "prefer-bigint-over-int",
        hazards: &[],
        harmless: &[AS_WRITTEN],
    },
    Rule {
        name: "prefer-robust-stmts",
        hazards: &[],
        harmless: &[(
            "a diff is made of what is there, and `migrate apply` knows what has run: IF NOT EXISTS would take an index that a \
             failed build has left for a good one",
            ALWAYS,
        )],
    },
    Rule {
        name: "prefer-text-field",
        hazards: &[],
        harmless: &[AS_WRITTEN],
    },
    Rule {
        name: "prefer-timestamp-tz",
        hazards: &[],
        harmless: &[AS_WRITTEN],
    },
    Rule {
        name: "renaming-column",
        hazards: &[BreaksOldCode],
        harmless: &[OF_THE_PLAN],
    },
    Rule {
        name: "renaming-object",
        hazards: &[BreaksOldCode, StaleProjection],
        harmless: &[
            OF_THE_PLAN,
            COMES_AGAIN,
            (
                "no query names an index, an identity's sequence, or a constraint that is no key",
                |found| match &found.step.statement {
                    Statement::RenameIndex { .. } | Statement::RenameSequence { .. } => true,
                    Statement::AlterTable { .. } => !found.is_key(),
                    _ => false,
                },
            ),
        ],
    },
    Rule {
        name: "renaming-table",
        hazards: &[BreaksOldCode],
        harmless: &[OF_THE_PLAN, COMES_AGAIN],
    },
    Rule {
        name: "require-concurrent-index-creation",
        hazards: &[BlocksWrites],
        harmless: &[
            ("nobody has seen the table or view yet", |found| {
                found.step.locks.is_empty() || found.is_of_what_comes()
            }),
            WITHOUT_PARTITIONS,
        ],
    },
    Rule {
        name: "require-concurrent-index-deletion",
        hazards: &[],
        harmless: &[CATALOG_CHANGE],
    },
    // CONCURRENTLY, unless a default partition forbids it or the partition goes in the same transaction.
    Rule {
        name: "require-concurrent-partition-detach",
        hazards: &[BlocksReads, BlocksWrites],
        harmless: &[CATALOG_CHANGE],
    },
    Rule {
        name: "require-enum-value-ordering",
        hazards: &[NotReversible],
        harmless: &[(
            "where no place is written the label comes last, as it is meant",
            |found| matches!(found.step.statement, Statement::AddEnumLabel { .. }),
        )],
    },
    Rule {
        name: "require-lock-timeout",
        hazards: &[],
        harmless: &[(
            "what runs outside of transactions waits under SHARE UPDATE EXCLUSIVE, for which nobody who reads or writes waits, and \
             giving up would leave an index or a partition half done",
            |found| {
                let locks = found.step.locks.iter();
                let strongest = locks.map(|lock| lock.mode).max();
                let detached = matches!(&found.step.statement, Statement::AlterTable { action, .. }
                    if matches!(**action, TableAction::Detach { concurrently: true, .. }));
                !found.step.transactional
                    && (detached || strongest <= Some(LockMode::ShareUpdateExclusive))
            },
        )],
    },
    Rule {
        name: "require-statement-timeout",
        hazards: &[],
        harmless: &[(
            "what waits is limited by lock_timeout; what works takes as long as the table is large",
            ALWAYS,
        )],
    },
];

const FOUND_BY_PARTITION: Harmless = (
    "each partition has it already, validated or with its index: the whole takes those in and looks at no row",
    |found| {
        let Object::Constraint(table, _) = found.step.object else {
            return false;
        };
        let prepared = |part: &&QualifiedName| {
            found.plan.steps.iter().any(|step| {
                step.object == found.step.object
                    && matches!(&step.statement, Statement::AlterTable { table: of, action, .. }
                        if **of == **part
                            && matches!(**action, TableAction::Validate { .. } | TableAction::UseIndex { .. }))
            })
        };
        let leaves = found.leaves(table);
        !leaves.is_empty() && leaves.iter().all(prepared)
    },
);

const EMPTIED: Harmless = (
    "the table was emptied in the same transaction: it has no rows to look at",
    |found| {
        let (Object::Constraint(table, _) | Object::Column(table, _)) = found.step.object else {
            return false;
        };
        let of_transaction = found.plan.steps.iter();
        let mut of_transaction = of_transaction.filter(|step| step.group == found.step.group);
        of_transaction
            .any(|step| matches!(&step.statement, Statement::Empty { table: of } if *of == table))
    },
);

const WITHOUT_PARTITIONS: Harmless =
    (
        "ONLY: the partitioned table itself has no rows",
        |found| match &found.step.statement {
            Statement::AlterTable { only, .. } => *only,
            Statement::CreateIndex { way, .. } | Statement::CreateKeyIndex { way, .. } => {
                *way == IndexWay::ParentOnly
            }
            _ => false,
        },
    );

impl Rule {
    /// Whether a plan knows what it warns of.
    pub fn is_answered(&self, found: &Finding<'_, '_>) -> bool {
        found.has(self.hazards) || self.harmless.iter().any(|(_, is)| is(found))
    }
}

impl Finding<'_, '_> {
    /// Whether one of the hazards is listed at a step of the same object.
    fn has(&self, hazards: &[HazardKind]) -> bool {
        let same = |step: &&Step<'_>| step.object == self.step.object;
        let steps = self.plan.steps.iter().filter(same);
        let mut listed = steps.flat_map(|step| &step.hazards);
        listed.any(|hazard| hazards.contains(&hazard.kind))
    }

    /// The name that goes or changes, of whatever kind.
    fn gone(&self) -> Gone<'_> {
        match &self.step.statement {
            Statement::AlterTable { table, action, .. } => match &**action {
                TableAction::RenameTo(_) | TableAction::SetSchema(_) => Gone::Relation(table),
                TableAction::RenameColumn { from, .. } => Gone::Column(table, from),
                TableAction::DropColumn(name) => Gone::Column(table, name),
                TableAction::DropConstraint(name)
                | TableAction::RenameConstraint { from: name, .. } => Gone::Constraint(table, name),
                _ => Gone::Other,
            },
            Statement::RenameMaterializedView { from, .. } => Gone::Relation(from),
            Statement::RenameType { from, .. } => Gone::Type(from),
            Statement::DropTable { name, keys: _ } => Gone::Relation(name),
            Statement::DropType { name } => Gone::Type(name),
            Statement::DropSchemaAside { name } => Gone::Schema(name),
            Statement::Drop { object, .. } => match *object {
                Object::Table(name) | Object::View(name) | Object::MaterializedView(name) => {
                    Gone::Relation(name)
                }
                Object::Column(table, name) => Gone::Column(table, name),
                Object::Constraint(table, name) => Gone::Constraint(table, name),
                Object::EnumType(name) | Object::CompositeType(name) => Gone::Type(name),
                Object::Function(name) | Object::Overload(name, _) => Gone::Function(name),
                Object::Schema(name) => Gone::Schema(name),
                _ => Gone::Other,
            },
            _ => Gone::Other,
        }
    }

    /// Whether old code may know it, under its name before or after what the plan renames.
    fn was_there(&self) -> bool {
        self.gone().is_in(self.from) || self.gone().is_in(&self.former.catalog)
    }

    fn comes_again(&self) -> bool {
        self.gone().is_in(self.to)
    }

    fn is_key(&self) -> bool {
        use specqlc::catalog::ConstraintKind::{PrimaryKey, Unique};
        let Object::Constraint(table, name) = self.step.object else {
            return false;
        };
        let table = self.former.catalog.tables.get(table);
        let constraint = table.and_then(|table| table.constraints.get(name));
        constraint.is_some_and(|key| matches!(key.kind, PrimaryKey { .. } | Unique { .. }))
    }

    fn numbered_after(&self) -> bool {
        let Statement::AlterTable { table, action, .. } = &self.step.statement else {
            return false;
        };
        let (TableAction::DropIdentity(name) | TableAction::SetIdentity(name, _)) = **action else {
            return matches!(**action, TableAction::AddIdentity(column) if column.identity == Some(Identity::ByDefault));
        };
        let columns = self.to.tables.get(table).map(|table| &table.columns);
        let mut columns = columns.into_iter().flatten();
        columns.any(|column| column.name == *name && column.identity.is_some())
    }

    /// Whether an index is on what is made in the same transaction.
    fn is_of_what_comes(&self) -> bool {
        let Object::Index(relation, _) = self.step.object else {
            return false;
        };
        self.plan.steps.iter().any(|step| {
            step.group == self.step.group
                && matches!(&step.statement, Statement::CreateMaterializedView { name, .. } if **name == *relation)
        })
    }

    fn column_after(&self) -> Option<&Column> {
        let Object::Column(table, name) = self.step.object else {
            return None;
        };
        let columns = &self.to.tables.get(table)?.columns;
        columns.iter().find(|column| column.name == *name)
    }

    /// The partitions that hold rows.
    fn leaves<'s>(&'s self, table: &QualifiedName) -> Vec<&'s QualifiedName> {
        let parts = self.former.catalog.tables.iter().filter(|(_, part)| {
            let partition = part.partition.as_ref();
            partition.is_some_and(|partition| partition.of == *table)
        });
        parts
            .flat_map(|(name, part)| match part.partition_key {
                Some(_) => self.leaves(name),
                None => vec![name],
            })
            .collect()
    }
}

/// What a step takes a name from.
enum Gone<'g> {
    Schema(&'g Ident),
    Relation(&'g QualifiedName),
    Type(&'g QualifiedName),
    Function(&'g QualifiedName),
    Column(&'g QualifiedName, &'g Ident),
    Constraint(&'g QualifiedName, &'g Ident),
    Other,
}

impl Gone<'_> {
    fn is_in(&self, catalog: &Catalog) -> bool {
        let table = |name: &QualifiedName| catalog.tables.get(name);
        match *self {
            Self::Schema(name) => catalog.schemas.contains_key(name),
            Self::Relation(name) => {
                catalog.tables.contains_key(name) || catalog.views.contains_key(name)
            }
            Self::Type(name) => {
                catalog.enums.contains_key(name) || catalog.composite_types.contains_key(name)
            }
            Self::Function(name) => catalog.functions.contains_key(name),
            Self::Column(of, name) => {
                table(of).is_some_and(|table| table.columns.iter().any(|c| c.name == *name))
            }
            Self::Constraint(of, name) => {
                table(of).is_some_and(|table| table.constraints.contains_key(name))
            }
            // What it is cannot be told: it may be anything.
            Self::Other => true,
        }
    }
}
