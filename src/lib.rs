//! placeholder
pub mod catalog;
pub mod cli;
pub mod compile;
pub mod diagnose;
pub mod diff;
pub mod pg;
pub mod plan;
pub mod project;
pub mod render;
pub mod sql;
pub mod syntax;
pub mod yaml;
