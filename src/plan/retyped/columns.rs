//! Which columns get another type, or are made anew, and what is on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Constraint, ConstraintKind, Index, IndexKey};
use crate::diff::Object;
use crate::plan::node::{Nodes, Stage, Work};
use crate::plan::world::World;
use crate::plan::{Statement, TableAction, enum_type};
use crate::sql::{Expr, Ident, QualifiedName};

/// Columns by their tables.
pub(in crate::plan) type Columns<'a> = BTreeMap<&'a QualifiedName, BTreeSet<&'a Ident>>;

/// Columns that nothing can be carried over for as it is.
#[derive(Debug, Default)]
pub(in crate::plan) struct Retyped<'a> {
    /// They get another type, or are made anew.
    changed: Columns<'a>,
    /// Those of them whose type is a native enum that is made anew, with that: it changes them.
    labelled: BTreeMap<(&'a QualifiedName, &'a Ident), &'a QualifiedName>,
    /// They may be NULL from now on, which those of a primary key may not.
    loosened: Columns<'a>,
    /// Another column takes their place: with them goes all that is on them.
    pub(super) swapped: Columns<'a>,
    /// They are computed from one that changes, go before it and come again after it.
    pub(super) computed: Columns<'a>,
}

impl<'a> Retyped<'a> {
    pub(super) fn of(nodes: &Nodes<'a>, world: &World<'a>) -> Self {
        let mut found = Self::default();
        let mut made_anew = BTreeSet::new();
        for node in nodes.0.values() {
            let (table, name, drafts) = match (node.object, &node.work, node.stage) {
                (Object::Column(table, name), Work::Recipe(drafts), Stage::Make) => {
                    (table, name, drafts)
                }
                (Object::EnumType(name), Work::Recipe(drafts), _) => {
                    if enum_type::is_made_anew(drafts) {
                        made_anew.insert(name);
                    }
                    continue;
                }
                _ => continue,
            };
            for action in drafts.iter().filter_map(|draft| action(&draft.statement)) {
                let sort = match action {
                    TableAction::SetType { .. } => &mut found.changed,
                    TableAction::DropNotNull(_) => &mut found.loosened,
                    TableAction::DropColumn(_) => &mut found.swapped,
                    _ => continue,
                };
                sort.entry(table).or_default().insert(name);
            }
        }
        for (table, names) in &found.swapped {
            found.changed.entry(table).or_default().extend(names);
        }
        if !made_anew.is_empty() {
            found.with_labelled(&made_anew, world);
        }
        found
    }

    /// Adds the columns of native enums that are made anew.
    fn with_labelled(&mut self, types: &BTreeSet<&'a QualifiedName>, world: &World<'a>) {
        for (table, previous) in &world.from.tables {
            for column in &previous.columns {
                let own = column.ty.qualified();
                if let Some(name) = own.and_then(|own| types.get(&own))
                    && self.changed.entry(table).or_default().insert(&column.name)
                {
                    self.labelled.insert((table, &column.name), name);
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.loosened.is_empty()
    }

    /// Adds the columns that are computed from those that change.
    pub(super) fn with_computed(&mut self, world: &World<'a>) {
        for (table, previous) in &world.from.tables {
            let generated = previous.columns.iter().filter(|column| {
                let generated = column.generated.as_ref();
                generated.is_some_and(|generated| {
                    self.is_labelled(table, &column.name)
                        || self.in_expression(table, &generated.expression)
                })
            });
            let names: BTreeSet<&'a Ident> = generated.map(|column| &column.name).collect();
            if !names.is_empty() && world.to.tables.contains_key(table) {
                self.computed.insert(table, names);
            }
        }
        for (table, names) in &self.computed {
            self.changed.entry(table).or_default().extend(names);
        }
    }

    /// Only some of them.
    pub(in crate::plan) fn only(columns: &[&Columns<'a>]) -> Self {
        let mut changed = Columns::new();
        for (table, names) in columns.iter().copied().flatten() {
            changed.entry(table).or_default().extend(names);
        }
        Self {
            changed,
            ..Self::default()
        }
    }

    pub(in crate::plan) fn any<'n>(
        &self,
        table: &QualifiedName,
        mut columns: impl Iterator<Item = &'n Ident>,
    ) -> bool {
        let changed = self.changed.get(table);
        changed.is_some_and(|changed| columns.any(|name| changed.contains(name)))
    }

    /// Whether an expression names one of a table's.
    fn in_expression(&self, table: &QualifiedName, expression: &Expr) -> bool {
        let mut changed = self.changed.get(table).into_iter().flatten();
        changed.any(|name| expression.names_column(name))
    }

    fn in_key(&self, table: &QualifiedName, key: &IndexKey) -> bool {
        let mut changed = self.changed.get(table).into_iter().flatten();
        changed.any(|name| key.names_column(name))
    }

    pub(in crate::plan) fn in_constraint(
        &self,
        table: &QualifiedName,
        constraint: &Constraint,
    ) -> bool {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => {
                let loosened = self.loosened.get(table);
                self.any(table, columns.iter())
                    || loosened.is_some_and(|l| columns.iter().any(|name| l.contains(name)))
            }
            ConstraintKind::Unique { columns, .. } => self.any(table, columns.iter()),
            ConstraintKind::Check { condition } => self.in_expression(table, condition),
            ConstraintKind::ForeignKey(key) => {
                self.any(table, key.columns.iter())
                    || self.any(&key.references, key.referenced_columns.iter())
            }
            ConstraintKind::Exclude {
                elements,
                predicate,
                ..
            } => {
                elements.iter().any(|e| self.in_key(table, &e.key))
                    || predicate
                        .iter()
                        .any(|expression| self.in_expression(table, expression))
            }
        }
    }

    pub(in crate::plan) fn in_index(&self, table: &QualifiedName, index: &Index) -> bool {
        let mut changed = self.changed.get(table).into_iter().flatten();
        changed.any(|name| index.names_column(name))
    }

    /// What changes those of a table: itself, or the type that it is of.
    pub(super) fn objects(
        &self,
        table: &QualifiedName,
    ) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let found = [&self.changed, &self.loosened].map(|map| map.get_key_value(table));
        let found = found.into_iter().flatten();
        let found = found.flat_map(|(table, names)| names.iter().map(move |name| (*table, *name)));
        let objects: BTreeSet<Object<'a>> = found
            .map(|(table, name)| match self.labelled.get(&(table, name)) {
                Some(enumerated) => Object::EnumType(enumerated),
                None => Object::Column(table, name),
            })
            .collect();
        objects.into_iter()
    }

    /// Whether one of a table's is of a native enum that is made anew.
    pub(super) fn is_labelled(&self, table: &QualifiedName, name: &Ident) -> bool {
        self.labelled.contains_key(&(table, name))
    }
}

fn action<'s, 'a>(statement: &'s Statement<'a>) -> Option<&'s TableAction<'a>> {
    match statement {
        Statement::AlterTable { action, .. } => Some(action.as_ref()),
        _ => None,
    }
}
