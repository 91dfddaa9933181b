//! What is asked about, without where it stands, and the statement that asks it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::expressions::Place;
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Generated, Index, Table, Trigger, ViewQuery,
};
use crate::plan::{IndexWay, Statement};
use crate::render::{RenderError, statement};
use crate::sql::{Expr, Ident, QualifiedName, TypeName, has_word};

/// A column as far as an expression sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seen<'a> {
    pub name: &'a Ident,
    pub ty: &'a TypeName,
    pub collation: Option<&'a QualifiedName>,
}

impl<'a> Seen<'a> {
    fn of(column: &'a Column) -> Self {
        Self {
            name: &column.name,
            ty: &column.ty,
            collation: column.collation.as_deref(),
        }
    }

    /// A column with nothing else said of it.
    pub(super) fn column(&self) -> Column {
        Column {
            collation: self.collation.cloned().map(Box::new),
            ..Column::new(self.name.clone(), self.ty.clone())
        }
    }
}

/// What a place holds, in words of the wanted catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject<'a> {
    /// A column's default.
    Default(&'a Ident, &'a Expr),
    /// A generated column's expression.
    Generated(&'a Ident, &'a Expr),
    /// A constraint with expressions.
    Constraint(&'a ConstraintKind),
    /// An index with expressions.
    Index(&'a Index),
    /// A trigger with a condition.
    Trigger(&'a Trigger),
}

/// Where the answer to a question stands in what is read back.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// The default or generated column of a table.
    Column(Ident, Ident),
    /// In a constraint of the table.
    Constraint(Ident),
    /// In an index on the table.
    Index(Ident),
    /// A trigger of the table.
    Trigger(Ident),
}

impl<'a> Subject<'a> {
    /// What a place holds; `None` where there is no such place.
    pub(super) fn of(place: &Place, wanted: &'a Catalog) -> Option<Self> {
        let table = wanted.tables.get(place.relation());
        let column = |name: &Ident| table?.columns.iter().find(|column| column.name == *name);
        Some(match place {
            Place::Default(_, name) => {
                let column = column(name)?;
                Self::Default(&column.name, column.default.as_ref()?)
            }
            Place::Generated(_, name) => {
                let column = column(name)?;
                Self::Generated(&column.name, &column.generated.as_ref()?.expression)
            }
            Place::Constraint(_, name, _) => Self::Constraint(&table?.constraints.get(name)?.kind),
            Place::Index(relation, name, _) => Self::Index(index(wanted, relation, name)?),
            Place::Trigger(_, name) => Self::Trigger(table?.triggers.get(name)?),
        })
    }

    /// What makes an object that holds it, on a table or as one, and where the answer will stand.
    pub(super) fn question(
        &self,
        table_name: &QualifiedName,
        helper: &QualifiedName,
        columns: &[Seen<'_>],
    ) -> Result<(String, Answer), RenderError> {
        Ok(match *self {
            Self::Default(name, default) => {
                let bare = columns.iter().find(|column| column.name == name);
                let with_default = bare.map(|bare| Column {
                    default: Some(default.clone()),
                    ..bare.column()
                });
                let sql = table(helper, with_default.into_iter().collect())?;
                (sql, Answer::Column(helper.name.clone(), name.clone()))
            }
            Self::Generated(name, expression) => {
                let needed = mentioned(expression.as_str(), columns);
                let columns = columns
                    .iter()
                    .filter(|column| column.name == name || needed.contains(column));
                let columns = columns.map(|column| Column {
                    // Stored on every version; how it is kept is no part of the question.
                    generated: (column.name == name).then(|| Generated {
                        expression: expression.clone(),
                        stored: true,
                    }),
                    ..column.column()
                });
                let sql = table(helper, columns.collect())?;
                (sql, Answer::Column(helper.name.clone(), name.clone()))
            }
            Self::Constraint(kind) => {
                let bare = Constraint::new(kind.clone());
                let sql = statement(&Statement::AddConstraint {
                    table: table_name,
                    constraint: (&helper.name, &bare),
                })?;
                (sql, Answer::Constraint(helper.name.clone()))
            }
            Self::Index(index) => {
                let bare = Index {
                    storage_parameters: BTreeMap::new(),
                    tablespace: None,
                    ..index.clone()
                };
                let sql = statement(&Statement::CreateIndex {
                    relation: Cow::Borrowed(table_name),
                    name: Cow::Borrowed(&helper.name),
                    index: &bare,
                    way: IndexWay::Plain,
                })?;
                (sql, Answer::Index(helper.name.clone()))
            }
            Self::Trigger(trigger) => {
                // The function is no part of the question, and may be one that this role may not execute.
                let bare = Trigger {
                    function: QualifiedName::new(
                        "pg_catalog",
                        "suppress_redundant_updates_trigger",
                    ),
                    arguments: Vec::new(),
                    ..trigger.clone()
                };
                let sql = statement(&Statement::CreateTrigger {
                    table: table_name,
                    name: &helper.name,
                    trigger: &bare,
                    or_replace: false,
                })?;
                (sql, Answer::Trigger(helper.name.clone()))
            }
        })
    }

    /// The columns that the table has to have for a question.
    pub(super) fn needed<'c>(&self, sql: &str, columns: &[Seen<'c>]) -> Vec<Seen<'c>> {
        match self {
            // They have a table of their own.
            Self::Default(..) | Self::Generated(..) => Vec::new(),
            // A trigger's columns are those of OLD and NEW, in a statement that may name others.
            Self::Trigger(_) => columns.to_vec(),
            Self::Constraint(_) | Self::Index(_) => mentioned(sql, columns),
        }
    }
}

