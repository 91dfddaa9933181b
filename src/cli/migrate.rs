//! `specqlc migrate`.

mod progress;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use postgres::Client;

use super::build::Place;
use super::diff::{environment, hazard};
use super::output::{GOOD, data, json, message};
use super::{CliError, Global, Verdict, report};
use crate::connect::{ConnectError, connect, connect_listening};
use crate::migrate::{
    self, Folder, Format, MigrateError, Options, Part, Runner, Wanted, baseline, fresh, live,
    new_data, rebase, seal, status,
};
use crate::plan::HazardKind;
use crate::project::{Described, ProjectOptions, State, Target, describe, locate};
use crate::shadow::Server;
use show::Teller;

/// Write migrations from the specs, review them, apply them once
///
/// Migrations are files in OUT/migrations, checked in. `new` writes them without a database, `apply` runs them: one runner at
/// a time, each file once, resumed after anything that stopped the run before.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc migrate new add_email                  From the last migration to the specs; no database needed
  specqlc migrate apply --database-url URL       Apply what is pending; the default is DATABASE_URL or PG*
  specqlc migrate status                         What is applied and what is pending; exit 2 if anything is
  specqlc migrate verify                         Files against specql.sum and the specs, for CI
  specqlc migrate down --allow deletes-data      Take back the last change")]
pub(super) struct Migrate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
    Apply(Apply),
    Status(StatusOf),
    Verify(Verify),
    Down(Down),
    Baseline(Baseline),
    Rebase(Rebase),
    Seal(Seal),
}

/// Write the migration from the last one to the specs, without a database
///
/// A file is run as one transaction or outside of any, and says which in its first line; a change that needs both becomes
/// several files with consecutive numbers. The way back stands beside each. When nothing differs nothing is written, and
/// the exit code is 0; when a hazard is not allowed nothing is written, and the exit code is 2.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc migrate new add_email
  specqlc migrate new drop_fax --allow deletes-data,breaks-old-code
  specqlc migrate new prices --expand-only       What old code does not notice; later: new prices_done --contract
  specqlc migrate new fill_email --data          A file for a step by hand
  specqlc migrate new mend --live                From the database as it is, whatever was changed there by hand
  specqlc migrate new initial --format flyway    The names and marks of another runner")]
struct New {
    /// What the change is called: a-z, 0-9 and _
    name: String,
    #[command(flatten)]
    place: Place,
    /// Hazards that are taken into account
    #[arg(long, value_name = "HAZARD", value_delimiter = ',', value_parser = hazard)]
    allow: Vec<HazardKind>,
    /// Only what old code does not notice
    #[arg(long, conflicts_with = "contract")]
    expand_only: bool,
    /// Only what is left after --expand-only
    #[arg(long)]
    contract: bool,
    /// An empty file for statements by hand
    #[arg(long, conflicts_with_all = ["allow", "expand_only", "contract", "as_of"])]
    data: bool,
    /// Begin where a database is that has all migrations, instead of where the last one has left it
    #[arg(long, conflicts_with_all = ["expand_only", "contract", "data"])]
    live: bool,
    /// The database of --live [default: DATABASE_URL, else libpq's PG* variables]
    #[arg(long, value_name = "URL", requires = "live")]
    database_url: Option<String>,
    /// Date that decides which partitions there are [default: that of the last migration, else of the last build]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
    /// For which runner, of the first migration [default: specql; later that of the folder]
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<Format>,
}

/// Apply what is pending
///
/// Nothing is run unless files, checksums, ledger and database agree. Other runs wait for this one to end. Who stands in
/// the way of a lock is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc migrate apply --database-url postgresql://me@db/shop
  specqlc migrate apply --dry-run                What would be run; exit 2 if anything would
  specqlc migrate apply --to 12                  Up to number 12")]
