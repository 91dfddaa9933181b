//! Names of indexes that nobody chose.

use crate::catalog::{Index, IndexKey, IndexTarget, Table};
use crate::resolve::{Entity, Inherited, first_free, joined};
use crate::sql::Ident;
use crate::syntax::IndexSpec;

/// `idx_{table}_{columns}`, or what the author wrote; an inherited name is made over for the table that inherits it.
pub fn name(entity: &Entity, index: &Inherited<IndexSpec>, made: &Index) -> Ident {
    let table = entity.table.name.as_str();
    match (&index.spec.name, &index.from_table) {
        (Some(name), None) => Ident::new(name.value.clone()),
        (Some(name), Some(from)) if name.value.contains(from.as_str()) => {
            joined(&[&name.value.replace(from.as_str(), table)])
        }
        _ => default_name(table, &made.keys),
    }
}

/// `idx_{table}_{columns}`.
pub fn default_name(relation: &str, keys: &[IndexKey]) -> Ident {
    let words: Vec<String> = keys.iter().map(key_word).collect();
    let mut parts = vec!["idx", relation];
    parts.extend(words.iter().map(String::as_str));
    joined(&parts)
}

/// What a key part is called in a name: the column; of an expression, the function and the columns, or what is left of it
/// when all that is no word is taken away.
pub fn key_word(key: &IndexKey) -> String {
    match &key.target {
        IndexTarget::Column(column) => column.as_str().to_owned(),
        IndexTarget::Expression(expression) => {
            let words: Vec<&str> = expression
                .as_str()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .collect();
            if words.is_empty() {
                "expr".into()
            } else {
                words.join("_").to_lowercase()
            }
        }
    }
}

/// A written index may have the default name already, over the same columns but with a condition.
pub fn free_name(table: &Table, name: &Ident) -> Ident {
    let numbered = |n| {
        if n == 0 {
            name.clone()
        } else {
            joined(&[&format!("{}{n}", name.as_str())])
        }
    };
    first_free(numbered, |free| table.indexes.contains_key(free))
}
