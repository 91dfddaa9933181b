//! Where in the specs an object was written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::name::owner;
use crate::diagnose::{Files, Locator, Place};
use crate::diff::Object;
use crate::lower::{Claims, Namespace};
use crate::sql::QualifiedName;

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

/// Looks places up, each relation's once.
pub struct Located<'f> {
    files: Option<(&'f dyn Files, Locator<'f>)>,
    relations: BTreeMap<QualifiedName, Option<Place>>,
}

impl<'f> Located<'f> {
    /// In these files; `None` where the specs are not at hand.
    pub fn new(files: Option<&'f dyn Files>) -> Self {
        Self {
            files: files.map(|files| (files, Locator::new(files))),
            relations: BTreeMap::new(),
        }
    }

    /// The line where an object was written, or else its table.
    pub(super) fn written(&mut self, object: Object<'_>, claims: &Claims) -> Option<Written> {
        // Nothing is looked up that nobody could be shown.
        self.files.as_ref()?;
        let place = self.place(object, claims)?;
        let (files, locator) = self.files.as_mut()?;
        let location = locator.locate(&place);
        Some(Written {
            file: files.path(location.file).to_owned(),
            line: location.line,
            column: location.column,
        })
    }

    fn place(&mut self, object: Object<'_>, claims: &Claims) -> Option<Place> {
        let own = match object {
            Object::Index(relation, name) => {
                claims.place(&Namespace::Schema(relation.schema.clone()), name)
            }
            Object::Constraint(table, name) => {
                claims.place(&Namespace::Constraints(table.clone()), name)
            }
            _ => None,
        };
        if let Some(own) = own {
            return Some(own.clone());
        }
        let relation = owner(object)?;
        let of_relation = self
            .relations
            .entry(relation.clone())
            .or_insert_with(|| {
                let namespace = Namespace::Schema(relation.schema.clone());
                claims.place(&namespace, &relation.name).cloned()
            })
            .clone()?;
        Some(match object {
            Object::Column(_, name) => Place::document(of_relation.origin())
                .key("fields")
                .key(name.as_str()),
            _ => of_relation,
        })
    }
}
