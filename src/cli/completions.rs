//! `specqlc completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::output::data;
use super::{Cli, CliError, Verdict};

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc completions bash > ~/.local/share/bash-completion/completions/specqlc
  specqlc completions zsh > ~/.zfunc/_specqlc
  specqlc completions fish > ~/.config/fish/completions/specqlc.fish")]
pub(super) struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(command: &Completions) -> Result<Verdict, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "specqlc", &mut script);
    data(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Done)
}
