//! A step before it has its place in the order.

use super::{Action, Duration, Hazard, Phase, Statement};
use crate::diff::Object;

/// One statement of what is done to an object.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub action: Action,
    pub object: Object<'a>,
    pub statement: Statement<'a>,
    pub run: Run,
    pub duration: Duration,
    pub phase: Phase,
    pub hazards: Vec<Hazard>,
}

/// With what a statement shares its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// With its neighbours: it takes no longer than a catalog change.
    Together,
    /// With nothing: what it waits for or works on, nothing else waits for.
    Alone,
    /// It cannot run in a transaction.
    Outside,
}

impl<'a> Draft<'a> {
    /// A catalog change that old code can live with.
    pub fn new(action: Action, object: Object<'a>, statement: Statement<'a>) -> Self {
        Self {
            action,
            object,
            statement,
            run: Run::Together,
            duration: Duration::CatalogChange,
            phase: Phase::Expand,
            hazards: Vec::new(),
        }
    }

    /// The same in a transaction of its own, for as long as that takes.
    pub fn alone(self, duration: Duration) -> Self {
        Self {
            run: Run::Alone,
            duration,
            ..self
        }
    }

    /// The same outside of any transaction, for as long as that takes.
    pub fn outside(self, duration: Duration) -> Self {
        Self {
            run: Run::Outside,
            duration,
            ..self
        }
    }

    /// The same when old code is gone.
    pub fn contract(self) -> Self {
        Self {
            phase: Phase::Contract,
            ..self
        }
    }

    /// The same with more that may go wrong.
    pub fn with(mut self, hazards: impl IntoIterator<Item = Hazard>) -> Self {
        self.hazards.extend(hazards);
        self
    }
}
