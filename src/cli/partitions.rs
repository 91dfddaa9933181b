//! `specqlc partitions`.

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};

use super::output::{GOOD, data, json, message};
use super::{CliError, Global, Verdict};
use crate::changeset::size;
use crate::connect::connect;
use crate::maintain::{self, MaintainError, Outcome, Partition, Step};

/// See and keep the partitions of a live database
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc partitions plan --database-url postgresql://me@db/shop    What is due now; exit 2 if anything is
  specqlc partitions roll                                           Do it; the database comes from DATABASE_URL or PG*
  specqlc partitions list --format json                             What is there")]
pub(super) struct Partitions {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show which partitions are due to be made, detached or dropped; changes nothing
    Plan(Due),
    /// Do what is due, a transaction for each step; exit 1 if a step failed
    Roll(Due),
    /// List partitions with their ranges and sizes
    List(Place),
}

#[derive(Debug, Args)]
struct Due {
    #[command(flatten)]
    place: Place,
    /// The moment that decides what is due [default: now]
    #[arg(long, value_name = "TIMESTAMP")]
    as_of: Option<String>,
}

#[derive(Debug, Args)]
struct Place {
    /// The database [default: DATABASE_URL, else libpq's PG* variables]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(command: &Partitions, global: &Global) -> Result<Verdict, CliError> {
    match &command.command {
        Command::Plan(due) => plan(due, global),
        Command::Roll(due) => roll(due, global),
        Command::List(place) => list(place),
    }
}

fn open(place: &Place) -> Result<postgres::Client, CliError> {
    let environment = |name: &str| std::env::var(name).ok();
    Ok(connect(place.database_url.as_deref(), &environment)?)
}

fn plan(due: &Due, global: &Global) -> Result<Verdict, CliError> {
    let steps = maintain::plan(&mut open(&due.place)?, due.as_of.as_deref())?;
    match due.place.format {
        Format::Json => data(&json(&steps))?,
        Format::Text => data(&steps.iter().map(step_line).collect::<String>())?,
    }
    if steps.is_empty() {
        if !global.quiet {
            message(&format!("{GOOD}nothing is due{GOOD:#}"));
        }
        return Ok(Verdict::Done);
    }
    Ok(Verdict::Differs)
}

fn roll(due: &Due, global: &Global) -> Result<Verdict, CliError> {
    let mut outcomes = Vec::new();
    let mut output = Ok(());
    let text = due.place.format == Format::Text;
    let done = maintain::roll(
        &mut open(&due.place)?,
        due.as_of.as_deref(),
        &mut |outcome| {
            if text && output.is_ok() {
                output = data(&outcome_line(outcome));
            }
            outcomes.push(outcome.clone());
        },
    );
    output?;
    if !text {
        data(&json(&outcomes))?;
    }
    match done {
        Err(MaintainError::Busy) => {
            message(&MaintainError::Busy.to_string());
            return Ok(Verdict::Differs);
        }
        done => done?,
    }
    if outcomes.iter().any(|outcome| outcome.error.is_some()) {
        return Ok(Verdict::Failed);
    }
    if outcomes.is_empty() && !global.quiet {
        message(&format!("{GOOD}nothing was due{GOOD:#}"));
    }
    Ok(Verdict::Done)
}

fn list(place: &Place) -> Result<Verdict, CliError> {
    let partitions = maintain::list(&mut open(place)?)?;
    match place.format {
        Format::Json => data(&json(&partitions))?,
        Format::Text => data(&table(&partitions))?,
    }
    Ok(Verdict::Done)
}

fn step_line(step: &Step) -> String {
    let range = match (&step.from, &step.to) {
        (Some(from), Some(to)) => format!(" from {from} to {to}"),
        _ => String::new(),
    };
    let problem = step.problem.as_ref().map(|problem| format!(": {problem}"));
    format!("{}{range}{}\n", subject(step), problem.unwrap_or_default())
}

fn outcome_line(outcome: &Outcome) -> String {
    let Outcome {
        step,
        detail,
        error,
    } = outcome;
    match error {
        Some(error) => format!("{} FAILED: {error}\n", subject(step)),
        None => format!(
            "{} {}\n",
            subject(step),
            detail.as_deref().unwrap_or_default()
        ),
    }
}

/// `create orders_2024_02 of public.orders`.
fn subject(step: &Step) -> String {
    let mut words = vec![step.action.clone()];
    words.extend(step.partition.clone());
    if let Some(table) = &step.table {
        words.push(format!("of {table}"));
    }
    words.join(" ")
}

fn table(partitions: &[Partition]) -> String {
    let rows: Vec<[String; 5]> = partitions
        .iter()
        .map(|partition| {
            let mut bound = partition.bound.clone();
            if partition.detaching {
                bound.push_str(" (being detached)");
            }
            let number =
                |value: Option<i64>| value.map_or_else(|| "-".to_owned(), |n| n.to_string());
            [
                partition.table.clone(),
                partition.partition.clone(),
                number(partition.rows),
                partition.bytes.map_or_else(
                    || "-".to_owned(),
                    |bytes| size(u64::try_from(bytes).unwrap_or_default()),
                ),
                bound,
            ]
        })
        .collect();
    let header = ["TABLE", "PARTITION", "ROWS", "SIZE", "VALUES"].map(str::to_owned);
    let mut widths = [0; 4];
    for row in std::iter::once(&header).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let [a, b, c, d] = widths;
    let mut text = String::new();
    for [table, partition, rows, size, values] in std::iter::once(&header).chain(&rows) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{table:a$}  {partition:b$}  {rows:>c$}  {size:>d$}  {values}"
        );
    }
    text
}
