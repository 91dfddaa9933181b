//! Constraints.

mod by_partition;

use std::borrow::Cow;

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::index::server_name;
use super::node::{Node, Stage, Zone};
use super::world::World;
use super::{Action, Duration, IndexWay, NamedConstraint, Statement, TableAction, inherited};
use crate::catalog::{Catalog, Constraint, ConstraintKind, Index, IndexKey, IndexTarget, Table};
use crate::diff::Object;
use crate::resolve::joined;
use crate::sql::{Expr, Ident, QualifiedName, takes_null, widens};

/// Puts a constraint into a table's: the primary key first, the others as they come.
pub(super) fn insert<'a>(constraints: &mut Vec<NamedConstraint<'a>>, new: NamedConstraint<'a>) {
    let position = match new.1.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. }
        | ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => constraints.len(),
    };
    constraints.insert(position, new);
}

/// Whether a table has a foreign key to one of a name.
pub(super) fn refers_to(table: &Table, name: &QualifiedName) -> bool {
    table.foreign_keys().any(|key| key.references == *name)
}

/// Whether a constraint comes with the new form of its table alone: the rows so far, which become a partition of that, have keys of
/// their own, and refer to the old one.
pub(super) fn comes_with_new_form(table: &QualifiedName, constraint: &Constraint) -> bool {
    let key = constraint.foreign_key();
    constraint.kind.has_index() || key.is_some_and(|key| key.references == *table)
}

/// What a constraint that is added later needs: its table, and what its foreign key refers to.
pub(super) fn needs<'a>(
    table: &'a QualifiedName,
    constraint: &'a Constraint,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Table(table)];
    if let Some(key) = constraint.foreign_key() {
        needs.push(Object::Table(&key.references));
    }
    needs.extend(needs_index(constraint, to));
    needs
}

/// The unique index that a foreign key relies on where no constraint of the table that it refers to makes the
/// columns unique: it has to be there first.
pub(super) fn needs_index<'a>(constraint: &'a Constraint, to: &'a Catalog) -> Option<Object<'a>> {
    let key = constraint.foreign_key()?;
    let table = to.tables.get(&key.references)?;
    let by_constraint = table.constraints.values().any(|c| {
        let columns = c.kind.key_columns();
        columns.is_some_and(|columns| same_columns(columns.iter(), &key.referenced_columns))
    });
    if by_constraint {
        return None;
    }
    let (name, _) = table
        .indexes
        .iter()
        .find(|(_, index)| is_unique_on(index, &key.referenced_columns))?;
    Some(Object::Index(&key.references, name))
}

/// Whether a foreign key can refer to these columns by an index.
pub(super) fn is_unique_on(index: &Index, columns: &[Ident]) -> bool {
    let keys = index.keys.iter().map(IndexKey::column);
    let keys: Option<Vec<&Ident>> = keys.collect();
    index.unique
        && index.predicate.is_none()
        && keys.is_some_and(|keys| same_columns(keys.into_iter(), columns))
}

pub(super) fn same_columns<'a>(one: impl Iterator<Item = &'a Ident>, other: &'a [Ident]) -> bool {
    let mut one: Vec<_> = one.collect();
    let mut other: Vec<_> = other.iter().collect();
    one.sort_unstable();
    other.sort_unstable();
    one == other
}

/// Whether the server would make one constraint of two in one statement: they make the same columns unique, or exclude the same.
pub(super) fn is_taken_for(one: &Constraint, other: &Constraint) -> bool {
    let columns = one.kind.key_columns();
    let excludes = matches!(one.kind, ConstraintKind::Exclude { .. });
    columns.is_some() && columns == other.kind.key_columns() || excludes && one.kind == other.kind
}

/// A constraint comes to a table that is there.
pub(super) fn add<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    constraint: &'a Constraint,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Constraint(table, name);
    let recipe = Recipe {
        object,
        table,
        constraint: (name, constraint),
        previous: None,
        world,
    };
    Node::recipe(object, recipe.added(&Cow::Borrowed(name)))
        .after(added_needs(table, constraint, world))
}

/// What a constraint of a table that is there needs: also the constraints that make unique what its foreign key refers to.
fn added_needs<'a>(
    table: &'a QualifiedName,
    constraint: &'a Constraint,
    world: &World<'a>,
) -> Vec<Object<'a>> {
    let mut needs = needs(table, constraint, world.to);
    needs.extend(referenced_keys(constraint, world.to));
    needs
}

