//! What turns one catalog into another.
//!
//! In: two catalogs. Out: [`Change`]s, each about one object, in the order of kinds and names; `plan` puts them into
//! the order of their dependencies.
//!
//! What it can say so far is that an object has to be created. Anything else (an object that only the old catalog
//! has, or one that both have and that is not the same) is a [`DiffError`]: a difference is never left out silently.
//!
//! Architecture invariant: no SQL text, no order of execution.

mod comment;
mod composite_type;
mod constraint;
mod domain;
mod enum_type;
mod extension;
mod function;
mod index;
mod object;
mod partition;
mod partition_policy;
mod policy;
mod schema;
mod sequence;
mod table;
mod trigger;
mod view;

use std::collections::BTreeMap;

pub use object::Object;

use crate::catalog::{
    Attribute, Catalog, Constraint, Domain, Index, OwningColumn, Partition, PartitionPolicy,
    Policy, Routine, RoutineDefinition, Sequence, Table, Trigger, View,
};
use crate::sql::{Ident, QualifiedName};

/// One change to one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<'a> {
    /// A schema comes.
    CreateSchema {
        /// Its name.
        name: &'a Ident,
    },
    /// An extension comes.
    CreateExtension {
        /// Its name.
        name: &'a Ident,
        /// The schema of its objects, where that is said.
        schema: Option<&'a Ident>,
    },
    /// An enumerated type comes.
    CreateEnumType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its labels in order.
        labels: &'a [String],
    },
    /// A composite type comes.
    CreateCompositeType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its attributes in order.
        attributes: &'a [Attribute],
    },
    /// A domain comes, with its constraints.
    CreateDomain {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        domain: &'a Domain,
    },
    /// A sequence comes; its owner is a change of its own.
    CreateSequence {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        sequence: &'a Sequence,
    },
    /// A sequence gets to belong to a column.
    SetSequenceOwner {
        /// The sequence.
        name: &'a QualifiedName,
        /// The column.
        owner: &'a OwningColumn,
    },
    /// A function comes.
    CreateFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// A further function of a name comes.
    CreateOverload {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        definition: &'a RoutineDefinition,
    },
    /// A table comes, with its columns; its constraints, indexes, triggers and policies are changes of their own.
    CreateTable {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        table: &'a Table,
    },
    /// A partition comes.
    CreatePartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
        /// All else of it.
        table: &'a Table,
    },
    /// A constraint comes.
    AddConstraint {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        constraint: &'a Constraint,
    },
    /// An index comes.
    CreateIndex {
        /// On which table or materialized view.
        relation: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        index: &'a Index,
    },
    /// A trigger comes.
    CreateTrigger {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        trigger: &'a Trigger,
    },
    /// A policy of a table's rows comes.
    CreatePolicy {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        policy: &'a Policy,
    },
    /// A view comes; its triggers are changes of their own.
    CreateView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// A materialized view comes; its indexes are changes of their own.
    CreateMaterializedView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// The policy of a table's partitions comes or is another.
    SetPartitionPolicy {
        /// Of which table.
        table: &'a QualifiedName,
        /// What it is.
        policy: &'a PartitionPolicy,
    },
    /// An object gets a comment.
    Comment {
        /// Which object.
        on: Object<'a>,
        /// The text.
        text: &'a str,
    },
}

/// A difference that cannot be expressed as [`Change`]s yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// Both catalogs have the object, and it is not the same in both.
    #[error("{object} differs, and changing what is already there is not supported yet")]
    Altered {
        /// What differs.
        object: String,
    },
    /// Only the old catalog has the object.
    #[error("{object} is no longer wanted, and dropping is not supported yet")]
    Dropped {
        /// What is gone.
        object: String,
    },
}