/// The columns whose names stand in a statement, as words or in quotes; all of them where none does. One too many does no
/// harm: it is only one more that the table has.
fn mentioned<'c>(sql: &str, columns: &[Seen<'c>]) -> Vec<Seen<'c>> {
    // A name may be written by the numbers of its characters.
    if sql.contains("U&") || sql.contains("u&") {
        return columns.to_vec();
    }
    let text = sql.to_lowercase();
    let found = |column: &&Seen<'_>| has_word(&text, &column.name.as_str().to_lowercase());
    let found: Vec<Seen<'c>> = columns.iter().filter(found).copied().collect();
    if found.is_empty() {
        return columns.to_vec();
    }
    found
}

fn index<'a>(catalog: &'a Catalog, relation: &QualifiedName, name: &Ident) -> Option<&'a Index> {
    let of_table = catalog.tables.get(relation).map(|table| &table.indexes);
    let of_view = || {
        let view = catalog.views.get(relation)?;
        Some(&view.materialized.as_ref()?.indexes)
    };
    of_table.or_else(of_view)?.get(name)
}

/// The relation's columns as they are, and those that are to come.
pub(super) fn columns<'a>(
    relation: &QualifiedName,
    live: &'a Catalog,
    wanted: &'a Catalog,
) -> Vec<Seen<'a>> {
    if let Some(view) = live.views.get(relation) {
        return match &view.query {
            ViewQuery::Definition(definition) => definition
                .columns
                .iter()
                .map(|column| Seen {
                    name: &column.name,
                    ty: &column.ty,
                    collation: None,
                })
                .collect(),
            ViewQuery::Query(_) => Vec::new(),
        };
    }
    let mut columns: Vec<Seen<'a>> = Vec::new();
    for column in root_columns(relation, live).chain(root_columns(relation, wanted)) {
        if !columns.iter().any(|known| *known.name == column.name) {
            columns.push(Seen::of(column));
        }
    }
    columns
}

/// The columns of a table; a partition that lists none has its parent's.
fn root_columns<'a>(
    relation: &QualifiedName,
    catalog: &'a Catalog,
) -> impl Iterator<Item = &'a Column> {
    // A catalog that came from a file may claim a circle.
    const MAX_DEPTH: usize = 64;
    let first = catalog.tables.get(relation);
    std::iter::successors(first, |table| {
        let partition = table
            .partition
            .as_ref()
            .filter(|_| table.columns.is_empty())?;
        catalog.tables.get(&partition.of)
    })
    .take(MAX_DEPTH)
    .flat_map(|table| &table.columns)
}

/// Makes a table of some columns.
pub(super) fn table(name: &QualifiedName, columns: Vec<Column>) -> Result<String, RenderError> {
    statement(&Statement::CreateTable {
        name,
        table: &Table {
            columns,
            ..Table::default()
        },
        constraints: Vec::new(),
    })
}
