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
            every_element(&value, &format!("(?:{inner})"), &LINE_END, false)
        }
        Domain::Length(low, high) if ty.array => {
            let low = low.unwrap_or_default();
            let high = high.map(|n| n.to_string()).unwrap_or_default();
            let element = format!("[^{}]{{{low},{high}}}", CONTROL.pattern);
            every_element(&value, &element, &CONTROL, low == 0)
        }
        Domain::Pattern(pattern) => Some(Expr::binary(&value, "~", &Expr::string(pattern))),
        Domain::Between(bounds) => {
            let (low, high) = bounds.as_ref();
            let low = low.as_deref().map(Expr::number);
            let high = high.as_deref().map(Expr::number);
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

/// What stands between elements that are joined to be matched: its code, and how a regular expression writes it.
struct Separator {
    code: i64,
    pattern: &'static str,
}

/// For elements that must match a pattern: no pattern of a rich type takes it, so it stands between elements only.
const LINE_END: Separator = Separator {
    code: 10,
    pattern: r"\n",
};

/// For elements of any text, which may have several lines: a character that no text of people holds.
const CONTROL: Separator = Separator {
    code: 1,
    pattern: r"\u0001",
};

/// Each element matches the pattern. There is no `pattern = ALL (array)` with the pattern on the right, so the elements are
/// joined and matched at once. What joining hides is asked for apart: a separator within an element, and a single empty
/// element, which looks like none.
fn every_element(
    array: &Expr,
    element: &str,
    separator: &Separator,
    may_be_empty: bool,
) -> Option<Expr> {
    let joined = |by: Expr| Expr::call("array_to_string", &[array.clone(), by]);
    let empty = Expr::string("");
    let by_separator = joined(Expr::call("chr", &[Expr::integer(separator.code)]));
    let all = format!("^({element}({}{element})*)?$", separator.pattern);
    let mut conditions = vec![
        Expr::binary(&by_separator, "~", &Expr::string(&all)),
        Expr::binary(
            &joined(empty.clone()),
            "!~",
            &Expr::string(separator.pattern),
        ),
    ];
    if !may_be_empty {
        conditions.push(Expr::all(&empty, "<>", array));
    }
    Expr::every(&conditions)
}
