//! Parts that few objects have.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A part that says nothing of most objects, and takes room only where it says something: a schema has a hundred
/// thousand columns. It is used as the part itself.
#[derive(Debug, Clone, Default)]
pub struct Rare<T>(Option<Box<T>>);

/// A part that can say nothing.
pub trait Silent: Default + PartialEq + 'static {
    /// The part that says nothing: its default.
    const NOTHING: &'static Self;
}

impl<T: Silent> Rare<T> {
    /// Whether it says nothing, so that a snapshot leaves it out.
    pub fn is_silent(&self) -> bool {
        self.0.as_deref().is_none_or(|part| part == T::NOTHING)
    }
}

impl<T: Silent> From<T> for Rare<T> {
    fn from(part: T) -> Self {
        Self((part != *T::NOTHING).then(|| Box::new(part)))
    }
}

impl<T: Silent> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::NOTHING)
    }
}

impl<T: Silent> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Silent> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Silent + Eq> Eq for Rare<T> {}

impl<T: Silent + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Silent + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}
