//! Questions → temporary objects that hold what is asked about, and nothing else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use super::Questions;
use super::expressions::Place;
use super::subject::{Answer, Seen, Subject, columns, table};
use crate::catalog::{Catalog, Function, View};
use crate::plan::Statement;
use crate::render::{RenderError, statement};
use crate::sql::{Ident, QualifiedName, RoutineText};

/// A name in the session's own schema.
/// <https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH>
fn temporary(name: String) -> QualifiedName {
    QualifiedName::new("pg_temp", name)
}

/// What stands for one relation: a table of its columns, bare, and what is asked about on it.
#[derive(Debug)]
pub(super) struct Probe<'a> {
    /// The table's name; the schema's is the session's.
    pub table: Ident,
    /// Makes the table.
    pub create: String,
    /// Makes the rest, each with what it answers.
    pub questions: Vec<Question<'a>>,
}

/// One temporary object.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// Makes it.
    pub sql: String,
    /// Where the answer will stand.
    pub answer: Answer,
    /// What it is asked for.
    pub places: Vec<&'a Place>,
}

/// So many questions are asked on one table at most: each makes the server read its description anew.
const QUESTIONS: usize = 32;
/// So many tables are looked at for one that has room for a question.
const OPEN: usize = 8;

/// The probes for expressions. What is the same question of two relations (the same text, the same types of the columns in it) is
/// asked once, and questions share a table where the columns that they need agree: thousands of tables that are like each
/// other cost a few.
pub(super) fn probes<'a>(
    live: &'a Catalog,
    wanted: &'a Catalog,
    questions: &'a Questions,
) -> Result<Vec<Probe<'a>>, RenderError> {
    let alike = alike(live, wanted, questions);
    let neutral: Vec<_> = alike
        .par_iter()
        .map(Asked::neutral)
        .collect::<Result<_, _>>()?;
    let mut forms: BTreeMap<(String, Vec<Seen<'a>>), Form<'a>> = BTreeMap::new();
    for (asked, (sql, needed)) in alike.into_iter().zip(neutral) {
        match forms.entry((sql, needed.clone())) {
            Entry::Vacant(entry) => {
                entry.insert(Form { needed, asked });
            }
            Entry::Occupied(mut entry) => entry.get_mut().asked.places.extend(asked.places),
        }
    }
    let mut pools: Vec<Pool<'a>> = Vec::new();
    for form in forms.into_values() {
        let open = pools.iter_mut().rev().take(OPEN);
        match open.into_iter().find(|pool| pool.has_room(&form)) {
            Some(pool) => pool.add(form),
            None => pools.push(Pool::of(form)),
        }
    }
    let pools = pools.into_iter().enumerate();
    pools.map(|(number, pool)| pool.probe(number)).collect()
}

/// What is asked of relations that have the same columns.
struct Asked<'a> {
    subject: Subject<'a>,
    columns: Arc<[Seen<'a>]>,
    places: Vec<&'a Place>,
}

/// So many places are put together at a time; what is the same in several such parts becomes one as soon as it has a text.
const CHUNK: usize = 1024;

/// Puts together what is the same before it has a text: to render thousands of questions takes longer than to ask them.
fn alike<'a>(live: &'a Catalog, wanted: &'a Catalog, questions: &'a Questions) -> Vec<Asked<'a>> {
    let places: Vec<&'a Place> = questions.expressions.iter().collect();
    let parts = places.par_chunks(CHUNK);
    parts
        .flat_map_iter(|places| alike_of(places, live, wanted))
        .collect()
}

