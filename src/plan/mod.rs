//! The order in which changes are made.
//!
//! In: changes, and the catalog that they lead to. Out: [`Step`]s, each with its statement as data, in an order that
//! the server accepts and that depends on nothing but the objects: dependencies first, then kind, then name. A
//! comment follows its object at once.
//!
//! A cycle of foreign keys is broken: those that point forward are added when both tables exist. All other
//! constraints stand in their `CREATE TABLE`.
//!
//! Architecture invariant: no SQL text; that an object stands where is decided by what it needs, never by where it came from.

mod comment;
mod constraint;
mod cycle;
mod enum_type;
mod function;
mod index;
mod kind;
mod node;
mod order;
mod owner;
mod partition;
mod partition_policy;
mod statement;
mod table;
mod trigger;
mod view;

pub use kind::Kind;
pub use statement::{NamedConstraint, Statement};

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::diff::{Change, Object};
use crate::sql::QualifiedName;
use node::Node;

/// One statement to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    /// What it does to the object.
    pub action: Action,
    /// What sort of object.
    pub kind: Kind,
    /// Which object.
    pub object: Object<'a>,
    /// The table, view, function or type whose review file shows it: a partition's is its root table's, a type's the
    /// first table's that uses it. `None` for schemas and extensions.
    pub owner: Option<&'a QualifiedName>,
    /// Whether it may run inside a transaction block.
    pub transactional: bool,
    /// The statement.
    pub statement: Statement<'a>,
}

/// What a step does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It comes.
    Create,
    /// It gets a comment.
    Comment,
}

/// Why there is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Objects need one another, and nothing can be split off.
    #[error("these objects need one another, so that none can be created first: {}", objects.join(", "))]
    Cycle {
        /// Which, in the order of kind and name.
        objects: Vec<String>,
    },
}

/// Puts changes that lead to the catalog `to` into order.
///
/// # Errors
/// [`PlanError::Cycle`] when objects other than tables need one another.
pub fn plan<'a>(changes: &[Change<'a>], to: &'a Catalog) -> Result<Vec<Step<'a>>, PlanError> {
    let nodes = order::sort(node::nodes(changes, to), to)?;
    let owners = owner::Owners::new(to);
    Ok(nodes
        .into_par_iter()
        .flat_map_iter(|node| steps(node, &owners))
        .collect())
}

/// A node's own step, and one for each comment on it.
fn steps<'a>(node: Node<'a>, owners: &owner::Owners<'a>) -> impl Iterator<Item = Step<'a>> {
    let Node {
        kind,
        object,
        statement,
        comments,
    } = node;
    let owner = owners.of(object);
    let own = statement.map(|statement| Step {
        action: Action::Create,
        kind,
        object,
        owner,
        transactional: true,
        statement,
    });
    let comments = comments.into_iter().map(move |(on, text)| Step {
        action: Action::Comment,
        kind: if on == object { kind } else { Kind::of(on) },
        object: on,
        owner,
        transactional: true,
        statement: Statement::Comment { on, text },
    });
    own.into_iter().chain(comments)
}

#[cfg(test)]
mod tests;
