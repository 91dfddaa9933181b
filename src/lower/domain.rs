//! What restricts a column's values beyond its type, as a CHECK.

use crate::resolve::Domain;
use crate::sql::{Expr, Ident, TypeName};

/// The condition that holds a column to its domain; `None` where the type alone does. For an array it holds each element.
/// NULL passes, as in every CHECK.
pub fn check(domain: &Domain, column: &Ident, ty: &TypeName) -> Option<Expr> {
    let value = Expr::column(column);
    let both = |parts: Vec<Expr>| Expr::joined("AND", &parts);
    match domain {
        Domain::Any | Domain::Enum(_) => None,
        Domain::OneOf(labels) => {
            let labels: Vec<Expr> = labels.iter().map(|l| Expr::string(l)).collect();
            if ty.array {
                let allowed = Expr::array(&labels).cast(&TypeName::core("text").array_of());
                Some(Expr::binary(&value, "<@", &allowed))
            } else {
                Some(Expr::in_list(&value, &labels))
            }
        }
        Domain::Pattern(pattern) if ty.array => {
            // There is no `pattern = ALL (array)` with the pattern on the right: the elements are joined by line ends, which
            // no pattern lets through.
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            let all = format!(r"^((?:{inner})(\n(?:{inner}))*)?$");
            let text = Expr::call(
                "array_to_string",
                &[value, Expr::call("chr", &[Expr::integer(10)])],
            );
            Some(Expr::binary(&text, "~", &Expr::string(&all)))
        }
        Domain::Pattern(pattern) => Some(Expr::binary(&value, "~", &Expr::string(pattern))),
        Domain::Between(low, high) => {
            let mut parts = Vec::new();
            if ty.array {
                parts.extend(
                    low.as_ref()
                        .map(|n| Expr::all(&Expr::number(n), "<=", &value)),
                );
                parts.extend(
                    high.as_ref()
                        .map(|n| Expr::all(&Expr::number(n), ">=", &value)),
                );
            } else {
                parts.extend(
                    low.as_ref()
                        .map(|n| Expr::binary(&value, ">=", &Expr::number(n))),
                );
                parts.extend(
                    high.as_ref()
                        .map(|n| Expr::binary(&value, "<=", &Expr::number(n))),
                );
            }
            both(parts)
        }
        Domain::Length(low, high) => {
            let length = Expr::call("char_length", &[value]);
            let mut parts = Vec::new();
            parts.extend(low.map(|n| Expr::binary(&length, ">=", &Expr::integer(i64::from(n)))));
            parts.extend(high.map(|n| Expr::binary(&length, "<=", &Expr::integer(i64::from(n)))));
            both(parts)
        }
        Domain::Coordinates => {
            let within = |part: i64, limit: i64| {
                let coordinate = Expr::subscript(&value, part);
                vec![
                    Expr::binary(&coordinate, ">=", &Expr::integer(-limit)),
                    Expr::binary(&coordinate, "<=", &Expr::integer(limit)),
                ]
            };
            both([within(0, 90), within(1, 180)].concat())
        }
    }
}