/// The expressions of a CHECK or an exclusion constraint.
pub(super) fn expressions(constraint: &Constraint) -> Vec<&Expr> {
    match &constraint.kind {
        ConstraintKind::Check { condition } => vec![condition],
        ConstraintKind::Exclude {
            elements,
            predicate,
            ..
        } => {
            let of_keys = elements
                .iter()
                .filter_map(|element| match &element.key.target {
                    IndexTarget::Expression(expression) => Some(expression),
                    IndexTarget::Column(_) => None,
                });
            of_keys.chain(predicate).collect()
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_) => Vec::new(),
    }
}

/// The keys of the table that a foreign key refers to.
pub(super) fn referenced_keys<'a>(
    constraint: &'a Constraint,
    catalog: &'a Catalog,
) -> impl Iterator<Item = Object<'a>> {
    let key = constraint.foreign_key();
    let table = key.and_then(|key| catalog.tables.get_key_value(&key.references));
    table.into_iter().flat_map(|(name, table)| {
        let keys = table.constraints.iter().filter(|(_, c)| {
            matches!(
                c.kind,
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }
            )
        });
        keys.map(move |(key, _)| Object::Constraint(name, key))
    })
}

/// The name that the server gives to the index behind a partition's key.
pub(super) fn inherited_index_name<'c>(
    partition: &QualifiedName,
    constraint: &'c Constraint,
    column: &dyn Fn(&'c Ident) -> &'c Ident,
) -> Option<Ident> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => {
            Some(server_name(partition, std::iter::empty(), "pkey"))
        }
        ConstraintKind::Unique { columns, .. } => {
            let columns = columns.iter().map(|name| column(name).as_str());
            Some(server_name(partition, columns, "key"))
        }
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => None,
    }
}

/// A constraint is another one: the new one is made and looked at under a name for the meantime, and takes the place of
/// the old one in one transaction.
pub(super) fn replace<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    previous: &'a Constraint,
    next: &'a Constraint,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Constraint(table, name);
    let recipe = Recipe {
        object,
        table,
        constraint: (name, next),
        previous: Some(previous),
        world,
    };
    let only_looked_at = previous.not_valid
        && Constraint {
            not_valid: false,
            comment: next.comment.clone(),
            ..previous.clone()
        } == *next;
    let drafts = if only_looked_at {
        vec![recipe.validated(&Cow::Borrowed(name))]
    } else {
        recipe.replaced()
    };
    let mut node = Node::recipe(object, drafts)
        .after(added_needs(table, next, world))
        .before(needs(table, previous, world.from))
        .before(referenced_keys(previous, world.from));
    if node.takes_long() {
        node.zone = Zone::Rewrite(table);
    }
    node
}

/// A constraint goes.
pub(super) fn drop<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    constraint: &'a Constraint,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Constraint(table, name);
    let action = TableAction::DropConstraint(Cow::Borrowed(name));
    let mut draft = Draft::new(Action::Drop, object, Statement::alter(table, action)).contract();
    match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
            let reason = format!("queries that use the index of `{name}` read more from then on");
            let breaks = format!("`ON CONFLICT` that means `{name}` fails from then on");
            draft = draft.with([
                world.always(HazardKind::DropsIndex, table, reason),
                world.always(HazardKind::BreaksOldCode, table, breaks),
            ]);
        }
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => {}
    }
    Node::recipe(object, vec![draft])
        .at(Stage::Drop)
        .before(needs(table, constraint, world.from))
        .before(referenced_keys(constraint, world.from))
}

/// How a constraint comes to a table with rows.
struct Recipe<'w, 'a> {
    object: Object<'a>,
    table: &'a QualifiedName,
    constraint: NamedConstraint<'a>,
    previous: Option<&'a Constraint>,
    world: &'w World<'a>,
}

