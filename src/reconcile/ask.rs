//! Temporary objects are made, read back and forgotten.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use postgres::error::SqlState;
use postgres::{Client, Transaction};

use super::expressions::{Part, Place};
use super::probe::{self, Probe};
use super::subject::Answer;
use super::{Questions, ReconcileError};
use crate::catalog::{
    Catalog, ConstraintKind, Index, IndexKey, IndexTarget, Routine, Table, ViewDefinition,
    ViewQuery,
};
use crate::introspect::{self, Kind};
use crate::render::RenderError;
use crate::sql::{Expr, Ident, QualifiedName, same_query};

/// Whether this session can make temporary objects.
const CAN_ASK: &str = "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP') \
     AND NOT pg_catalog.pg_is_in_recovery()";

/// Nothing that is made here has to wait for anybody, and nothing runs a function's body.
const SETTINGS: &str = "SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off; \
     SET LOCAL lock_timeout = '3s'; SET LOCAL client_min_messages = error";

/// What the server said.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Expressions as it prints them; none where it refused them, which is a difference as well.
    pub expressions: IndexMap<Place, Expr, RandomState>,
    /// Views that select the same.
    pub same_views: BTreeSet<QualifiedName>,
    /// Functions that are the same.
    pub same_functions: BTreeSet<QualifiedName>,
    /// What could not be asked, for want of a right.
    pub denied: Questions,
}

/// Asks; `None` where this session can make no temporary objects.
pub(super) fn ask(
    live: &Catalog,
    wanted: &Catalog,
    questions: &Questions,
    client: &mut Client,
) -> Result<Option<Answers>, ReconcileError> {
    if !client.query_one(CAN_ASK, &[])?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    // Dropped without a commit: nothing of it stays.
    let mut transaction = client.build_transaction().read_only(false).start()?;
    transaction.batch_execute(SETTINGS)?;
    let mut answers = Answers::default();
    let probes = probe::probes(live, wanted, questions)?;
    for probe in &probes {
        if let Some(failure) = attempt(&mut transaction, &probe.create)? {
            let places = probe.questions.iter().flat_map(|question| &question.places);
            failure.note(places, &mut answers.denied);
            continue;
        }
        let all: String = probe
            .questions
            .iter()
            .flat_map(|question| [question.sql.as_str(), "\n"])
            .collect();
        // One after the other only where not all are accepted.
        if attempt(&mut transaction, &all)?.is_some() {
            for question in &probe.questions {
                if let Some(failure) = attempt(&mut transaction, &question.sql)? {
                    failure.note(&question.places, &mut answers.denied);
                }
            }
        }
    }
    let views = wholes(&questions.views, &wanted.views, probe::temporary_view)?;
    let functions = wholes(
        &questions.functions,
        &wanted.functions,
        probe::temporary_function,
    )?;
    let views = make(&mut transaction, views, &mut answers.denied.views)?;
    let functions = make(&mut transaction, functions, &mut answers.denied.functions)?;
    let kinds = kinds(&probes, &views, &functions);
    let made = introspect::read_temporary(&mut transaction, &kinds)?;
    transaction.rollback()?;
    let tables: BTreeMap<&Ident, &Table> = made
        .tables
        .iter()
        .map(|(name, table)| (&name.name, table))
        .collect();
    for probe in &probes {
        for question in &probe.questions {
            for &place in &question.places {
                if let Some(expression) = expression(&tables, &probe.table, place, &question.answer)
                {
                    answers.expressions.insert(place.clone(), expression);
                }
            }
        }
    }
    for (name, temporary) in views {
        let same = match (live.views.get(&name), view(&made, &temporary)) {
            (Some(live), Some(made)) => same_view(&live.query, made),
            _ => false,
        };
        if same {
            answers.same_views.insert(name);
        }
    }
    for (name, temporary) in functions {
        if same_function(live, &name, &made, &temporary) {
            answers.same_functions.insert(name);
        }
    }
    Ok(Some(answers))
}

/// What of the temporary objects has to be read for the answers.
fn kinds(probes: &[Probe<'_>], views: &[Named], functions: &[Named]) -> Vec<Kind> {
    let questions = || probes.iter().flat_map(|probe| &probe.questions);
    let is_asked = |kind: Kind| match kind {
        Kind::Constraints => questions().any(|q| matches!(q.answer, Answer::Constraint(_))),
        // Those behind constraints that exclude, too.
        Kind::Indexes => questions().any(|question| {
            let is_part = |place: &&Place| place.part().is_some();
            question.places.iter().any(is_part)
        }),
        Kind::Triggers => questions().any(|q| matches!(q.answer, Answer::Trigger(_))),
        Kind::Views => !views.is_empty(),
        Kind::Functions => !functions.is_empty(),
        _ => false,
    };
    let kinds = Kind::ALL.into_iter();
    kinds.filter(|kind| is_asked(*kind)).collect()
}

/// Why the server did not make something.
enum Failure {
    /// It cannot be made: the answer is that it is another.
    Refused,
    /// This role may not: there is no answer.
    Denied,
}

impl Failure {
    fn note<'a>(&self, places: impl IntoIterator<Item = &'a &'a Place>, denied: &mut Questions) {
        if matches!(self, Self::Denied) {
            let places = places.into_iter().copied();
            denied.expressions.extend(places.cloned());
        }
    }
}

/// Runs statements that may fail.
fn attempt(
    transaction: &mut Transaction<'_>,
    sql: &str,
) -> Result<Option<Failure>, ReconcileError> {
    let mut savepoint = transaction.transaction()?;
    match savepoint.batch_execute(sql) {
        Ok(()) => {
            savepoint.commit()?;
            Ok(None)
        }
        Err(error) => {
            let Some(code) = error.code().cloned() else {
                return Err(error.into());
            };
            savepoint.rollback()?;
            Ok(Some(if code == SqlState::INSUFFICIENT_PRIVILEGE {
                Failure::Denied
            } else {
                Failure::Refused
            }))
        }
    }
}

