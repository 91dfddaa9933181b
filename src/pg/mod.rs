//! What `PostgreSQL` itself knows, as data: keywords, types, functions, operators, casts, access
//! methods and operator classes of the supported server versions.
//!
//! In: a server version. Out: look-ups by name, valid for *every* server from that version up to the
//! newest supported one. The data files were exported from running servers by `scripts/pg-export`
//! and are never edited by hand.
//!
//! Architecture invariant: this room knows nothing of `SpecQL`, of files or of connections.

mod data;
pub mod keywords;
mod knowledge;
pub mod names;
mod operator_class;
mod types;

pub use knowledge::Knowledge;
pub use types::{
    AccessMethod, Cast, CastContext, CastMethod, Extension, Function, FunctionKind, Operator,
    OperatorClass, Type, TypeKind, Version, Volatility,
};
