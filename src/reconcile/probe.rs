//! Questions → temporary objects that hold what is asked about, and nothing else.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::Questions;
use super::expressions::Place;
use crate::catalog::{
    Catalog, Column, Constraint, Function, Generated, Index, Table, Trigger, View, ViewQuery,
};
use crate::plan::{IndexWay, Statement};
use crate::render::{RenderError, statement};
use crate::sql::{Ident, QualifiedName};

/// A name in the session's own schema.
/// <https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH>
fn temporary(name: String) -> QualifiedName {
    QualifiedName::new("pg_temp", name)
}

/// What stands for one relation: a table of its columns, bare, and what is asked about on it.
#[derive(Debug)]
pub(super) struct Probe {
    /// The table's name; the schema's is the session's.
    pub table: Ident,
    /// Makes the table.
    pub create: String,
    /// Makes the rest, each with what it answers.
    pub questions: Vec<Question>,
}

/// One temporary object.
#[derive(Debug)]
pub(super) struct Question {
    /// Makes it.
    pub sql: String,
    /// What it is asked for, and where the answer will stand.
    pub asked: Vec<(Place, Answer)>,
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

/// So many questions are asked on one table at most: each makes the server read its description anew.
const QUESTIONS: usize = 32;
/// So many tables are looked at for one that has room for a question.
const OPEN: usize = 8;

/// The probes for expressions. What is the same question of two relations (the same text, the same types of the columns in it) is
/// asked once, and questions share a table where the columns that they need agree: thousands of tables that are like each
/// other cost a few.
pub(super) fn probes(
    live: &Catalog,
    wanted: &Catalog,
    questions: &Questions,
) -> Result<Vec<Probe>, RenderError> {
    let mut forms: BTreeMap<(String, Vec<Kind>), Form<'_>> = BTreeMap::new();
    let places: Vec<&Place> = questions.expressions.iter().collect();
    let asked: Vec<_> = places
        .par_iter()
        .map(|place| neutral(place, live, wanted))
        .collect::<Result<_, _>>()?;
    for (place, asked) in places.into_iter().zip(asked) {
        let Some((sql, needed)) = asked else {
            continue;
        };
        let kinds = needed.iter().map(kind).collect();
        forms
            .entry((sql, kinds))
            .or_insert_with(|| Form {
                columns: needed,
                places: Vec::new(),
            })
            .places
            .push(place);
    }
    let mut pools: Vec<Pool<'_>> = Vec::new();
    for form in forms.into_values() {
        let open = pools.iter_mut().rev().take(OPEN);
        match open.into_iter().find(|pool| pool.has_room(&form)) {
            Some(pool) => pool.add(form),
            None => pools.push(Pool::of(form)),
        }
    }
    let pools = pools.into_iter().enumerate();
    pools
        .map(|(number, pool)| pool.probe(number, live, wanted))
        .collect()
}

/// A question without the names of what it is asked about, and the columns that it needs.
type Neutral = (String, Vec<Column>);

fn neutral(
    place: &Place,
    live: &Catalog,
    wanted: &Catalog,
) -> Result<Option<Neutral>, RenderError> {
    let (table_name, helper) = (temporary("specql".into()), temporary("specql_it".into()));
    let columns = columns(place.relation(), live, wanted);
    let question = question(place, &table_name, &helper, &columns, wanted)?;
    Ok(question.map(|(sql, _)| {
        let needed = match place {
            // They have a table of their own.
            Place::Default(..) | Place::Generated(..) => Vec::new(),
            // A trigger's columns are those of OLD and NEW, in a statement that may name others.
            Place::Trigger(..) => columns,
            Place::Constraint(..) | Place::Index(..) => mentioned(&sql, &columns),
        };
        (sql, needed)
    }))
}

/// What a column is, to an expression.
type Kind = (Ident, String, Option<Box<QualifiedName>>);

fn kind(column: &Column) -> Kind {
    let Column {
        name,
        ty,
        collation,
        ..
    } = column;
    (name.clone(), ty.to_string(), collation.clone())
}

/// A question with all that it answers.
struct Form<'a> {
    columns: Vec<Column>,
    places: Vec<&'a Place>,
}

impl Form<'_> {
    /// A type that somebody has made may not be there yet, or not for everybody: what needs it may fail, and nothing else with it.
    fn is_alone(&self) -> bool {
        let mut types = self.columns.iter().map(|column| column.ty.to_string());
        types.any(|ty| ty.contains('.'))
    }
}

