//! What stands around a throwaway copy of a schema: its database, and what a schema needs of its server.

use minijinja::Value;

use super::value::{Sql, record, sql};
use super::{RenderError, environment};
use crate::plan::LockMode;
use crate::sql::{Ident, QualifiedName};

/// A database with nothing in it, whatever the server's administrator has put into `template1`.
pub fn create_database(name: &Ident) -> Result<String, RenderError> {
    text("database.sql.j2", record! { name => sql(name) })
}

/// Its end, also where a connection to it is still open.
pub fn drop_database(name: &Ident) -> Result<String, RenderError> {
    text("drop_database.sql.j2", record! { name => sql(name) })
}

/// A role that can do nothing.
pub fn create_role(name: &Ident) -> Result<String, RenderError> {
    text("role.sql.j2", record! { name => sql(name) })
}

/// A tablespace inside the data directory, which a server has to be told to allow.
/// <https://www.postgresql.org/docs/current/runtime-config-developer.html#GUC-ALLOW-IN-PLACE-TABLESPACES>
pub fn create_tablespace(name: &Ident) -> Result<String, RenderError> {
    text("tablespace.sql.j2", record! { name => sql(name) })
}

/// A lock on tables, without their partitions.
pub fn lock_tables<'a>(
    tables: impl IntoIterator<Item = &'a QualifiedName>,
    mode: LockMode,
) -> Result<String, RenderError> {
    let tables = Sql::list(tables.into_iter().map(Sql::only));
    let mode = Sql::keyword(mode.name());
    text(
        "lock_tables.sql.j2",
        record! { tables => sql(tables), mode => sql(mode) },
    )
}

fn text(template: &str, context: Value) -> Result<String, RenderError> {
    Ok(environment::get()?
        .get_template(template)?
        .render(context)?)
}

/// What is written here, and is no step of a plan.
#[cfg(test)]
pub(super) const TEMPLATES: [&str; 5] = [
    "database.sql.j2",
    "drop_database.sql.j2",
    "lock_tables.sql.j2",
    "role.sql.j2",
    "tablespace.sql.j2",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let name = Ident::new("a\"; DROP");
        let table = QualifiedName::new("s", "Order");
        let texts = [
            create_database(&name),
            drop_database(&name),
            create_role(&name),
            create_tablespace(&name),
            lock_tables([&table, &table], LockMode::RowExclusive),
        ];
        assert_eq!(
            texts.map(Result::unwrap),
            [
                "CREATE DATABASE \"a\"\"; DROP\" TEMPLATE template0;",
                "DROP DATABASE IF EXISTS \"a\"\"; DROP\" WITH (FORCE);",
                "CREATE ROLE \"a\"\"; DROP\";",
                "CREATE TABLESPACE \"a\"\"; DROP\" LOCATION '';",
                "LOCK TABLE ONLY s.\"Order\", ONLY s.\"Order\" IN ROW EXCLUSIVE MODE;",
            ]
        );
    }
}
