//! The wanted catalog in the live database's own words.
//!
//! In: what a live database has, what is wanted, a connection. Out: what is wanted, in which everything that the server
//! takes for the same is written as the live catalog has it, so that `diff` need only compare. What specs do not speak
//! of (storage parameters, row security, …) is taken over from the live database: it is nobody's difference.
//!
//! The server is asked, never imitated. Expressions that are equal as parsed trees, and functions that are printed as they
//! are wanted, are never asked about. For the others, temporary tables, views, indexes and functions are made in one
//! transaction that is rolled back, and read back with the same queries as the rest. That needs the right TEMP and nothing
//! else.
//! <https://www.postgresql.org/docs/current/ddl-priv.html>
//!
//! Architecture invariant: nothing is decided here about what has to be done.

mod adopt;
mod ask;
mod expressions;
mod followed;
mod probe;
mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use postgres::Client;
use rayon::iter::{
    Either, IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

use crate::catalog::{Catalog, Dependency, Function, Routine, Table, ViewQuery};
use crate::diff::{Former, Rename, rename_type, shared};
use crate::introspect::{IntrospectError, Live};
use crate::render::RenderError;
use crate::sql::{Equivalence, Ident, QualifiedName, RoutineText};
use ask::Answers;
use expressions::{Places, pairs, shared_columns};

/// Why the catalogs could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The server said no.
    #[error("cannot compare with the database: {}", crate::connect::chain(.0))]
    Postgres(#[from] postgres::Error),
    /// What was asked about could not be read back.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// What was to be asked about has no text.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The wanted catalog, reconciled.
#[derive(Debug)]
pub struct Reconciled {
    /// What is wanted.
    pub catalog: Catalog,
    /// Objects that could not be compared for want of a right, TEMP most often, or on a standby; they are taken for unchanged.
    pub not_compared: Vec<String>,
}

/// What only the server can compare.
#[derive(Debug, Clone, Default)]
struct Questions {
    expressions: Places,
    views: BTreeSet<QualifiedName>,
    functions: BTreeSet<QualifiedName>,
}

impl Questions {
    fn is_empty(&self) -> bool {
        self.expressions.is_empty() && self.views.is_empty() && self.functions.is_empty()
    }

    fn names(&self) -> Vec<String> {
        let expressions = self.expressions.iter().map(ToString::to_string);
        let views = self.views.iter().map(|name| format!("view {name}"));
        let functions = self.functions.iter().map(|name| format!("function {name}"));
        let names: BTreeSet<String> = expressions.chain(views).chain(functions).collect();
        names.into_iter().collect()
    }
}

/// Reconciles what is wanted with a database as it was read; objects that are to have another name are found by the one that they
/// have. Partition policies that may not be read are taken for those that are wanted, in `live` as well.
///
/// # Errors
/// When the server refuses more than the single questions: those that it cannot answer are differences.
pub fn reconcile(
    live: &mut Live,
    wanted: Catalog,
    client: &mut Client,
) -> Result<Reconciled, ReconcileError> {
    reconcile_by(live, wanted, |live, wanted, questions| {
        ask::ask(live, wanted, questions, client)
    })
}

/// The same as far as it goes without a connection: what only a server could compare is taken for unchanged, and named.
pub fn reconcile_offline(live: &mut Live, wanted: Catalog) -> Reconciled {
    let reconciled = reconcile_by(live, wanted, |_, _, _| Ok::<_, Infallible>(None));
    reconciled.unwrap_or_else(|never| match never {})
}

/// Asks a server, if there is one.
trait Ask<E>: FnMut(&Catalog, &Catalog, &Questions) -> Result<Option<Answers>, E> {}

impl<E, F: FnMut(&Catalog, &Catalog, &Questions) -> Result<Option<Answers>, E>> Ask<E> for F {}

fn reconcile_by<E>(
    live: &mut Live,
    wanted: Catalog,
    mut ask: impl Ask<E>,
) -> Result<Reconciled, E> {
    let mut not_compared = Vec::new();
    if live.policies_unread {
        not_compared = assume_policies(&mut live.catalog, &wanted);
    }
    let mut former = Former::new(&live.catalog, &wanted);
    let types = former.renames.iter().filter_map(|rename| match rename {
        Rename::EnumType { from, to } => Some((from.clone(), to.clone())),
        _ => None,
    });
    let types: Vec<(QualifiedName, QualifiedName)> = types.collect();
    let mut ask = |live: &Catalog, wanted: &Catalog, questions: &Questions| {
        if types.is_empty() {
            return ask(live, wanted, questions);
        }
        // The server knows them by the names that they have.
        let [live, wanted] = [live, wanted].map(|catalog| {
            let mut catalog = catalog.clone();
            for (from, to) in &types {
                rename_type(&mut catalog, to, from);
            }
            catalog
        });
        let mut answers = ask(&live, &wanted, questions)?;
        if let Some(answers) = &mut answers {
            for answer in answers.expressions.values_mut() {
                for (from, to) in &types {
                    *answer = answer.with_renamed_type(from, to);
                }
            }
        }
        Ok(answers)
    };
    followed::rename(&mut former, &wanted, &mut ask)?;
    let mut reconciled = in_words_of(&former.catalog, wanted, ask)?;
    not_compared.append(&mut reconciled.not_compared);
    Ok(Reconciled {
        not_compared,
        ..reconciled
    })
}

fn assume_policies(live: &mut Catalog, wanted: &Catalog) -> Vec<String> {
    for (table, policy) in &wanted.partition_policies {
        if live.tables.contains_key(table) {
            live.partition_policies
                .insert(table.clone(), policy.clone());
        }
    }
    let assumed = live.partition_policies.keys();
    assumed
        .map(|table| format!("partition policy of {table}"))
        .collect()
}

fn in_words_of<E>(
    live: &Catalog,
    mut wanted: Catalog,
    mut ask: impl Ask<E>,
) -> Result<Reconciled, E> {
    adopt::adopt(live, &mut wanted);
    let mut equivalence = Equivalence::default();
    let questions = questions(live, &mut wanted, &mut equivalence);
    if questions.is_empty() {
        return Ok(Reconciled {
            catalog: wanted,
            not_compared: Vec::new(),
        });
    }
    let Some(answers) = ask(live, &wanted, &questions)? else {
        let not_compared = questions.names();
        take_for_unchanged(live, &mut wanted, &questions);
        return Ok(Reconciled {
            catalog: wanted,
            not_compared,
        });
    };
    let retyped = retyped_tables(live, &wanted);
    // Of tables of which a column gets another type, more is asked.
    let mut same = Places::default();
    pairs(live, &mut wanted, &mut |place, live, wanted| {
        let answer = answers.expressions.get(&place);
        if !answer.is_some_and(|answer| equivalence.holds(answer, live)) {
            return;
        }
        if retyped.contains(place.relation()) {
            same.insert(place);
        } else {
            wanted.clone_from(live);
        }
    });
    other_of_new_types(live, &wanted, &mut same, &mut equivalence, ask)?;
    take_expressions(live, &mut wanted, &same);
    let (views, tables) = (&mut wanted.views, &wanted.tables);
    for name in &answers.same_views {
        if let (Some(live_view), Some(view)) = (live.views.get(name), views.get_mut(name))
            && !reads_retyped(&live_view.query, live, tables)
        {
            view.query.clone_from(&live_view.query);
        }
    }
    for name in &answers.same_functions {
        take_function(live, &mut wanted, name);
    }
    take_for_unchanged(live, &mut wanted, &answers.denied);
    Ok(Reconciled {
        catalog: wanted,
        not_compared: answers.denied.names(),
    })
}

/// Writes expressions that are equal as trees as the live catalog has them, and lists the others.
fn questions(live: &Catalog, wanted: &mut Catalog, equivalence: &mut Equivalence) -> Questions {
    let mut questions = Questions::default();
    pairs(live, wanted, &mut |place, live, wanted| {
        if equivalence.holds(live, wanted) {
            wanted.clone_from(live);
        } else {
            questions.expressions.insert(place);
        }
    });
    for (name, view) in &wanted.views {
        let printed = live.views.get(name).is_some_and(|live| {
            matches!(live.query, ViewQuery::Definition(_))
                && live.materialized.is_some() == view.materialized.is_some()
        });
        if printed && matches!(view.query, ViewQuery::Query(_)) {
            questions.views.insert(name.clone());
        }
    }
    let (printed, others): (Vec<_>, Vec<_>) = wanted
        .functions
        .par_iter()
        .filter_map(|(name, function)| Some((name, printed_of(name, function, live)?)))
        .partition_map(|(name, is_printed_of)| {
            let name = name.clone();
            if is_printed_of {
                Either::Left(name)
            } else {
                Either::Right(name)
            }
        });
    questions.functions.extend(others);
    for name in &printed {
        take_function(live, wanted, name);
    }
    questions
}

/// Whether what a server has printed of a function is what is wanted, word for word; `None` where it has printed none.
fn printed_of(name: &QualifiedName, function: &Function, live: &Catalog) -> Option<bool> {
    let Routine::Definition(printed) = &live.functions.get(name)?.routine else {
        return None;
    };
    if let Routine::Definition(_) = function.routine {
        return None;
    }
    let made = probe::function(name, function).ok()?;
    let parts = RoutineText::of(printed.text.as_str()).zip(RoutineText::of(&made));
    Some(parts.is_some_and(|(printed, made)| printed.is_printed_of(&made)))
}

fn take_for_unchanged(live: &Catalog, wanted: &mut Catalog, questions: &Questions) {
    take_expressions(live, wanted, &questions.expressions);
    for name in &questions.views {
        if let (Some(live), Some(wanted)) = (live.views.get(name), wanted.views.get_mut(name)) {
            wanted.query.clone_from(&live.query);
        }
    }
    for name in &questions.functions {
        take_function(live, wanted, name);
    }
}

fn take_expressions(live: &Catalog, wanted: &mut Catalog, places: &Places) {
    if places.is_empty() {
        return;
    }
    pairs(live, wanted, &mut |place, live, wanted| {
        if places.contains(&place) {
            wanted.clone_from(live);
        }
    });
}

/// Tables of which a column is to have another type.
fn retyped_tables(live: &Catalog, wanted: &Catalog) -> BTreeSet<QualifiedName> {
    let both: Vec<_> = shared(&live.tables, &wanted.tables).collect();
    both.into_par_iter()
        .filter(|(_, live, wanted)| retyped_columns(live, wanted).next().is_some())
        .map(|(name, ..)| name.clone())
        .collect()
}

/// What the server prints has no more casts than the types of today need: of columns that are to have another type, the
/// printed text may mean something else than what is wanted, or nothing. Both are asked about once more, of those types.
fn other_of_new_types<E>(
    live: &Catalog,
    wanted: &Catalog,
    same: &mut Places,
    equivalence: &mut Equivalence,
    mut ask: impl Ask<E>,
) -> Result<(), E> {
    if same.is_empty() {
        return Ok(());
    }
    let questions = Questions {
        expressions: same.clone(),
        ..Questions::default()
    };
    let mut printed = wanted.clone();
    take_expressions(live, &mut printed, same);
    let mut ask = |catalog: &Catalog| ask(catalog, catalog, &questions);
    if let (Some(own), Some(printed)) = (ask(wanted)?, ask(&printed)?) {
        for place in &questions.expressions {
            let answers = (own.expressions.get(place), printed.expressions.get(place));
            let holds =
                matches!(answers, (Some(own), Some(printed)) if equivalence.holds(own, printed));
            if !holds {
                same.shift_remove(place);
            }
        }
    }
    Ok(())
}

/// Whether a view names a column that is to have another type, for which it is made anew, from what is wanted.
fn reads_retyped(query: &ViewQuery, live: &Catalog, wanted: &Tables) -> bool {
    let ViewQuery::Definition(definition) = query else {
        return false;
    };
    let named = |column: &Ident| column.may_stand_in(definition.text.as_str());
    definition.needs.iter().any(|need| match need {
        Dependency::Relation(table) => retyped(table, live, wanted).any(named),
        _ => false,
    })
}

type Tables = BTreeMap<QualifiedName, Table>;

/// Columns of a table that are to have another type.
fn retyped<'l>(
    table: &QualifiedName,
    live: &'l Catalog,
    wanted: &Tables,
) -> impl Iterator<Item = &'l Ident> {
    let both = live.tables.get(table).zip(wanted.get(table));
    both.into_iter()
        .flat_map(|(live, wanted)| retyped_columns(live, wanted))
}

fn retyped_columns<'l>(live: &'l Table, wanted: &Table) -> impl Iterator<Item = &'l Ident> {
    shared_columns(&live.columns, &wanted.columns)
        .filter(|(live, wanted)| live.ty != wanted.ty)
        .map(|(live, _)| &live.name)
}

/// The function as the live catalog has it, but for its comment.
fn take_function(live: &Catalog, wanted: &mut Catalog, name: &QualifiedName) {
    if let (Some(live), Some(wanted)) = (live.functions.get(name), wanted.functions.get_mut(name)) {
        wanted.routine.clone_from(&live.routine);
    }
}
