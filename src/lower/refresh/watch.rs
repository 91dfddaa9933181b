//! `on:`: which events of which entities ask for a refresh.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::TriggerEvent;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Entity, EntityId, JoinPath, Model, Projection, suggest};
use crate::syntax::{EventsSpec, Located};

/// The words of the language, and what they are on a table.
const EVENTS: [(&str, TriggerEvent); 4] = [
    ("create", TriggerEvent::Insert),
    ("update", TriggerEvent::Update),
    ("delete", TriggerEvent::Delete),
    ("truncate", TriggerEvent::Truncate),
];

/// An event as the language calls it.
pub fn word(event: TriggerEvent) -> &'static str {
    match event {
        TriggerEvent::Insert => "create",
        TriggerEvent::Update => "update",
        TriggerEvent::Delete => "delete",
        TriggerEvent::Truncate => "truncate",
    }
}

/// The events of each entity that `on:` names.
pub fn watched(
    model: &Model,
    projection: &Projection,
    on: Option<&EventsSpec>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<EntityId, BTreeSet<TriggerEvent>> {
    let mut watched: BTreeMap<EntityId, BTreeSet<TriggerEvent>> = BTreeMap::new();
    let entities = entities(model, projection);
    match on {
        None => {}
        Some(EventsSpec::All) => {
            let all: BTreeSet<TriggerEvent> = EVENTS.iter().map(|(_, event)| *event).collect();
            watched.extend(entities.keys().map(|entity| (*entity, all.clone())));
        }
        Some(EventsSpec::Root(events)) => {
            let events = read(events, diagnostics);
            if let Some(root) = projection.includes.first()
                && !events.is_empty()
            {
                watched.insert(root.entity, events);
            }
        }
        Some(EventsSpec::Each(each)) => {
            for (name, events) in each {
                let events = read(events, diagnostics);
                let found: Vec<EntityId> = entities
                    .keys()
                    .copied()
                    .filter(|id| {
                        let entity = model.entities.get(*id);
                        entity.is_some_and(|entity| is_called(entity, &name.value))
                    })
                    .collect();
                if found.is_empty() {
                    diagnostics.push(unknown_entity(model, &entities, name));
                }
                for entity in found {
                    if !events.is_empty() {
                        watched.entry(entity).or_default().extend(&events);
                    }
                }
            }
        }
    }
    watched
}

/// Notes each source that nothing watches; whether all are watched.
pub fn report_unwatched(
    model: &Model,
    projection: &Projection,
    watched: &BTreeMap<EntityId, BTreeSet<TriggerEvent>>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let name = &projection.spec.name.value;
    if let Some(refresh) = projection.spec.refresh.as_ref().filter(|r| r.on.is_none()) {
        diagnostics.push(
            Diagnostic::note(
                Code::ProjectionSourceNotWatched,
                &refresh.at,
                format!("no change refreshes `{name}`, which has no `on:`"),
            )
            .hint("write `on: all`, or refresh it by hand: `REFRESH MATERIALIZED VIEW`"),
        );
        return false;
    }
    let mut all = true;
    for (id, at) in entities(model, projection) {
        if watched.contains_key(&id) {
            continue;
        }
        all = false;
        let entity = model.entities.get(id).map_or("", |e| e.name.as_str());
        diagnostics.push(
            Diagnostic::note(
                Code::ProjectionSourceNotWatched,
                at,
                format!("changes of `{entity}` do not refresh `{name}`"),
            )
            .hint("add its events to `on:`, or write `on: all`"),
        );
    }
    all
}

/// Every entity that the projection reads, those between the ends of a path among them, and the include that brought it.
fn entities<'a>(model: &Model, projection: &'a Projection) -> BTreeMap<EntityId, &'a Place> {
    let mut entities = BTreeMap::new();
    for (include, spec) in projection.includes.iter().zip(&projection.spec.includes) {
        entities.entry(include.entity).or_insert(&spec.entity.at);
    }
    for (include, spec) in projection.includes.iter().zip(&projection.spec.includes) {
        let steps = match &include.path {
            JoinPath::Root => &[][..],
            JoinPath::ToOne(steps) | JoinPath::ToMany(steps) => steps,
        };
        for (referrer, reference) in steps {
            let entity = model.entities.get(*referrer);
            let target = entity.and_then(|e| e.references.get(*reference));
            for id in std::iter::once(*referrer).chain(target.map(|r| r.target)) {
                entities.entry(id).or_insert(&spec.entity.at);
            }
        }
    }
    entities
}

fn is_called(entity: &Entity, name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((schema, bare)) => entity.name == bare && entity.table.schema.as_str() == schema,
        None => entity.name == name,
    }
}

fn unknown_entity(
    model: &Model,
    entities: &BTreeMap<EntityId, &Place>,
    name: &Located<String>,
) -> Diagnostic {
    let names: Vec<&str> = entities
        .keys()
        .filter_map(|id| model.entities.get(*id))
        .map(|entity| entity.name.as_str())
        .collect();
    Diagnostic::error(
        Code::UnknownEntity,
        &name.at,
        format!("`{}` is no entity of this projection", name.value),
    )
    .hint(format!("its entities are: {}", names.join(", ")))
}

fn read(events: &[Located<String>], diagnostics: &mut Diagnostics) -> BTreeSet<TriggerEvent> {
    let mut found = BTreeSet::new();
    for event in events {
        if let Some((_, event)) = EVENTS.iter().find(|(word, _)| *word == event.value) {
            found.insert(*event);
            continue;
        }
        let words = EVENTS.map(|(word, _)| word);
        let diagnostic = Diagnostic::error(
            Code::UnknownEvent,
            &event.at,
            format!("there is no event `{}`", event.value),
        );
        let statement = match event.value.to_ascii_lowercase().as_str() {
            "insert" => Some("create"),
            "remove" => Some("delete"),
            _ => None,
        };
        let near = statement.or_else(|| suggest(&event.value, words.into_iter()));
        diagnostics.push(match near {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint(format!("the events are: {}", words.join(", "))),
        });
    }
    found
}
