//! `specqlc explain`.

use clap::Args;

use super::output::data;
use super::{CliError, Verdict};
use crate::diagnose::{Code, Explanation};

/// Explain a diagnostic: its cause, a spec that gets it, and the same mended
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc explain expression-not-immutable
  specqlc explain                     List all names")]
pub(super) struct Explain {
    /// Name of a diagnostic, as in error[unknown-field]
    name: Option<String>,
}

pub(super) fn run(command: &Explain) -> Result<Verdict, CliError> {
    let text = match &command.name {
        None => {
            let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
            names.join("\n") + "\n"
        }
        Some(name) => explanation(find(name)?),
    };
    data(&text)?;
    Ok(Verdict::Done)
}

fn find(name: &str) -> Result<Code, CliError> {
    Code::named(name).ok_or_else(|| {
        let near = Code::ALL
            .iter()
            .map(|code| code.name())
            .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
            .unwrap_or_default();
        CliError::Refused(format!(
            "there is no diagnostic `{name}`; did you mean `{near}`? `specqlc explain` lists all"
        ))
    })
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
