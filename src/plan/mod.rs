//! How changes are made: by which statements, in which order, in which transactions, and what that costs others.
//!
//! In: a difference, both catalogs, and what is known of the database. Out: a [`Plan`] of [`Step`]s, each with its
//! statement as data, in an order that the server accepts and that depends on nothing but the objects: renames, then
//! what comes and changes, then what goes; within these dependencies first (of what goes, last), then kind, then name.
//! A comment follows its object at once.
//!
//! A table that is there may have rows, readers and writers: a change to it is a recipe, a few statements of which none
//! holds a lock that stops them for longer than a catalog change takes. Where there is none, the step has a hazard.
//! What comes with the same plan has no rows, and needs none.
//!
//! A cycle of foreign keys is broken: those that point forward are added when both tables exist. All other
//! constraints stand in their `CREATE TABLE`.
//!
//! Architecture invariant: no SQL text; that an object stands where is decided by what it needs, never by where it came from.

mod carried;
mod column;
mod comment;
mod composite_type;
mod computed;
mod constraint;
mod cycle;
mod dependency;
mod domain;
mod draft;
mod drop;
mod emptied;
mod enum_type;
mod fill;
mod function;
mod hazard;
mod index;
mod inherited;
pub(crate) mod kept;
mod key;
mod kind;
mod lock;
mod maintained;
mod node;
mod order;
mod owner;
mod partition;
mod partition_policy;
mod parts;
mod policy;
mod privileges;
mod refill;
mod rename;
mod repartition;
mod repoint;
mod retyped;
mod situation;
mod statement;
mod table;
mod trigger;
mod type_change;
mod view;
mod world;

pub use hazard::{Hazard, HazardKind};
pub use kept::with_kept;
pub use kind::Kind;
pub use lock::{Lock, LockMode};
pub use situation::{Situation, Size};
pub use statement::{IndexWay, NamedConstraint, Statement, TableAction};

use rayon::prelude::*;

use crate::catalog::{Catalog, SCHEMA};
use crate::diff::{Difference, Former, Object, diff};
use crate::pg::Version;
use crate::sql::QualifiedName;
use draft::{Draft, Run};
use node::{Node, Work, Zone};
use world::World;

/// What is to be done, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan<'a> {
    /// The steps.
    pub steps: Vec<Step<'a>>,
}

impl<'a> Plan<'a> {
    /// The steps of each transaction; a step that cannot run in one is alone.
    pub fn groups(&self) -> impl Iterator<Item = &[Step<'a>]> {
        self.steps.chunk_by(|one, next| one.group == next.group)
    }
}

/// One statement to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    /// What it does to the object.
    pub action: Action,
    /// What sort of object.
    pub kind: Kind,
    /// Which object.
    pub object: Object<'a>,
    /// The table, view, function or type whose review file shows it: a partition's is its root table's, a type's the
    /// first table's that uses it. `None` for schemas and extensions.
    pub owner: Option<&'a QualifiedName>,
    /// Whether it may run inside a transaction block.
    pub transactional: bool,
    /// The transaction that it runs in, counted from 0; steps of one transaction follow each other.
    pub group: usize,
    /// Whether old code can live with it.
    pub phase: Phase,
    /// The locks that it takes on relations that were there before, held until the end of its transaction.
    pub locks: Vec<Lock>,
    /// How long it takes.
    pub duration: Duration,
    /// What may go wrong.
    pub hazards: Vec<Hazard>,
    /// The statement.
    pub statement: Statement<'a>,
}

/// What a step does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It comes.
    Create,
    /// It gets a comment.
    Comment,
    /// It changes.
    Alter,
    /// It gets another name.
    Rename,
    /// It goes.
    Drop,
}

impl Action {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Comment => "comment",
            Self::Alter => "alter",
            Self::Rename => "rename",
            Self::Drop => "drop",
        }
    }
}

/// What the time that a step takes grows with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duration {
    /// Nothing: rows of system catalogs are written.
    CatalogChange,
    /// The table, which is read.
    Scan,
    /// The table, which is read, and an index or a materialized view, which is written.
    Build,
    /// The table, which is written anew with all its indexes.
    Rewrite,
}

/// On which side of the application's change a step belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before: old code does not notice.
    Expand,
    /// After: old code would fail, or miss something.
    Contract,
    /// On either.
    Either,
}

/// Why there is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Objects need one another, and nothing can be split off.
    #[error("these objects need one another, so that none can be created first: {}", objects.join(", "))]
    Cycle {
        /// Which, in the order of kind and name.
        objects: Vec<String>,
    },
}

/// There is nothing that anything could be known of.
static NOTHING_KNOWN: Situation = Situation::unknown(Version::V15);

