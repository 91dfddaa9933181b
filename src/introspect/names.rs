//! What OIDs stand for.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Transaction;

use super::cells::{Cells, each};
use super::relation::{Relation, RelationFacts, RelationKind};
use super::{IntrospectError, Scope, column};
use crate::catalog::{Dependency, IndexKey};
use crate::sql::{Ident, QualifiedName, TypeName};

/// Relations, types, operator classes and collations by their OIDs.
#[derive(Debug)]
pub(super) struct Names {
    pub relations: BTreeMap<u32, Relation>,
    types: Types,
    operator_classes: OperatorClasses,
    /// Types that an access method has a default operator class for.
    defaults: BTreeSet<(u32, u32)>,
    collations: Collations,
}

#[derive(Debug)]
pub(super) struct TypeRow {
    name: QualifiedName,
    /// Of an array type: the type of its elements.
    element: Option<u32>,
    /// Of a row type: whose rows.
    relation: Option<u32>,
    /// `pg_collation` of its values, and how they are stored, in a letter.
    collation: u32,
    storage: i8,
    /// It is found by its bare name: of the core, or of an extension.
    bare: bool,
}

#[derive(Debug)]
pub(super) struct OperatorClassRow {
    name: QualifiedName,
    method: u32,
    /// The type that it is the default for.
    default_for: Option<u32>,
    /// Of the core, or of an extension.
    bare: bool,
}

pub(super) type Types = BTreeMap<u32, TypeRow>;
pub(super) type OperatorClasses = BTreeMap<u32, OperatorClassRow>;
pub(super) type Collations = BTreeMap<u32, QualifiedName>;

impl Names {
    pub(super) fn new(
        relations: BTreeMap<u32, Relation>,
        types: Types,
        operator_classes: OperatorClasses,
        collations: Collations,
    ) -> Self {
        let defaults = operator_classes
            .values()
            .filter_map(|class| Some((class.method, class.default_for?)))
            .collect();
        let mut names = Self {
            relations,
            types,
            operator_classes,
            defaults,
            collations,
        };
        names.settle_columns();
        names
    }

    /// Gives columns their types, and the collation and the storage that are not their types'.
    fn settle_columns(&mut self) {
        let mut relations = std::mem::take(&mut self.relations);
        let columns = relations.values_mut();
        let columns = columns.flat_map(|r| r.columns.iter().zip(&mut r.definitions));
        for (row, column) in columns {
            column.ty = self.type_name(row.type_oid, row.spelled.as_deref());
            let Some(ty) = self.types.get(&row.type_oid) else {
                continue;
            };
            if row.collation != ty.collation {
                column.collation = self.collation(row.collation).map(Box::new);
            }
            if row.storage != ty.storage {
                column.storage = column::storage(row.storage);
            }
        }
        self.relations = relations;
    }

    /// A relation that is none of an extension's.
    pub(super) fn relation(&self, oid: u32) -> Option<&Relation> {
        self.relations.get(&oid).filter(|r| !r.of_extension)
    }

    /// The name of any relation.
    pub(super) fn relation_name(&self, oid: u32) -> Option<&QualifiedName> {
        self.relations.get(&oid).map(|relation| &relation.name)
    }

    /// Objects by the names of their relations instead of their OIDs.
    pub(super) fn by_name<T>(&self, objects: BTreeMap<u32, T>) -> BTreeMap<QualifiedName, T> {
        objects
            .into_iter()
            .filter_map(|(oid, object)| Some((self.relation(oid)?.name.clone(), object)))
            .collect()
    }

    /// What is known of each relation.
    pub(super) fn facts(&self) -> BTreeMap<QualifiedName, RelationFacts> {
        self.relations
            .values()
            .filter(|relation| !relation.of_extension)
            .map(|relation| (relation.name.clone(), relation.facts()))
            .collect()
    }

    /// A type in the form that the rest of the program has it. `spelled` is what `format_type` prints of a type with
    /// modifiers.
    pub(super) fn type_name(&self, oid: u32, spelled: Option<&str>) -> TypeName {
        let Some(found) = self.types.get(&oid) else {
            return TypeName::core("unknown");
        };
        let (scalar, array) = match found.element.and_then(|oid| self.types.get(&oid)) {
            Some(element) => (element, true),
            None => (found, false),
        };
        TypeName {
            schema: (!scalar.bare).then(|| scalar.name.schema.clone()),
            name: scalar.name.name.clone(),
            modifiers: spelled.map(modifiers).unwrap_or_default(),
            array,
        }
    }

    /// What a dependency on a type means: on the type of an array's elements, on the table whose rows it describes.
    pub(super) fn type_dependency(&self, oid: u32) -> Option<Dependency> {
        let found = self.types.get(&oid)?;
        let scalar = match found.element {
            Some(element) => self.types.get(&element)?,
            None => found,
        };
        let relation = scalar.relation.and_then(|oid| self.relations.get(&oid));
        Some(match relation {
            Some(relation) if relation.kind != RelationKind::CompositeType => {
                Dependency::Relation(relation.name.clone())
            }
            _ => Dependency::Type(scalar.name.clone()),
        })
    }

    /// The name of a collation.
    pub(super) fn collation(&self, oid: u32) -> Option<QualifiedName> {
        self.collations.get(&oid).cloned()
    }

