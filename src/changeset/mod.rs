//! What a comparison found, as it is read and reviewed.
//!
//! In: two catalogs, what is known of the database, what the user allows. Out: a [`Changeset`]: every step with its SQL,
//! its locks and its hazards, and what stays as it is; as text for people, as a script, as JSON, as SARIF.
//!
//! Architecture invariant: nothing is decided here but what is refused; no SQL is made here.

mod explanation;
mod finding;
mod github;
mod name;
mod place;
mod sarif;
mod script;
mod text;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::diff::{Change as DiffChange, Difference, Former, Hint, Object, Options, Why, diff};
use crate::plan::{
    self, Duration, HazardKind, Kind, LockMode, Phase, PlanError, Situation, Step, kept, plan,
};
use crate::render::{RenderError, render};
use crate::sql::QualifiedName;

pub use explanation::explanation;
pub use github::github;
pub use place::{Located, Written};
pub use sarif::sarif;
pub use script::script;
pub use text::{notes, size, text};

/// Why there is no changeset.
#[derive(Debug, thiserror::Error)]
pub enum ChangesetError {
    /// See [`PlanError`].
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// See [`RenderError`].
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The catalog to start from.
    pub from: &'a Catalog,
    /// The catalog to arrive at.
    pub to: &'a Catalog,
    /// Server version and sizes.
    pub situation: &'a Situation,
    /// What becomes of that which only `from` has.
    pub prune: Prune<'a>,
    /// Only objects of these schemas; all when empty.
    pub schemas: &'a BTreeSet<String>,
    /// Hazards that are taken into account.
    pub allow: &'a BTreeSet<HazardKind>,
}

/// What becomes of that which only the old catalog has.
#[derive(Debug, Clone, Copy)]
pub enum Prune<'a> {
    /// It is kept.
    Nothing,
    /// It goes.
    All,
    /// It goes where this catalog has it as well, and is somebody else's otherwise.
    Of(&'a Catalog),
}

impl Prune<'_> {
    /// All or nothing.
    pub fn all(all: bool) -> Self {
        if all { Self::All } else { Self::Nothing }
    }
}

/// Everything that differs.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Changeset {
    /// The steps, in order.
    pub changes: Vec<Change>,
    /// Whether any step is refused.
    pub refused: bool,
    /// What only the old side has, and keeps.
    pub kept: Vec<String>,
    /// What differs and stays as it is.
    pub unchanged: Vec<Unchanged>,
    /// What may have been meant.
    pub hints: Vec<String>,
    /// What a database has and this program does not manage.
    pub unmanaged: Vec<String>,
    /// What could not be compared, for want of a right.
    pub not_compared: Vec<String>,
    /// What came of the steps on a copy of the schema, where they were tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// The steps ran on a copy of the schema and led to what is wanted.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// Version of the server that has tried them.
    pub server: String,
    /// Where it took a stronger lock than was expected, or wrote a table anew that was not expected to be; a sentence each.
    pub unexpected: Vec<String>,
}

impl Changeset {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.unchanged.is_empty()
    }
}

/// A difference that no step takes away.
#[derive(Debug, Clone, Serialize)]
pub struct Unchanged {
    /// What differs.
    pub object: String,
    /// Why it stays.
    pub why: String,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// `create`, `alter`, `rename`, `drop` or `comment`.
    pub action: &'static str,
    /// What sort of object.
    pub kind: &'static str,
    /// Its name, with its schema and relation.
    pub name: String,
    /// How a sentence names it.
    #[serde(skip)]
    pub object: String,
    /// The statement.
    pub sql: String,
    /// What may go wrong.
    pub hazards: Vec<Hazard>,
    /// Whether a hazard of this step, or of another step of the same object, is not allowed.
    pub refused: bool,
    /// The strongest lock on a relation that is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockMode>,
    /// All of them.
    pub locks: Vec<Lock>,
    /// Whether the locks are those that a server was seen to take, rather than those that are expected.
    pub measured: bool,
    /// Relations of which a server was seen to write new files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rewrites: Vec<String>,
    /// What the time grows with: `catalog-change`, `scan`, `build` or `rewrite`.
    pub duration: &'static str,
    /// `expand`: old code does not notice; `contract`: it would; `either`.
    pub phase: &'static str,
    /// Whether it may run inside a transaction block.
    pub transactional: bool,
    /// The transaction that it belongs to, from 0.
    pub transaction: usize,
    /// Where it was written.
    #[serde(flatten)]
    pub written: Option<Written>,
}

