//! Cycles of foreign keys.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::catalog::{Catalog, Constraint, Table};
use crate::diff::{Change, Object};
use crate::sql::QualifiedName;

/// The foreign keys that cannot stand in their `CREATE TABLE`: within a cycle, those that refer to a table that
/// comes later. Tables of one cycle come in the order of their names, so the foreign keys that
/// are left, and that partitions come after their parents, form no cycle.
#[derive(Debug)]
pub(super) struct ForwardKeys<'a> {
    /// For each new table its cycle and its place.
    places: ByTable<'a, (usize, Place<'a>)>,
}

type ByTable<'a, T> = IndexMap<&'a QualifiedName, T, RandomState>;

/// The order within a cycle: partitions after the tables that they are parts of.
type Place<'a> = (usize, &'a QualifiedName);

impl<'a> ForwardKeys<'a> {
    pub(super) fn new(changes: &[Change<'a>]) -> Self {
        let mut graph = DiGraph::<&'a QualifiedName, ()>::new();
        let mut parents = BTreeMap::new();
        let mut nodes = ByTable::default();
        for change in changes {
            let name = match *change {
                Change::CreateTable { name, .. } => name,
                Change::CreatePartition {
                    name, partition, ..
                } => {
                    parents.insert(name, &partition.of);
                    name
                }
                _ => continue,
            };
            nodes.insert(name, graph.add_node(name));
        }
        add_edges(changes, &nodes, &parents, &mut graph);
        Self {
            places: places(&graph, &parents),
        }
    }

    /// The same of tables that go together: one that others refer to can go only when these foreign keys are gone.
    pub(super) fn of_dropped(changes: &[Change<'a>], from: &'a Catalog) -> Self {
        let mut graph = DiGraph::<&'a QualifiedName, ()>::new();
        let mut parents = BTreeMap::new();
        let mut nodes = ByTable::default();
        for change in changes {
            if let Change::Drop(Object::Table(name)) = *change
                && let Some(table) = from.tables.get(name)
            {
                nodes.insert(name, graph.add_node(name));
                parents.extend(table.partition.as_ref().map(|part| (name, &part.of)));
            }
        }
        let keys = nodes.keys().flat_map(|&name| {
            let table = from.tables.get(name);
            let keys = table.into_iter().flat_map(Table::foreign_keys);
            keys.map(move |key| (name, &key.references))
        });
        let parts = parents.iter().map(|(&part, &parent)| (part, parent));
        for (from, to) in keys.chain(parts) {
            if let (Some(&from), Some(&to)) = (nodes.get(from), nodes.get(to)) {
                graph.add_edge(from, to, ());
            }
        }
        Self {
            places: places(&graph, &parents),
        }
    }

    /// The tables that it has to do with, in no order of meaning.
    pub(super) fn tables(&self) -> impl Iterator<Item = &'a QualifiedName> {
        self.places.keys().copied()
    }

    /// Whether this constraint has to wait until all tables are there.
    pub(super) fn contains(&self, table: &'a QualifiedName, constraint: &Constraint) -> bool {
        let Some(key) = constraint.foreign_key() else {
            return false;
        };
        match (self.places.get(table), self.places.get(&key.references)) {
            (Some((one, place)), Some((other, referenced))) => one == other && referenced > place,
            _ => false,
        }
    }
}

/// For each table its cycle and its place.
fn places<'a>(
    graph: &DiGraph<&'a QualifiedName, ()>,
    parents: &BTreeMap<&'a QualifiedName, &'a QualifiedName>,
) -> ByTable<'a, (usize, Place<'a>)> {
    let mut places = ByTable::default();
    // Kosaraju's algorithm as petgraph has it is iterative: a long chain of tables cannot exhaust the stack.
    let cycles = petgraph::algo::kosaraju_scc(graph);
    for (number, members) in cycles.iter().enumerate() {
        for name in members.iter().filter_map(|&node| graph.node_weight(node)) {
            places.insert(*name, (number, (depth(name, parents), *name)));
        }
    }
    places
}

fn add_edges<'a>(
    changes: &[Change<'a>],
    nodes: &ByTable<'a, NodeIndex>,
    parents: &BTreeMap<&'a QualifiedName, &'a QualifiedName>,
    graph: &mut DiGraph<&'a QualifiedName, ()>,
) {
    let keys = changes.iter().filter_map(|change| match *change {
        Change::AddConstraint {
            table, constraint, ..
        } => Some((table, &constraint.foreign_key()?.references)),
        _ => None,
    });
    let parts = parents.iter().map(|(&part, &parent)| (part, parent));
    for (from, to) in keys.chain(parts) {
        if let (Some(&from), Some(&to)) = (nodes.get(from), nodes.get(to)) {
            graph.add_edge(from, to, ());
        }
    }
}

/// How many partitioned tables stand above a table.
fn depth<'a>(
    name: &'a QualifiedName,
    parents: &BTreeMap<&'a QualifiedName, &'a QualifiedName>,
) -> usize {
    std::iter::successors(Some(name), |name| parents.get(name).copied()).count()
}
