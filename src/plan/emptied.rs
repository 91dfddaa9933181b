//! Incremental projections whose key becomes another one begin anew.
//!
//! Their rows, and the notes of what has changed, are of the old key: they have no value of a column that comes to it, or are more
//! than the new one tells apart, and who writes to a source goes by one key or the other. So such a table is emptied, and gets its
//! key, in the transaction in which what writes it changes; then the projection is filled.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::draft::{Draft, Run};
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Work, Zone};
use super::world::World;
use super::{
    Action, Duration, NamedConstraint, SCHEMA, Statement, TableAction, maintained, refill,
};
use crate::catalog::Table;
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Empties them. Gives the projections.
pub(super) fn begin_anew<'a>(
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) -> BTreeSet<&'a QualifiedName> {
    let mut emptied = BTreeSet::new();
    let noted_in = maintained::notes(world);
    for (name, function) in &world.to.functions {
        let Some(projection) = refill::fills(name, function, world.to) else {
            continue;
        };
        let rows = empty(projection, world, nodes);
        let noted = noted_in.get(projection).into_iter().flatten();
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
            let hazards = &mut draft.hazards;
            hazards.retain(|hazard| hazard.kind != HazardKind::StaleProjection);
        }
    }
}

/// Empties a table of whose rows some have no value of a column that comes, or may have the same value of a key that has fewer
/// columns than it had; and notes, which name the columns of the key by their numbers, where one of these is another. Gives what is
/// done to it.
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
    let is_of_old_key = |node: &Node<'_>| {
        maintained::is_missed(node) || table.schema.as_str() == SCHEMA && may_not_be_cast(node)
    };
    if !key.is_some_and(|(_, columns)| is_less(columns)) && !columns.clone().any(is_of_old_key) {
        return None;
    }
    let columns = columns.filter(|node| matches!(node.work, Work::Recipe(_)));
    let mut changed: Vec<Object<'a>> = columns.map(|node| node.object).collect();
    if let Some((name, _)) = key
        && let Some((name, constraint)) = next.constraints.get_key_value(name)
        && nodes.contains(&Object::Constraint(table, name))
    {
        let object = Object::Constraint(table, name);
        let first = nodes.0.get_mut(&(object, Part::First));
        let drafts = rekeyed(table, (name, constraint), previous, next, first.is_some());
        if let Some(first) = first {
            first.zone = Zone::Views;
        }
        let node = nodes.of(object);
        node.work = Work::Recipe(drafts);
        // A column that comes is there first.
        node.needs.extend(&changed);
        changed.push(object);
    }

    let first = changed.first()?;
    let reason = "it is empty until it is filled anew";
    let stale = (table.schema.as_str() != SCHEMA)
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
            drafts.retain(|draft| !is_done_otherwise(&draft.statement));
            drafts.iter_mut().for_each(at_once_not_null);
        }
        for draft in &mut *drafts {
            // No row is there; a file without one is still written anew.
            draft.run = Run::Together;
            if draft.duration != Duration::Rewrite {
                draft.duration = Duration::CatalogChange;
            }
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

/// Whether a column gets a type of which its values may be none.
fn may_not_be_cast(node: &Node<'_>) -> bool {
    node.drafts().iter().any(|draft| {
        let may_fail = |hazard: &Hazard| hazard.kind == HazardKind::MayFailOnData;
        let Statement::AlterTable { action, .. } = &draft.statement else {
            return false;
        };
        matches!(**action, TableAction::SetType { .. }) && draft.hazards.iter().any(may_fail)
    })
}

/// What gives a table without rows another primary key, where the old one may have `gone` before, because a column of it gets another
/// type.
fn rekeyed<'a>(
    table: &'a QualifiedName,
    (name, constraint): NamedConstraint<'a>,
    previous: &'a Table,
    next: &'a Table,
    gone: bool,
) -> Vec<Draft<'a>> {
    let object = Object::Constraint(table, name);
    let drop = (!gone).then_some(TableAction::DropConstraint(Cow::Borrowed(name)));
    // What writes it leaves out from then on what goes later. A column of a key cannot be NULL.
    let left_out = previous.columns.iter().filter(|column| {
        let mut now = next.columns.iter();
        column.not_null && !now.any(|now| now.name == column.name && now.not_null)
    });
    let left_out = left_out.map(|column| TableAction::DropNotNull(&column.name));
    let add = TableAction::AddConstraint(Cow::Borrowed(name), Cow::Borrowed(constraint));
    let actions = drop.into_iter().chain(left_out).chain([add]);
    actions
        .map(|action| Draft::new(Action::Alter, object, Statement::alter(table, action)))
        .collect()
}

/// Whether a statement of a column is not needed where the key is another and no row is there: a look, by a constraint for that time,
/// whether all have a value; and that they need none, which comes with the key.
fn is_done_otherwise(statement: &Statement<'_>) -> bool {
    let Statement::AlterTable { action, .. } = statement else {
        return false;
    };
    matches!(
        **action,
        TableAction::AddConstraint(..)
            | TableAction::Validate { .. }
            | TableAction::DropConstraint(_)
            | TableAction::DropNotNull(_)
    )
}

/// Where the server knows NOT NULL that nobody has looked at yet, none is needed: a key would not take it.
fn at_once_not_null(draft: &mut Draft<'_>) {
    if let Statement::AlterTable { action, .. } = &mut draft.statement
        && let TableAction::AddNotNull(_, column) = **action
    {
        **action = TableAction::SetNotNull(column);
    }
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
