//! Keys of indexes and partitions.

use super::names::Names;
use super::printed;
use super::relation::Relation;
use crate::catalog::{IndexKey, IndexTarget};
use crate::sql::Expr;

/// `pg_catalog."default"`, whose OID is fixed.
const DEFAULT_COLLATION: u32 = 100;

/// Key parts as the server keeps them: side by side.
pub(super) struct KeyParts<'a> {
    /// Numbers of columns; 0 for an expression.
    pub columns: &'a [i16],
    pub operator_classes: &'a [u32],
    pub collations: &'a [u32],
    /// The expressions in order, between commas.
    pub expressions: Option<&'a str>,
}

impl KeyParts<'_> {
    /// One key for each of them, ascending.
    pub(super) fn keys(&self, relation: &Relation, names: &Names) -> Vec<IndexKey> {
        let expressions = self.expressions.map(printed::split_list);
        let mut expressions = expressions.unwrap_or_default().into_iter();
        let settings = self.operator_classes.iter().zip(self.collations);
        let found = self
            .columns
            .iter()
            .zip(settings)
            .filter_map(|(number, (class, collation))| {
                let column = relation.column(*number);
                let target = if let Some(column) = column {
                    IndexTarget::Column(column.name.clone())
                } else {
                    let text = printed::without_parentheses(expressions.next()?);
                    IndexTarget::Expression(Expr::from_server(text))
                };
                let mut key = IndexKey::new(target);
                names.set_operator_class(&mut key, *class, column.map(|column| column.type_oid));
                // Which collation an expression has of itself only the server knows: the default is taken for it.
                let own = column.map_or(DEFAULT_COLLATION, |column| column.collation);
                names.set_collation(&mut key, *collation, own);
                Some(key)
            });
        // Collected, one or two of them would take the room of four.
        let mut keys = Vec::with_capacity(self.columns.len());
        keys.extend(found);
        keys
    }
}
