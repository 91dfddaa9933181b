//! Dependencies first, then kind, then name.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use rayon::prelude::*;

use super::draft::Run;
use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::world::World;
use super::{
    Kind, PlanError, Statement, composite_type, constraint, domain, enum_type, function, index,
    maintained, partition, partition_policy, table, trigger, view,
};
use crate::catalog::Catalog;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// Sorts nodes: of those whose needs are met, always the first by stage, kind and name.
pub(super) fn in_order<'a>(
    mut nodes: Nodes<'a>,
    world: &World<'a>,
) -> Result<Vec<Node<'a>>, PlanError> {
    let to = world.to;
    let mut graph = sorted(&mut nodes, to);
    let mut together = together(&graph, &mut nodes);
    if renamed_with_what_takes_long(&mut nodes) {
        maintained::names::without_triggers(world, &mut nodes);
        graph = sorted(&mut nodes, to);
        together = self::together(&graph, &mut nodes);
    }
    for position in &together.between {
        if let Some((_, node)) = nodes.0.get_index_mut(*position)
            && let Work::Recipe(drafts) = &mut node.work
        {
            for draft in drafts {
                index::build_beside_nobody(draft, world);
            }
        }
    }
    let order = topological(&graph, &together);
    if order.len() < nodes.0.len() {
        return Err(cycle(&nodes, &order));
    }
    let mut slots: Vec<Option<Node<'a>>> = nodes.0.into_values().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|position| slots.get_mut(position).and_then(Option::take))
        .collect())
}

/// Sorts nodes by rank: from then on a node's position is its rank among all, so comparing positions compares ranks. Objects of one kind
/// mostly come by name already: when kinds are apart, hardly a name has to be compared twice.
fn sorted<'a>(nodes: &mut Nodes<'a>, to: &'a Catalog) -> DiGraph<(), ()> {
    nodes.0.par_sort_by_cached_key(|_, node| sort(node));
    nodes
        .0
        .par_sort_unstable_by(|_, a, _, b| rank(a).cmp(&rank(b)));
    graph(nodes, to)
}

/// The order of nodes that do not need one another.
fn rank<'a>(node: &Node<'a>) -> (Sort, Object<'a>, Part) {
    (sort(node), node.object, node.part)
}

/// What comes before names are compared.
type Sort = (Stage, Result<Kind, Reverse<Kind>>);

/// What goes, goes in the opposite order of what comes.
fn sort(node: &Node<'_>) -> Sort {
    let kind = match node.stage {
        // Beside the columns that they stand in the way of: nobody is to miss them for longer.
        Stage::Make if node.zone == Zone::Views => Ok(Kind::Column),
        // Before the functions that no longer know what it works with.
        Stage::Make if node.kind == Kind::Trigger && node.part == Part::First => Ok(Kind::Function),
        Stage::Rename | Stage::Make => Ok(node.kind),
        Stage::Drop => Err(Reverse(node.kind)),
    };
    (node.stage, kind)
}

/// An edge leads from what is needed to what needs it, and from what uses an object to that object's end.
fn graph<'a>(nodes: &Nodes<'a>, to: &'a Catalog) -> DiGraph<(), ()> {
    let found = Positions::new(nodes);
    let mut graph = DiGraph::with_capacity(nodes.0.len(), nodes.0.len() * 2);
    for _ in 0..nodes.0.len() {
        graph.add_node(());
    }
    let edges: Vec<Vec<(usize, usize)>> = nodes
        .0
        .par_values()
        .enumerate()
        .map(|(position, node)| edges(position, node, &found, to))
        .collect();
    for (first, then) in edges.into_iter().flatten().filter(|(a, b)| a != b) {
        graph.add_edge(NodeIndex::new(first), NodeIndex::new(then), ());
    }
    graph
}

