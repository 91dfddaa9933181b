//! Functions.

use crate::catalog::{Catalog, Routine};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a function needs: its schema. The one that fills a projection when it is made needs all that it works with; the
/// bodies of the others are looked at when they run.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    let Routine::RebuildStored(rebuild) = routine else {
        return needs;
    };
    needs.extend([
        Object::Table(&rebuild.stored.table),
        Object::View(&rebuild.definition),
    ]);
    let shared = ["projection_version", "refresh_request"]
        .iter()
        .filter_map(|table| {
            let (name, _) = to
                .tables
                .get_key_value(&QualifiedName::new("specql", *table))?;
            Some(Object::Table(name))
        });
    needs.extend(shared);
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
