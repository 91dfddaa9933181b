//! Indexes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::draft::{Draft, Run};
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage};
use super::world::World;
use super::{Action, Duration, IndexWay, Statement, computed, drop as dropped, inherited};
use crate::catalog::{Index, IndexTarget, Table, View};
use crate::diff::Object;
use crate::resolve::joined;
use crate::sql::{Ident, QualifiedName};

/// What an index needs: the table or materialized view that it is on.
pub(super) fn needs(relation: &QualifiedName) -> Vec<Object<'_>> {
    vec![Object::Table(relation), Object::MaterializedView(relation)]
}

/// An index or a key comes after another of its name in the schema is gone, by itself or with what it is on.
pub(super) fn wait_for_names<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let comes = |node: &Node<'a>| (node.part, node.stage) == (Part::Main, Stage::Make);
    let mut waiting = BTreeMap::<QualifiedName, Vec<Object<'a>>>::new();
    for node in nodes.0.values().filter(|node| comes(node)) {
        if let Object::Index(relation, name) | Object::Constraint(relation, name) = node.object {
            let name = relation.beside(name.clone());
            waiting.entry(name).or_default().push(node.object);
        }
    }
    if waiting.is_empty() {
        return;
    }
    let mut after = |relation: &QualifiedName, name: &Ident, own: Object<'a>, gone: Object<'a>| {
        let others = waiting.get(&relation.beside(name.clone()));
        for object in others
            .into_iter()
            .flatten()
            .filter(|object| **object != own)
        {
            nodes.of(*object).outlives.push(gone);
        }
    };
    for (relation, table) in &world.from.tables {
        let now = world.to.tables.get(relation);
        let keys = table.constraints.iter();
        let keys = keys.filter(|(_, key)| key.kind.has_index());
        let keys = keys.map(|(name, _)| (name, Object::Constraint(relation, name)));
        let indexes = table.indexes.keys();
        for (name, own) in keys.chain(indexes.map(|name| (name, Object::Index(relation, name)))) {
            let stays =
                |now: &Table| now.constraints.contains_key(name) || now.indexes.contains_key(name);
            let gone = match now {
                None => Object::Table(relation),
                Some(now) if stays(now) => continue,
                Some(_) => own,
            };
            after(relation, name, own, gone);
        }
    }
    for (relation, view) in &world.from.views {
        let indexes = |view: &'a View| view.materialized.iter().flat_map(|m| m.indexes.keys());
        let now = world.to.views.get(relation);
        for name in indexes(view) {
            let own = Object::Index(relation, name);
            let gone = match now {
                None => Object::MaterializedView(relation),
                Some(now) if indexes(now).any(|now| now == name) => continue,
                Some(_) => own,
            };
            after(relation, name, own, gone);
        }
    }
}

/// CREATE INDEX, where there are no rows yet.
pub(super) fn plain<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    index: &'a Index,
) -> Statement<'a> {
    Statement::CreateIndex {
        relation: Cow::Borrowed(relation),
        name: Cow::Borrowed(name),
        index,
        way: IndexWay::Plain,
    }
}

/// An index on a relation that is there, built while others write.
pub(super) fn add<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    index: &'a Index,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Index(relation, name);
    let tree = Tree::new(relation, name, index, world);
    let drafts = tree.built(Cow::Borrowed(name), &|part| tree.part_name(part));
    Node::recipe(object, drafts).after(needs(relation))
}

/// Another index of the same name: built beside the old one, whose place it takes in one transaction. One that a build
/// without success has left is of no use meanwhile, and goes first.
pub(super) fn replace<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    previous: &'a Index,
    next: &'a Index,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Index(relation, name);
    let tree = Tree::new(relation, name, next, world);
    let mut drafts = Vec::new();
    if previous.invalid {
        drafts.push(without(object, relation, world));
        drafts.extend(tree.built(Cow::Borrowed(name), &|part| tree.part_name(part)));
    } else {
        let meantime = joined(&[name.as_str(), "specql_new"]);
        let of_part = |part: &QualifiedName| tree.meantime_part_name(part);
        drafts.extend(tree.built(Cow::Owned(meantime.clone()), &of_part));
        let drop = Statement::Drop {
            object,
            concurrently: false,
        };
        drafts.push(Draft::new(Action::Alter, object, drop));
        drafts.push(renamed(
            object,
            &relation.schema,
            &meantime,
            Cow::Borrowed(name),
        ));
        drafts.extend(tree.parts_renamed());
    }
    Node::recipe(object, drafts)
        .after(needs(relation))
        .before(needs(relation))
}

