//! Comments.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::diff::Object;
use crate::sql::{Ident, Literal, QualifiedName};

pub(super) fn context(on: Object<'_>, text: Option<&str>) -> Value {
    let object = match on {
        Object::Schema(name) => named("SCHEMA", sql(name)),
        Object::Extension(name) => named("EXTENSION", sql(name)),
        Object::EnumType(name) | Object::CompositeType(name) => named("TYPE", sql(name)),
        // Functions and procedures alike; without arguments, for none is overloaded.
        Object::Function(name) => named("ROUTINE", sql(name)),
        Object::Domain(name) => named("DOMAIN", sql(name)),
        Object::DomainCheck(domain, name) => part("CONSTRAINT", sql(Sql::domain(domain)), name),
        Object::Sequence(name) | Object::SequenceOwner(name) => named("SEQUENCE", sql(name)),
        Object::Overload(name, arguments) => named("ROUTINE", sql(Sql::routine(name, arguments))),
        // A policy is rows, which have no comment; were there one, it would be the table's that they are about.
        Object::Table(name) | Object::PartitionPolicy(name) => named("TABLE", sql(name)),
        Object::Column(table, name) => {
            record! { kind => "column", table => sql(table), name => sql(name) }
        }
        Object::Constraint(table, name) => part("CONSTRAINT", sql(table), name),
        // An index is named in its table's schema.
        Object::Index(relation, name) => named(
            "INDEX",
            sql(&QualifiedName {
                schema: relation.schema.clone(),
                name: name.clone(),
            }),
        ),
        Object::Trigger(table, name) => part("TRIGGER", sql(table), name),
        Object::Policy(table, name) => part("POLICY", sql(table), name),
        Object::View(name) => named("VIEW", sql(name)),
        Object::MaterializedView(name) => named("MATERIALIZED VIEW", sql(name)),
    };
    record! { on => object, text => optional(text.map(|text| Sql::from(&Literal::new(text)))) }
}

fn named(what: &'static str, name: Value) -> Value {
    record! { kind => "named", what => sql(Sql::keyword(what)), name => name }
}

fn part(what: &'static str, whole: Value, name: &Ident) -> Value {
    record! {
        kind => "part",
        what => sql(Sql::keyword(what)),
        name => sql(name),
        table => whole,
    }
}
