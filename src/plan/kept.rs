//! What is in no spec and is kept, where what it is a part of, or refers to, is made anew: it has to come again with that.
//!
//! What is wanted is then wanted with it, as it is. What cannot be on a table's new form goes with the old one, and the plan says so.

mod computed;
mod meaningless;

use std::collections::{BTreeMap, BTreeSet};

use super::carried::is_comparable;
use super::constraint::{is_unique_on, same_columns};
use super::{Hazard, HazardKind, Statement, Step};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, ForeignKey, Index, IndexKey, PartitionKey, Table,
    Trigger,
};
use crate::diff::{Change, Difference, Former, Object, Options, diff, is_below, put_back};
use crate::sql::{Ident, QualifiedName};

/// What is kept of it, and what cannot be.
#[derive(Debug, Default)]
pub struct Kept<'a> {
    /// It comes again.
    pub again: Vec<Object<'a>>,
    /// It goes, with what follows from that.
    gone: BTreeMap<Object<'a>, String>,
    /// Those of them that go by themselves: with nothing that they are a part of.
    dropped: Vec<Object<'a>>,
    /// Triggers that go, also of a table that comes again.
    triggers: Vec<(&'a QualifiedName, &'a Ident)>,
}

/// What is concerned of that which a difference keeps.
pub fn made_anew<'a>(difference: &Difference<'a>, from: &'a Catalog, to: &Catalog) -> Kept<'a> {
    let triggers = difference
        .changes
        .iter()
        .filter_map(|change| match *change {
            Change::Drop(Object::Trigger(table, name)) => Some((table, name)),
            _ => None,
        });
    let mut found = Kept {
        triggers: triggers.collect(),
        ..Kept::default()
    };
    let forms = new_forms(difference);
    let forms = forms.map(|(name, form)| (name, partition_keys(name, form, to)));
    let forms: BTreeMap<&QualifiedName, Vec<&PartitionKey>> = forms.collect();
    let altered = altered(difference, from);
    let uncomputed = computed::uncomputed(difference, from, to);
    for object in &difference.kept {
        let Some(table) = table_of(*object) else {
            continue;
        };
        let keys = forms.get(table);
        if let Some(reason) = uncomputed.lost(*object, from) {
            found.gone.insert(*object, reason);
        } else if let Some(reason) = meaningless::lost(*object, from, to) {
            found.gone.insert(*object, reason);
            found.dropped.extend(keys.is_none().then_some(*object));
        } else if keys.is_some_and(|keys| !stands(*object, keys, from)) {
            found.gone.insert(*object, lost(*object));
        } else if keys.is_some() || altered.contains(table) && goes_with_columns(*object) {
            found.again.push(*object);
            found.again.extend(function_of(*object, difference, from));
        }
    }
    referring(difference, from, to, &mut found);
    found
}

impl<'a> Kept<'a> {
    /// Whether there is nothing of the kind.
    pub fn is_empty(&self) -> bool {
        self.again.is_empty() && self.gone.is_empty()
    }

    /// What is wanted, with what is to come again as it is.
    pub fn wanted(&self, from: &Catalog, to: &Catalog) -> Catalog {
        let mut wanted = to.clone();
        for object in &self.again {
            put_back(*object, from, &mut wanted);
            adapt(*object, &mut wanted);
        }
        for object in self.gone.keys() {
            if let Object::Constraint(table, name) = object
                && let Some(table) = wanted.tables.get_mut(*table)
            {
                table.constraints.remove(*name);
            }
        }
        self.leave_triggers_out(&mut wanted);
        wanted
    }

    fn leave_triggers_out(&self, wanted: &mut Catalog) {
        for (table, name) in &self.triggers {
            if let Some(table) = wanted.tables.get_mut(*table) {
                table.triggers.remove(*name);
            }
        }
    }

    /// What is wanted, with all that is kept.
    fn with_all(&self, difference: &Difference<'_>, from: &Catalog, to: &Catalog) -> Catalog {
        let mut wanted = self.wanted(from, to);
        let kept = difference.kept.iter().filter(|own| self.keeps(**own));
        for object in kept.filter(|own| !self.again.contains(own)) {
            put_back(*object, from, &mut wanted);
        }
        self.leave_triggers_out(&mut wanted);
        wanted
    }

    /// Adds to a difference what goes by itself.
    pub fn drop_from<'s>(&self, difference: &mut Difference<'s>)
    where
        'a: 's,
    {
        let drops = self.dropped.iter().copied().map(Change::Drop);
        difference.changes.extend(drops);
    }

    /// Says what goes with the steps that take it away: with its own, or with those of its table's new form.
    pub fn say<'s>(&self, steps: &mut [Step<'s>])
    where
        'a: 's,
    {
        for (object, reason) in &self.gone {
            let own = steps.iter().position(|step| step.object == *object);
            let of_table = || {
                let table = table_of(*object)?;
                steps.iter().position(|step| self.takes(step.object, table))
            };
            let step = own.or_else(of_table);
            if let Some(step) = step.and_then(|at| steps.get_mut(at)) {
                let hazard = |kind| Hazard {
                    kind,
                    relation: table_of(*object).cloned(),
                    size: None,
                    reason: reason.clone(),
                    safer: None,
                };
                let has_values = matches!(object, Object::Column(..));
                let deletes = has_values.then(|| hazard(HazardKind::DeletesData));
                step.hazards.extend(deletes);
                step.hazards.push(hazard(HazardKind::BreaksOldCode));
            }
        }
    }

    /// Whether parts of a table go with an object: with itself, or with a column that goes.
    fn takes(&self, object: Object<'_>, table: &QualifiedName) -> bool {
        match object {
            Object::Table(name) => name == table,
            Object::Column(name, _) => name == table && !self.keeps(object),
            _ => false,
        }
    }

    /// Whether something is kept after all.
    pub fn keeps(&self, object: Object<'_>) -> bool {
        !self.gone.contains_key(&object)
    }
}

