//! `specqlc`, a compiler for `PostgreSQL` schemas: entities described in `SpecQL` go in, DDL comes out.
//!
//! # The rooms
//!
//! Data flows one way, and a room imports only rooms above it in this list.
//!
//! | room | takes → gives |
//! |---|---|
//! | [`yaml`] | text → trees with spans |
//! | [`diagnose`] | what is wrong, and where → text, JSON, SARIF, GitHub annotations |
//! | [`pg`] | – : what `PostgreSQL` itself knows, as data |
//! | [`sql`] | text ↔ expression: names bound, types, volatility |
//! | [`catalog`] | – : `PostgreSQL` objects as plain data |
//! | [`syntax`] | YAML text → specs |
//! | [`resolve`] | specs → model: every name bound |
//! | [`lower`] | model → catalog: one file a feature |
//! | [`compile`] | the three together: spec files → catalog and diagnostics |
//! | [`introspect`] | connection → catalog of a live database, with its facts |
//! | [`diff`] | two catalogs → changes |
//! | [`plan`] | changes → ordered steps |
//! | [`render`] | steps → SQL, by the templates in `templates/`: the only place where statements are made |
//! | [`reconcile`] | two catalogs, connection → the wanted one in the live one's words |
//! | [`changeset`] | two catalogs → what differs, for people and programs |
//! | [`shadow`] | changeset → the same, tried on a throwaway copy |
//! | [`project`] | the folder on disk: read, written, checked |
//! | [`interrupt`] | signals → whether the user has had enough |
//! | [`connect`] | settings as libpq finds them → a connection |
//! | [`maintain`] | connection → what is due for its partitions, done or shown |
//! | [`migrate`] | project ↔ files of migrations ↔ a database that they are applied to |
//! | [`cli`] | arguments → calls; no logic |
//!
//! # To add a kind of object
//!
//! 1. `catalog/KIND.rs`: what it is, as plain data; a map of it in [`catalog::Catalog`].
//! 2. `lower/…`: the feature of the language that makes it; `introspect/KIND.rs`: how it is read from a server.
//! 3. `diff/KIND.rs`: how two of them differ. The compiler now points at every place that must answer for it.
//! 4. `plan/KIND.rs`: the steps of each difference, and what they must run after.
//! 5. `templates/…_KIND.sql.j2` and its statement in `render`.
//! 6. A case in `tests/cases/` that loads it into a server.

pub mod catalog;
pub mod changeset;
pub mod cli;
pub mod compile;
pub mod connect;
pub mod diagnose;
pub mod diff;
pub mod interrupt;
pub mod introspect;
pub mod lower;
pub mod maintain;
pub mod migrate;
pub mod pg;
pub mod plan;
pub mod project;
pub mod reconcile;
pub mod render;
pub mod resolve;
pub mod shadow;
pub mod sql;
pub mod syntax;
pub mod yaml;
