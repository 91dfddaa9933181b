//! Changes become nodes of the dependency graph: constraints that can stand in their table's statement and comments
//! join the node of their object.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::draft::{Draft, Run};
use super::world::World;
use super::{
    Duration, Kind, NamedConstraint, Statement, column, comment, computed, constraint, cycle, drop,
    enum_type, fill, function, index, inherited, key, maintained, partition, partition_policy,
    policy, privileges, refill, rename, repartition, repoint, retyped, table, trigger, view,
};
use crate::catalog::{Catalog, Constraint, Routine};
use crate::diff::{Change, Object};
use crate::sql::{Ident, QualifiedName};

/// What is done to one object.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The object.
    pub object: Object<'a>,
    /// Which part of what is done to it.
    pub part: Part,
    /// When it comes where nothing else decides.
    pub stage: Stage,
    /// With what it shares its transaction.
    pub zone: Zone<'a>,
    /// What is done.
    pub work: Work<'a>,
    /// Comments on it and on its parts.
    pub comments: Vec<(Object<'a>, Option<&'a str>)>,
    /// What has to be there first; of what is created, its statement says more.
    pub needs: Vec<Object<'a>>,
    /// What it used before, and what therefore cannot go or change its type before this.
    pub frees: Vec<Object<'a>>,
    /// What has to be gone first.
    pub outlives: Vec<Object<'a>>,
}

/// What is done to an object comes in parts: its name first, and what is taken away for a while before what changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// It gets another name.
    Name,
    /// What will take its place is prepared, while all is as it was.
    Prepared,
    /// It goes, to come again.
    First,
    /// All else.
    Main,
    /// It takes what others leave; nothing waits for that.
    Last,
}

/// The order of nodes that do not need one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Names first: all others use the new ones.
    Rename,
    /// What comes and what changes.
    Make,
    /// What goes, last.
    Drop,
}

/// What may share a transaction: locks are held to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone<'a> {
    /// Catalog changes.
    Short,
    /// What takes as long as it takes to write a table anew.
    Rewrite(&'a QualifiedName),
    /// The same, with views that are taken away meanwhile: nobody is to see that.
    Views,
}

/// What is done.
#[derive(Debug)]
pub(super) enum Work<'a> {
    /// Nothing: an object that is there only gets comments.
    Nothing,
    /// An object comes, with one statement.
    Create(Statement<'a>),
    /// Several statements, in this order.
    Recipe(Vec<Draft<'a>>),
}

impl<'a> Node<'a> {
    fn new(object: Object<'a>, work: Work<'a>) -> Self {
        Self {
            kind: Kind::of(object),
            object,
            part: Part::Main,
            stage: Stage::Make,
            zone: Zone::Short,
            work,
            comments: Vec::new(),
            needs: Vec::new(),
            frees: Vec::new(),
            outlives: Vec::new(),
        }
    }

    /// One statement that makes an object.
    pub fn create(kind: Kind, object: Object<'a>, statement: Statement<'a>) -> Self {
        Self {
            kind,
            ..Self::new(object, Work::Create(statement))
        }
    }

    /// Several statements that change an object.
    pub fn recipe(object: Object<'a>, drafts: Vec<Draft<'a>>) -> Self {
        Self::new(object, Work::Recipe(drafts))
    }

    /// Nothing yet.
    pub fn empty(object: Object<'a>) -> Self {
        Self::new(object, Work::Nothing)
    }

    /// Its statements, where they are several.
    pub fn drafts(&self) -> &[Draft<'a>] {
        match &self.work {
            Work::Recipe(drafts) => drafts,
            Work::Nothing | Work::Create(_) => &[],
        }
    }

    /// Whether a table is written anew in a transaction that others may share.
    pub fn rewrites(&self) -> bool {
        let mut shared = self
            .drafts()
            .iter()
            .filter(|draft| draft.run == Run::Together);
        shared.any(|draft| draft.duration == Duration::Rewrite)
    }

    /// Whether it takes longer than a catalog change in a transaction that others may share.
    pub fn takes_long(&self) -> bool {
        let mut shared = self
            .drafts()
            .iter()
            .filter(|draft| draft.run == Run::Together);
        shared.any(|draft| draft.duration != Duration::CatalogChange)
    }

    /// The same after others.
    pub fn after(mut self, needs: impl IntoIterator<Item = Object<'a>>) -> Self {
        self.needs.extend(needs);
        self
    }

    /// The same before others go or change.
    pub fn before(mut self, frees: impl IntoIterator<Item = Object<'a>>) -> Self {
        self.frees.extend(frees);
        self
    }

    /// The same at another stage.
    pub fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// The same as another part.
    pub fn part(self, part: Part) -> Self {
        Self { part, ..self }
    }
}

/// Nodes by their objects, as they were found.
#[derive(Debug, Default)]
pub(super) struct Nodes<'a>(pub IndexMap<(Object<'a>, Part), Node<'a>, RandomState>);

