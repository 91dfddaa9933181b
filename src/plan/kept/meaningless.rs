//! Checks, exclusion constraints and indexes in no spec that mean nothing for the type that a column of theirs gets.

use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, ExcludeElement, Index, IndexKey, IndexTarget,
    Table,
};
use crate::diff::Object;
use crate::pg::{Knowledge, Version};
use crate::sql::{self, Context, Enums, Expr, Relation, Scope, ScopeColumn};

/// What follows for such a part of a table; `None` where it is none, and where nothing can be said of it, such as of a function of the
/// user's own.
pub(super) fn lost(object: Object<'_>, from: &Catalog, to: &Catalog) -> Option<String> {
    let (Object::Constraint(table, name) | Object::Index(table, name)) = object else {
        return None;
    };
    let (before, now) = (from.tables.get(table)?, to.tables.get(table)?);
    let becomes_another = |next: &&Column| {
        let mut columns = before.columns.iter();
        let previous = columns.find(|previous| previous.name == next.name);
        previous.is_some_and(|previous| !previous.ty.is_like(&next.ty))
    };
    let changed: Vec<&Column> = now.columns.iter().filter(becomes_another).collect();
    if changed.is_empty() {
        return None;
    }
    let extensions: Vec<String> = from.extensions.keys().map(ToString::to_string).collect();
    let [old, new] = [from, to].map(enums);
    let reader = Reader {
        before: scope(before, &old, &extensions),
        now: scope(now, &new, &extensions),
        // Of what only newer servers have nothing is said.
        knowledge: Knowledge::since(Version::V15),
    };
    let means_nothing = |column: &&&Column| {
        if let Object::Constraint(..) = object {
            let own = before.constraints.get(name);
            own.is_some_and(|own| !reader.has_constraint(own, column))
        } else {
            let own = before.indexes.get(name);
            own.is_some_and(|own| !reader.has_index(own, column))
        }
    };
    let column = changed.iter().find(means_nothing)?;
    Some(format!(
        "`{name}`, which is in no spec, means nothing for `{}`, which becomes {}",
        column.name, column.ty
    ))
}

fn enums(catalog: &Catalog) -> Enums {
    let enums = catalog.enums.iter();
    enums
        .map(|(name, own)| (name.clone(), own.labels.clone()))
        .collect()
}

fn scope<'c>(table: &'c Table, enums: &'c Enums, extensions: &'c [String]) -> Scope<'c> {
    let columns = table.columns.iter().map(|column| ScopeColumn {
        names: vec![column.name.as_str()],
        column: column.name.clone(),
        ty: column.ty.clone(),
        generated: column.generated.is_some(),
    });
    Scope {
        relations: vec![Relation {
            names: Vec::new(),
            qualifier: None,
            unqualified: true,
            columns: columns.collect(),
        }],
        extensions,
        enums,
    }
}

/// Reads what is there for the columns as they were and as they are to be.
struct Reader<'c> {
    before: Scope<'c>,
    now: Scope<'c>,
    knowledge: &'static Knowledge,
}

impl Reader<'_> {
    /// Whether a constraint can be on a table with a column as it is to be.
    fn has_constraint(&self, constraint: &Constraint, column: &Column) -> bool {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
                !columns.contains(&column.name) || self.has_default_class("btree", column)
            }
            ConstraintKind::Check { condition } => self.reads(condition, column, Context::Check),
            // `referring` looks after these.
            ConstraintKind::ForeignKey(_) => true,
            ConstraintKind::Exclude {
                method,
                elements,
                predicate,
            } => {
                elements.iter().all(|element| {
                    self.has_key(method.as_str(), &element.key, column)
                        && self.is_excluded(element, column)
                }) && self.has_predicate(predicate.as_ref(), column)
            }
        }
    }

    fn has_index(&self, index: &Index, column: &Column) -> bool {
        let mut keys = index.keys.iter();
        keys.all(|key| self.has_key(index.method.as_str(), key, column))
            && self.has_predicate(index.predicate.as_ref(), column)
    }

    fn has_predicate(&self, predicate: Option<&Expr>, column: &Column) -> bool {
        predicate.is_none_or(|condition| self.reads(condition, column, Context::IndexPredicate))
    }

    fn has_key(&self, method: &str, key: &IndexKey, column: &Column) -> bool {
        let name = match &key.target {
            IndexTarget::Expression(expression) => {
                return self.reads(expression, column, Context::IndexExpression);
            }
            IndexTarget::Column(name) => name,
        };
        if *name != column.name {
            return true;
        }
        let Some(class) = &key.operator_class else {
            return self.has_default_class(method, column);
        };
        let class = self
            .knowledge
            .operator_class(method, class.as_str(), self.now.extensions);
        let known = column.ty.typname(self.knowledge);
        let Some((class, typname)) = class.zip(known) else {
            return true;
        };
        self.knowledge.operator_class_accepts(class, typname)
    }

    fn has_default_class(&self, method: &str, column: &Column) -> bool {
        let typname = column.ty.typname(self.knowledge);
        typname.is_none_or(|typname| {
            let class = self
                .knowledge
                .default_operator_class(method, typname, self.now.extensions);
            class.is_some()
        })
    }

    /// Whether two values of a column can be compared as an exclusion constraint does.
    fn is_excluded(&self, element: &ExcludeElement, column: &Column) -> bool {
        let IndexTarget::Column(name) = &element.key.target else {
            return true;
        };
        let value = Expr::column(name);
        let compared = Expr::binary(&value, &element.operator, &value);
        self.reads(&compared, column, Context::IndexPredicate)
    }

    /// Whether an expression that names a column can be read for it as it is to be, if it could be as it was.
    fn reads(&self, expression: &Expr, column: &Column, context: Context) -> bool {
        let binds = |scope| sql::bind(expression.as_str(), scope, context, self.knowledge).is_ok();
        !expression.names_column(&column.name) || binds(&self.now) || !binds(&self.before)
    }
}