struct Apply {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    database: Database,
    /// Apply up to this number
    #[arg(long, value_name = "NUMBER")]
    to: Option<u32>,
    /// Only check, and list the files that would be run
    #[arg(long)]
    dry_run: bool,
    /// Exit with 2 instead of waiting when another run is at work
    #[arg(long)]
    no_wait: bool,
    /// Go on though the database was changed by hand
    #[arg(long)]
    allow_drift: bool,
}

/// Show what is applied and what is pending; exit 2 if anything is
#[derive(Debug, Args)]
struct StatusOf {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    database: Database,
    /// How to print
    #[arg(long, value_enum, default_value_t = Print::Text)]
    format: Print,
}

/// Check the files against specql.sum, and what they lead to against the specs
///
/// All migrations are applied to an empty database, in a temporary server of the programs found on this machine or on the
/// server of --shadow-url; exit 2 if the result is not what the specs say. Nothing of it stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc migrate verify                         Needs the server programs of PostgreSQL on this machine
  specqlc migrate verify --shadow-url postgresql://me@localhost/postgres
  specqlc migrate verify --offline               Only the files")]
struct Verify {
    #[command(flatten)]
    place: Place,
    /// Make the database beside this one, dropped again
    #[arg(long, value_name = "URL")]
    shadow_url: Option<String>,
    /// Only check the files
    #[arg(long, conflicts_with_all = ["shadow_url", "as_of"])]
    offline: bool,
    /// Date that decides which partitions there are [default: that of the last migration]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
}

/// Take back the last change, or all after a number
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc migrate down                           The last change, with all its files
  specqlc migrate down --to 4 --allow deletes-data")]
struct Down {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    database: Database,
    /// Take back all after this number; 0 for all
    #[arg(long, value_name = "NUMBER")]
    to: Option<u32>,
    /// Hazards of the way back that are taken into account
    #[arg(long, value_name = "HAZARD", value_delimiter = ',', value_parser = hazard)]
    allow: Vec<HazardKind>,
    /// Exit with 2 instead of waiting when another run is at work
    #[arg(long)]
    no_wait: bool,
}

/// Take the migrations for applied in a database that has what they make already
///
/// The database is compared with the state after them first; what differs is named, and nothing is written.
#[derive(Debug, Args)]
struct Baseline {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    database: Database,
    /// Up to this number [default: all]
    #[arg(long, value_name = "NUMBER")]
    to: Option<u32>,
    /// Exit with 2 instead of waiting when another run is at work
    #[arg(long)]
    no_wait: bool,
}

/// Let migrations come after all others, when two branches took a number
///
/// What they changed in the schema is planned anew from the state that the others leave, under the first of the names; hazards
/// that were allowed stay allowed. Steps by hand are kept as they are, under the next numbers.
#[derive(Debug, Args)]
struct Rebase {
    /// The names, without numbers
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// Further hazards that are taken into account
    #[arg(long, value_name = "HAZARD", value_delimiter = ',', value_parser = hazard)]
    allow: Vec<HazardKind>,
}

/// Take files that were written or edited by hand into specql.sum
#[derive(Debug, Args)]
struct Seal {
    /// The names of the files
    #[arg(required = true)]
    files: Vec<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Database {
    /// The database [default: DATABASE_URL, else libpq's PG* variables]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Print {
    Text,
    Json,
}

fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .map(|name| Format::named(&name).unwrap_or_default())
}

pub(super) fn run(command: &Migrate, global: &Global) -> Result<Verdict, CliError> {
    let verdict = match &command.command {
        Command::New(command) => new(command, global),
        Command::Apply(command) => apply(command, global),
        Command::Status(command) => show_status(command),
        Command::Verify(command) => verify(command, global),
        Command::Down(command) => down(command, global),
        Command::Baseline(command) => take_for_applied(command, global),
        Command::Rebase(command) => come_later(command, global),
        Command::Seal(command) => accept(command),
    };
    match verdict {
        Err(CliError::Migrate(error @ MigrateError::Busy)) => {
            message(&error.to_string());
            Ok(Verdict::Differs)
        }
        verdict => verdict,
    }
}

