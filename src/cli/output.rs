//! Writing to stdout and stderr.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write};

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use super::CliError;
use crate::diagnose::printable;

/// Marks an error.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Marks success.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Data, to stdout.
pub(super) fn data(text: &str) -> Result<(), CliError> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(CliError::Output)
}

/// SQL, to stdout, as it is: a name may hold what looks like a colour. On a terminal, which that would steer, it is shown.
pub(super) fn sql(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    let shown: String = text.split_inclusive('\n').map(shown).collect();
    if stdout.is_terminal() && shown != text {
        message(
            "control characters of names are shown as escapes; to run this, write it into a file",
        );
        return data(&shown);
    }
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(CliError::Output)
}

/// A line with its end.
fn shown(line: &str) -> String {
    line.strip_suffix('\n')
        .map_or_else(|| printable(line), |line| printable(line) + "\n")
}

/// A value as JSON, with a line end. What is printed here holds strings, numbers and booleans only: nothing that JSON
/// cannot express.
pub(super) fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// A message, to stderr. That nobody hears it changes nothing.
pub(super) fn message(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// An error, to stderr.
pub(super) fn error(error: &dyn Error) {
    let text = error.to_string();
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    message(&format!("{ERROR}error{ERROR:#}: {}", lines.join("\n")));
}

/// Whether what goes to stderr may have colour.
pub(super) fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
