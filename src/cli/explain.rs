//! `specqlc explain`.

use clap::Args;

use super::output::data;
use super::{CliError, Verdict};
use crate::changeset;
use crate::diagnose::{Code, Explanation};
use crate::plan::HazardKind;

/// Explain a diagnostic (its cause, a spec that gets it, and the same mended) or a hazard of a plan
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc explain expression-not-immutable
  specqlc explain rewrites-table
  specqlc explain                     List all names")]
pub(super) struct Explain {
    /// Name of a diagnostic, as in error[unknown-field], or of a hazard
    name: Option<String>,
}

pub(super) fn run(command: &Explain) -> Result<Verdict, CliError> {
    let text = match &command.name {
        None => names().join("\n") + "\n",
        Some(name) => match (Code::named(name), HazardKind::named(name)) {
            (Some(code), _) => explanation(code),
            (None, Some(hazard)) => format!("{name}\n\n{}\n", changeset::explanation(hazard)),
            (None, None) => return Err(unknown(name)),
        },
    };
    data(&text)?;
    Ok(Verdict::Done)
}

/// All that can be explained: diagnostics, then hazards.
fn names() -> Vec<&'static str> {
    let codes = Code::ALL.iter().map(|code| code.name());
    codes
        .chain(HazardKind::ALL.into_iter().map(HazardKind::name))
        .collect()
}

fn unknown(name: &str) -> CliError {
    let near = names()
        .into_iter()
        .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
        .unwrap_or_default();
    CliError::Refused(format!(
        "there is no diagnostic or hazard `{name}`; did you mean `{near}`? `specqlc explain` lists all"
    ))
}

fn explanation(code: Code) -> String {
    let Explanation {
        cause,
        failing,
        working,
    } = code.explanation();
    format!(
        "{}\n\n{}\n\nFails:\n\n{}\n\nWorks:\n\n{}\n",
        code.name(),
        cause.trim_end(),
        indented(failing),
        indented(working)
    )
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| format!("    {line}"))
        .collect();
    lines.join("\n")
}
