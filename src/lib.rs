//! placeholder
pub mod diagnose;
pub mod pg;
pub mod sql;