/// The edges that one node makes, each as what comes first and what then.
fn edges<'a>(
    position: usize,
    node: &Node<'a>,
    found: &Positions<'_, 'a>,
    to: &'a Catalog,
) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    let before = found.parts.iter().filter(|part| **part < node.part);
    let before = before.filter_map(|part| found.nodes.0.get_index_of(&(node.object, *part)));
    edges.extend(before.map(|earlier| (earlier, position)));
    edges.extend(found.names_before(node).map(|name| (name, position)));
    let created = match &node.work {
        Work::Create(statement) => needs(statement, to),
        Work::Nothing | Work::Recipe(_) => Vec::new(),
    };
    for need in created.into_iter().chain(node.needs.iter().copied()) {
        // A name changes before all that is done to what has it: of its table, it waits for the name only, not for those of
        // its other columns.
        let there = found.of(need).filter(|(_, other)| match node.stage {
            Stage::Rename => {
                other.stage == Stage::Rename && other.object == need || other.kind == Kind::Schema
            }
            Stage::Make | Stage::Drop => other.stage != Stage::Drop && !ignores(node, other, to),
        });
        edges.extend(there.map(|(needed, _)| (needed, position)));
    }
    for gone in &node.outlives {
        edges.extend(found.of(*gone).map(|(gone, _)| (gone, position)));
    }
    for freed in &node.frees {
        let gone = found.of(*freed).filter(|(_, other)| {
            let goes = match other.part {
                Part::Name | Part::Prepared | Part::Last => false,
                // Nothing is in the way of another label.
                Part::First | Part::Main if enum_type::only_adds(other.drafts()) => false,
                Part::Main if node.zone == Zone::Views => {
                    // Columns that a view is not in the way of change while it is there.
                    !matches!(other.object, Object::Column(..)) || view::is_made_anew(other)
                }
                Part::First | Part::Main => true,
            };
            // What comes to have a name waits until nothing else has it.
            other.stage == Stage::Drop
                || node.part == Part::First && goes
                || node.part == Part::Name
        });
        edges.extend(gone.map(|(freed, _)| (position, freed)));
    }
    edges
}

/// Whether a node needs a table and not what is done to a column of it: a view that does not name the column, a trigger of which the
/// function does not.
fn ignores(node: &Node<'_>, other: &Node<'_>, to: &Catalog) -> bool {
    let (Object::Column(_, column), Part::Prepared | Part::First | Part::Main) =
        (other.object, other.part)
    else {
        return false;
    };
    match node.object {
        Object::View(name) | Object::MaterializedView(name) => {
            let view = to.views.get(name);
            view.is_some_and(|view| !view::mentions(view, column))
        }
        Object::Trigger(table, name) => {
            let trigger = to.trigger(table, name);
            trigger.is_some_and(|trigger| !trigger::may_name(trigger, column, to))
        }
        _ => false,
    }
}

/// The positions of nodes by their objects.
struct Positions<'n, 'a> {
    nodes: &'n Nodes<'a>,
    /// The parts that there are: a schema that is made from nothing has no first ones.
    parts: &'static [Part],
    /// Of columns, by their tables.
    columns: BTreeMap<&'a QualifiedName, Vec<usize>>,
}

impl<'n, 'a> Positions<'n, 'a> {
    fn new(nodes: &'n Nodes<'a>) -> Self {
        let mut columns = BTreeMap::<_, Vec<_>>::new();
        for (position, node) in nodes.0.values().enumerate() {
            if let Object::Column(table, _) = node.object {
                columns.entry(table).or_default().push(position);
            }
        }
        let has_others = nodes.0.keys().any(|(_, part)| *part != Part::Main);
        let parts: &[Part] = if has_others {
            &[Part::Name, Part::Prepared, Part::First, Part::Main]
        } else {
            &[Part::Main]
        };
        Self {
            nodes,
            parts,
            columns,
        }
    }

