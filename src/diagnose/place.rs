//! Places: a file, a document in it, a path in the document.

use std::ops::Range;
use std::sync::Arc;

/// The document that something came from. Files are numbered in the order of their paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the file.
    pub file: u32,
    /// Index of the document in the file, from 0.
    pub document: u32,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The value under a key of a mapping.
    Key(String),
    /// An element of a sequence.
    Index(usize),
}

/// What of the node at the end of the path is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// The value.
    Value,
    /// The key that leads to it.
    Key,
    /// A byte range of the scalar's own text (after YAML's quoting is undone).
    Within(Range<usize>),
    /// A byte range of the file itself; the path is not looked at.
    Bytes(Range<usize>),
}

/// A place in a document. Cheap to clone and to extend; a path that leads nowhere (a short form has no keys) means
/// the deepest node that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    origin: Origin,
    path: Option<Arc<Link>>,
    spot: Spot,
}

#[derive(Debug, PartialEq, Eq)]
struct Link {
    parent: Option<Arc<Link>>,
    step: Step,
}

impl Place {
    /// The whole document.
    pub fn document(origin: Origin) -> Self {
        Self {
            origin,
            path: None,
            spot: Spot::Value,
        }
    }

    /// The value under a key of this.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// An element of this.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// The key that leads to this.
    #[must_use]
    pub fn the_key(&self) -> Self {
        Self {
            spot: Spot::Key,
            ..self.clone()
        }
    }

    /// A byte range within this scalar.
    #[must_use]
    pub fn within(&self, range: Range<usize>) -> Self {
        Self {
            spot: Spot::Within(range),
            ..self.clone()
        }
    }

    /// A byte range of the file.
    #[must_use]
    pub fn bytes(&self, range: Range<usize>) -> Self {
        Self {
            spot: Spot::Bytes(range),
            ..self.clone()
        }
    }

    fn step(&self, step: Step) -> Self {
        Self {
            origin: self.origin,
            path: Some(Arc::new(Link {
                parent: self.path.clone(),
                step,
            })),
            spot: Spot::Value,
        }
    }

    /// The document.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What of the node is meant.
    pub fn spot(&self) -> &Spot {
        &self.spot
    }

    /// The steps from the document's root.
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut link = self.path.as_deref();
        while let Some(Link { parent, step }) = link {
            steps.push(step);
            link = parent.as_deref();
        }
        steps.reverse();
        steps
    }
}
