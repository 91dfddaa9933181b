//! Dependencies first, then kind, then name.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use super::node::{Node, Nodes};
use super::{
    PlanError, Statement, composite_type, constraint, domain, function, index, partition,
    partition_policy, table, trigger, view,
};
use crate::catalog::Catalog;
use crate::diff::Object;

/// Sorts nodes: of those whose needs are met, always the first by kind and name.
pub(super) fn sort<'a>(mut nodes: Nodes<'a>, to: &'a Catalog) -> Result<Vec<Node<'a>>, PlanError> {
    // From here on a node's position is its rank among all, so comparing positions compares kind and name.
    nodes.sort_unstable_by(|_, a, _, b| (a.kind, a.object).cmp(&(b.kind, b.object)));
    let graph = graph(&nodes, to);
    let order = topological(&graph);
    if order.len() < nodes.len() {
        return Err(cycle(&nodes, &order));
    }
    let mut slots: Vec<Option<Node<'a>>> = nodes.into_values().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|position| slots.get_mut(position).and_then(Option::take))
        .collect())
}

/// An edge leads from what is needed to what needs it.
fn graph(nodes: &Nodes<'_>, to: &Catalog) -> DiGraph<(), ()> {
    let mut graph = DiGraph::with_capacity(nodes.len(), nodes.len() * 2);
    for _ in 0..nodes.len() {
        graph.add_node(());
    }
    for (position, node) in nodes.values().enumerate() {
        for need in needs(node, to) {
            if let Some(needed) = nodes.get_index_of(&need)
                && needed != position
            {
                graph.add_edge(NodeIndex::new(needed), NodeIndex::new(position), ());
            }
        }
    }
    graph
}

/// What has to be there first. What is there already, or never will be, makes no edge.
fn needs<'a>(node: &Node<'a>, to: &'a Catalog) -> Vec<Object<'a>> {
    let Some(statement) = &node.statement else {
        return Vec::new();
    };
    match statement {
        Statement::CreateSchema { .. } | Statement::Comment { .. } => Vec::new(),
        Statement::CreateExtension { schema, .. } => {
            schema.iter().map(|schema| Object::Schema(schema)).collect()
        }
        Statement::CreateEnumType { name, .. } | Statement::CreateSequence { name, .. } => {
            vec![Object::Schema(&name.schema)]
        }
        Statement::CreateCompositeType { name, attributes } => {
            composite_type::needs(name, attributes, to)
        }
        Statement::CreateDomain { name, domain } => domain::needs(name, domain, to),
        Statement::SetSequenceOwner { name, owner } => {
            vec![Object::Sequence(name), Object::Table(&owner.table)]
        }
        Statement::CreateFunction { name, routine } => function::needs(name, routine, to),
        Statement::CreateOverload { name, definition } => {
            function::overload_needs(name, definition, to)
        }
        Statement::SetPartitionPolicy { table, .. } => partition_policy::needs(table, to),
        Statement::CreateTable {
            name,
            table,
            constraints,
        } => table::needs(name, table, constraints, to),
        Statement::CreatePartition {
            name,
            partition,
            table,
            constraints,
        } => partition::needs(name, partition, table, constraints, to),
        Statement::AddConstraint {
            table,
            constraint: (_, constraint),
        } => constraint::needs(table, constraint, to),
        Statement::CreateIndex { relation, .. } => index::needs(relation),
        Statement::CreateTrigger { table, trigger, .. } => trigger::needs(table, trigger),
        Statement::CreatePolicy { table, .. } => vec![Object::Table(table)],
        Statement::CreateView { name, view } | Statement::CreateMaterializedView { name, view } => {
            view::needs(name, view, to)
        }
    }
}

/// Kahn's algorithm with a heap of positions; it ends early when a cycle is left.
fn topological(graph: &DiGraph<(), ()>) -> Vec<usize> {
    let mut waiting: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.neighbors_directed(node, Direction::Incoming).count())
        .collect();
    let mut ready: BinaryHeap<Reverse<usize>> = waiting
        .iter()
        .enumerate()
        .filter(|(_, needs)| **needs == 0)
        .map(|(position, _)| Reverse(position))
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(Reverse(position)) = ready.pop() {
        order.push(position);
        for next in graph.neighbors(NodeIndex::new(position)) {
            if let Some(needs) = waiting.get_mut(next.index()) {
                *needs -= 1;
                if *needs == 0 {
                    ready.push(Reverse(next.index()));
                }
            }
        }
    }
    order
}

fn cycle(nodes: &Nodes<'_>, order: &[usize]) -> PlanError {
    let mut placed = vec![false; nodes.len()];
    for &position in order {
        if let Some(slot) = placed.get_mut(position) {
            *slot = true;
        }
    }
    let objects = nodes
        .keys()
        .zip(placed)
        .filter(|(_, placed)| !placed)
        .map(|(object, _)| object.to_string())
        .collect();
    PlanError::Cycle { objects }
}