    /// Where what a node names gets the name by which it does.
    fn names_before(&self, node: &Node<'a>) -> impl Iterator<Item = usize> {
        let is_asked = self.parts.contains(&Part::Name) && node.stage != Stage::Rename;
        let own = match node.object {
            Object::Column(table, _)
            | Object::Constraint(table, _)
            | Object::Index(table, _)
            | Object::Trigger(table, _)
            | Object::Policy(table, _)
            | Object::PartitionPolicy(table) => Some(table),
            _ => None,
        };
        let altered = node
            .drafts()
            .iter()
            .filter_map(|draft| match &draft.statement {
                Statement::AlterTable { table, .. } => Some(table.as_ref()),
                _ => None,
            });
        let tables = own.into_iter().chain(altered).filter(move |_| is_asked);
        let tables = tables.map(Object::Table);
        // A table's node says the comments on its parts.
        let said = node.comments.iter().filter(move |_| is_asked);
        let parts = said.flat_map(|(on, _)| match *on {
            Object::Index(table, name) => vec![*on, Object::Constraint(table, name)],
            on => vec![on],
        });
        let position = |object| self.nodes.0.get_index_of(&(object, Part::Name));
        let found: BTreeSet<usize> = tables.chain(parts).filter_map(position).collect();
        found.into_iter()
    }

    /// What is done to an object; of a table, to its columns as well.
    fn of(&self, object: Object<'a>) -> impl Iterator<Item = (usize, &'n Node<'a>)> {
        let parts = self.parts.iter();
        let own = parts.filter_map(move |part| self.nodes.0.get_index_of(&(object, *part)));
        let columns = match object {
            Object::Table(table) => self.columns.get(table),
            _ => None,
        };
        own.chain(columns.into_iter().flatten().copied())
            .filter_map(|position| Some((position, self.nodes.0.get_index(position)?.1)))
    }
}

/// What has to be there first. What is there already, or never will be, makes no edge.
pub(super) fn needs<'a>(statement: &Statement<'a>, to: &'a Catalog) -> Vec<Object<'a>> {
    match statement {
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
            if_missing: _,
        } => partition::needs(name, partition, table, constraints, to),
        Statement::AddConstraint {
            table,
            constraint: (_, constraint),
        } => constraint::needs(table, constraint, to),
        Statement::CreateIndex {
            relation: Cow::Borrowed(relation),
            ..
        } => index::needs(relation),
        Statement::CreateTrigger { table, trigger, .. } => trigger::needs(table, trigger),
        Statement::CreatePolicy { table, .. } => vec![Object::Table(table)],
        Statement::CreateView { name, view, .. }
        | Statement::CreateMaterializedView {
            name: Cow::Borrowed(name),
            view,
            ..
        } => view::needs(name, view, to),
        // A schema needs nothing; all others stand in recipes, whose nodes say what they need.
        _ => Vec::new(),
    }
}

/// What views are taken away for, and comes back with them, is done without a break: all of it is one transaction.
#[derive(Debug, Default)]
struct Together {
    /// Whether a node belongs to it.
    members: Vec<bool>,
    /// Whether a node has to come before, and does not belong to it.
    before: Vec<bool>,
    /// The nodes that belong to it only because they lie between.
    between: Vec<usize>,
}

/// Finds it. What has to come between two of its nodes belongs to it, too.
fn together(graph: &DiGraph<(), ()>, nodes: &mut Nodes<'_>) -> Together {
    let zone: Vec<NodeIndex> = graph
        .node_indices()
        .zip(nodes.0.values())
        .filter(|(_, node)| node.zone == Zone::Views)
        .map(|(position, _)| position)
        .collect();
    if zone.is_empty() {
        return Together::default();
    }
    let after = reached(graph, &zone, Direction::Outgoing);
    let mut before = reached(graph, &zone, Direction::Incoming);
    let members: Vec<bool> = after.iter().zip(&before).map(|(a, b)| *a && *b).collect();
    let mut between = Vec::new();
    let marks = members.iter().zip(&mut before).enumerate();
    for (node, (position, (member, before))) in nodes.0.values_mut().zip(marks) {
        if *member {
            if node.zone != Zone::Views {
                between.push(position);
            }
            node.zone = Zone::Views;
            *before = false;
        }
    }
    Together {
        members,
        before,
        between,
    }
}

