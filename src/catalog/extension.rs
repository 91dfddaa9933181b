//! Extensions.

use serde::{Deserialize, Serialize};

/// An extension that has to be installed; its version and schema are the server's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {}
