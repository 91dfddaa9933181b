//! Where in the specs an object was written.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::Serialize;

use super::name::owner;
use crate::diagnose::{Files, Locator, Place};
use crate::diff::Object;
use crate::lower::{Claims, Namespace};
use crate::sql::Ident;

/// A line of a spec.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// Looks places up.
pub struct Located<'f>(Option<Specs<'f>>);

/// The specs at hand.
struct Specs<'f> {
    files: &'f dyn Files,
    locator: Locator<'f>,
    claims: &'f Claims,
    /// Made for the first that is looked up: where nothing differs, for none.
    places: OnceCell<BTreeMap<(&'f Namespace, &'f Ident), &'f Place>>,
}

impl<'f> Located<'f> {
    /// In the files that the claims come from.
    pub fn in_specs(files: &'f dyn Files, claims: &'f Claims) -> Self {
        Self(Some(Specs {
            files,
            locator: Locator::new(files),
            claims,
            places: OnceCell::new(),
        }))
    }

    /// Nowhere: the specs are not at hand.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// The line where an object was written, or else its table.
    pub(super) fn written(&mut self, object: Object<'_>) -> Option<Written> {
        let specs = self.0.as_mut()?;
        let location = specs.locator.locate(&specs.place(object)?);
        Some(Written {
            file: specs.files.path(location.file).to_owned(),
            line: location.line,
            column: location.column,
        })
    }
}

impl Specs<'_> {
    fn place(&self, object: Object<'_>) -> Option<Place> {
        let own = match object {
            Object::Index(relation, name) => {
                self.find(&Namespace::Schema(relation.schema.clone()), name)
            }
            Object::Constraint(table, name) => {
                self.find(&Namespace::Constraints(table.clone()), name)
            }
            _ => None,
        };
        if let Some(own) = own {
            return Some(own.clone());
        }
        let relation = owner(object)?;
        let schema = Namespace::Schema(relation.schema.clone());
        let of_relation = self.find(&schema, &relation.name)?;
        Some(match object {
            Object::Column(_, name) => Place::document(of_relation.origin())
                .key("fields")
                .key(name.as_str()),
            _ => of_relation.clone(),
        })
    }

    fn find(&self, namespace: &Namespace, name: &Ident) -> Option<&Place> {
        let places = self.places.get_or_init(|| self.claims.places());
        places.get(&(namespace, name)).copied()
    }
}