/// What turns `from` into `to`. To build a database from nothing, `from` is an empty catalog.
///
/// # Errors
/// A [`DiffError`] for the first difference that is not the creation of an object.
pub fn diff<'a>(from: &'a Catalog, to: &'a Catalog) -> Result<Vec<Change<'a>>, DiffError> {
    let Catalog {
        schemas,
        extensions,
        enums,
        domains,
        composite_types,
        sequences,
        functions,
        tables,
        views,
        partition_policies,
    } = to;
    let mut changes = Changes::default();
    schema::diff(&from.schemas, schemas, &mut changes)?;
    extension::diff(&from.extensions, extensions, &mut changes)?;
    enum_type::diff(&from.enums, enums, &mut changes)?;
    domain::diff(&from.domains, domains, &mut changes)?;
    composite_type::diff(&from.composite_types, composite_types, &mut changes)?;
    sequence::diff(&from.sequences, sequences, &mut changes)?;
    function::diff(&from.functions, functions, &mut changes)?;
    table::diff(&from.tables, tables, &mut changes)?;
    view::diff(&from.views, views, &mut changes)?;
    partition_policy::diff(&from.partition_policies, partition_policies, &mut changes)?;
    Ok(changes.0)
}

/// Changes as they are found.
#[derive(Debug, Default)]
struct Changes<'a>(Vec<Change<'a>>);

impl<'a> Changes<'a> {
    fn push(&mut self, change: Change<'a>) {
        self.0.push(change);
    }
}

/// An object of one name in the old and in the new catalog.
enum Pair<'a, T> {
    Created(&'a T),
    Kept { previous: &'a T, next: &'a T },
}

/// Walks two maps by name once. An object that only the old map has is an error.
fn pairs<'a, K: Ord, T>(
    from: &'a BTreeMap<K, T>,
    to: &'a BTreeMap<K, T>,
    object: impl Fn(&'a K) -> Object<'a>,
    mut each: impl FnMut(&'a K, Pair<'a, T>) -> Result<(), DiffError>,
) -> Result<(), DiffError> {
    if let Some(name) = from.keys().find(|name| !to.contains_key(name)) {
        return Err(DiffError::Dropped {
            object: object(name).to_string(),
        });
    }
    for (name, next) in to {
        match from.get(name) {
            None => each(name, Pair::Created(next))?,
            Some(previous) => each(name, Pair::Kept { previous, next })?,
        }
    }
    Ok(())
}

/// The answer for an object that both catalogs have, of a kind whose changes are not expressed yet.
fn same<T: PartialEq>(previous: &T, next: &T, object: Object<'_>) -> Result<(), DiffError> {
    if previous == next {
        Ok(())
    } else {
        Err(DiffError::Altered {
            object: object.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Schema, Table};

    fn catalog(tables: &[&str]) -> Catalog {
        Catalog {
            tables: tables
                .iter()
                .map(|name| (QualifiedName::new("public", *name), Table::default()))
                .collect(),
            ..Catalog::default()
        }
    }

    #[test]
    fn nothing_differs_from_itself() {
        let catalog = catalog(&["a", "b"]);
        assert_eq!(diff(&catalog, &catalog), Ok(vec![]));
    }

    #[test]
    fn only_what_is_missing_is_created() {
        let (from, to) = (catalog(&["a"]), catalog(&["a", "b"]));
        let name = QualifiedName::new("public", "b");
        assert_eq!(
            diff(&from, &to),
            Ok(vec![Change::CreateTable {
                name: &name,
                table: &Table::default(),
            }])
        );
    }

    #[test]
    fn what_cannot_be_expressed_is_an_error() {
        let (from, mut to) = (catalog(&["a"]), catalog(&[]));
        assert_eq!(
            diff(&from, &to).unwrap_err().to_string(),
            "table public.a is no longer wanted, and dropping is not supported yet"
        );
        let table = Table {
            comment: Some("x".into()),
            ..Table::default()
        };
        to.tables.insert(QualifiedName::new("public", "a"), table);
        to.schemas.insert("s".into(), Schema::default());
        assert_eq!(
            diff(&from, &to).unwrap_err().to_string(),
            "table public.a differs, and changing what is already there is not supported yet"
        );
    }
}
