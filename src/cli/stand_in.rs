//! What `diagnose` is going to bring; goes away when it does.

use std::fmt::Write as _;

use crate::diagnose::{Code, Diagnostics, Explanation};

pub(super) trait Files {
    fn path(&self, file: u32) -> &str;
    fn text(&self, file: u32) -> &str;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

pub(super) fn report(
    diagnostics: &Diagnostics,
    files: &dyn Files,
    _format: Format,
    _colour: bool,
) -> String {
    let mut text = String::new();
    for d in diagnostics {
        let _ = writeln!(text, "{:?}[{}]: {}", d.severity, d.code.name(), d.message);
        if let Some(place) = &d.place {
            let file = place.origin().file;
            let _ = writeln!(
                text,
                "  --> {} ({} bytes)",
                files.path(file),
                files.text(file).len()
            );
        }
    }
    text
}

pub(super) fn named(name: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.name() == name)
}

pub(super) fn explanation(_code: Code) -> Explanation {
    Explanation {
        cause: "",
        failing: "",
        working: "",
    }
}
