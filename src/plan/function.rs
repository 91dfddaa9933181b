//! Functions.

use super::draft::Draft;
use super::hazard::HazardKind;
use super::node::Node;
use super::partition_policy::policy_table;
use super::world::World;
use super::{Action, Duration, Statement, dependency, drop};
use crate::catalog::{Catalog, RebuildProjection, Routine, RoutineDefinition, StoredProjection};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName, TypeName};

/// What a function needs: its schema. The one that fills a projection when it is made needs all that it works with; the
/// bodies of the others are looked at when they run.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    match routine {
        Routine::Definition(definition) => {
            needs.extend(dependency::objects(&definition.needs, to));
            needs.extend(dependency::named_in(definition.text.as_str(), to));
        }
        Routine::RebuildStored(rebuild) => needs.extend(needs_to_fill(rebuild, to)),
        // A row of the table is among its arguments or variables.
        Routine::PlanPartitions | Routine::PlanPartitionPolicy | Routine::PartitionReport => {
            needs.extend(policy_table(to));
        }
        Routine::SetUpdatedAt
        | Routine::RequestRefresh
        | Routine::QueueRefresh
        | Routine::RefreshNow
        | Routine::RefreshRequested { .. }
        | Routine::RefreshView(_)
        | Routine::RefreshProjection { .. }
        | Routine::RefreshProjections
        | Routine::NoteChanges(_)
        | Routine::MaintainProjection(_)
        | Routine::WriteProjection(_)
        | Routine::TakeProjection
        | Routine::VerifyStored(_)
        | Routine::ExpireRows(_)
        | Routine::VerifyProjection { .. }
        | Routine::RebuildProjection { .. }
        | Routine::PartitionName
        | Routine::PartitionPeriod
        | Routine::PartitionRanges
        | Routine::PartitionBy
        | Routine::CreateSubpartitions
        | Routine::RunPartitionStep { .. }
        | Routine::MarkProjections { .. }
        | Routine::MaintainPartitions => {}
    }
    needs
}

/// The same of one of several functions of a name.
pub(super) fn overload_needs<'a>(
    name: &'a QualifiedName,
    definition: &'a RoutineDefinition,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    needs.extend(dependency::objects(&definition.needs, to));
    needs.extend(dependency::named_in(definition.text.as_str(), to));
    needs
}

/// What cannot go while a function is there: what the server has noted, not what only its text names.
pub(super) fn holds<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    from: &'a Catalog,
) -> Vec<Object<'a>> {
    match routine {
        Routine::Definition(definition) => {
            let noted = dependency::objects(&definition.needs, from).into_iter();
            noted.chain([Object::Schema(&name.schema)]).collect()
        }
        routine => needs(name, routine, from),
    }
}

/// The tables of this program that filling a projection writes into.
pub(super) fn shared_tables(to: &Catalog) -> impl Iterator<Item = Object<'_>> {
    let names = [
        "projection_version",
        "projection_refresh",
        "refresh_request",
    ];
    names
        .into_iter()
        .filter_map(|name| dependency::own_table(name, to))
}

fn needs_to_fill<'a>(rebuild: &'a RebuildProjection, to: &'a Catalog) -> Vec<Object<'a>> {
    let mut needs = vec![
        Object::Table(&rebuild.stored.table),
        Object::Constraint(&rebuild.stored.table, &rebuild.stored.primary_key),
        Object::View(&rebuild.definition),
    ];
    needs.extend(shared_tables(to));
    let take = to
        .functions
        .iter()
        .find(|(_, function)| function.routine == Routine::TakeProjection);
    needs.extend(take.map(|(name, _)| Object::Function(name)));
    // Watched first, filled then: a write in between would be missing.
    for source in &rebuild.sources {
        let Some((source, table)) = to.tables.get_key_value(source) else {
            continue;
        };
        let watching = table
            .triggers
            .iter()
            .filter(|(_, trigger)| rebuild.watched_by.contains(&trigger.function));
        needs.extend(watching.map(|(name, _)| Object::Trigger(source, name)));
    }
    needs
}

