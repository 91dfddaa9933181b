//! What may go wrong, or wait, when a step runs.

use super::situation::Size;
use crate::sql::QualifiedName;

/// A hazard of a step. One that cannot occur is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// Which.
    pub kind: HazardKind,
    /// The relation that it concerns, where it concerns one.
    pub relation: Option<QualifiedName>,
    /// How large that is, as far as it is known.
    pub size: Option<Size>,
    /// Why, in a sentence without a full stop.
    pub reason: String,
    /// What to do instead, where there is a safer way.
    pub safer: Option<&'static str>,
}

/// The kinds of hazard. Their names never change once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HazardKind {
    /// Rows or values are gone afterwards.
    DeletesData,
    /// Rows that are there may break a rule that comes, and the step fails.
    MayFailOnData,
    /// The table is written anew.
    RewritesTable,
    /// Nobody can read for longer than a catalog change takes.
    BlocksReads,
    /// Nobody can write for longer than a catalog change takes.
    BlocksWrites,
    /// A large table is read as a whole, while others read and write.
    ScansTable,
    /// The application's old version fails afterwards.
    BreaksOldCode,
    /// An index goes and none takes its place.
    DropsIndex,
    /// No plan leads back to the same structure.
    NotReversible,
    /// A projection is out of date for a while.
    StaleProjection,
}

impl HazardKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::DeletesData,
        Self::MayFailOnData,
        Self::RewritesTable,
        Self::BlocksReads,
        Self::BlocksWrites,
        Self::ScansTable,
        Self::BreaksOldCode,
        Self::DropsIndex,
        Self::NotReversible,
        Self::StaleProjection,
    ];

    /// Its name, as it is allowed by.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeletesData => "deletes-data",
            Self::MayFailOnData => "may-fail-on-data",
            Self::RewritesTable => "rewrites-table",
            Self::BlocksReads => "blocks-reads",
            Self::BlocksWrites => "blocks-writes",
            Self::ScansTable => "scans-table",
            Self::BreaksOldCode => "breaks-old-code",
            Self::DropsIndex => "drops-index",
            Self::NotReversible => "not-reversible",
            Self::StaleProjection => "stale-projection",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Hazard {
    /// One of no relation in particular.
    pub(super) fn new(kind: HazardKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            relation: None,
            size: None,
            reason: reason.into(),
            safer: None,
        }
    }

    /// The same with the safer way.
    pub(super) fn safer(mut self, way: &'static str) -> Self {
        self.safer = Some(way);
        self
    }
}
