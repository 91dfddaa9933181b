//! A condition that time alone makes false: `created_at > now() - interval '90 days'`.

use serde::{Deserialize, Serialize};

use super::{Expr, Ident};

/// `column > now() ± interval`, or `>=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeBound {
    /// The column, qualified.
    pub column: Expr,
    /// Whether the bound itself still counts.
    pub inclusive: bool,
    /// What follows the clock: `- interval '90 days'`, with its operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Expr>,
}

impl TimeBound {
    /// Recognises one. `None`: it is something else.
    pub fn read(condition: &Expr) -> Option<Self> {
        let text = condition.as_str();
        let (left, operator, right) = split(text)?;
        let (column, later) = match operator {
            ">" | ">=" => (left, right),
            _ => (right, left),
        };
        let column = Expr::vouched(column.trim().to_owned());
        if !column.is_qualified_column() {
            return None;
        }
        Some(Self {
            column,
            inclusive: operator.ends_with('='),
            offset: offset(later.trim())?,
        })
    }

    /// The condition with another clock than `now()`.
    pub fn with_clock(&self, clock: &str) -> Expr {
        let operator = if self.inclusive { ">=" } else { ">" };
        Expr::vouched(format!("{} {operator} {}", self.column, self.bound(clock)))
    }

    /// The opposite, of a column of that name: its time is over.
    pub fn passed(&self, column: &Expr, clock: &str) -> Expr {
        let operator = if self.inclusive { "<" } else { "<=" };
        Expr::vouched(format!("{column} {operator} {}", self.bound(clock)))
    }

    /// The column's own name.
    pub fn column_name(&self) -> Option<Ident> {
        self.column
            .qualified_columns()
            .into_iter()
            .next()
            .map(|(_, column)| column)
    }

    fn bound(&self, clock: &str) -> String {
        match &self.offset {
            None => format!("{clock}()"),
            Some(offset) => format!("({clock}() {offset})"),
        }
    }
}

/// Left side, operator, right side of the only comparison.
fn split(text: &str) -> Option<(&str, &'static str, &str)> {
    if text.matches(['<', '>']).count() != 1 || text.contains('"') {
        return None;
    }
    [">=", "<=", ">", "<"].into_iter().find_map(|operator| {
        let (left, right) = text.split_once(operator)?;
        Some((left, operator, right))
    })
}

/// What follows `now()`: nothing, or an interval that is added or subtracted.
#[allow(clippy::option_option, reason = "not recognised, nothing, something")]
fn offset(text: &str) -> Option<Option<Expr>> {
    let lower = text.to_ascii_lowercase();
    let clock = ["now()", "current_timestamp", "transaction_timestamp()"]
        .into_iter()
        .find(|clock| lower.starts_with(clock))?;
    let rest = text.get(clock.len()..)?.trim();
    if rest.is_empty() {
        return Some(None);
    }
    let operator = rest.chars().next().filter(|c| "+-".contains(*c))?;
    let interval = rest.get(1..)?.trim();
    let quoted = interval
        .to_ascii_lowercase()
        .strip_prefix("interval")
        .map(|rest| rest.trim().to_owned())
        .or_else(|| {
            let lower = interval.to_ascii_lowercase();
            lower.strip_suffix("::interval").map(str::to_owned)
        })?;
    let inner = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = !inner.is_empty()
        && inner
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " :.-+".contains(c));
    plain.then(|| Some(Expr::vouched(format!("{operator} interval '{inner}'"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<TimeBound> {
        TimeBound::read(&Expr::vouched(text.to_owned()))
    }

    #[test]
    fn rows_that_time_takes_away_are_recognised() {
        let bound = read("users.created_at > now() - interval '90 days'").unwrap();
        assert_eq!(
            bound.with_clock("clock_timestamp").as_str(),
            "users.created_at > (clock_timestamp() - interval '90 days')"
        );
        let passed = bound.passed(&Expr::column(&Ident::new("created_at")), "now");
        assert_eq!(
            passed.as_str(),
            "created_at <= (now() - interval '90 days')"
        );
        assert!(read("now() <= a.b").unwrap().inclusive);
        assert!(read("a.b >= CURRENT_TIMESTAMP + '1 day'::interval").is_some());
    }

    #[test]
    fn all_else_is_not() {
        for other in [
            "a.b < now()",
            "now() > a.b",
            "a.b > now() - a.c",
            "a.b > now() - interval '1 day' * 2",
            "a.b <> now()",
            "lower(a.b) > now()",
            "a.b > clock_timestamp()",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
