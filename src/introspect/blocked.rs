//! Who is in the way of reading.

use postgres::Client;
use postgres::error::SqlState;

use super::IntrospectError;
use super::cells::Cells;

/// A lock was not to be had: says who has it, as far as the server tells.
pub(super) fn named(error: IntrospectError, client: &mut Client) -> IntrospectError {
    let timed_out = match &error {
        IntrospectError::Postgres(error) => error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE),
        _ => false,
    };
    if !timed_out {
        return error;
    }
    match blockers(client) {
        Ok(found) if !found.is_empty() => IntrospectError::Locked(found.join("; ")),
        // They are gone, or do not show themselves: the server's own words are all there is.
        _ => error,
    }
}

fn blockers(client: &mut Client) -> Result<Vec<String>, IntrospectError> {
    let rows = client.query(include_str!("queries/blockers.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let pid: Option<i32> = cells.take()?;
            let role: Option<String> = cells.take()?;
            let application: Option<String> = cells.take()?;
            let relation: String = cells.take()?;
            let who = pid.map_or_else(
                || "a prepared transaction".to_owned(),
                |pid| format!("process {pid}"),
            );
            let role = role.map(|role| format!("role {role}"));
            let application = application.map(|name| format!("application `{name}`"));
            let details: Vec<String> = role.into_iter().chain(application).collect();
            let details = if details.is_empty() {
                String::new()
            } else {
                format!(" ({})", details.join(", "))
            };
            Ok(format!("{relation} by {who}{details}"))
        })
        .collect()
}
