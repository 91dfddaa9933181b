//! Extensions.

use serde::{Deserialize, Serialize};

use crate::sql::Ident;

/// An extension that has to be installed; its version is the server's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The schema that its objects are in, where that is neither `public` nor `pg_catalog`; otherwise the server's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Ident>,
}