/// How a database with nothing in it comes to have all of a catalog.
///
/// # Errors
/// [`PlanError::Cycle`] when objects other than tables need one another.
pub fn build<'a>(nothing: &'a Former<'_>, to: &'a Catalog) -> Result<Plan<'a>, PlanError> {
    let difference = diff(nothing, to, crate::diff::Options::default());
    plan(&difference, nothing, to, &NOTHING_KNOWN)
}

/// Plans a difference between `from` and `to`.
///
/// # Errors
/// [`PlanError::Cycle`] when objects other than tables need one another.
pub fn plan<'a>(
    difference: &Difference<'a>,
    from: &'a Former<'_>,
    to: &'a Catalog,
    situation: &'a Situation,
) -> Result<Plan<'a>, PlanError> {
    let world = World::new(from, to, situation);
    let in_circles = world.partitions_in_circles();
    if !in_circles.is_empty() {
        let tables = in_circles.into_iter().map(Object::Table);
        let objects = tables.map(|table| table.to_string()).collect();
        return Err(PlanError::Cycle { objects });
    }
    let nodes = order::in_order(node::nodes(&difference.changes, &world), &world)?;
    let owners = owner::Owners::new(to);
    let mut steps: Vec<(Step<'a>, Run, Zone<'a>)> = nodes
        .into_par_iter()
        .flat_map_iter(|node| steps(node, &owners, &world))
        .collect();
    let mut groups = Groups::default();
    for (step, run, zone) in &mut steps {
        step.group = groups.next(*run, *zone);
    }
    let steps = steps.into_iter().map(|(step, ..)| step).collect();
    Ok(Plan { steps })
}

/// A node's steps, not yet in a transaction, each with how it runs.
fn steps<'n, 'a>(
    node: Node<'a>,
    owners: &'n owner::Owners<'a>,
    world: &'n World<'a>,
) -> impl Iterator<Item = (Step<'a>, Run, Zone<'a>)> + use<'n, 'a> {
    let (kind, object, zone) = (node.kind, node.object, node.zone);
    let owner = owners.of(object);
    drafts(node).map(move |draft| {
        let own = draft.object == object;
        let step = Step {
            action: draft.action,
            kind: if own { kind } else { Kind::of(draft.object) },
            object: draft.object,
            owner,
            transactional: draft.run != Run::Outside,
            group: 0,
            phase: draft.phase,
            locks: lock::of(&draft.statement, world),
            duration: draft.duration,
            hazards: draft
                .hazards
                .into_iter()
                .chain(held(&draft.statement, zone, world))
                .collect(),
            statement: draft.statement,
        };
        (step, draft.run, zone)
    })
}

/// That a look at rows, which stops nobody by itself, is one in a transaction that holds the table for something else.
fn held(statement: &Statement<'_>, zone: Zone<'_>, world: &World<'_>) -> Option<Hazard> {
    let (table, looks) = match statement {
        Statement::AlterTable { table, action, .. } => (
            table.as_ref(),
            matches!(**action, TableAction::Validate { .. }),
        ),
        Statement::ValidateWhereItHolds { table, .. } => (*table, true),
        _ => return None,
    };
    let looks = looks && zone == Zone::Views;
    let reason = "it is looked through in the transaction in which views of it are away";
    let hazard = || world.hazard(HazardKind::BlocksWrites, table, reason);
    looks.then(hazard).flatten()
}

/// A node's own steps, and one for each comment on it.
fn drafts(node: Node<'_>) -> impl Iterator<Item = Draft<'_>> {
    let Node {
        object,
        work,
        comments,
        ..
    } = node;
    let (one, many) = match work {
        Work::Nothing => (None, Vec::new()),
        Work::Create(statement) => (
            Some(Draft::new(Action::Create, object, statement)),
            Vec::new(),
        ),
        Work::Recipe(drafts) => (None, drafts),
    };
    let comments = comments.into_iter().map(|(on, text)| Draft {
        phase: Phase::Either,
        ..Draft::new(Action::Comment, on, Statement::Comment { on, text })
    });
    one.into_iter().chain(many).chain(comments)
}

/// Counts transactions.
#[derive(Debug, Default)]
struct Groups<'a> {
    current: Option<(usize, Run, Zone<'a>)>,
}

impl<'a> Groups<'a> {
    /// The transaction of the next step.
    fn next(&mut self, run: Run, zone: Zone<'a>) -> usize {
        // Nobody is to see that a view is missing, however long what it is in the way of may take.
        let run = match (run, zone) {
            (Run::Alone, Zone::Views) => Run::Together,
            _ => run,
        };
        let group = match self.current {
            None => 0,
            Some((group, Run::Together, same)) if run == Run::Together && zone == same => group,
            Some((group, ..)) => group + 1,
        };
        self.current = Some((group, run, zone));
        group
    }
}

#[cfg(test)]
mod tests;