/// A lock that a step takes.
#[derive(Debug, Clone, Serialize)]
pub struct Lock {
    /// On which relation.
    pub relation: String,
    /// How strong.
    pub mode: LockMode,
}

/// What may go wrong when a step runs.
#[derive(Debug, Clone, Serialize)]
pub struct Hazard {
    /// Which hazard.
    pub name: &'static str,
    /// Why it may occur.
    pub reason: String,
    /// The relation that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// How many rows that has, as the server estimates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How many bytes that has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The safer way, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safer: Option<&'static str>,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// Compares and plans.
///
/// # Errors
/// See [`ChangesetError`].
pub fn changeset(
    request: &Request<'_>,
    located: &mut Located<'_>,
) -> Result<Changeset, ChangesetError> {
    let from = Former::new(request.from, request.to);
    let difference = compare(&from, request, request.to);
    let kept = kept::made_anew(&difference, &from.catalog, request.to);
    let to = if kept.is_empty() {
        Cow::Borrowed(request.to)
    } else {
        Cow::Owned(kept.wanted(&from.catalog, request.to))
    };
    let mut difference = match &to {
        Cow::Borrowed(_) => difference,
        Cow::Owned(to) => compare(&from, request, to),
    };
    kept.drop_from(&mut difference);
    let mut plan = plan(&difference, &from, &to, request.situation)?;
    kept.say(&mut plan.steps);
    let texts = render(&plan.steps)?;
    let refused: BTreeSet<Object<'_>> = plan
        .steps
        .iter()
        .filter(|step| {
            let mut kinds = step.hazards.iter().map(|hazard| hazard.kind);
            kinds.any(|kind| !request.allow.contains(&kind))
        })
        .map(|step| step.object)
        .collect();
    let changes: Vec<Change> = plan
        .steps
        .iter()
        .zip(texts)
        .map(|(step, sql)| Change {
            refused: refused.contains(&step.object),
            written: located.written(step.object),
            ..change(step, sql, request.allow)
        })
        .collect();
    Ok(Changeset {
        refused: !refused.is_empty(),
        changes,
        kept: (difference.kept.iter().chain(&kept.again))
            .filter(|object| kept.keeps(**object) && !kept::goes_with_view(**object, &plan.steps))
            .map(ToString::to_string)
            .collect(),
        unchanged: difference
            .unchanged
            .iter()
            .map(|unchanged| Unchanged {
                object: unchanged.object.to_string(),
                why: why(unchanged.why),
            })
            .collect(),
        hints: difference.hints.iter().map(hint).collect(),
        unmanaged: Vec::new(),
        not_compared: Vec::new(),
        verified: None,
    })
}

fn compare<'a>(from: &'a Former<'_>, request: &Request<'_>, to: &'a Catalog) -> Difference<'a> {
    let options = Options {
        prune: matches!(request.prune, Prune::All),
    };
    let mut difference = diff(from, to, options);
    if let Prune::Of(own) = request.prune {
        prune_own(&mut difference, own, to);
    }
    if !request.schemas.is_empty() {
        restrict(&mut difference, request.schemas);
    }
    difference
}

/// What a catalog has, and is wanted no more, goes; what is a part of a table that gets another form, with its old form.
fn prune_own<'a>(difference: &mut Difference<'a>, own: &Catalog, to: &'a Catalog) {
    let own = Former::new(own, to);
    let wanted = diff(&own, to, Options { prune: false });
    let dropped = wanted.changes.iter().filter_map(|change| match change {
        DiffChange::Drop(object) => Some(*object),
        _ => None,
    });
    let gone: BTreeSet<Object<'_>> = dropped.chain(wanted.kept.iter().copied()).collect();
    let forms: BTreeSet<&QualifiedName> =
        kept::new_forms(difference).map(|(name, _)| name).collect();
    let goes_by_itself = |object: &Object<'a>| match object {
        Object::Constraint(table, _) | Object::Index(table, _) | Object::Trigger(table, _) => {
            !forms.contains(table)
        }
        _ => true,
    };
    let kept = std::mem::take(&mut difference.kept).into_iter();
    let (gone, kept): (Vec<_>, Vec<_>) = kept.partition(|object| gone.contains(object));
    let gone = gone.into_iter().filter(goes_by_itself);
    difference.changes.extend(gone.map(DiffChange::Drop));
    difference.kept = kept;
}

