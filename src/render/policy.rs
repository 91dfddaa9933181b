//! Policies of row-level security.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Policy, PolicyCommand};
use crate::sql::{Ident, QualifiedName};

pub(super) fn context(table: &QualifiedName, name: &Ident, policy: &Policy) -> Value {
    let Policy {
        restrictive,
        command,
        roles,
        using,
        check,
        comment: _,
    } = policy;
    record! {
        name => sql(name),
        table => sql(table),
        restrictive => *restrictive,
        command => optional(word(*command).map(Sql::keyword)),
        roles => optional((!roles.is_empty()).then(|| Sql::list(roles))),
        using => optional(using.as_ref()),
        check => optional(check.as_ref()),
    }
}

/// What is said of the command; nothing of the default.
fn word(command: PolicyCommand) -> Option<&'static str> {
    match command {
        PolicyCommand::All => None,
        PolicyCommand::Select => Some("SELECT"),
        PolicyCommand::Insert => Some("INSERT"),
        PolicyCommand::Update => Some("UPDATE"),
        PolicyCommand::Delete => Some("DELETE"),
    }
}