/// ALTER INDEX … RENAME TO.
pub(super) fn renamed<'a>(
    object: Object<'a>,
    schema: &Ident,
    from: &Ident,
    to: Cow<'a, Ident>,
) -> Draft<'a> {
    let from = QualifiedName {
        schema: schema.clone(),
        name: from.clone(),
    };
    let statement = Statement::RenameIndex {
        if_exists: false,
        from,
        to,
    };
    Draft::new(Action::Alter, object, statement)
}

/// DROP INDEX, while others write where that can be.
fn without<'a>(object: Object<'a>, relation: &QualifiedName, world: &World<'a>) -> Draft<'a> {
    let concurrently = !world.is_partitioned(relation);
    let statement = Statement::Drop {
        object,
        concurrently,
    };
    let draft = Draft::new(Action::Drop, object, statement).contract();
    if concurrently {
        draft.outside(Duration::CatalogChange)
    } else {
        draft
    }
}

/// An index goes.
pub(super) fn drop<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Index(relation, name);
    let draft = if world.exists(relation) {
        without(object, relation, world)
    } else {
        dropped::draft(object)
    };
    Node::recipe(object, vec![draft.with(is_missed(relation, name, world))])
        .at(Stage::Drop)
        .before(needs(relation))
}

/// What builds an index while others write builds it with its neighbours instead, while views are away and nobody is to see that.
pub(super) fn build_beside_nobody<'a>(draft: &mut Draft<'a>, world: &World<'a>) {
    let (Statement::CreateIndex { relation, way, .. }
    | Statement::CreateKeyIndex {
        table: relation,
        way,
        ..
    }) = &mut draft.statement
    else {
        return;
    };
    if *way == IndexWay::Concurrently {
        *way = IndexWay::Plain;
        draft.run = Run::Together;
        let reason = "it is built in the transaction in which views of the table are away";
        let held = world.hazard(HazardKind::BlocksWrites, relation, reason);
        draft.hazards.extend(held);
    }
}

/// That an index goes and none takes its place.
pub(super) fn is_missed(
    relation: &QualifiedName,
    name: &Ident,
    world: &World<'_>,
) -> Option<Hazard> {
    let reason = format!("queries that use `{name}` read more from then on");
    (!is_replaced(relation, name, world))
        .then(|| world.always(HazardKind::DropsIndex, relation, reason))
}

/// Whether another index begins with all that this one has, for all rows that this one has.
fn is_replaced(relation: &QualifiedName, name: &Ident, world: &World<'_>) -> bool {
    let indexes = |catalog: &'_ crate::catalog::Catalog| -> Vec<(Ident, Index)> {
        let table = catalog.tables.get(relation).map(|table| &table.indexes);
        let view = catalog.views.get(relation);
        let of_view = view.and_then(|view| view.materialized.as_ref().map(|m| &m.indexes));
        let indexes = table.or(of_view).into_iter().flatten();
        indexes
            .map(|(name, index)| (name.clone(), index.clone()))
            .collect()
    };
    let Some((_, gone)) = indexes(world.from).into_iter().find(|(n, _)| n == name) else {
        return false;
    };
    indexes(world.to).iter().any(|(other, index)| {
        other != name
            && index.method == gone.method
            && index.keys.starts_with(&gone.keys)
            && (index.predicate.is_none() || index.predicate == gone.predicate)
    })
}

/// What of the rows that are there stops an index that is built.
pub(super) fn stopped<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    index: &'a Index,
    world: &World<'a>,
) -> Option<Hazard> {
    Tree::new(relation, name, index, world).stopped(relation)
}

/// An index of a table and, where that is partitioned, those of its partitions.
struct Tree<'t, 'a> {
    object: Object<'a>,
    relation: &'a QualifiedName,
    name: &'a Ident,
    index: &'a Index,
    world: &'t World<'a>,
}

impl<'t, 'a> Tree<'t, 'a> {
    fn new(
        relation: &'a QualifiedName,
        name: &'a Ident,
        index: &'a Index,
        world: &'t World<'a>,
    ) -> Self {
        Self {
            object: Object::Index(relation, name),
            relation,
            name,
            index,
            world,
        }
    }

    /// What the index of a partition is called.
    fn part_name(&self, part: &QualifiedName) -> Ident {
        let wanted = inherited_name(part, self.index, &|column| column);
        inherited::free_name(part, (self.relation, self.name), wanted, self.world)
    }

    fn meantime_part_name(&self, part: &QualifiedName) -> Ident {
        joined(&[self.part_name(part).as_str(), "specql_new"])
    }

