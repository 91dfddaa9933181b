//! Changes become nodes of the dependency graph: constraints that can stand in their table's statement and comments
//! join the node of their object.

use indexmap::IndexMap;

use super::{Kind, Statement, comment, constraint, cycle};
use crate::catalog::{Catalog, Constraint};
use crate::diff::{Change, Object};
use crate::sql::{Ident, QualifiedName};

/// What is done to one object.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The object.
    pub object: Object<'a>,
    /// The statement; `None` where an object that is already there only gets comments.
    pub statement: Option<Statement<'a>>,
    /// Comments on it and on its parts.
    pub comments: Vec<(Object<'a>, &'a str)>,
}

/// Nodes by their objects, as they were found.
pub(super) type Nodes<'a> = IndexMap<Object<'a>, Node<'a>>;

/// One node for each object that is created, or only commented.
pub(super) fn nodes<'a>(changes: &[Change<'a>], to: &'a Catalog) -> Nodes<'a> {
    let forward = cycle::ForwardKeys::new(changes);
    let mut nodes = Nodes::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::AddConstraint {
                table,
                name,
                constraint,
            } => add_constraint(table, name, constraint, &forward, to, &mut nodes),
            Change::Comment { on, text } => comment::attach(*on, text, &mut nodes),
            change => create(change, &mut nodes),
        }
    }
    nodes
}

/// Puts a constraint into its table's statement where that is possible.
fn add_constraint<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    constraint: &'a Constraint,
    forward: &cycle::ForwardKeys<'a>,
    to: &'a Catalog,
    nodes: &mut Nodes<'a>,
) {
    // In the statement that makes its table a constraint counts as valid: there are no rows that it could be wrong for.
    let must_wait = constraint.not_valid
        || forward.contains(table, constraint)
        || constraint::needs_index(constraint, to).is_some();
    let statement = nodes
        .get_mut(&Object::Table(table))
        .and_then(|node| node.statement.as_mut());
    if let Some(
        Statement::CreateTable { constraints, .. } | Statement::CreatePartition { constraints, .. },
    ) = statement
        && !must_wait
    {
        constraint::insert(constraints, (name, constraint));
        return;
    }
    let object = Object::Constraint(table, name);
    let statement = Statement::AddConstraint {
        table,
        constraint: (name, constraint),
    };
    insert(Kind::Constraint, object, statement, nodes);
}

#[allow(clippy::too_many_lines, reason = "one arm for each kind of change")]
fn create<'a>(change: &Change<'a>, nodes: &mut Nodes<'a>) {
    let (kind, object, statement) = match *change {
        Change::CreateSchema { name } => (
            Kind::Schema,
            Object::Schema(name),
            Statement::CreateSchema { name },
        ),
        Change::CreateExtension { name, schema } => (
            Kind::Extension,
            Object::Extension(name),
            Statement::CreateExtension { name, schema },
        ),
        Change::CreateEnumType { name, labels } => (
            Kind::EnumType,
            Object::EnumType(name),
            Statement::CreateEnumType { name, labels },
        ),
        Change::CreateCompositeType { name, attributes } => (
            Kind::CompositeType,
            Object::CompositeType(name),
            Statement::CreateCompositeType { name, attributes },
        ),
        Change::CreateDomain { name, domain } => (
            Kind::Domain,
            Object::Domain(name),
            Statement::CreateDomain { name, domain },
        ),
        Change::CreateSequence { name, sequence } => (
            Kind::Sequence,
            Object::Sequence(name),
            Statement::CreateSequence { name, sequence },
        ),
        Change::SetSequenceOwner { name, owner } => (
            Kind::SequenceOwner,
            Object::SequenceOwner(name),
            Statement::SetSequenceOwner { name, owner },
        ),
        Change::CreateFunction { name, routine } => (
            Kind::Function,
            Object::Function(name),
            Statement::CreateFunction { name, routine },
        ),
        Change::CreateOverload { name, definition } => (
            Kind::Function,
            Object::Overload(name, &definition.arguments),
            Statement::CreateOverload { name, definition },
        ),
        Change::CreateTable { name, table } => (
            Kind::Table,
            Object::Table(name),
            Statement::CreateTable {
                name,
                table,
                constraints: Vec::new(),
            },
        ),
        Change::CreatePartition {
            name,
            partition,
            table,
        } => (
            Kind::Partition,
            Object::Table(name),
            Statement::CreatePartition {
                name,
                partition,
                table,
                constraints: Vec::new(),
            },
        ),
        Change::CreateIndex {
            relation,
            name,
            index,
        } => (
            Kind::Index,
            Object::Index(relation, name),
            Statement::CreateIndex {
                relation,
                name,
                index,
            },
        ),
        Change::CreateTrigger {
            table,
            name,
            trigger,
        } => (
            Kind::Trigger,
            Object::Trigger(table, name),
            Statement::CreateTrigger {
                table,
                name,
                trigger,
            },
        ),
        Change::CreatePolicy {
            table,
            name,
            policy,
        } => (
            Kind::Policy,
            Object::Policy(table, name),
            Statement::CreatePolicy {
                table,
                name,
                policy,
            },
        ),
        Change::CreateView { name, view } => (
            Kind::View,
            Object::View(name),
            Statement::CreateView { name, view },
        ),
        Change::CreateMaterializedView { name, view } => (
            Kind::MaterializedView,
            Object::MaterializedView(name),
            Statement::CreateMaterializedView { name, view },
        ),
        Change::SetPartitionPolicy { table, policy } => (
            Kind::PartitionPolicy,
            Object::PartitionPolicy(table),
            Statement::SetPartitionPolicy { table, policy },
        ),
        Change::AddConstraint { .. } | Change::Comment { .. } => return,
    };
    insert(kind, object, statement, nodes);
}

fn insert<'a>(kind: Kind, object: Object<'a>, statement: Statement<'a>, nodes: &mut Nodes<'a>) {
    let node = Node {
        kind,
        object,
        statement: Some(statement),
        comments: Vec::new(),
    };
    nodes.insert(object, node);
}
