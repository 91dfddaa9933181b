//! Writing to stdout and stderr.

use std::error::Error;
use std::io::{self, Write};

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use super::CliError;

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
    message(&format!("{ERROR}error{ERROR:#}: {error}"));
}

/// Whether what goes to stderr may have colour.
pub(super) fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