/// What is there after a plan that keeps what is in no spec: where its way back has to begin.
pub fn with_kept(from: &Catalog, to: &Catalog) -> Catalog {
    let former = Former::new(from, to);
    let difference = diff(&former, to, Options { prune: false });
    let kept = made_anew(&difference, &former.catalog, to);
    kept.with_all(&difference, &former.catalog, to)
}

/// Whether an index goes with a materialized view that is made anew without a column of it; its step says so.
pub fn goes_with_view(object: Object<'_>, steps: &[Step<'_>]) -> bool {
    let Object::Index(view, _) = object else {
        return false;
    };
    let view = Object::MaterializedView(view);
    let is_made = |step: &Step<'_>| {
        step.object == view && matches!(step.statement, Statement::CreateMaterializedView { .. })
    };
    steps.iter().any(is_made) && !steps.iter().any(|step| step.object == object)
}

/// The tables of which a column changes, itself or the type that it is of.
fn altered<'a>(difference: &Difference<'a>, from: &'a Catalog) -> BTreeSet<&'a QualifiedName> {
    let mut tables = BTreeSet::new();
    for change in &difference.changes {
        match *change {
            Change::AlterColumn { table, .. } => {
                tables.insert(table);
            }
            Change::ReplaceEnumType { name, .. } => {
                let of_type = |column: &Column| column.ty.is_named(name);
                let all = from.tables.iter();
                let used = all.filter(|(_, table)| table.columns.iter().any(of_type));
                tables.extend(used.map(|(table, _)| table));
            }
            _ => {}
        }
    }
    tables
}

/// The tables that get another form, with that.
pub fn new_forms<'d, 'a>(
    difference: &'d Difference<'a>,
) -> impl Iterator<Item = (&'a QualifiedName, &'a Table)> + use<'d, 'a> {
    difference.changes.iter().filter_map(|change| match change {
        Change::Repartition { name, next, .. } => Some((*name, *next)),
        _ => None,
    })
}

/// Whether a part may go for a while: with a column in whose place another one comes, or as one that is computed from that.
fn goes_with_columns(object: Object<'_>) -> bool {
    matches!(
        object,
        Object::Column(..) | Object::Constraint(..) | Object::Index(..)
    )
}

/// The table that a part is of.
fn table_of(object: Object<'_>) -> Option<&QualifiedName> {
    match object {
        Object::Column(table, _)
        | Object::Constraint(table, _)
        | Object::Index(table, _)
        | Object::Trigger(table, _) => Some(table),
        _ => None,
    }
}

/// A constraint of partitions cannot be unchecked, nor can they be clustered as a whole.
fn adapt(part: Object<'_>, wanted: &mut Catalog) {
    let table = table_of(part).and_then(|table| wanted.tables.get_mut(table));
    let Some(table) = table.filter(|table| table.partition_key.is_some()) else {
        return;
    };
    match part {
        Object::Constraint(_, name) => {
            if let Some(own) = table.constraints.get_mut(name) {
                own.not_valid = false;
            }
        }
        Object::Index(_, name) => {
            if let Some(own) = table.indexes.get_mut(name) {
                own.clustered = false;
            }
        }
        _ => {}
    }
}

/// Whether a part of the old form can be one of the new form, which is partitioned by these keys.
fn stands(object: Object<'_>, keys: &[&PartitionKey], from: &Catalog) -> bool {
    let Some(previous) = table_of(object).and_then(|name| from.tables.get(name)) else {
        return true;
    };
    match object {
        Object::Constraint(_, name) => {
            let constraint = previous.constraints.get(name);
            constraint.is_none_or(|constraint| constraint_stands(constraint, keys))
        }
        Object::Index(_, name) => {
            let index = previous.indexes.get(name);
            index.is_none_or(|index| index_stands(index, keys))
        }
        Object::Trigger(_, name) => {
            let trigger = previous.triggers.get(name);
            keys.is_empty() || trigger.is_none_or(trigger_stands)
        }
        _ => true,
    }
}

/// What follows where a part cannot be on the new form.
fn lost(object: Object<'_>) -> String {
    match object {
        Object::Constraint(_, name) | Object::Index(_, name) => format!(
            "`{name}`, which is in no spec, cannot be on the new form, which takes what it refused"
        ),
        Object::Trigger(_, name) => {
            format!("the trigger `{name}`, which is in no spec, cannot be on the new form")
        }
        other => format!("{other}, which is in no spec, cannot be on the new form"),
    }
}