/// Another body under the same name. Where its arguments or result are others it is another function, and the old one goes
/// first.
pub(super) fn replace<'a>(
    name: &'a QualifiedName,
    previous: &'a Routine,
    next: &'a Routine,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Function(name);
    let drafts = if same_signature(previous, next, world) {
        let statement = Statement::ReplaceFunction {
            name,
            routine: next,
        };
        let draft = Draft::new(Action::Alter, object, statement);
        vec![match next {
            Routine::RebuildStored(rebuild) => filled(draft, &rebuild.stored.table, world),
            _ => draft,
        }]
    } else {
        let statement = Statement::CreateFunction {
            name,
            routine: next,
        };
        vec![
            drop::draft(object),
            Draft::new(Action::Create, object, statement),
        ]
    };
    Node::recipe(object, drafts)
        .after(needs(name, next, world.to))
        .before(holds(name, previous, world.from))
}

/// A function that fills a projection when it is made, from tables that are there. The triggers that watch these come in a
/// transaction before it: their locks are not held while it fills.
pub(super) fn filling<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    rebuild: &'a RebuildProjection,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Function(name);
    let statement = Statement::CreateFunction { name, routine };
    let draft = Draft::new(Action::Create, object, statement);
    Node::recipe(object, vec![filled(draft, &rebuild.stored.table, world)])
        .after(needs(name, routine, world.to))
}

/// A step that fills a projection, alone: it shows something else meanwhile, where it was there before.
pub(super) fn filled<'a>(draft: Draft<'a>, table: &QualifiedName, world: &World<'a>) -> Draft<'a> {
    let reason = "it shows what it showed before until it is filled anew";
    let stale = world
        .stays(table)
        .then(|| world.always(HazardKind::StaleProjection, table, reason));
    draft.alone(Duration::Build).with(stale)
}

/// Whether a projection's key has as many columns as it had, of the types that they had; what these allow beyond that is no part of
/// a signature.
fn same_keys(stored: &StoredProjection, world: &World<'_>) -> bool {
    let types = |catalog: &Catalog| -> Option<Vec<TypeName>> {
        let table = catalog.tables.get(&stored.table)?;
        let (_, keys) = table.primary_key()?;
        let ty = |key: &Ident| {
            let column = table.columns.iter().find(|column| column.name == *key)?;
            Some(TypeName {
                modifiers: Vec::new(),
                ..column.ty.clone()
            })
        };
        keys.iter().map(ty).collect()
    };
    types(world.from) == types(world.to)
}

/// Whether two routines have the same arguments and result. What a server printed is taken for what it stands for.
fn same_signature(previous: &Routine, next: &Routine, world: &World<'_>) -> bool {
    let is_trigger_function = |routine: &Routine| {
        matches!(
            routine,
            Routine::SetUpdatedAt
                | Routine::RequestRefresh
                | Routine::QueueRefresh
                | Routine::RefreshNow
                | Routine::RefreshRequested { .. }
                | Routine::NoteChanges(_)
        )
    };
    match (previous, next) {
        (Routine::Definition(previous), Routine::Definition(next)) => {
            previous.arguments == next.arguments
        }
        // Its arguments are the keys of the projection.
        (Routine::Definition(_), Routine::WriteProjection(write))
        | (Routine::WriteProjection(write), Routine::Definition(_)) => {
            same_keys(&write.stored, world)
        }
        (Routine::Definition(_), _) | (_, Routine::Definition(_)) => true,
        (Routine::WriteProjection(previous), Routine::WriteProjection(next)) => {
            previous.stored.key_types == next.stored.key_types
        }
        (previous, next) => {
            std::mem::discriminant(previous) == std::mem::discriminant(next)
                || is_trigger_function(previous) && is_trigger_function(next)
        }
    }
}
