//! The rows of the exported catalogs.

use serde::{Deserialize, Serialize};

/// A major version of the server that output must run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// `PostgreSQL` 15.
    V15 = 15,
    /// `PostgreSQL` 16.
    V16 = 16,
    /// `PostgreSQL` 17.
    V17 = 17,
    /// `PostgreSQL` 18.
    V18 = 18,
}

impl Version {
    /// All that there are tables for, from the oldest.
    pub const ALL: [Self; 4] = [Self::V15, Self::V16, Self::V17, Self::V18];

    /// The version with this major number.
    pub fn of_major(number: u32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| u32::from(*version as u8) == number)
    }
}

/// How much a function may depend on, in the order in which an expression's volatility adds up:
/// the volatility of an expression is the maximum of its parts.
/// <https://www.postgresql.org/docs/current/xfunc-volatility.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volatility {
    /// Same arguments, same result, for ever.
    Immutable,
    /// Constant within one statement: depends on settings, time or tables.
    Stable,
    /// May change at any call.
    Volatile,
}

/// `typtype`: what a type is made of. Enums and composite types come only from users.
/// <https://www.postgresql.org/docs/current/catalog-pg-type.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeKind {
    /// A base type; array types are among them.
    Base,
    /// A domain.
    Domain,
    /// A pseudo type: only a function's argument or result.
    Pseudo,
    /// A range type.
    Range,
    /// A multirange type.
    Multirange,
}

/// A row of `pg_type`, named by its `typname` (`int4`, not `integer`).
#[derive(Debug, Clone)]
pub struct Type {
    /// `typname`.
    pub name: &'static str,
    /// `typtype`.
    pub kind: TypeKind,
    /// `typcategory`: `N` numeric, `S` string, `D` date/time, `A` array, `P` pseudo, …
    pub category: char,
    /// `typispreferred`: wins within its category when a call is ambiguous.
    pub preferred: bool,
    /// Volatility of the text input function: what `text_column::this` costs.
    pub input: Volatility,
    /// Volatility of the text output function: what `this_column::text` costs.
    pub output: Volatility,
    /// Element type of an array type.
    pub element: Option<&'static str>,
    /// Array type over this type.
    pub array: Option<&'static str>,
    /// Subtype of a range or multirange type.
    pub subtype: Option<&'static str>,
    /// The type under a domain.
    pub base: Option<&'static str>,
    /// Whether the type takes modifiers: `varchar(n)`.
    pub takes_modifiers: bool,
    /// The extension that brings the type, `None` for the core.
    pub extension: Option<&'static str>,
}

/// What kind of routine a row of `pg_proc` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// An ordinary function.
    Normal,
    /// An aggregate.
    Aggregate,
    /// A window function.
    Window,
}

/// A row of `pg_proc`; one of possibly many under a name.
#[derive(Debug, Clone)]
pub struct Function {
    /// `proname`.
    pub name: &'static str,
    /// Type names of the input arguments. For a variadic function the last one is the element type.
    pub arguments: Vec<&'static str>,
    /// Whether the last argument repeats.
    pub variadic: bool,
    /// How many trailing arguments have defaults.
    pub defaults: usize,
    /// Type name of the result.
    pub returns: &'static str,
    /// Whether it returns a set: not allowed in any expression that the compiler takes.
    pub returns_set: bool,
    /// Ordinary, aggregate or window.
    pub kind: FunctionKind,
    /// `provolatile`.
    pub volatility: Volatility,
    /// The extension that brings it, `None` for the core.
    pub extension: Option<&'static str>,
}

/// A row of `pg_operator`.
#[derive(Debug, Clone)]
pub struct Operator {
    /// `oprname`: `||`, `->>`.
    pub name: &'static str,
    /// Left operand's type; `None` for a prefix operator.
    pub left: Option<&'static str>,
    /// Right operand's type.
    pub right: &'static str,
    /// Result type.
    pub result: &'static str,
    /// Volatility of the function behind it.
    pub volatility: Volatility,
    /// Whether it is its own commutator: what an exclusion constraint asks of an operator.
    pub self_commutative: bool,
    /// The extension that brings it, `None` for the core.
    pub extension: Option<&'static str>,
}

/// Where a cast is applied without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// Only when written.
    Explicit,
    /// Also when assigning to a column.
    Assignment,
    /// In any expression.
    Implicit,
}

/// How a cast is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastMethod {
    /// A function.
    Function,
    /// Binary compatible: nothing to do, and no rewrite on `ALTER TYPE`.
    Binary,
    /// Through the text forms of both types.
    InOut,
}

/// A row of `pg_cast`.
#[derive(Debug, Clone)]
pub struct Cast {
    /// From.
    pub source: &'static str,
    /// To.
    pub target: &'static str,
    /// Where it applies by itself.
    pub context: CastContext,
    /// How it is done.
    pub method: CastMethod,
    /// Volatility of the function behind it.
    pub volatility: Volatility,
    /// The extension that brings it, `None` for the core.
    pub extension: Option<&'static str>,
}

/// A row of `pg_am`, with what its API answers.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property that pg_indexam_has_property answers"
)]
pub struct AccessMethod {
    /// `amname`.
    pub name: &'static str,
    /// ASC, DESC, NULLS FIRST and NULLS LAST.
    pub can_order: bool,
    /// UNIQUE.
    pub can_unique: bool,
    /// More than one key column.
    pub can_multi_column: bool,
    /// INCLUDE.
    pub can_include: bool,
    /// EXCLUDE constraints.
    pub can_exclude: bool,
    /// The extension that brings it, `None` for the core.
    pub extension: Option<&'static str>,
}

/// A row of `pg_opclass`.
#[derive(Debug, Clone)]
pub struct OperatorClass {
    /// `opcname`.
    pub name: &'static str,
    /// Access method.
    pub method: &'static str,
    /// The type that it indexes (may be polymorphic: `anyarray`, `anyenum`, `anyrange`).
    pub input: &'static str,
    /// Used when none is named.
    pub default: bool,
    /// The operators of its family that this class's type supports: an exclusion constraint's must be one.
    pub operators: Vec<&'static str>,
    /// The extension that brings it, `None` for the core.
    pub extension: Option<&'static str>,
}

/// An extension that comes with every server and whose objects are among the data.
#[derive(Debug, Clone)]
pub struct Extension {
    /// `extname`.
    pub name: &'static str,
    /// The extensions that must be there before it.
    pub requires: Vec<&'static str>,
}
