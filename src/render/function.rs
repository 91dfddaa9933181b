//! Functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Object;

use super::incremental;
use super::value::{Sql, optional, record, sql};
use crate::catalog::{ByProjection, RefreshView, RefreshedBy, Routine, RoutineDefinition};
use crate::sql::{Literal, QualifiedName};

/// The template of a function that the project brings, and what the template receives.
pub(super) fn template(name: &QualifiedName, routine: &Routine) -> (&'static str, Value) {
    let template = match routine {
        Routine::Definition(definition) => return self::definition(definition),
        Routine::SetUpdatedAt => "functions/set_updated_at.sql.j2",
        Routine::RequestRefresh => "functions/request_refresh.sql.j2",
        Routine::QueueRefresh => "functions/queue_refresh.sql.j2",
        Routine::RefreshNow => "functions/refresh_now.sql.j2",
        Routine::RefreshProjections => "functions/refresh_projections.sql.j2",
        Routine::PartitionName => "functions/partitions/name.sql.j2",
        Routine::PartitionPeriod => "functions/partitions/period.sql.j2",
        Routine::PartitionRanges => "functions/partitions/ranges.sql.j2",
        Routine::PartitionBy => "functions/partitions/partition_by.sql.j2",
        Routine::PlanPartitionPolicy => "functions/partitions/plan_policy.sql.j2",
        Routine::PlanPartitions => "functions/partitions/plan.sql.j2",
        Routine::CreateSubpartitions => "functions/partitions/subpartitions.sql.j2",
        Routine::MaintainPartitions => "functions/partitions/maintain.sql.j2",
        Routine::PartitionReport => "functions/partitions/status.sql.j2",
        Routine::RunPartitionStep { marks } => {
            let context = record! { name => sql(name), marks => *marks };
            return ("functions/partitions/run_step.sql.j2", context);
        }
        Routine::MarkProjections { readers } => {
            let context = mark_projections(name, readers);
            return ("functions/partitions/mark_projections.sql.j2", context);
        }
        Routine::RefreshView(refresh) => {
            return ("functions/refresh_view.sql.j2", refresh_view(name, refresh));
        }
        Routine::RefreshProjection { projections } => {
            let context = refresh_projection(name, projections);
            return ("functions/refresh_projection.sql.j2", context);
        }
        Routine::TakeProjection => "functions/take_projection.sql.j2",
        Routine::RefreshRequested {
            incremental: functions,
            sources,
        } => {
            let context = refresh_requested(name, functions, sources);
            return ("functions/refresh_requested.sql.j2", context);
        }
        Routine::NoteChanges(changes) => {
            let context = incremental::note_changes(name, changes);
            return ("functions/note_changes.sql.j2", context);
        }
        Routine::MaintainProjection(maintain) => {
            let context = incremental::maintain(name, maintain);
            return ("functions/maintain_projection.sql.j2", context);
        }
        Routine::WriteProjection(write) => {
            let context = incremental::write(name, write);
            return ("functions/write_projection.sql.j2", context);
        }
        Routine::RebuildStored(rebuild) => {
            let context = incremental::rebuild(name, rebuild);
            return ("functions/rebuild_stored.sql.j2", context);
        }
        Routine::VerifyStored(verify) => {
            let context = incremental::verify(name, verify);
            return ("functions/verify_stored.sql.j2", context);
        }
        Routine::ExpireRows(expire) => {
            let context = incremental::expire(name, expire);
            return ("functions/expire_rows.sql.j2", context);
        }
        Routine::VerifyProjection { projections } => {
            let context = incremental::by_name(name, projections);
            return ("functions/verify_projection.sql.j2", context);
        }
        Routine::RebuildProjection { projections } => {
            let context = incremental::by_name(name, projections);
            return ("functions/rebuild_projection.sql.j2", context);
        }
    };
    (template, record! { name => sql(name) })
}

/// A function as a server printed it.
pub(super) fn definition(definition: &RoutineDefinition) -> (&'static str, Value) {
    let RoutineDefinition {
        arguments: _,
        text,
        needs: _,
    } = definition;
    ("definition.sql.j2", record! { text => sql(text) })
}

fn refresh_view(name: &QualifiedName, refresh: &RefreshView) -> Value {
    let RefreshView {
        view,
        sources,
        concurrently,
        schedule,
    } = refresh;
    let view_name = literal(view);
    let command = format!("CALL specql.refresh_projections({})", view_name.as_str());
    let command = Sql::from(&Literal::new(command));
    let source_list = Sql::list(sources);
    record! {
        name => sql(name),

        view => sql(view),
        view_name => sql(view_name),
        sources => sql(source_list),
        concurrently => *concurrently,
        schedule => optional(schedule.as_ref().map(|text| Sql::from(&Literal::new(text)))),
        job => sql(&Literal::new(format!("specql: refresh {view}"))),
        command => sql(command),
    }
}

fn refresh_projection(
    name: &QualifiedName,
    projections: &BTreeMap<QualifiedName, RefreshedBy>,
) -> Value {
    let mut each = Vec::new();
    for (projection, by) in projections {
        let RefreshedBy {
            function,
            when_marked,
        } = by;
        each.push(record! {
            name => sql(literal(projection)),
            function => sql(function),
            when_marked => optional(when_marked.as_ref()),
        });
    }
    record! { name => sql(name), projections => each }
}

fn refresh_requested(
    name: &QualifiedName,
    incremental: &ByProjection,
    sources: &BTreeMap<QualifiedName, Vec<QualifiedName>>,
) -> Value {
    let mut each = Vec::new();
    for (projection, sources) in sources {
        let maintain = incremental.get(projection);
        each.push(record! {
            name => sql(literal(projection)),
            maintain => optional(maintain),
            sources => sql(Sql::list(sources.iter().map(Sql::only))),
        });
    }
    record! {
        name => sql(name),

        projections => each,
        incremental => !incremental.is_empty(),
    }
}

fn mark_projections(
    name: &QualifiedName,
    readers: &BTreeMap<QualifiedName, Vec<QualifiedName>>,
) -> Value {
    let pairs: Vec<(Sql, Sql)> = readers
        .iter()
        .flat_map(|(source, projections)| {
            projections
                .iter()
                .map(|projection| (literal(source), literal(projection)))
        })
        .collect();
    let readers: Vec<Value> = pairs
        .into_iter()
        .map(
            |(source, projection)| record! { source => sql(source), projection => sql(projection) },
        )
        .collect();
    record! { name => sql(name), readers => readers }
}

/// A qualified name as text: how requests and the status name a projection.
fn literal(name: &QualifiedName) -> Sql {
    Sql::from(&Literal::new(name.to_string()))
}

/// The same template for one that is there already.
pub(super) fn replacing(name: &QualifiedName, routine: &Routine) -> (&'static str, Value) {
    let (template, context) = template(name, routine);
    (template, Value::from_object(Replacing(context)))
}

/// What a function's template receives, and that it is to replace another.
#[derive(Debug)]
struct Replacing(Value);

impl Object for Replacing {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("replace") => Some(Value::from(true)),
            _ => self
                .0
                .get_item(key)
                .ok()
                .filter(|value| !value.is_undefined()),
        }
    }
}
