//! Enumerated types.

use minijinja::Value;

use super::value::{record, sql};
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(name: &QualifiedName, labels: &[String]) -> Value {
    let labels: Vec<Value> = labels
        .iter()
        .map(|label| sql(&Literal::new(label)))
        .collect();
    record! { name => sql(name), labels => labels }
}
