//! Names of arguments, for the functions that are usually called by them: `make_interval(days => 1)`.

/// Functions with the names of their arguments in order.
const NAMES: &[(&str, &[&str])] = &[
    (
        "make_interval",
        &["years", "months", "weeks", "days", "hours", "mins", "secs"],
    ),
    ("make_date", &["year", "month", "day"]),
    ("make_time", &["hour", "min", "sec"]),
    (
        "make_timestamp",
        &["year", "month", "mday", "hour", "min", "sec"],
    ),
    (
        "make_timestamptz",
        &["year", "month", "mday", "hour", "min", "sec", "timezone"],
    ),
    (
        "jsonb_set",
        &["jsonb_in", "path", "replacement", "create_if_missing"],
    ),
    (
        "jsonb_insert",
        &["jsonb_in", "path", "replacement", "insert_after"],
    ),
    ("jsonb_path_exists", &["target", "path", "vars", "silent"]),
    ("jsonb_path_match", &["target", "path", "vars", "silent"]),
    (
        "jsonb_path_query_first",
        &["target", "path", "vars", "silent"],
    ),
    (
        "jsonb_path_query_array",
        &["target", "path", "vars", "silent"],
    ),
];

/// For each argument in the order of declaration, up to the last that is given, which of the given ones it is;
/// `None` when a name is not known or is given twice.
pub(super) fn ordered(
    function: &str,
    positional: usize,
    names: &[String],
) -> Option<Vec<Option<usize>>> {
    let (_, declared) = NAMES.iter().find(|(name, _)| *name == function)?;
    let mut order: Vec<Option<usize>> = (0..positional).map(Some).collect();
    for (given, name) in names.iter().enumerate() {
        let index = declared.iter().position(|d| d == name)?;
        if order.len() <= index {
            order.resize(index + 1, None);
        }
        let slot = order.get_mut(index)?;
        if slot.is_some() {
            return None;
        }
        *slot = Some(positional + given);
    }
    Some(order)
}