/// Whether tables would get their names in a transaction with something that cannot be in one: then they get them before, and what goes
/// of their triggers goes then, too.
fn renamed_with_what_takes_long(nodes: &mut Nodes<'_>) -> bool {
    let is_name = |node: &Node<'_>| node.part == Part::Name && node.zone == Zone::Views;
    let mut in_zone = nodes.0.values().filter(|node| node.zone == Zone::Views);
    let is_outside = |node: &Node<'_>| {
        let mut drafts = node.drafts().iter();
        drafts.any(|draft| draft.run == Run::Outside)
    };
    if !in_zone.any(is_outside) || !nodes.0.values().any(is_name) {
        return false;
    }
    let is_trigger =
        |node: &Node<'_>| matches!(node.object, Object::Trigger(..)) && node.part == Part::First;
    for node in nodes.0.values_mut() {
        if is_name(node) || is_outside(node) || is_trigger(node) {
            node.zone = Zone::Short;
        }
    }
    true
}

/// Which nodes lie that way from some nodes, these included.
fn reached(graph: &DiGraph<(), ()>, from: &[NodeIndex], way: Direction) -> Vec<bool> {
    let mut found = vec![false; graph.node_count()];
    let mut waiting = from.to_vec();
    while let Some(position) = waiting.pop() {
        if let Some(known) = found.get_mut(position.index())
            && !std::mem::replace(known, true)
        {
            waiting.extend(graph.neighbors_directed(position, way));
        }
    }
    found
}

/// Kahn's algorithm with a heap of positions; it ends early when a cycle is left.
fn topological(graph: &DiGraph<(), ()>, together: &Together) -> Vec<usize> {
    let is = |marks: &[bool], position: usize| marks.get(position).copied().unwrap_or(false);
    let mut waiting: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.neighbors_directed(node, Direction::Incoming).count())
        .collect();
    let mut ready = BinaryHeap::new();
    let mut ready_together = BinaryHeap::new();
    let mut before = together.before.iter().filter(|before| **before).count();
    let mut started = false;
    let mut order = Vec::with_capacity(waiting.len());
    let mut free: Vec<usize> = (0..waiting.len())
        .filter(|position| waiting.get(*position) == Some(&0))
        .collect();
    loop {
        for position in free.drain(..) {
            if is(&together.members, position) {
                ready_together.push(Reverse(position));
            } else {
                ready.push(Reverse(position));
            }
        }
        // The lowest position is the greatest of its reverse.
        let in_turn = started || before == 0 && ready_together.peek() > ready.peek();
        let next = if in_turn { ready_together.pop() } else { None };
        started = next.is_some();
        let Some(Reverse(position)) = next.or_else(|| ready.pop()) else {
            return order;
        };
        order.push(position);
        before -= usize::from(is(&together.before, position));
        for next in graph.neighbors(NodeIndex::new(position)) {
            if let Some(needs) = waiting.get_mut(next.index()) {
                *needs -= 1;
                if *needs == 0 {
                    free.push(next.index());
                }
            }
        }
    }
}

fn cycle(nodes: &Nodes<'_>, order: &[usize]) -> PlanError {
    let mut placed = vec![false; nodes.0.len()];
    for &position in order {
        if let Some(slot) = placed.get_mut(position) {
            *slot = true;
        }
    }
    let objects = nodes
        .0
        .keys()
        .zip(placed)
        .filter(|(_, placed)| !placed)
        .map(|((object, _), _)| object.to_string())
        .collect();
    PlanError::Cycle { objects }
}
