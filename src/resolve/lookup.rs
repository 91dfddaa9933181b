//! Finding entities by what authors call them.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::expand::table_of;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::syntax::{Config, EntitySpec};

type Positions = IndexMap<String, Vec<usize>, RandomState>;

/// Entities by name and by table. Positions are those of the iterator it was made of.
#[derive(Debug)]
pub struct Lookup {
    schemas: Vec<String>,
    by_entity: Positions,
    by_table: Positions,
    /// Some files could not be read: what is not found here may stand there.
    incomplete: bool,
}

impl Lookup {
    /// Indexes entities.
    pub fn of<'a>(specs: impl Iterator<Item = &'a EntitySpec>, config: &Config) -> Self {
        let mut lookup = Self {
            schemas: Vec::new(),
            by_entity: Positions::default(),
            by_table: Positions::default(),
            incomplete: false,
        };
        for (position, spec) in specs.enumerate() {
            lookup.schemas.push(schema_of(spec, config));
            lookup
                .by_entity
                .entry(spec.name.value.clone())
                .or_default()
                .push(position);
            lookup
                .by_table
                .entry(table_of(spec, config))
                .or_default()
                .push(position);
        }
        lookup
    }

    /// Says that some of the project's entities are missing: unknown ones are then no news.
    #[must_use]
    pub fn incomplete(mut self, incomplete: bool) -> Self {
        self.incomplete = incomplete;
        self
    }

    /// The schema of an entity.
    pub fn schema(&self, entity: usize) -> &str {
        self.schemas.get(entity).map_or("", String::as_str)
    }

    /// The entity of a name, `schema.Name` or `Name`: the one in the same schema first, else the only one of that name.
    pub fn entity_or_report(
        &self,
        name: &str,
        from_schema: &str,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let (schema, bare) = split(name);
        self.find_or_report(
            &self.by_entity,
            "entity",
            schema,
            bare,
            from_schema,
            at,
            diagnostics,
        )
    }

    /// The entity whose table (or, failing that, whose own name) is this.
    pub fn table_or_report(
        &self,
        name: &str,
        from_schema: &str,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let (schema, bare) = split(name);
        let names = if self.by_table.contains_key(bare) || !self.by_entity.contains_key(bare) {
            &self.by_table
        } else {
            &self.by_entity
        };
        self.find_or_report(names, "table", schema, bare, from_schema, at, diagnostics)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the two public look-ups differ in just the first two"
    )]
    fn find_or_report(
        &self,
        names: &Positions,
        what: &str,
        schema: Option<&str>,
        bare: &str,
        from_schema: &str,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let all = names.get(bare).map_or(&[][..], Vec::as_slice);
        let within = |schema: &str| all.iter().copied().find(|e| self.schema(*e) == schema);
        let found = match schema {
            Some(schema) => within(schema),
            None => within(from_schema).or(match all {
                [only] => Some(*only),
                _ => None,
            }),
        };
        if found.is_some() || self.incomplete && all.is_empty() {
            return found;
        }
        let written = schema.map_or_else(|| bare.to_owned(), |s| format!("{s}.{bare}"));
        let diagnostic = if all.is_empty() {
            let diagnostic = Diagnostic::error(
                Code::UnknownEntity,
                at,
                format!("there is no {what} `{written}`"),
            );
            match super::suggest(bare, names.keys().map(String::as_str)) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic.hint("every entity that is referred to needs a spec of its own (`entity: …`) in the project"),
            }
        } else {
            let places: Vec<String> = all
                .iter()
                .map(|e| format!("`{}.{bare}`", self.schema(*e)))
                .collect();
            let message = match schema {
                Some(schema) => format!("there is no {what} `{bare}` in schema `{schema}`"),
                None => format!("{what} `{bare}` exists in more than one schema"),
            };
            Diagnostic::error(Code::UnknownEntity, at, message)
                .hint(format!("write {}", places.join(" or ")))
        };
        diagnostics.push(diagnostic);
        None
    }
}

/// The schema that an entity is in.
pub fn schema_of(spec: &EntitySpec, config: &Config) -> String {
    spec.schema
        .as_ref()
        .map_or_else(|| config.schema.clone(), |s| s.value.clone())
}

fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once('.') {
        Some((schema, bare)) => (Some(schema.trim()), bare.trim()),
        None => (None, name.trim()),
    }
}
