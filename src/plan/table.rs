//! Tables.

use super::constraint::referenced_keys;
use super::draft::Draft;
use super::hazard::HazardKind;
use super::node::{Node, Part, Stage, Zone};
use super::world::World;
use super::{
    Action, Duration, NamedConstraint, Statement, TableAction, dependency, drop, partition,
};
use crate::catalog::{Catalog, Table};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a table needs: the types of its columns, the tables that its constraints refer to, with their keys, or that it
/// inherits from, and what its expressions call.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    table: &'a Table,
    constraints: &[NamedConstraint<'a>],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    let types = table.columns.iter().map(|column| &column.ty);
    needs.extend(types.filter_map(|ty| dependency::of_type(ty, to)));
    needs.extend(table.inherits.iter().map(Object::Table));
    needs.extend(dependency::objects(&table.needs, to));
    needs.extend(references(name, constraints));
    let others = constraints.iter().filter(|(_, constraint)| {
        let key = constraint.foreign_key();
        key.is_some_and(|key| key.references != *name)
    });
    needs.extend(others.flat_map(|(_, constraint)| referenced_keys(constraint, to)));
    needs
}

/// The other tables that constraints refer to.
pub(super) fn references<'a>(
    name: &'a QualifiedName,
    constraints: &[NamedConstraint<'a>],
) -> impl Iterator<Item = Object<'a>> {
    constraints
        .iter()
        .filter_map(|(_, constraint)| constraint.foreign_key())
        .filter(move |key| key.references != *name)
        .map(|key| Object::Table(&key.references))
}

/// A table goes, with its rows, its indexes and all else that is its own.
pub(super) fn drop<'a>(name: &'a QualifiedName, table: &'a Table, world: &World<'a>) -> Node<'a> {
    let object = Object::Table(name);
    let hazards = [
        world
            .hazard(
                HazardKind::DeletesData,
                name,
                format!("the rows of `{name}` are gone"),
            )
            .map(|hazard| hazard.safer("keep it until nothing needs its rows")),
        Some(world.always(
            HazardKind::BreaksOldCode,
            name,
            format!("who names `{name}` fails from then on"),
        )),
    ];
    let constraints: Vec<_> = table.constraints.iter().collect();
    let mut frees = needs(name, table, &constraints, world.from);
    let triggers = table.triggers.values();
    frees.extend(triggers.map(|trigger| Object::Function(&trigger.function)));
    frees.extend(
        table
            .partition
            .as_ref()
            .map(|partition| Object::Table(&partition.of)),
    );
    let draft = drop::draft(object).with(hazards.into_iter().flatten());
    let drafts = partition::let_go(name, table, world).into_iter();
    let mut node = Node::recipe(object, drafts.chain([draft]).collect());
    if node.takes_long() {
        node.zone = Zone::Rewrite(name);
    }
    if world.to.views.contains_key(name) {
        let takes_its_name = [Object::View(name), Object::MaterializedView(name)];
        let columns = table.columns.iter();
        let types = columns.filter_map(|column| dependency::of_type(&column.ty, world.from));
        return node.part(Part::First).before(takes_its_name).before(types);
    }
    node.at(Stage::Drop).before(frees)
}

/// SET LOGGED, SET UNLOGGED: the server writes the table anew.
pub(super) fn set_logged<'a>(
    table: &'a QualifiedName,
    logged: bool,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Table(table);
    let statement = Statement::alter(table, TableAction::SetLogged(logged));
    let hazards = world.rewrite(
        table,
        "the table is written anew, with or without the log",
        "none; choose a quiet moment",
    );
    let draft = Draft::new(Action::Alter, object, statement)
        .alone(Duration::Rewrite)
        .with(hazards);
    Node::recipe(object, vec![draft])
}
