//! Comments: a text on an object, as `COMMENT ON` sets it.

/// The text of a `COMMENT ON`; `None` is no comment.
/// <https://www.postgresql.org/docs/current/sql-comment.html>
pub type Comment = Option<String>;