fn alike_of<'a>(places: &[&'a Place], live: &'a Catalog, wanted: &'a Catalog) -> Vec<Asked<'a>> {
    let mut shapes: IndexSet<Arc<[Seen<'a>]>, RandomState> = IndexSet::default();
    let mut shape_of: IndexMap<&QualifiedName, usize, RandomState> = IndexMap::default();
    let mut alike: IndexMap<(Subject<'a>, usize), Vec<&'a Place>, RandomState> =
        IndexMap::default();
    for &place in places {
        let Some(subject) = Subject::of(place, wanted) else {
            continue;
        };
        let shape = *shape_of.entry(place.relation()).or_insert_with(|| {
            let columns = columns(place.relation(), live, wanted);
            shapes.insert_full(columns.into()).0
        });
        alike.entry((subject, shape)).or_default().push(place);
    }
    alike
        .into_iter()
        .filter_map(|((subject, shape), places)| {
            Some(Asked {
                subject,
                columns: shapes.get_index(shape)?.clone(),
                places,
            })
        })
        .collect()
}

impl<'a> Asked<'a> {
    /// The question without the names of what it is asked about, and the columns that it needs.
    fn neutral(&self) -> Result<(String, Vec<Seen<'a>>), RenderError> {
        let (table, helper) = (temporary("specql".into()), temporary("specql_it".into()));
        let (sql, _) = self.subject.question(&table, &helper, &self.columns)?;
        let needed = self.subject.needed(&sql, &self.columns);
        Ok((sql, needed))
    }
}

/// A question with the columns that it needs.
struct Form<'a> {
    needed: Vec<Seen<'a>>,
    asked: Asked<'a>,
}

impl Form<'_> {
    /// A type that somebody has made may not be there yet, or not for everybody: what needs it may fail, and nothing else with it.
    fn is_alone(&self) -> bool {
        self.needed.iter().any(|column| column.ty.schema.is_some())
    }
}

/// Questions that share a table.
struct Pool<'a> {
    columns: BTreeMap<&'a Ident, Seen<'a>>,
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
            && form.needed.iter().all(|column| {
                let known = self.columns.get(column.name);
                known.is_none_or(|known| known == column)
            })
    }

    fn add(&mut self, form: Form<'a>) {
        for column in &form.needed {
            self.columns.insert(column.name, *column);
        }
        self.forms.push(form);
    }

    fn probe(self, number: usize) -> Result<Probe<'a>, RenderError> {
        let name = temporary(format!("specql_{number}"));
        let create = table(&name, self.columns.values().map(Seen::column).collect())?;
        let forms = self.forms.into_iter().enumerate();
        let questions = forms.map(|(position, Form { asked, .. })| {
            let helper = temporary(format!("specql_{number}_{position}"));
            let (sql, answer) = asked.subject.question(&name, &helper, &asked.columns)?;
            Ok(Question {
                sql,
                answer,
                places: asked.places,
            })
        });
        Ok(Probe {
            create,
            questions: questions.collect::<Result<_, RenderError>>()?,
            table: name.name,
        })
    }
}

/// A temporary view of what a view selects.
pub(super) fn temporary_view(number: usize, wanted: &View) -> Result<(Ident, String), RenderError> {
    let name = temporary(format!("specql_view_{number}"));
    let sql = statement(&Statement::CreateView {
        name: &name,
        view: &View {
            // What is stored, and how, is said of a table.
            options: BTreeMap::new(),
            materialized: None,
            ..wanted.clone()
        },
        noted: false,
    })?;
    Ok((name.name, sql))
}

/// A temporary function that does what a function does.
pub(super) fn temporary_function(
    number: usize,
    wanted: &Function,
) -> Result<(Ident, String), RenderError> {
    let name = temporary(format!("specql_function_{number}"));
    let sql = function(&name, wanted)?;
    Ok((name.name, sql))
}

/// The statement that makes a function, without what follows it: its rights, or its first run.
pub(super) fn function(name: &QualifiedName, wanted: &Function) -> Result<String, RenderError> {
    let mut sql = statement(&Statement::CreateFunction {
        name,
        routine: &wanted.routine,
    })?;
    if let Some(parts) = RoutineText::of(&sql) {
        let length = parts.statement.len();
        sql.truncate(length);
    }
    Ok(sql)
}
