//! placeholder
pub mod catalog;
pub mod compile;
pub mod diagnose;
pub mod lower;
pub mod pg;
pub mod resolve;
pub mod sql;
pub mod syntax;
pub mod yaml;
