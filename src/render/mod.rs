//! Statements as SQL text: the only place where it is made.
//!
//! In: [`Step`]s. Out: one string each, in the same order, and whole files of them. The text stands in
//! `templates/*.sql.j2`, one template for each statement; a template receives [`Sql`] values, which print themselves
//! safely, integers, and lists and structs of those. It can look at a plain string but not print one.
//!
//! Architecture invariant: nothing is decided here: no order, no comparison, no look-up in a catalog.

mod alter_table;
mod change;
mod comment;
mod composite_type;
mod constraint;
mod domain;
mod enum_type;
mod environment;
mod extension;
mod function;
mod incremental;
mod index;
mod partition;
mod partition_policy;
mod policy;
mod privileges;
mod query;
mod schema;
mod script;
mod sequence;
mod shadow;
mod table;
mod trigger;
mod value;
mod view;
mod waiting;

use minijinja::Value;
use rayon::prelude::*;

pub use script::{
    REVIEW_HEADER, Script, limit_lock_wait, plan_script, review_script, schema_script,
};
pub use shadow::{create_database, create_role, create_tablespace, drop_database, lock_tables};
pub use value::Sql;
use value::with_body_quotes;

use crate::plan::{IndexWay, Statement, Step};

/// Why a statement has no text.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// An exclusion constraint's operator is none.
    #[error("`{operator}` is not an operator")]
    NotAnOperator {
        /// What stands there.
        operator: String,
    },
    /// A policy cannot be written as JSON.
    #[error("a partition policy cannot be written: {0}")]
    Json(serde_json::Error),
    /// Templates include one another no deeper than so.
    #[error(
        "a query stands in a query, and that in another, more than twenty times: that deep none is written"
    )]
    TooDeep,
    /// A template is wrong.
    #[error("{}", chain(.0))]
    Template(minijinja::Error),
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        let first: &dyn std::error::Error = &error;
        let causes = std::iter::successors(Some(first), |error| error.source());
        let mut causes = causes.filter_map(|cause| cause.downcast_ref::<minijinja::Error>());
        let is_too_deep = causes.any(|cause| cause.detail() == Some("recursion limit exceeded"));
        if is_too_deep {
            Self::TooDeep
        } else {
            Self::Template(error)
        }
    }
}