fn new(command: &New, global: &Global) -> Result<Verdict, CliError> {
    let options = options(&command.place);
    let (config, out) = locate(&options)?;
    let folder = Folder::open(&out)?;
    if command.data {
        let file = new_data(&folder, &command.name, command.format)?;
        data(&format!("{}\n", folder.path().join(file).display()))?;
        return Ok(Verdict::Done);
    }
    let Some(state) = wanted_state(&folder, &options, command.as_of, global)? else {
        return Ok(Verdict::Failed);
    };
    let live = if command.live {
        let mut client = open(command.database_url.as_deref())?;
        Some(live(&mut client, &folder, &state)?)
    } else {
        None
    };
    let wanted = Wanted {
        name: &command.name,
        state,
        live,
        part: match (command.expand_only, command.contract) {
            (true, _) => Part::Expand,
            (_, true) => Part::Contract,
            _ => Part::All,
        },
        allow: command.allow.iter().copied().collect(),
        lock_timeout: &config.lock_timeout,
        format: command.format,
    };
    let made = migrate::new(&folder, wanted)?;
    show::made(&made, folder.path(), global)
}

/// What the specs say; `None` when they have an error, which has been shown.
fn wanted_state(
    folder: &Folder,
    options: &ProjectOptions,
    as_of: Option<Date>,
    global: &Global,
) -> Result<Option<State>, CliError> {
    // A day that goes by is no change: coming partitions the database makes itself.
    let as_of = match as_of {
        None => folder.state()?.map(|state| state.as_of),
        given => given,
    };
    let Described {
        project,
        diagnostics,
        state,
    } = describe(&Target::Project, options, as_of)?;
    if let Some(project) = &project {
        report::to_stderr(project, &diagnostics, global.quiet);
    }
    Ok(state)
}

fn apply(command: &Apply, global: &Global) -> Result<Verdict, CliError> {
    let (config, out) = locate(&options(&command.place))?;
    let folder = Folder::open(&out)?;
    let options = Options {
        to: command.to,
        wait: !command.no_wait,
        allow_drift: command.allow_drift,
        allow: Vec::new(),
        lock_timeout: config.lock_timeout,
    };
    let teller = Arc::new(Teller::new(global.quiet));
    let connect = || command.database.open_listening(&teller);
    let runner = Runner {
        folder: &folder,
        options: &options,
        connect: &connect,
        tell: &|event| teller.tell(&event),
    };
    if command.dry_run {
        let files = runner.dry_run()?;
        for file in &files {
            data(&format!("{file}\n"))?;
        }
        return Ok(if files.is_empty() {
            Verdict::Done
        } else {
            Verdict::Differs
        });
    }
    let files = runner.apply()?;
    if files.is_empty() && !global.quiet {
        message(&format!("{GOOD}nothing is pending{GOOD:#}"));
    }
    Ok(Verdict::Done)
}

fn show_status(command: &StatusOf) -> Result<Verdict, CliError> {
    let (_, out) = locate(&options(&command.place))?;
    let folder = Folder::open(&out)?;
    let status = status(&mut command.database.open()?, &folder)?;
    data(&match command.format {
        Print::Text => show::status(&status),
        Print::Json => json(&status),
    })?;
    for problem in &status.problems {
        message(problem);
    }
    Ok(if !status.problems.is_empty() {
        Verdict::Failed
    } else if status.is_settled() {
        Verdict::Done
    } else {
        Verdict::Differs
    })
}

