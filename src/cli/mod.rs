//! The command line: arguments in, calls out.
//!
//! One file a command. Data goes to stdout, messages go to stderr. The exit code says what came of it, in one
//! place: 0 done or nothing differs, 2 something differs, 1 an error.
//!
//! Architecture invariant: no logic; nothing here that a program could not call as well.

#![allow(
    clippy::doc_markdown,
    reason = "what documents an argument is its help text, which shows backticks as they are"
)]

mod build;
mod check;
mod completions;
mod diff;
mod explain;
mod init;
mod migrate;
mod output;
mod partitions;
mod report;

use std::io;
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::changeset::ChangesetError;
use crate::connect::ConnectError;
use crate::introspect::IntrospectError;
use crate::maintain::MaintainError;
use crate::migrate::MigrateError;
use crate::project::ProjectError;
use crate::reconcile::ReconcileError;
use crate::shadow::ShadowError;

/// A compiler for PostgreSQL schemas: SpecQL entities in, DDL out.
#[derive(Debug, Parser)]
#[command(name = "specqlc", version, max_term_width = 100, styles = STYLES)]
#[command(
    after_help = "Start with `specqlc init`. Exit codes: 0 done, or nothing differs; 2 something differs; 1 an error."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Build),
    Check(check::Check),
    Diff(Box<diff::Diff>),
    Explain(explain::Explain),
    Init(init::Init),
    Migrate(Box<migrate::Migrate>),
    Partitions(partitions::Partitions),
    Completions(completions::Completions),
}

/// Options of every command.
#[derive(Debug, Args)]
struct Global {
    /// When to use colour; NO_COLOR is respected
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Done, or nothing differs.
    Done,
    /// Something differs.
    Differs,
    /// Diagnostics hold an error; they have been shown.
    Failed,
}

/// Why a command could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    #[error(transparent)]
    Changeset(#[from] ChangesetError),
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    #[error(transparent)]
    Maintain(#[from] MaintainError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("cannot write to stdout: {0}")]
    Output(io::Error),
    #[error("{0}")]
    Refused(String),
}

/// Runs the command that the arguments of this process name.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    choose_color(cli.global.color);
    let global = &cli.global;
    let verdict = match &cli.command {
        Command::Build(command) => build::run(command, global),
        Command::Check(command) => check::run(command, global),
        Command::Diff(command) => diff::run(command, global),
        Command::Explain(command) => explain::run(command),
        Command::Init(command) => init::run(command, global),
        Command::Migrate(command) => migrate::run(command, global),
        Command::Partitions(command) => partitions::run(command, global),
        Command::Completions(command) => completions::run(command),
    };
    exit_code(verdict)
}

/// The one place that turns what happened into an exit code.
fn exit_code(verdict: Result<Verdict, CliError>) -> ExitCode {
    match verdict {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Differs) => ExitCode::from(2),
        Ok(Verdict::Failed) => ExitCode::FAILURE,
        // Whoever reads has enough: `specqlc … | head` is no failure.
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::error(&error);
            match error {
                // What a shell says of a program that Ctrl-C has ended.
                CliError::Migrate(MigrateError::Interrupted(_)) => ExitCode::from(130),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// Help and version go to stdout and are no failure; a wrong argument is an error like any other, not clap's 2.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn choose_color(color: Color) {
    let choice = match color {
        Color::Auto => return,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