/// An error with its causes in one line.
fn chain(error: &minijinja::Error) -> String {
    let first: Option<&dyn std::error::Error> = Some(error);
    let causes = std::iter::successors(first, |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The text of each step, ending with a semicolon and no line break.
///
/// # Errors
/// The first [`RenderError`] in the order of the steps.
pub fn render(steps: &[Step<'_>]) -> Result<Vec<String>, RenderError> {
    let texts: Vec<_> = steps
        .par_iter()
        .map(|step| statement(&step.statement))
        .collect();
    texts.into_iter().collect()
}

/// The text of one statement.
pub fn statement(statement: &Statement<'_>) -> Result<String, RenderError> {
    let (template, context) = context(statement)?;
    let template = environment::get()?.get_template(template)?;
    let mut text = with_body_quotes(template.render(context)?);
    // It has room for all branches of the template, of which most statements take few.
    text.shrink_to_fit();
    Ok(text)
}

/// A statement's template and what the template receives.
#[allow(clippy::too_many_lines, reason = "one arm for each statement")]
fn context(statement: &Statement<'_>) -> Result<(&'static str, Value), RenderError> {
    let (template, context) = match statement {
        Statement::CreateSchema { name } => ("schema.sql.j2", schema::context(name)),
        Statement::CreateSchemaAside { name } => ("schema_aside.sql.j2", schema::context(name)),
        Statement::CreateExtension { name, schema } => {
            ("extension.sql.j2", extension::context(name, *schema))
        }
        Statement::CreateEnumType { name, labels } => {
            ("enum_type.sql.j2", enum_type::context(name, labels))
        }
        Statement::CreateCompositeType { name, attributes } => (
            "composite_type.sql.j2",
            composite_type::context(name, attributes),
        ),
        Statement::CreateDomain { name, domain } => {
            ("domain.sql.j2", domain::context(name, domain))
        }
        Statement::CreateSequence { name, sequence } => {
            ("sequence.sql.j2", sequence::context(name, sequence))
        }
        Statement::SetSequenceOwner { name, owner } => (
            "sequence_owner.sql.j2",
            sequence::owner_context(name, owner),
        ),
        Statement::CreateFunction { name, routine } => function::template(name, routine),
        Statement::CreateOverload {
            name: _,
            definition,
        } => function::definition(definition),
        Statement::CreateTable {
            name,
            table,
            constraints,
        } => (
            "table.sql.j2",
            table::statement_context(name, table, constraints)?,
        ),
        Statement::CreatePartition {
            name,
            partition,
            table,
            constraints,
            if_missing,
        } => (
            "partition.sql.j2",
            partition::context(name, partition, table, constraints, *if_missing)?,
        ),
        Statement::CreateLike {
            name,
            of,
            partition_key,
            if_missing,
        } => (
            "partition_like.sql.j2",
            partition::like_context(name, of, *partition_key, *if_missing),
        ),
        Statement::AddConstraint { table, constraint } => (
            "add_constraint.sql.j2",
            constraint::add_context(table, *constraint)?,
        ),
        Statement::CreateIndex {
            relation,
            name,
            index,
            way,
        } => ("index.sql.j2", index::context(relation, name, index, *way)),
        Statement::CreateMeantimeIndex { table, name, index } => (
            "index.sql.j2",
            index::context(table, name, index, IndexWay::Concurrently),
        ),
        Statement::CreateKeyIndex {
            table,
            name,
            constraint,
            way,
        } => (
            "index.sql.j2",
            index::key_context(table, name, constraint, *way),
        ),
        Statement::CreateTrigger {
            table,
            name,
            trigger,
            or_replace,
        } => (
            "trigger.sql.j2",
            trigger::context(table, name, trigger, *or_replace),
        ),
        Statement::CreatePolicy {
            table,
            name,
            policy,
        } => ("policy.sql.j2", policy::context(table, name, policy)),
        Statement::CreateView { name, view, noted } => view::created(name, view, *noted),
        Statement::CreateMaterializedView { name, view, noted } => {
            view::created(name, view, *noted)
        }
        Statement::SetPartitionPolicy { table, policy } => (
            "partition_policy.sql.j2",
            partition_policy::context(table, policy)?,
        ),
        Statement::Comment { on, text } => ("comment.sql.j2", comment::context(*on, *text)),
        Statement::NotePrivileges { relation } => {
            ("note_privileges.sql.j2", privileges::context(relation))
        }
        Statement::NoteQuery { view } => ("note_query.sql.j2", privileges::context(view)),
        Statement::GivePrivileges { relation } => {
            ("give_privileges.sql.j2", privileges::context(relation))
        }
        Statement::ReplaceView { name, view } => ("view.sql.j2", view::context(name, view, true)),
        Statement::ReplaceFunction { name, routine } => function::replacing(name, routine),
        Statement::AlterTable {
            table,
            only,
            action,
        } => (
            "alter_table.sql.j2",
            alter_table::context(table, *only, action)?,
        ),
        Statement::RenameIndex { .. }
        | Statement::RenameSequence { .. }
        | Statement::AttachIndex { .. }
        | Statement::RenameType { .. }
        | Statement::AddEnumLabel { .. }
        | Statement::RenameMaterializedView { .. }
        | Statement::Refresh { .. }
        | Statement::Fill { .. }
        | Statement::Empty { .. }
        | Statement::Drop { .. }
        | Statement::DropType { .. }
        | Statement::DropTable { .. }
        | Statement::DropSchemaAside { .. }
        | Statement::RenamePartitionPolicy { .. }
        | Statement::MoveAside { .. }
        | Statement::RemovePartitionPolicy { .. }
        | Statement::Backfill { .. }
        | Statement::ContinueIdentity { .. }
        | Statement::CopyRows { .. } => change::context(statement),
        Statement::KeepOut { .. }
        | Statement::ValidateWhereItHolds { .. }
        | Statement::MoveWaiting { .. } => waiting::context(statement),
    };
    Ok((template, context))
}

#[cfg(test)]
mod tests;
