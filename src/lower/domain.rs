//! What restricts a column's values beyond its type, as a CHECK.

use crate::resolve::Domain;
use crate::sql::{Expr, Ident, TypeName};

/// The condition that holds a column to its domain; `None` where the type alone does. For an array it holds each element.
/// NULL passes, as in every CHECK.
pub fn check(domain: &Domain, column: &Ident, ty: &TypeName) -> Option<Expr> {
    let value = Expr::column(column);
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
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            Some(every_element(value, &format!("(?:{inner})")))
        }
        Domain::Length(low, high) if ty.array => {
            let low = low.unwrap_or_default();
            let high = high.map(|n| n.to_string()).unwrap_or_default();
            Some(every_element(
                value,
                &format!("[^{SEPARATOR}]{{{low},{high}}}"),
            ))
        }
        Domain::Pattern(pattern) => Some(Expr::binary(&value, "~", &Expr::string(pattern))),
        Domain::Between(low, high) => {
            let (low, high) = (
                low.as_deref().map(Expr::number),
                high.as_deref().map(Expr::number),
            );
            if ty.array {
                let low = low.map(|n| Expr::all(&n, "<=", &value));
                let high = high.map(|n| Expr::all(&n, ">=", &value));
                return Expr::every(&low.into_iter().chain(high).collect::<Vec<_>>());
            }
            Expr::within(&value, low.as_ref(), high.as_ref())
        }
        Domain::Length(low, high) => {
            let number = |n: &u32| Expr::integer(i64::from(*n));
            let (low, high) = (low.as_ref().map(number), high.as_ref().map(number));
            Expr::within(
                &Expr::call("char_length", &[value]),
                low.as_ref(),
                high.as_ref(),
            )
        }
        Domain::Coordinates => {
            let within = |part: i64, limit: i64| {
                Expr::within(
                    &Expr::subscript(&value, part),
                    Some(&Expr::integer(-limit)),
                    Some(&Expr::integer(limit)),
                )
            };
            Expr::every(&[within(0, 90)?, within(1, 180)?])
        }
    }
}

/// What stands between elements that are joined to be matched: a character that no text of people holds, in regular
/// expressions.
const SEPARATOR: &str = r"\u0001";

/// Each element matches the pattern. There is no `pattern = ALL (array)` with the pattern on the right, so the elements are
/// joined and matched at once.
fn every_element(array: Expr, pattern: &str) -> Expr {
    let separator = Expr::call("chr", &[Expr::integer(1)]);
    let text = Expr::call("array_to_string", &[array, separator]);
    let all = format!("^({pattern}({SEPARATOR}{pattern})*)?$");
    Expr::binary(&text, "~", &Expr::string(&all))
}
