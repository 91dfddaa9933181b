//! What can be read before relations have their names, and so beside them.

use postgres::Transaction;

use super::constraint::{self, ConstraintRow};
use super::dependency::{self, DependencyRow};
use super::function::{self, Functions};
use super::index::{self, IndexRow};
use super::names::Words;
use super::{IntrospectError, Scope};

/// Rows that are put together with the relations later.
#[derive(Debug)]
pub(super) struct Rows {
    pub words: Words,
    pub functions: Functions,
    /// What is made for a question is compared as it is printed, and never ordered: it has none of these.
    pub dependencies: Vec<DependencyRow>,
    pub constraints: Vec<ConstraintRow>,
    pub indexes: Vec<IndexRow>,
}

impl Rows {
    pub(super) fn read(tx: &mut Transaction<'_>, scope: &Scope) -> Result<Self, IntrospectError> {
        let dependencies = match scope {
            Scope::Database => dependency::read(tx)?,
            Scope::Temporary(_) => Vec::new(),
        };
        Ok(Self {
            words: Words::read(tx, scope)?,
            functions: function::read(tx, scope)?,
            dependencies,
            constraints: constraint::read(tx, scope)?,
            indexes: index::read(tx, scope)?,
        })
    }
}