/// Questions that share a table.
struct Pool<'a> {
    columns: BTreeMap<Ident, Column>,
    forms: Vec<Form<'a>>,
    alone: bool,
}

impl<'a> Pool<'a> {
    fn of(form: Form<'a>) -> Self {
        let mut pool = Self {
            columns: BTreeMap::new(),
            alone: form.is_alone(),
            forms: Vec::new(),
        };
        pool.add(form);
        pool
    }

    fn has_room(&self, form: &Form<'_>) -> bool {
        !self.alone
            && !form.is_alone()
            && self.forms.len() < QUESTIONS
            && form.columns.iter().all(|column| {
                let known = self.columns.get(&column.name);
                known.is_none_or(|known| kind(known) == kind(column))
            })
    }

    fn add(&mut self, form: Form<'a>) {
        for column in &form.columns {
            self.columns.insert(column.name.clone(), column.clone());
        }
        self.forms.push(form);
    }

    fn probe(self, number: usize, live: &Catalog, wanted: &Catalog) -> Result<Probe, RenderError> {
        let name = temporary(format!("specql_{number}"));
        let shared: Vec<Column> = self.columns.into_values().collect();
        let create = table(&name, &shared)?;
        let mut questions = Vec::with_capacity(self.forms.len());
        for (position, form) in self.forms.into_iter().enumerate() {
            let helper = temporary(format!("specql_{number}_{position}"));
            let Some(first) = form.places.first() else {
                continue;
            };
            let columns = columns(first.relation(), live, wanted);
            let found = question(first, &name, &helper, &columns, wanted)?;
            let Some((sql, answer)) = found else {
                continue;
            };
            let places = form.places.into_iter();
            questions.push(Question {
                sql,
                asked: places
                    .map(|place| (place.clone(), answer.clone()))
                    .collect(),
            });
        }
        Ok(Probe {
            table: name.name,
            create,
            questions,
        })
    }
}

/// The columns whose names stand in a statement, as words or in quotes; all of them where none does. One too many does no
/// harm: it is only one more that the table has.
fn mentioned(sql: &str, columns: &[Column]) -> Vec<Column> {
    // A name may be written by the numbers of its characters.
    if sql.contains("U&") || sql.contains("u&") {
        return columns.to_vec();
    }
    let text = sql.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let found = |column: &&Column| {
        let name = column.name.as_str().to_lowercase().replace('"', "\"\"");
        text.match_indices(&name).any(|(start, _)| {
            let before = text.get(..start).and_then(|text| text.chars().next_back());
            let after = text
                .get(start + name.len()..)
                .and_then(|text| text.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    };
    let found: Vec<Column> = columns.iter().filter(found).cloned().collect();
    if found.is_empty() {
        return columns.to_vec();
    }
    found
}

/// What makes the object that a place is in, and where the answer will stand.
fn question(
    place: &Place,
    table_name: &QualifiedName,
    helper: &QualifiedName,
    columns: &[Column],
    wanted: &Catalog,
) -> Result<Option<(String, Answer)>, RenderError> {
    let found = match place {
        Place::Default(relation, name) => {
            let Some(default) = column(wanted, relation, name).and_then(|c| c.default.clone())
            else {
                return Ok(None);
            };
            let Some(bare) = columns.iter().find(|column| column.name == *name) else {
                return Ok(None);
            };
            let with_default = Column {
                default: Some(default),
                ..bare.clone()
            };
            let sql = table(helper, &[with_default])?;
            (sql, Answer::Column(helper.name.clone(), name.clone()))
        }
        Place::Generated(relation, name) => {
            let Some(generated) = column(wanted, relation, name).and_then(|c| c.generated.clone())
            else {
                return Ok(None);
            };
            let needed = mentioned(generated.expression.as_str(), columns);
            let mut columns = columns.to_vec();
            for column in &mut columns {
                if column.name == *name {
                    // Stored on every version; how it is kept is no part of the question.
                    column.generated = Some(Generated {
                        expression: generated.expression.clone(),
                        stored: true,
                    });
                }
            }
            columns.retain(|column| column.name == *name || needed.contains(column));
            let sql = table(helper, &columns)?;
            (sql, Answer::Column(helper.name.clone(), name.clone()))
        }
        Place::Constraint(relation, name, _) => {
            let table = wanted.tables.get(relation);
            let Some(constraint) = table.and_then(|table| table.constraints.get(name)) else {
                return Ok(None);
            };
            let bare = Constraint::new(constraint.kind.clone());
            let sql = statement(&Statement::AddConstraint {
                table: table_name,
                constraint: (&helper.name, &bare),
            })?;
            (sql, Answer::Constraint(helper.name.clone()))
        }
        Place::Index(relation, name, _) => {
            let Some(index) = index(wanted, relation, name) else {
                return Ok(None);
            };
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
        Place::Trigger(relation, name) => {
            let table = wanted.tables.get(relation);
            let Some(trigger) = table.and_then(|table| table.triggers.get(name)) else {
                return Ok(None);
            };
            // The function is no part of the question, and may be one that this role may not execute.
            let bare = Trigger {
                function: QualifiedName::new("pg_catalog", "suppress_redundant_updates_trigger"),
                arguments: Vec::new(),
                ..trigger.clone()
            };
            let sql = statement(&Statement::CreateTrigger {
                table: table_name,
                name: &helper.name,
                trigger: &bare,
            })?;
            (sql, Answer::Trigger(helper.name.clone()))
        }
    };
    Ok(Some(found))
}

fn column<'a>(catalog: &'a Catalog, table: &QualifiedName, name: &Ident) -> Option<&'a Column> {
    let table = catalog.tables.get(table)?;
    table.columns.iter().find(|column| column.name == *name)
}

fn index<'a>(catalog: &'a Catalog, relation: &QualifiedName, name: &Ident) -> Option<&'a Index> {
    let of_table = catalog.tables.get(relation).map(|table| &table.indexes);
    let of_view = || {
        let view = catalog.views.get(relation)?;
        Some(&view.materialized.as_ref()?.indexes)
    };
    of_table.or_else(of_view)?.get(name)
}