/// Leaves out what is in other schemas.
fn restrict(difference: &mut Difference<'_>, schemas: &BTreeSet<String>) {
    let inside = |object: Object<'_>| {
        name::schema(object).is_none_or(|schema| schemas.contains(schema.as_str()))
    };
    difference.changes.retain(|change| inside(change.object()));
    difference.kept.retain(|object| inside(*object));
    difference
        .unchanged
        .retain(|unchanged| inside(unchanged.object));
}

fn change(step: &Step<'_>, sql: String, allow: &BTreeSet<HazardKind>) -> Change {
    let locks = step.locks.iter();
    Change {
        action: step.action.name(),
        kind: kind(step.kind),
        name: name::path(step.object),
        object: step.object.to_string(),
        sql,
        hazards: step
            .hazards
            .iter()
            .map(|hazard| self::hazard(hazard, allow))
            .collect(),
        refused: false,
        lock: locks.clone().map(|lock| lock.mode).max(),
        locks: locks
            .map(|lock| Lock {
                relation: lock.relation.to_string(),
                mode: lock.mode,
            })
            .collect(),
        measured: false,
        rewrites: Vec::new(),
        duration: match step.duration {
            Duration::CatalogChange => "catalog-change",
            Duration::Scan => "scan",
            Duration::Build => "build",
            Duration::Rewrite => "rewrite",
        },
        phase: match step.phase {
            Phase::Expand => "expand",
            Phase::Contract => "contract",
            Phase::Either => "either",
        },
        transactional: step.transactional,
        transaction: step.group,
        written: None,
    }
}

fn hazard(hazard: &plan::Hazard, allow: &BTreeSet<HazardKind>) -> Hazard {
    Hazard {
        name: hazard.kind.name(),
        reason: hazard.reason.clone(),
        relation: hazard.relation.as_ref().map(QualifiedName::to_string),
        rows: hazard.size.and_then(|size| size.rows),
        bytes: hazard.size.and_then(|size| size.bytes),
        safer: hazard.safer,
        allowed: allow.contains(&hazard.kind),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Schema => "schema",
        Kind::Extension => "extension",
        Kind::EnumType => "enum type",
        Kind::CompositeType => "composite type",
        Kind::Domain => "domain",
        Kind::Sequence => "sequence",
        Kind::Function => "function",
        Kind::Table => "table",
        Kind::Column => "column",
        Kind::Partition => "partition",
        Kind::Index => "index",
        Kind::Constraint => "constraint",
        Kind::Trigger => "trigger",
        Kind::Policy => "policy",
        Kind::SequenceOwner => "sequence owner",
        Kind::View => "view",
        Kind::MaterializedView => "materialized view",
        Kind::PartitionPolicy => "partition policy",
    }
}

fn why(why: Why<'_>) -> String {
    match why {
        Why::NotExpressible => "no statement of this program changes it; change it by hand".into(),
        Why::BoundContradicts => {
            "its bounds are others than the partitioning gives it; move its rows and drop it, or change the specs".into()
        }
        Why::StaysComputed => {
            "it stays computed, since PostgreSQL refuses DROP EXPRESSION where partitions have partitions; add another field, and copy its values".into()
        }
        Why::PartitionedBy => {
            "labels that are no longer wanted, or in another order, stay as they are, since a table is partitioned by it; use another type, and copy the rows".into()
        }
        Why::Overlaps(other) => format!(
            "it cannot be made, since {other} has a part of its rows; run `specqlc partitions roll`, or move them"
        ),
    }
}

fn hint(hint: &Hint<'_>) -> String {
    match hint {
        Hint::RenamedTable { from, to } if from.schema != to.schema => format!(
            "{from} and {to} have the same columns: if one was moved, write `renamed_from: SCHEMA.ENTITY` into its entity, as it was called"
        ),
        Hint::RenamedTable { from, to } => format!(
            "{from} and {to} have the same columns: if one became the other, write `renamed_from:` into its entity"
        ),
        Hint::RenamedColumn { table, from, to } => format!(
            "{table}.{from} and {table}.{to} have the same type: if one became the other, write `renamed_from:` into its field"
        ),
    }
}
