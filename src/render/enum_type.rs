//! Enumerated types.

use minijinja::{Value, context};

use super::value::sql;
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(name: &QualifiedName, labels: &[String]) -> Value {
    let labels: Vec<Value> = labels
        .iter()
        .map(|label| sql(&Literal::new(label)))
        .collect();
    context! { name => sql(name), labels }
}
