//! Comments.

use super::{Change, Changes, Object};

/// A new object's comment.
pub(super) fn created<'a>(on: Object<'a>, comment: Option<&'a String>, changes: &mut Changes<'a>) {
    if let Some(text) = comment {
        changes.push(Change::Comment { on, text });
    }
}