    /// What builds it: of a partitioned table first an index that is not valid, so that new partitions get theirs at once,
    /// then one of each partition while others write; when the last is attached, the first is valid.
    fn built(
        &self,
        name: Cow<'a, Ident>,
        part_name: &dyn Fn(&QualifiedName) -> Ident,
    ) -> Vec<Draft<'a>> {
        let mut drafts = Vec::new();
        self.build(self.relation, name, part_name, &mut drafts);
        drafts
    }

    fn build(
        &self,
        relation: &'a QualifiedName,
        name: Cow<'a, Ident>,
        part_name: &dyn Fn(&QualifiedName) -> Ident,
        drafts: &mut Vec<Draft<'a>>,
    ) {
        let (object, index) = (self.object, self.index);
        let create = |way| Statement::CreateIndex {
            relation: Cow::Borrowed(relation),
            name: name.clone(),
            index,
            way,
        };
        if !self.world.is_partitioned(relation) {
            let draft = Draft::new(Action::Create, object, create(IndexWay::Concurrently));
            drafts.push(draft.outside(Duration::Build).with(self.stopped(relation)));
            return;
        }
        drafts.push(Draft::new(
            Action::Create,
            object,
            create(IndexWay::ParentOnly),
        ));
        let parts = self.world.partitions(relation);
        for &part in parts {
            let own = part_name(part);
            self.build(part, Cow::Owned(own), part_name, drafts);
        }
        let parent = QualifiedName {
            schema: relation.schema.clone(),
            name: name.into_owned(),
        };
        for part in parts {
            let statement = Statement::AttachIndex {
                parent: parent.clone(),
                index: QualifiedName {
                    schema: part.schema.clone(),
                    name: part_name(part),
                },
            };
            drafts.push(Draft::new(Action::Create, object, statement));
        }
    }

    fn stopped(&self, relation: &QualifiedName) -> Option<Hazard> {
        let reason = if self.index.unique {
            "two rows with the same key stop it"
        } else if self.may_not_be_computed() {
            "a row of which an expression cannot be computed stops it"
        } else {
            return None;
        };
        self.world
            .hazard(HazardKind::MayFailOnData, relation, reason)
    }

    fn may_not_be_computed(&self) -> bool {
        let keys = self.index.keys.iter();
        let expressions = keys.filter_map(|key| match &key.target {
            IndexTarget::Expression(expression) => Some(expression),
            IndexTarget::Column(_) => None,
        });
        let mut expressions = expressions.chain(&self.index.predicate);
        expressions
            .any(|expression| !computed::can_be_computed(expression, self.relation, self.world))
    }

    /// The indexes of partitions get the names that the server would have given them.
    fn parts_renamed(&self) -> Vec<Draft<'a>> {
        let parts = self.world.below(self.relation).into_iter();
        parts
            .map(|part| {
                let meantime = self.meantime_part_name(part);
                let name = self.part_name(part);
                renamed(self.object, &part.schema, &meantime, Cow::Owned(name))
            })
            .collect()
    }
}

/// The name that the server gives to the index of a partition, where columns may have other names.
pub(super) fn inherited_name<'i>(
    part: &QualifiedName,
    index: &'i Index,
    column: &dyn Fn(&'i Ident) -> &'i Ident,
) -> Ident {
    let keys = index.keys.iter().map(|key| match &key.target {
        IndexTarget::Column(name) => Cow::Borrowed(column(name).as_str()),
        // A call is called as its function.
        IndexTarget::Expression(expression) => expression
            .function_name()
            .map_or(Cow::Borrowed("expr"), Cow::Owned),
    });
    let included = index.include.iter();
    let included = included.map(|name| Cow::Borrowed(column(name).as_str()));
    let columns: Vec<Cow<'_, str>> = keys.chain(included).collect();
    server_name(part, columns.iter().map(AsRef::as_ref), "idx")
}

/// `{relation}_{columns}_{suffix}`, without columns for a primary key, shortened as the server does it: the longer of relation and columns loses a byte
/// until all fits. See `makeObjectName` and `ChooseIndexColumnNames` in its source.
pub(super) fn server_name<'c>(
    relation: &QualifiedName,
    columns: impl Iterator<Item = &'c str>,
    suffix: &str,
) -> Ident {
    let mut names: Vec<String> = Vec::new();
    for column in columns {
        let free = (0_u32..).map(|n| match n {
            0 => column.to_owned(),
            n => format!("{column}{n}"),
        });
        names.extend(free.into_iter().find(|name| !names.contains(name)));
    }
    let (mut table, mut columns) = (relation.name.as_str(), names.join("_"));
    let lines = if columns.is_empty() { 1 } else { 2 };
    let room = Ident::MAX_BYTES.saturating_sub(suffix.len() + lines);
    while table.len() + columns.len() > room {
        if table.len() > columns.len() {
            table = cut(table);
        } else {
            columns.truncate(cut(&columns).len());
        }
    }
    let line = if columns.is_empty() { "" } else { "_" };
    Ident::new(format!("{table}{line}{columns}_{suffix}"))
}

/// Without the last character.
fn cut(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next_back();
    characters.as_str()
}