impl<'a> Nodes<'a> {
    pub fn contains(&self, object: &Object<'a>) -> bool {
        self.0.contains_key(&(*object, Part::Main))
    }

    pub fn get(&self, object: Object<'a>) -> Option<&Node<'a>> {
        self.0.get(&(object, Part::Main))
    }

    pub fn get_mut(&mut self, object: Object<'a>) -> Option<&mut Node<'a>> {
        self.0.get_mut(&(object, Part::Main))
    }

    pub fn insert(&mut self, node: Node<'a>) {
        self.0.insert((node.object, node.part), node);
    }

    /// What takes an object away for a while, or changes it otherwise than by name.
    pub fn of_object(&self, object: Object<'a>) -> impl Iterator<Item = &Node<'a>> {
        let parts = [Part::First, Part::Main].into_iter();
        parts.filter_map(move |part| self.0.get(&(object, part)))
    }

    /// The node of an object; one that does nothing where there is none.
    pub fn of(&mut self, object: Object<'a>) -> &mut Node<'a> {
        self.0
            .entry((object, Part::Main))
            .or_insert_with(|| Node::empty(object))
    }
}

/// One node for each object that is created, changed, dropped, or only commented.
pub(super) fn nodes<'a>(changes: &[Change<'a>], world: &World<'a>) -> Nodes<'a> {
    let to = world.to;
    let forward = cycle::ForwardKeys::new(changes);
    let nodes = IndexMap::with_capacity_and_hasher(changes.len(), RandomState::default());
    let mut nodes = Nodes(nodes);
    for change in changes {
        match change {
            Change::AddConstraint {
                table,
                name,
                constraint,
            } if world.stays(table) => {
                nodes.insert(constraint::add(table, name, constraint, world));
            }
            Change::AddConstraint {
                table,
                name,
                constraint,
            } => add_constraint(table, name, constraint, &forward, to, &mut nodes),
            Change::Comment { on, text } => comment::attach(*on, *text, &mut nodes),
            Change::AddEnumLabel { name, label, place } => {
                enum_type::add_label(name, label, *place, &mut nodes);
            }
            change => {
                if let Some(node) = create(change, world).or_else(|| alter(change, world)) {
                    nodes.insert(node);
                }
            }
        }
    }
    rename::one_after_another(world, &mut nodes);
    break_cycles(changes, world, &mut nodes);
    trigger::drop_first(changes, world, &mut nodes);
    column::in_order(changes, &mut nodes);
    repartition::prepare(changes, world, &mut nodes);
    refill::add(world, &mut nodes);
    retyped::make_way(world, &mut nodes);
    refill::other_values(world, &mut nodes);
    key::make_way(world, &mut nodes);
    repoint::referring_keys(world, &mut nodes);
    key::one_primary_key(world, &mut nodes);
    repartition::come_to_old_table(&mut nodes);
    repartition::let_go(&mut nodes);
    view::recreate(world, &mut nodes);
    enum_type::in_step(world, &mut nodes);
    fill::apart(world, &mut nodes);
    partition::after_indexes(changes, world, &mut nodes);
    privileges::carried_over(world, &mut nodes);
    trigger::come_last(world, &mut nodes);
    trigger::let_go_before(world, &mut nodes);
    maintained::in_step(world, &mut nodes);
    comment::said_again(world, &mut nodes);
    computed::prepare(&mut nodes);
    inherited::take_names_that_get_free(world, &mut nodes);
    index::wait_for_names(world, &mut nodes);
    for node in nodes.0.values_mut() {
        if node.zone == Zone::Short
            && let Object::Column(table, _) = node.object
            && node.rewrites()
        {
            node.zone = Zone::Rewrite(table);
        }
    }
    nodes
}

/// Tables that go and refer to one another in a circle lose the foreign keys that close it first.
fn break_cycles<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    let forward = cycle::ForwardKeys::of_dropped(changes, world.from);
    for name in forward.tables() {
        let constraints = world.from.tables.get(name).map(|table| &table.constraints);
        for (constraint_name, constraint) in constraints.into_iter().flatten() {
            if let Some(key) = constraint.foreign_key()
                && forward.contains(name, constraint)
            {
                let drop = constraint::drop(name, constraint_name, constraint, world);
                nodes.insert(drop);
                if let Some(table) = nodes.get_mut(Object::Table(name)) {
                    let referenced = Object::Table(&key.references);
                    table.frees.retain(|freed| *freed != referenced);
                }
            }
        }
    }
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
    let work = nodes
        .get_mut(Object::Table(table))
        .map(|node| &mut node.work);
    if let Some(Work::Create(
        Statement::CreateTable { constraints, .. } | Statement::CreatePartition { constraints, .. },
    )) = work
        && !must_wait
    {
        let same = |(_, other): &NamedConstraint<'a>| constraint::is_taken_for(constraint, other);
        let Some(position) = constraints.iter().position(same) else {
            constraint::insert(constraints, (name, constraint));
            return;
        };
        // The one that can be referred to is there first: references stand in the same statement.
        let other = constraints.remove(position);
        let waits = if other.1.deferrable && !constraint.deferrable {
            constraint::insert(constraints, (name, constraint));
            other
        } else {
            constraints.insert(position, other);
            (name, constraint)
        };
        let mut node = added(table, waits);
        let of_it = [node.object, Object::Index(table, waits.0)];
        if let Some(of_table) = nodes.get_mut(Object::Table(table)) {
            let said = of_table
                .comments
                .extract_if(.., |(on, _)| of_it.contains(on));
            node.comments = said.collect();
        }
        nodes.insert(node);
        return;
    }
    nodes.insert(added(table, (name, constraint)));
}

/// The node of a constraint that comes when its table is there.
fn added<'a>(table: &'a QualifiedName, constraint: NamedConstraint<'a>) -> Node<'a> {
    let object = Object::Constraint(table, constraint.0);
    let statement = Statement::AddConstraint { table, constraint };
    Node::create(Kind::Constraint, object, statement)
}

/// What is done to an object that is there.
fn alter<'a>(change: &Change<'a>, world: &World<'a>) -> Option<Node<'a>> {
    Some(match *change {
        Change::Rename(rename) => rename::node(rename, world),
        Change::Drop(object) => drop::node(object, world)?,
        Change::ReplaceEnumType {
            name,
            previous,
            next,
        } => enum_type::replace(name, previous, next, world),
        Change::CreateFunction {
            name,
            routine: routine @ Routine::RebuildStored(rebuild),
        } => function::filling(name, routine, rebuild, world),
        Change::ReplaceFunction {
            name,
            previous,
            next,
        } => function::replace(name, previous, next, world),
        Change::Repartition {
            name,
            previous,
            next,
        } => repartition::node(name, previous, next, world),
        Change::SetLogged { table, logged } => table::set_logged(table, logged, world),
        Change::SetPartitionPolicy { table, policy } => {
            partition_policy::replace(table, policy, world)
        }
        Change::CreatePartition {
            name,
            partition,
            table,
        } => partition::add(name, partition, table, world),
        Change::AttachPartition { name, partition } => partition::attach(name, partition, world),
        Change::WidenPartition { name, partition } => partition::widen(name, partition, world),
        Change::DetachPartition { name, of } => partition::detach(name, of, world),
        Change::AddColumn { table, column } => column::add(table, column, world),
        Change::AlterColumn {
            table,
            previous,
            next,
        } => column::alter(table, previous, next, world),
        Change::ReplaceConstraint {
            table,
            name,
            previous,
            next,
        } => constraint::replace(table, name, previous, next, world),
        Change::CreateIndex {
            relation,
            name,
            index,
        } => index::add(relation, name, index, world),
        Change::ReplaceIndex {
            relation,
            name,
            previous,
            next,
        } => index::replace(relation, name, previous, next, world),
        Change::ReplaceTrigger {
            table,
            name,
            previous,
            next,
        } => trigger::replace(table, name, previous, next),
        Change::ReplacePolicy {
            table,
            name,
            previous: _,
            next,
        } => policy::replace(table, name, next),
        Change::ReplaceView {
            name,
            previous,
            next,
        } => view::replace(name, previous, next, world),
        Change::ReplaceMaterializedView {
            name,
            previous,
            next,
            keeps,
        } => view::replace_materialized(name, previous, next, keeps, world),
        Change::CreateSchema { .. }
        | Change::CreateExtension { .. }
        | Change::CreateEnumType { .. }
        | Change::AddEnumLabel { .. }
        | Change::CreateCompositeType { .. }
        | Change::CreateDomain { .. }
        | Change::CreateSequence { .. }
        | Change::SetSequenceOwner { .. }
        | Change::CreateFunction { .. }
        | Change::CreateOverload { .. }
        | Change::CreateTable { .. }
        | Change::AddConstraint { .. }
        | Change::CreateTrigger { .. }
        | Change::CreatePolicy { .. }
        | Change::CreateView { .. }
        | Change::CreateMaterializedView { .. }
        | Change::Comment { .. } => return None,
    })
}

/// An object comes, and one statement makes it.
#[allow(clippy::too_many_lines, reason = "one arm for each kind of change")]
fn create<'a>(change: &Change<'a>, world: &World<'a>) -> Option<Node<'a>> {
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
        Change::CreateFunction {
            routine: Routine::RebuildStored(rebuild),
            ..
        } if rebuild.sources.iter().any(|source| world.exists(source)) => return None,
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
            partition, table, ..
        } if partition::can_be_attached(partition, table, world) => return None,
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
                if_missing: partition::is_made_by_maintenance(partition, world),
            },
        ),
        Change::CreateIndex {
            relation,
            name,
            index,
        } if !world.stays(relation) => (
            Kind::Index,
            Object::Index(relation, name),
            index::plain(relation, name, index),
        ),
        Change::CreateTrigger {
            table,
            name,
            trigger,
        } => (
            Kind::Trigger,
            Object::Trigger(table, name),
            trigger::create(table, name, trigger, world),
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
            Statement::CreateView {
                name,
                view,
                noted: false,
            },
        ),
        Change::CreateMaterializedView { name, view } => (
            Kind::MaterializedView,
            Object::MaterializedView(name),
            Statement::CreateMaterializedView {
                name: Cow::Borrowed(name),
                view,
                noted: false,
            },
        ),
        Change::SetPartitionPolicy { table, policy }
            if !partition_policy::loses_levels(table, policy, world) =>
        {
            (
                Kind::PartitionPolicy,
                Object::PartitionPolicy(table),
                Statement::SetPartitionPolicy { table, policy },
            )
        }
        _ => return None,
    };
    Some(Node::create(kind, object, statement))
}
