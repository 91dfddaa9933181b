//! Text ↔ expression. One SQL expression that an author wrote goes in; a bound expression comes out:
//! every name rewritten to the column it means, its type, its volatility, or the problems with it and
//! where in the text they are.
//!
//! `sqlparser` reads the text; `pg` answers what a function, operator, cast or type is. What is printed is
//! the author's own tokens with names rewritten and comments removed, so that generated files read
//! as the spec does, and nothing that was not tokenised as part of the one expression gets through.
//!
//! Architecture invariant: knows nothing of entities or files; a problem's place is an offset in the text.

mod array_cast;
mod bind;
mod binder;
mod build;
mod constant;
mod equivalent;
mod expr;
mod ident;
mod inspect;
mod interval;
mod lex;
mod literal;
mod named_arguments;
mod never_fails;
mod never_null;
mod parse;
mod parts;
mod polymorphic;
mod remedy;
mod renamed;
mod reread;
mod resolve_call;
mod routine_text;
mod same_query;
mod server_text;
mod takes_null;
mod time_bound;
mod type_name;
mod types;
mod widens;

pub use bind::{
    Bound, Context, Enums, NO_ENUMS, Problem, Relation, Scope, ScopeColumn, assignable, bind,
    unreadable,
};
pub use equivalent::Equivalence;
pub use expr::Expr;
pub use ident::{Ident, QualifiedName, has_word};
pub use literal::Literal;
pub use never_fails::never_fails;
pub use never_null::never_null;
pub use parts::{IndexElement, OutputColumn, parse_index_element, parse_output_column};
pub use reread::is_reread_alike;
pub use routine_text::RoutineText;
pub use same_query::same_query;
pub use server_text::ServerText;
pub use takes_null::takes_null;
pub use time_bound::TimeBound;
pub use type_name::TypeName;
pub use widens::widens;
