//! What views, functions, domains and the expressions of tables need.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Transaction;

use super::cells::{Cells, each};
use super::function::Functions;
use super::names::Names;
use super::relation::Relation;
use super::{IntrospectError, Scope};
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

/// An object and one that it needs.
#[derive(Debug)]
pub(super) struct DependencyRow {
    of: Kind,
    oid: u32,
    on: Kind,
    needed: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Type,
    Relation,
}

/// Reads them.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Vec<DependencyRow>, IntrospectError> {
    let mut rows = Vec::new();
    let query = include_str!("queries/dependency.sql");
    each(tx, query, &Scope::Database, &[], |row| {
        let mut cells = Cells::new(row);
        let row = DependencyRow {
            of: kind(cells.take()?),
            oid: cells.take()?,
            on: kind(cells.take()?),
            needed: cells.take()?,
        };
        rows.push(row);
        Ok::<_, postgres::Error>(())
    })?;
    Ok(rows)
}

fn kind(word: &str) -> Kind {
    match word {
        "function" => Kind::Function,
        "type" => Kind::Type,
        _ => Kind::Relation,
    }
}

/// Gives them the names of what they are.
pub(super) fn assemble(rows: Vec<DependencyRow>, names: &Names, functions: &Functions) -> Needs {
    let mut needs = Needs::default();
    for row in rows {
        let Some(needed) = needed(&row, names, functions) else {
            continue;
        };
        let all = match row.of {
            Kind::Function => &mut needs.functions,
            Kind::Type => &mut needs.types,
            Kind::Relation => &mut needs.relations,
        };
        all.entry(row.oid).or_default().insert(needed);
    }
    needs
}

fn needed(row: &DependencyRow, names: &Names, functions: &Functions) -> Option<Dependency> {
    let DependencyRow {
        of,
        oid,
        on,
        needed,
    } = *row;
    if of == on && oid == needed {
        return None;
    }
    match on {
        Kind::Function => functions
            .get(&needed)
            .map(|function| Dependency::Routine(function.name.clone())),
        // What types its columns have, a table says itself.
        Kind::Type
            if of == Kind::Relation && names.relation(oid).is_some_and(Relation::is_table) =>
        {
            None
        }
        Kind::Type => names.type_dependency(needed),
        Kind::Relation => names
            .relation(needed)
            .map(|relation| Dependency::Relation(relation.name.clone())),
    }
}
