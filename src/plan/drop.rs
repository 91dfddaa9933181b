//! What goes.

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage};
use super::world::World;
use super::{
    Action, Statement, column, composite_type, constraint, dependency, domain, function, index,
    table, trigger, view,
};
use crate::catalog::View;
use crate::diff::Object;
use crate::sql::QualifiedName;

impl<'a> Nodes<'a> {
    /// Whether an object goes for good.
    pub fn goes(&self, object: Object<'a>) -> bool {
        let node = self.get(object);
        node.is_some_and(|node| node.stage == Stage::Drop)
    }
}

/// What takes an object away. It waits for all that uses the object.
pub(super) fn node<'a>(object: Object<'a>, world: &World<'a>) -> Option<Node<'a>> {
    let from = world.from;
    let plain = |frees: Vec<Object<'a>>, hazards: Vec<Hazard>| {
        let draft = draft(object).with(hazards);
        Node::recipe(object, vec![draft])
            .at(Stage::Drop)
            .before(frees)
    };
    let breaks = |what: &str| {
        vec![Hazard::new(
            HazardKind::BreaksOldCode,
            format!("who uses the {what} fails from then on"),
        )]
    };
    Some(match object {
        Object::Schema(_) => plain(Vec::new(), breaks("schema")),
        Object::Extension(name) => {
            let schema = from.extensions.get(name)?.schema.as_ref();
            plain(
                schema.map(Object::Schema).into_iter().collect(),
                breaks("extension"),
            )
        }
        Object::EnumType(name) => plain(vec![Object::Schema(&name.schema)], breaks("type")),
        Object::CompositeType(name) => {
            let attributes = &from.composite_types.get(name)?.attributes;
            plain(
                composite_type::needs(name, attributes, from),
                breaks("type"),
            )
        }
        Object::Domain(name) => {
            let domain = from.domains.get(name)?;
            plain(domain::needs(name, domain, from), breaks("domain"))
        }
        Object::Sequence(name) => plain(vec![Object::Schema(&name.schema)], breaks("sequence")),
        Object::Function(name) => {
            let routine = &from.functions.get(name)?.routine;
            plain(function::holds(name, routine, from), breaks("function"))
        }
        Object::Overload(name, arguments) => {
            let function = from.functions.get(name)?;
            let frees = match function.overloads.get(arguments) {
                Some(overload) => dependency::objects(&overload.definition.needs, from),
                None => function::holds(name, &function.routine, from),
            };
            let frees = frees.into_iter().chain([Object::Schema(&name.schema)]);
            plain(frees.collect(), breaks("function"))
        }
        Object::Table(name) => table::drop(name, from.tables.get(name)?, world),
        Object::Column(table, name) => column::drop(table, name, world),
        Object::Constraint(table, name) => {
            let constraint = from.tables.get(table)?.constraints.get(name)?;
            constraint::drop(table, name, constraint, world)
        }
        Object::Index(relation, name) => index::drop(relation, name, world),
        Object::Trigger(table, name) => {
            let of_table = from.tables.get(table).map(|table| &table.triggers);
            let of_view = from.views.get(table).map(|view| &view.triggers);
            let trigger = of_table.or(of_view)?.get(name)?;
            trigger::drop(table, name, trigger, world)
        }
        Object::Policy(table, _) => plain(vec![Object::Table(table)], Vec::new()),
        Object::View(name) | Object::MaterializedView(name) => {
            self::view(object, name, from.views.get(name)?, world)
        }
        Object::PartitionPolicy(table) => {
            let statement = Statement::RemovePartitionPolicy { table };
            let draft = Draft::new(Action::Drop, object, statement).contract();
            Node::recipe(object, vec![draft])
                .at(Stage::Drop)
                .before([Object::Table(table)])
        }
        // They are parts of what is dropped or altered with them.
        Object::DomainCheck(..) | Object::SequenceOwner(_) => return None,
    })
}

/// One that goes for good; or, where one of the same name comes, makes room for that.
fn view<'a>(
    object: Object<'a>,
    name: &'a QualifiedName,
    definition: &'a View,
    world: &World<'a>,
) -> Node<'a> {
    let frees = view::needs(name, definition, world.from);
    let reason = format!("who reads `{name}` fails from then on");
    let breaks = world.always(HazardKind::BreaksOldCode, name, reason);
    let node = Node::recipe(object, vec![draft(object).with([breaks])]);
    if world.to.views.contains_key(name) || world.to.tables.contains_key(name) {
        let takes_its_name = [
            Object::View(name),
            Object::MaterializedView(name),
            Object::Table(name),
        ];
        let held = view::enums(name, definition, world.from);
        return node
            .part(Part::First)
            .before(takes_its_name)
            .before(frees)
            .before(held);
    }
    node.at(Stage::Drop).before(frees)
}

/// DROP, when old code is gone.
pub(super) fn draft(object: Object<'_>) -> Draft<'_> {
    let statement = Statement::Drop {
        object,
        concurrently: false,
    };
    Draft::new(Action::Drop, object, statement).contract()
}