/// What is asked about as a whole: what it is called, what it is called for the question, and what makes it.
type Whole = (QualifiedName, Ident, String);

/// The same when it is there.
type Named = (QualifiedName, Ident);

/// Renders those that are wanted.
fn wholes<T>(
    asked: &BTreeSet<QualifiedName>,
    wanted: &BTreeMap<QualifiedName, T>,
    rendered: impl Fn(usize, &T) -> Result<(Ident, String), RenderError>,
) -> Result<Vec<Whole>, RenderError> {
    let asked = asked.iter().enumerate();
    let wholes = asked.filter_map(|(number, name)| {
        let made = rendered(number, wanted.get(name)?);
        Some(made.map(|(temporary, sql)| (name.clone(), temporary, sql)))
    });
    wholes.collect()
}

/// Makes them; those that are there then, with their names for the question.
fn make(
    transaction: &mut Transaction<'_>,
    wholes: Vec<Whole>,
    denied: &mut BTreeSet<QualifiedName>,
) -> Result<Vec<Named>, ReconcileError> {
    let mut made = Vec::new();
    if wholes.is_empty() {
        return Ok(made);
    }
    let statements = wholes
        .iter()
        .map(|(.., sql)| sql.trim_end().trim_end_matches(';'));
    let all: Vec<&str> = statements.collect();
    let refused = attempt(transaction, &all.join("\n;\n"))?.is_some();
    for (name, temporary, sql) in wholes {
        // One after the other only where not all are accepted.
        let failure = if refused {
            attempt(transaction, &sql)?
        } else {
            None
        };
        match failure {
            None => made.push((name, temporary)),
            Some(Failure::Refused) => {}
            Some(Failure::Denied) => {
                denied.insert(name);
            }
        }
    }
    Ok(made)
}

fn expression(
    tables: &BTreeMap<&Ident, &Table>,
    probe: &Ident,
    place: &Place,
    answer: &Answer,
) -> Option<Expr> {
    let table = |name: &Ident| tables.get(name).copied();
    match answer {
        Answer::Column(helper, name) => {
            let columns = &table(helper)?.columns;
            let column = columns.iter().find(|column| column.name == *name)?;
            match place {
                Place::Generated(..) => Some(column.generated.as_ref()?.expression.clone()),
                _ => column.default.clone(),
            }
        }
        Answer::Constraint(name) => {
            let constraint = table(probe)?.constraints.get(name)?;
            match &constraint.kind {
                ConstraintKind::Check { condition } => Some(condition.clone()),
                ConstraintKind::Exclude {
                    elements,
                    predicate,
                    ..
                } => {
                    let keys = elements.iter().map(|element| &element.key);
                    part(place.part()?, keys, predicate.as_ref())
                }
                _ => None,
            }
        }
        Answer::Index(name) => {
            let index: &Index = table(probe)?.indexes.get(name)?;
            part(place.part()?, index.keys.iter(), index.predicate.as_ref())
        }
        Answer::Trigger(name) => table(probe)?.triggers.get(name)?.condition.clone(),
    }
}

fn part<'a>(
    part: Part,
    mut keys: impl Iterator<Item = &'a IndexKey>,
    predicate: Option<&Expr>,
) -> Option<Expr> {
    match part {
        Part::Condition => predicate.cloned(),
        Part::Key(position) => match &keys.nth(position)?.target {
            IndexTarget::Expression(expression) => Some(expression.clone()),
            IndexTarget::Column(_) => None,
        },
    }
}

fn view<'a>(made: &'a Catalog, name: &Ident) -> Option<&'a ViewQuery> {
    let mut views = made.views.iter();
    let (_, view) = views.find(|(found, _)| found.name == *name)?;
    Some(&view.query)
}

/// Whether two queries are printed alike, and give columns of the same types.
fn same_view(live: &ViewQuery, made: &ViewQuery) -> bool {
    let (ViewQuery::Definition(live), ViewQuery::Definition(made)) = (live, made) else {
        return false;
    };
    let types = |definition: &ViewDefinition| -> Vec<_> {
        let columns = definition.columns.iter();
        columns.map(|c| (c.name.clone(), c.ty.clone())).collect()
    };
    same_query(&live.text, &made.text) && types(live) == types(made)
}

/// Whether two functions are printed alike but for their names.
fn same_function(live: &Catalog, name: &QualifiedName, made: &Catalog, temporary: &Ident) -> bool {
    let Some(live) = live.functions.get(name) else {
        return false;
    };
    let mut functions = made.functions.iter();
    let Some((_, made)) = functions.find(|(found, _)| found.name == *temporary) else {
        return false;
    };
    let (Routine::Definition(live), Routine::Definition(made)) = (&live.routine, &made.routine)
    else {
        return false;
    };
    // The session's own schema is printed by its alias.
    let temporary = QualifiedName::new("pg_temp", temporary.as_str());
    let live = after_name(live.text.as_str(), name);
    live.is_some() && live == after_name(made.text.as_str(), &temporary)
}

/// `CREATE OR REPLACE FUNCTION name(…) …` → the word for what it is, and what follows the name.
fn after_name<'a>(text: &'a str, name: &QualifiedName) -> Option<(&'a str, &'a str)> {
    let name = name.to_string();
    let (word, rest) = text.strip_prefix("CREATE OR REPLACE ")?.split_once(' ')?;
    Some((word, rest.strip_prefix(name.as_str())?))
}