    /// Gives a key its operator class, unless it is the one that the type has anyway.
    pub(super) fn set_operator_class(&self, key: &mut IndexKey, oid: u32, ty: Option<u32>) {
        let Some(class) = self.operator_classes.get(&oid) else {
            return;
        };
        // A default is also taken for types that can be read as the one that it is for (varchar as text), unless
        // those have one of their own.
        let implied = class.default_for.is_some_and(|default| {
            ty.is_none_or(|ty| ty == default || !self.defaults.contains(&(class.method, ty)))
        });
        if !implied {
            self.name_operator_class(key, oid);
        }
    }

    /// Gives a key its operator class, whichever it is.
    pub(super) fn name_operator_class(&self, key: &mut IndexKey, oid: u32) {
        if let Some(class) = self.operator_classes.get(&oid) {
            key.operator_class = Some(class.name.name.clone());
            key.operator_class_schema = (!class.bare).then(|| class.name.schema.clone());
        }
    }

    /// Gives a key its collation, unless it is the one that the column has anyway.
    pub(super) fn set_collation(&self, key: &mut IndexKey, oid: u32, own: u32) {
        if oid == 0 || oid == own {
            return;
        }
        if let Some(collation) = self.collations.get(&oid) {
            let schema = &collation.schema;
            key.collation = Some(collation.name.clone());
            key.collation_schema = (schema.as_str() != "pg_catalog").then(|| schema.clone());
        }
    }
}

/// The numbers in the parentheses of `numeric(10,2)`; none of `interval year`.
fn modifiers(spelled: &str) -> Vec<i32> {
    let inside = spelled
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let Some((inside, _)) = inside else {
        return Vec::new();
    };
    inside
        .split(',')
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}

/// Reads types.
pub(super) fn types(tx: &mut Transaction<'_>, scope: &Scope) -> Result<Types, IntrospectError> {
    let mut types = BTreeMap::new();
    let query = include_str!("queries/type_name.sql");
    each(tx, query, scope, &[scope.parameter()], |row| {
        let mut cells = Cells::new(row);
        let oid = cells.take()?;
        let row = TypeRow {
            name: cells.name()?,
            element: Some(cells.take()?).filter(|oid| *oid != 0),
            relation: Some(cells.take()?).filter(|oid| *oid != 0),
            collation: cells.take()?,
            storage: cells.take()?,
            bare: cells.take()?,
        };
        types.insert(oid, row);
        Ok::<_, IntrospectError>(())
    })?;
    Ok(types)
}

/// Reads operator classes.
pub(super) fn operator_classes(
    tx: &mut Transaction<'_>,
) -> Result<OperatorClasses, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/operator_class.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let oid = cells.take()?;
            let row = OperatorClassRow {
                name: cells.name()?,
                method: cells.take()?,
                default_for: cells.take()?,
                bare: cells.take()?,
            };
            Ok((oid, row))
        })
        .collect()
}

/// Reads collations.
pub(super) fn collations(tx: &mut Transaction<'_>) -> Result<Collations, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/collation.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok((cells.take()?, cells.name()?))
        })
        .collect()
}

/// The name that the server makes of parts, cutting the longest of the first two until all fits.
/// <https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/commands/indexcmds.c> (`makeObjectName`)
pub(super) fn made_name(first: &Ident, second: &Ident, label: &str) -> Ident {
    let mut lengths = [first.as_str().len(), second.as_str().len()];
    let available = Ident::MAX_BYTES.saturating_sub(label.len() + 2);
    while lengths.iter().sum::<usize>() > available {
        let [one, other] = lengths;
        lengths = if one > other {
            [one - 1, other]
        } else {
            [one, other - 1]
        };
    }
    let cut = |name: &Ident, length: usize| {
        let mut end = length;
        while !name.as_str().is_char_boundary(end) {
            end -= 1;
        }
        name.as_str().get(..end).unwrap_or_default().to_owned()
    };
    let [one, other] = lengths;
    Ident::new(format!(
        "{}_{}_{label}",
        cut(first, one),
        cut(second, other)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_names_are_cut_as_the_server_cuts_them() {
        let name = |first: &str, second: &str| {
            made_name(&Ident::from(first), &Ident::from(second), "seq")
                .as_str()
                .to_owned()
        };
        assert_eq!(name("orders", "id"), "orders_id_seq");
        let long = name(&"a".repeat(40), &"b".repeat(40));
        assert_eq!(long, format!("{}_{}_seq", "a".repeat(29), "b".repeat(29)));
        // A character is kept whole or left out: so PostgreSQL 15 names the sequence of such a column.
        assert_eq!(
            name(&"ä".repeat(25), &format!("y{}", "ö".repeat(20))),
            format!("{}_y{}_seq", "ä".repeat(14), "ö".repeat(14))
        );
    }

    #[test]
    fn modifiers_are_numbers_in_parentheses() {
        assert_eq!(modifiers("numeric(10,2)"), [10, 2]);
        assert_eq!(modifiers("timestamp(3) with time zone"), [3]);
        assert_eq!(modifiers("public.\"a(1)\"(2)"), [2]);
        assert_eq!(modifiers("interval year"), [0; 0]);
    }
}