/// The relation's columns as they are, and those that are to come; names and types only.
fn columns(relation: &QualifiedName, live: &Catalog, wanted: &Catalog) -> Vec<Column> {
    if let Some(view) = live.views.get(relation) {
        return match &view.query {
            ViewQuery::Definition(definition) => definition
                .columns
                .iter()
                .map(|column| Column::new(column.name.clone(), column.ty.clone()))
                .collect(),
            ViewQuery::Query(_) => Vec::new(),
        };
    }
    let mut columns: Vec<Column> = Vec::new();
    for column in root_columns(relation, live).chain(root_columns(relation, wanted)) {
        if !columns.iter().any(|known| known.name == column.name) {
            let bare = Column::new(column.name.clone(), column.ty.clone());
            columns.push(Column {
                collation: column.collation.clone(),
                ..bare
            });
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

fn table(name: &QualifiedName, columns: &[Column]) -> Result<String, RenderError> {
    statement(&Statement::CreateTable {
        name,
        table: &Table {
            columns: columns.to_vec(),
            ..Table::default()
        },
        constraints: Vec::new(),
    })
}

/// A temporary view of what a view selects.
pub(super) fn view(number: usize, wanted: &View) -> Result<(Ident, String), RenderError> {
    let name = temporary(format!("specql_view_{number}"));
    let sql = statement(&Statement::CreateView {
        name: &name,
        view: &View {
            materialized: None,
            ..wanted.clone()
        },
    })?;
    Ok((name.name, sql))
}

/// A temporary function that does what a function does.
pub(super) fn function(number: usize, wanted: &Function) -> Result<(Ident, String), RenderError> {
    let name = temporary(format!("specql_function_{number}"));
    let sql = statement(&Statement::CreateFunction {
        name: &name,
        routine: &wanted.routine,
    })?;
    Ok((name.name, alone(&sql).to_owned()))
}

/// The statement that makes a function, without what follows it: its rights, or its first run.
fn alone(sql: &str) -> &str {
    let end = || {
        let open = sql.find("\nAS $")? + "\nAS ".len();
        let tag_end = open + 1 + sql.get(open + 1..)?.find('$')? + 1;
        let tag = sql.get(open..tag_end)?;
        Some(tag_end + sql.get(tag_end..)?.find(tag)? + tag.len())
    };
    end().and_then(|end| sql.get(..end)).unwrap_or(sql)
}

#[cfg(test)]
mod tests {
    use super::alone;

    #[test]
    fn what_follows_a_function_is_left_out() {
        let sql = "CREATE FUNCTION f() RETURNS void\nAS $function_1$ it's $$ $function_1$;\nREVOKE ALL;\nDO $function_1$ x $function_1$;";
        assert_eq!(
            alone(sql),
            "CREATE FUNCTION f() RETURNS void\nAS $function_1$ it's $$ $function_1$"
        );
    }
}
