//! What views, functions, domains and the expressions of tables need.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::{Cells, each};
use super::function::Functions;
use super::names::Names;
use super::relation::Relation;
use crate::catalog::Dependency;

/// The dependencies of each object, by its OID: a relation, a function and a type may have the same.
#[derive(Debug, Default)]
pub(super) struct Needs {
    relations: BTreeMap<u32, BTreeSet<Dependency>>,
    functions: BTreeMap<u32, BTreeSet<Dependency>>,
    types: BTreeMap<u32, BTreeSet<Dependency>>,
}

impl Needs {
    /// Of a table or view.
    pub(super) fn of_relation(&self, oid: u32) -> BTreeSet<Dependency> {
        self.relations.get(&oid).cloned().unwrap_or_default()
    }

    /// Of a function or procedure.
    pub(super) fn of_function(&self, oid: u32) -> BTreeSet<Dependency> {
        self.functions.get(&oid).cloned().unwrap_or_default()
    }

    /// Of a domain.
    pub(super) fn of_type(&self, oid: u32) -> BTreeSet<Dependency> {
        self.types.get(&oid).cloned().unwrap_or_default()
    }
}

/// Reads them.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    names: &Names,
    functions: &Functions,
) -> Result<Needs, IntrospectError> {
    let mut needs = Needs::default();
    each(tx, include_str!("queries/dependency.sql"), &[], |row| {
        add(row, names, functions, &mut needs)
    })?;
    Ok(needs)
}

fn add(
    row: &Row,
    names: &Names,
    functions: &Functions,
    needs: &mut Needs,
) -> Result<(), postgres::Error> {
    let mut cells = Cells::new(row);
    let of: &str = cells.take()?;
    let oid: u32 = cells.take()?;
    let on: &str = cells.take()?;
    let needed: u32 = cells.take()?;
    if of == on && oid == needed {
        return Ok(());
    }
    let needed = match on {
        "function" => functions
            .get(&needed)
            .map(|function| Dependency::Routine(function.name.clone())),
        // What types its columns have, a table says itself.
        "type" if of == "relation" && names.relation(oid).is_some_and(Relation::is_table) => None,
        "type" => names.type_dependency(needed),
        _ => names
            .relation(needed)
            .map(|relation| Dependency::Relation(relation.name.clone())),
    };
    let all = match of {
        "function" => &mut needs.functions,
        "type" => &mut needs.types,
        _ => &mut needs.relations,
    };
    if let Some(needed) = needed {
        all.entry(oid).or_default().insert(needed);
    }
    Ok(())
}