fn verify(command: &Verify, global: &Global) -> Result<Verdict, CliError> {
    let options = options(&command.place);
    let (config, out) = locate(&options)?;
    let folder = Folder::open(&out)?;
    // Snapshots are large; here they are read.
    folder.check_snapshots()?;
    if command.offline {
        if !global.quiet {
            let count = folder.migrations.len();
            message(&format!("{GOOD}{count} migrations are in order{GOOD:#}"));
        }
        return Ok(Verdict::Done);
    }
    let Some(state) = wanted_state(&folder, &options, command.as_of, global)? else {
        return Ok(Verdict::Failed);
    };
    let server = match &command.shadow_url {
        Some(url) => Server::At { url, live: &[] },
        None => Server::Own {
            major: state.postgres as u32,
        },
    };
    let differences = fresh(&server, &environment, &folder, state, &config.lock_timeout)?;
    for difference in &differences {
        data(&format!("{difference}\n"))?;
    }
    if differences.is_empty() {
        if !global.quiet {
            message(&format!(
                "{GOOD}the migrations lead to what the specs say{GOOD:#}"
            ));
        }
        return Ok(Verdict::Done);
    }
    message("the migrations do not lead to what the specs say; this is what is missing");
    Ok(Verdict::Differs)
}

fn down(command: &Down, global: &Global) -> Result<Verdict, CliError> {
    let (config, out) = locate(&options(&command.place))?;
    let folder = Folder::open(&out)?;
    let options = Options {
        to: command.to,
        wait: !command.no_wait,
        allow_drift: true,
        allow: command.allow.clone(),
        lock_timeout: config.lock_timeout,
    };
    let teller = Arc::new(Teller::new(global.quiet));
    let connect = || command.database.open_listening(&teller);
    let runner = Runner {
        folder: &folder,
        options: &options,
        connect: &connect,
        tell: &|event| teller.tell(&event),
    };
    if runner.down()?.is_empty() && !global.quiet {
        message(&format!("{GOOD}nothing was taken back{GOOD:#}"));
    }
    Ok(Verdict::Done)
}

fn take_for_applied(command: &Baseline, global: &Global) -> Result<Verdict, CliError> {
    let (_, out) = locate(&options(&command.place))?;
    let folder = Folder::open(&out)?;
    let mut client = command.database.open()?;
    let last = baseline(&mut client, &folder, command.to, !command.no_wait)?;
    if !global.quiet {
        message(&match last {
            Some(stem) => format!("{GOOD}taken for applied{GOOD:#} up to {stem}"),
            None => "there are no migrations".to_owned(),
        });
    }
    Ok(Verdict::Done)
}

fn come_later(command: &Rebase, global: &Global) -> Result<Verdict, CliError> {
    let options = options(&command.place);
    let (config, out) = locate(&options)?;
    let Described {
        project,
        diagnostics,
        state,
    } = describe(&Target::Project, &options, None)?;
    if let Some(project) = &project {
        report::to_stderr(project, &diagnostics, global.quiet);
    }
    let (Some(state), Some(name)) = (state, command.names.first()) else {
        return Ok(Verdict::Failed);
    };
    let wanted = Wanted {
        name,
        state,
        part: Part::All,
        allow: command.allow.iter().copied().collect(),
        lock_timeout: &config.lock_timeout,
        format: None,
        live: None,
    };
    let made = rebase(&out, &command.names, wanted)?;
    show::made(&made, Path::new(&out.join("migrations")), global)
}

fn accept(command: &Seal) -> Result<Verdict, CliError> {
    let (_, out) = locate(&options(&command.place))?;
    let names: Vec<String> = command
        .files
        .iter()
        .map(|file| match Path::new(file).file_name() {
            // A path that the shell has completed does as well.
            Some(name) => name.to_string_lossy().into_owned(),
            None => file.clone(),
        })
        .collect();
    seal(&out, &names)?;
    Ok(Verdict::Done)
}

fn options(place: &Place) -> ProjectOptions {
    ProjectOptions {
        root: place.project.clone(),
        specs: place.specs.clone(),
        out: None::<PathBuf>,
    }
}

impl Database {
    fn open(&self) -> Result<Client, ConnectError> {
        open(self.database_url.as_deref())
    }

    fn open_listening(&self, teller: &Arc<Teller>) -> Result<Client, ConnectError> {
        let teller = Arc::clone(teller);
        connect_listening(self.database_url.as_deref(), &environment, move |said| {
            teller.listen(said);
        })
    }
}

fn open(url: Option<&str>) -> Result<Client, ConnectError> {
    connect(url, &environment)
}
