//! Incremental projections whose key becomes another one begin anew.
//!
//! Their rows, and the notes of what has changed, are of the old key: they have no value of a column that comes to it, or are more
//! than the new one tells apart, and who writes to a source goes by one key or the other. So such a table is emptied, and gets its
//! key, in the transaction in which what writes it changes; then the projection is filled.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::draft::{Draft, Run};
use super::hazard::HazardKind;
use super::node::{Node, Nodes, Part, Work, Zone};
use super::world::World;
use super::{Action, Duration, Statement, TableAction, maintained, refill};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Empties them. Gives the projections.
pub(super) fn begin_anew<'a>(
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) -> BTreeSet<&'a QualifiedName> {
    let mut emptied = BTreeSet::new();
    for (name, function) in &world.to.functions {
        let Some(projection) = refill::fills(name, function, world.to) else {
            continue;
        };
        let rows = empty(projection, world, nodes);
        let noted = maintained::notes(projection, world).into_iter();
        let noted: Vec<_> = noted
            .filter_map(|table| empty(table, world, nodes))
            .collect();
        if rows.is_none() && noted.is_empty() {
            continue;
        }
        emptied.insert(projection);
        refill::computed_again(name, function, noted.into_iter().flatten(), world, nodes);
        if let Some(of_table) = rows {
            let node = nodes.of(Object::Function(name));
            node.needs.extend(of_table);
            is_said_already(node);
        }
    }
    emptied
}

/// That a projection is stale is said of it when its rows go.
fn is_said_already(node: &mut Node<'_>) {
    if let Work::Recipe(drafts) = &mut node.work {
        for draft in drafts {
            let said = |kind| kind == HazardKind::StaleProjection;
            draft.hazards.retain(|hazard| !said(hazard.kind));
        }
    }
}

/// Empties a table of whose rows some have no value of a column that comes, or may have the same value of a key that has fewer
/// columns than it had. Gives what is done to it.
fn empty<'a>(
    table: &'a QualifiedName,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) -> Option<Vec<Object<'a>>> {
    let (previous, next) = (world.table(table)?, world.to.tables.get(table)?);
    let (was, before) = previous.primary_key()?;
    let key = next
        .primary_key()
        .filter(|(name, columns)| was == *name && before != *columns);
    let is_less = |columns: &[Ident]| before.iter().any(|column| !columns.contains(column));
    let columns = next
        .columns
        .iter()
        .filter_map(|column| nodes.get(Object::Column(table, &column.name)));
    if !key.is_some_and(|(_, columns)| is_less(columns))
        && !columns.clone().any(maintained::is_missed)
    {
        return None;
    }
    let columns = columns.filter(|node| matches!(node.work, Work::Recipe(_)));
    let mut changed: Vec<Object<'a>> = columns.map(|node| node.object).collect();
    if let Some((name, _)) = key
        && let Some((name, constraint)) = next.constraints.get_key_value(name)
        && nodes.contains(&Object::Constraint(table, name))
    {
        let object = Object::Constraint(table, name);
        // What writes it leaves out from then on what goes later.
        let goes = previous.columns.iter().filter(|column| {
            let stays = next.columns.iter().any(|other| other.name == column.name);
            column.not_null && !stays
        });
        let left_out = goes.map(|column| TableAction::DropNotNull(&column.name));
        // Where one of its columns gets another type, it has gone before.
        let first = nodes.0.get_mut(&(object, Part::First));
        let drop = match first {
            Some(first) => {
                first.zone = Zone::Views;
                None
            }
            None => Some(TableAction::DropConstraint(Cow::Borrowed(name))),
        };
        let add = TableAction::AddConstraint(Cow::Borrowed(name), Cow::Borrowed(constraint));
        let actions = drop.into_iter().chain(left_out).chain([add]);
        let drafts = actions
            .map(|action| Draft::new(Action::Alter, object, Statement::alter(table, action)));
        let drafts = drafts.collect();
        let node = nodes.of(object);
        node.work = Work::Recipe(drafts);
        // A column that comes is there first.
        node.needs.extend(&changed);
        changed.push(object);
    }

    let first = changed.first()?;
    let reason = "it is empty until it is filled anew";
    let stale = (table.schema.as_str() != "specql")
        .then(|| world.always(HazardKind::StaleProjection, table, reason));
    let empty = Draft::new(Action::Alter, *first, Statement::Empty { table });
    let empty = Draft {
        duration: Duration::Rewrite,
        ..empty.with(stale)
    };
    for object in &changed {
        let node = nodes.of(*object);
        node.zone = Zone::Views;
        let Work::Recipe(drafts) = &mut node.work else {
            continue;
        };
        if matches!(object, Object::Column(..)) {
            drafts.retain(|draft| !looks_at_rows_first(&draft.statement));
        }
        for draft in &mut *drafts {
            // No row is there.
            (draft.run, draft.duration) = (Run::Together, Duration::CatalogChange);
            draft.hazards.retain(|hazard| !is_about_rows(hazard.kind));
        }
        if object == first {
            drafts.insert(0, empty.clone());
        } else {
            node.needs.push(*first);
        }
    }
    Some(changed)
}

/// Whether a statement has a part in looking, by a constraint for that time, whether rows obey a rule that comes.
fn looks_at_rows_first(statement: &Statement<'_>) -> bool {
    let Statement::AlterTable { action, .. } = statement else {
        return false;
    };
    matches!(
        **action,
        TableAction::AddConstraint(..)
            | TableAction::Validate { .. }
            | TableAction::DropConstraint(_)
    )
}

/// Whether nothing of a kind can happen to a table without rows.
fn is_about_rows(kind: HazardKind) -> bool {
    matches!(
        kind,
        HazardKind::MayFailOnData
            | HazardKind::RewritesTable
            | HazardKind::ScansTable
            | HazardKind::BlocksReads
            | HazardKind::BlocksWrites
    )
}
