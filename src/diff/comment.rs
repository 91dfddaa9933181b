//! Comments.

use super::{Change, Changes, Object};

/// A new object's comment.
pub(super) fn created<'a>(on: Object<'a>, comment: Option<&'a String>, changes: &mut Changes<'a>) {
    if let Some(text) = comment {
        let text = Some(text.as_str());
        changes.push(Change::Comment { on, text });
    }
}

/// The comment of an object that was there before.
pub(super) fn diff<'a>(
    on: Object<'a>,
    previous: Option<&'a String>,
    next: Option<&'a String>,
    changes: &mut Changes<'a>,
) {
    if previous != next {
        let text = next.map(String::as_str);
        changes.push(Change::Comment { on, text });
    }
}