impl<'a> Recipe<'_, 'a> {
    fn draft(&self, action: TableAction<'a>) -> Draft<'a> {
        let statement = Statement::alter(self.table, action);
        Draft::new(Action::Create, self.object, statement)
    }

    /// What makes it, under this name.
    fn added(&self, name: &Cow<'a, Ident>) -> Vec<Draft<'a>> {
        let (_, constraint) = self.constraint;
        if !self.is_looked_at() {
            return vec![self.whole(name)];
        }
        match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
                self.key_added(name)
            }
            ConstraintKind::ForeignKey(_) if self.is_by_partition() => self.by_partition(name),
            ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => {
                vec![self.not_valid(name), self.validated(name)]
            }
            ConstraintKind::Exclude { .. } => {
                let draft = self.whole(name).alone(Duration::Build);
                vec![draft.with(self.builds_under_lock())]
            }
        }
    }

    /// The statement that makes it at once.
    fn whole(&self, name: &Cow<'a, Ident>) -> Draft<'a> {
        let (_, constraint) = self.constraint;
        self.draft(TableAction::AddConstraint(
            name.clone(),
            Cow::Borrowed(constraint),
        ))
    }

    /// Whether there may be rows that it has to hold for.
    fn is_looked_at(&self) -> bool {
        let (_, constraint) = self.constraint;
        !constraint.not_valid && !constraint.not_enforced && self.world.may_have_rows(self.table)
    }

    fn not_valid(&self, name: &Cow<'a, Ident>) -> Draft<'a> {
        let (_, constraint) = self.constraint;
        let later = Constraint {
            not_valid: true,
            ..constraint.clone()
        };
        self.draft(TableAction::AddConstraint(name.clone(), Cow::Owned(later)))
    }

    fn validated(&self, name: &Cow<'a, Ident>) -> Draft<'a> {
        let fails = (!self.cannot_fail()).then(|| {
            let reason = format!("a row that breaks `{}` stops it", self.constraint.0);
            self.world
                .hazard(HazardKind::MayFailOnData, self.table, reason)
        });
        let references = self.constraint.1.foreign_key().map(|key| &key.references);
        self.draft(TableAction::Validate {
            name: name.clone(),
            references,
        })
        .alone(Duration::Scan)
        .with(fails.flatten())
        .with(self.world.scan(self.table))
    }

    /// Whether it takes all that the one before takes, or concerns only columns that come now and have no value.
    fn cannot_fail(&self) -> bool {
        let (_, constraint) = self.constraint;
        match &constraint.kind {
            ConstraintKind::Check { condition } => {
                takes_null(condition, &self.null_columns()) || self.is_widened(condition)
            }
            ConstraintKind::ForeignKey(key) => key.columns.iter().any(|name| self.is_null(name)),
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
                self.is_unique_already(columns)
            }
            ConstraintKind::Exclude { .. } => false,
        }
    }

    /// Whether a condition takes all rows that the one before takes.
    fn is_widened(&self, condition: &Expr) -> bool {
        self.previous.is_some_and(|previous| {
            let ConstraintKind::Check { condition: before } = &previous.kind else {
                return false;
            };
            !previous.not_valid && widens(before, condition)
        })
    }

    fn null_columns(&self) -> Vec<&'a Ident> {
        let next = self.world.to.tables.get(self.table);
        let columns = next.into_iter().flat_map(|table| &table.columns);
        let names = columns.map(|column| &column.name);
        names.filter(|name| self.is_null(name)).collect()
    }

    /// Whether a column comes now, and without a value for rows that are there.
    fn is_null(&self, name: &Ident) -> bool {
        let next = self.world.to.tables.get(self.table);
        let column = next.and_then(|table| table.columns.iter().find(|c| c.name == *name));
        self.world.column(self.table, name).is_none()
            && column.is_some_and(|c| c.default.is_none() && c.generated.is_none())
    }

    /// Whether some of these columns are unique as it is.
    fn is_unique_already(&self, columns: &[Ident]) -> bool {
        let Some(table) = self.world.table(self.table) else {
            return false;
        };
        table
            .constraints
            .values()
            .any(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns: key } => {
                    key.iter().all(|column| columns.contains(column))
                }
                ConstraintKind::Unique { columns: key, .. } => {
                    !constraint.not_valid
                        && key.iter().all(|column| columns.contains(column))
                        && key.iter().all(|column| {
                            let column = self.world.column(self.table, column);
                            column.is_some_and(|column| column.not_null)
                        })
                }
                ConstraintKind::Check { .. }
                | ConstraintKind::ForeignKey(_)
                | ConstraintKind::Exclude { .. } => false,
            })
    }

    /// What the index of a partition behind a key is called.
    fn part_name(&self, part: &QualifiedName) -> Option<Ident> {
        let (name, constraint) = self.constraint;
        let wanted = inherited_index_name(part, constraint, &|column| column)?;
        let own = (self.table, name);
        Some(inherited::free_name(part, own, wanted, self.world))
    }

    /// A key of a table.
    fn key_added(&self, name: &Cow<'a, Ident>) -> Vec<Draft<'a>> {
        if self.world.is_partitioned(self.table) {
            return self.key_by_partition(None);
        }
        vec![
            self.index_built(self.table, name),
            self.index_used(self.table, name),
        ]
    }

    /// The unique index, while others write.
    fn index_built(&self, table: &'a QualifiedName, name: &Cow<'a, Ident>) -> Draft<'a> {
        let (_, constraint) = self.constraint;
        let fails = (!self.cannot_fail()).then(|| {
            let reason = format!("two rows with the same `{}` stop it", self.constraint.0);
            self.world.hazard(HazardKind::MayFailOnData, table, reason)
        });
        let statement = Statement::CreateKeyIndex {
            table: Cow::Borrowed(table),
            name: name.clone(),
            constraint,
            way: IndexWay::Concurrently,
        };
        Draft::new(Action::Create, self.object, statement)
            .outside(Duration::Build)
            .with(fails.flatten())
    }

    /// The index becomes the constraint; one of a partition, or of the table under a name for the meantime.
    fn index_used(&self, table: &'a QualifiedName, index: &Cow<'a, Ident>) -> Draft<'a> {
        let action = TableAction::UseIndex {
            constraint: self.constraint,
            index: index.clone(),
            renamed: table == self.table,
        };
        let statement = Statement::alter(table, action);
        Draft::new(Action::Create, self.object, statement)
    }

    /// Whether a key is no longer of the same columns.
    fn other_columns(&self) -> bool {
        let (_, constraint) = self.constraint;
        let previous = self.previous.map(|previous| &previous.kind);
        let before = previous.and_then(ConstraintKind::key_columns);
        before.is_some() && before != constraint.kind.key_columns()
    }

    fn duration_of_build(&self) -> Duration {
        if self.world.may_have_rows(self.table) {
            Duration::Build
        } else {
            Duration::CatalogChange
        }
    }

    fn builds_under_lock(&self) -> Vec<Hazard> {
        let table = self.table;
        let reason = "the index is built while all others wait";
        let fails = "two rows that exclude each other stop it";
        [
            (HazardKind::BlocksReads, reason),
            (HazardKind::BlocksWrites, reason),
            (HazardKind::MayFailOnData, fails),
        ]
        .into_iter()
        .filter_map(|(kind, reason)| self.world.hazard(kind, table, reason))
        .collect()
    }

    /// What puts it in the place of the old one.
    fn replaced(&self) -> Vec<Draft<'a>> {
        let (name, constraint) = self.constraint;
        let name = Cow::Borrowed(name);
        let mut drop = self.draft(TableAction::DropConstraint(name.clone()));
        if self.other_columns() {
            let reason = format!("`ON CONFLICT` that means `{name}` fails from then on");
            let breaks = self
                .world
                .always(HazardKind::BreaksOldCode, self.table, reason);
            drop = drop.contract().with([breaks]);
        }
        let meantime = Cow::Owned(joined(&[name.as_str(), "specql_new"]));
        let mut drafts = match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }
                if self.world.may_have_rows(self.table) =>
            {
                if self.world.is_partitioned(self.table) {
                    self.key_by_partition(Some(drop))
                } else {
                    let built = self.index_built(self.table, &meantime);
                    vec![built, drop, self.index_used(self.table, &meantime)]
                }
            }
            ConstraintKind::ForeignKey(_) if self.is_looked_at() && self.is_by_partition() => {
                self.replaced_by_partition(&name, &meantime, drop)
            }
            ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => {
                let mut drafts = self.added(&meantime);
                drafts.push(drop);
                drafts.push(self.draft(TableAction::RenameConstraint {
                    from: meantime,
                    to: name,
                }));
                drafts
            }
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclude { .. } => {
                let draft = Draft {
                    duration: self.duration_of_build(),
                    ..self.whole(&name)
                };
                vec![drop, draft.with(self.builds_under_lock())]
            }
        };
        for draft in &mut drafts {
            draft.action = Action::Alter;
        }
        drafts
    }
}