/// What a trigger executes, where that is in no spec either.
fn function_of<'a>(
    object: Object<'a>,
    difference: &Difference<'a>,
    from: &'a Catalog,
) -> Option<Object<'a>> {
    let Object::Trigger(table, name) = object else {
        return None;
    };
    let function = Object::Function(&from.trigger(table, name)?.function);
    difference.kept.contains(&function).then_some(function)
}

/// The keys by which a table and its partitions are partitioned.
fn partition_keys<'c>(
    name: &QualifiedName,
    form: &'c Table,
    to: &'c Catalog,
) -> Vec<&'c PartitionKey> {
    let below = to
        .tables
        .iter()
        .filter(|(part, _)| is_below(part, name, to));
    let below = below.filter_map(|(_, table)| table.partition_key.as_ref());
    form.partition_key.iter().chain(below).collect()
}

/// A unique index of a partitioned table has all columns by which it is partitioned.
/// <https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-LIMITATIONS>
fn is_unique_of<'c>(columns: impl Iterator<Item = &'c Ident>, keys: &[&PartitionKey]) -> bool {
    let columns: BTreeSet<&Ident> = columns.collect();
    keys.iter().all(|key| {
        key.elements.is_empty() && key.columns.iter().all(|column| columns.contains(column))
    })
}

fn index_stands(index: &Index, keys: &[&PartitionKey]) -> bool {
    let columns = index.keys.iter().filter_map(IndexKey::column);
    !index.invalid && (!index.unique || is_unique_of(columns, keys))
}

fn constraint_stands(constraint: &Constraint, keys: &[&PartitionKey]) -> bool {
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
            is_unique_of(columns.iter(), keys)
        }
        ConstraintKind::Exclude { .. } => keys.is_empty(),
        ConstraintKind::Check { .. } => keys.is_empty() || !constraint.no_inherit,
        ConstraintKind::ForeignKey(_) => true,
    }
}

/// A trigger of each row that looks at all of them cannot be handed down to partitions.
fn trigger_stands(trigger: &Trigger) -> bool {
    !trigger.for_each_row || trigger.old_table.is_none() && trigger.new_table.is_none()
}

/// Foreign keys in no spec that refer to what is made anew.
fn referring<'a>(
    difference: &Difference<'a>,
    from: &'a Catalog,
    to: &Catalog,
    found: &mut Kept<'a>,
) {
    let changed: BTreeSet<&QualifiedName> =
        difference.changes.iter().filter_map(changes_keys).collect();
    if changed.is_empty() {
        return;
    }
    let kept: BTreeSet<&Object<'a>> = difference.kept.iter().collect();
    let mut keys = Vec::new();
    for (table, definition) in &from.tables {
        let whole = Object::Table(table);
        for (name, constraint) in &definition.constraints {
            let object = Object::Constraint(table, name);
            let again = [whole, object].into_iter().find(|own| kept.contains(own));
            if let Some(key) = constraint.foreign_key()
                && (changed.contains(&key.references) || changed.contains(table))
                && let Some(again) = again
                && found.keeps(object)
            {
                keys.push((table, name, key));
                let other = Object::Table(&key.references);
                let other = Some(other).filter(|other| kept.contains(other));
                for again in std::iter::once(again).chain(other) {
                    if !found.again.contains(&again) {
                        found.again.push(again);
                    }
                }
            }
        }
    }
    if keys.is_empty() {
        return;
    }
    let wanted = found.with_all(difference, from, to);
    for (table, name, key) in keys {
        if !refers_to_key(table, key, from, &wanted) {
            let reason = format!(
                "`{name}`, which is in no spec, has no key any more that it could refer to"
            );
            let object = Object::Constraint(table, name);
            found.again.retain(|again| *again != object);
            found.gone.insert(object, reason);
        }
    }
}

/// The table whose keys a change may take away, for a while or for good.
fn changes_keys<'a>(change: &Change<'a>) -> Option<&'a QualifiedName> {
    match *change {
        Change::Repartition { name, .. } => Some(name),
        Change::AlterColumn { table, .. }
        | Change::ReplaceConstraint { table, .. }
        | Change::Drop(Object::Constraint(table, _)) => Some(table),
        _ => None,
    }
}

/// Whether what a foreign key refers to is unique from then on, and can be compared with its columns.
fn refers_to_key(
    table: &QualifiedName,
    key: &ForeignKey,
    from: &Catalog,
    wanted: &Catalog,
) -> bool {
    let Some(other) = wanted.tables.get(&key.references) else {
        return false;
    };
    let columns = &key.referenced_columns;
    let mut keys = other.constraints.values();
    let of_constraint = keys.any(|unique| {
        let own = unique.kind.key_columns();
        !unique.deferrable && own.is_some_and(|own| same_columns(own.iter(), columns))
    });
    let mut indexes = other.indexes.values();
    (of_constraint || indexes.any(|index| is_unique_on(index, columns)))
        && is_comparable(table, key, from, wanted)
}
