//! What follows the new name of its table or of a column, where only the server knows that it is the same.
//!
//! [`Former`] finds such an index or constraint by its definition, which a server prints its own way. So those that are there
//! under no name that is wanted are asked about before all else, and are compared under the names that they are to have.

use std::collections::BTreeSet;

use super::ask::Answers;
use super::expressions::{self, Part, Place, Places};
use super::{Ask, Questions, adopt};
use crate::catalog::{Catalog, Constraint, Index};
use crate::diff::{Former, follow, rename_keys};
use crate::sql::{Equivalence, Expr, Ident, QualifiedName};

/// Gives them these names.
pub(super) fn rename<E>(
    former: &mut Former<'_>,
    wanted: &Catalog,
    mut ask: impl Ask<E>,
) -> Result<(), E> {
    let tables = former.renamed_tables();
    if tables.is_empty() {
        return Ok(());
    }
    let mut equivalence = Equivalence::default();
    let mut expressions = Places::default();
    followers(&former.catalog, wanted, &tables, |place, live, wanted| {
        let holds = equivalence.holds(live, wanted);
        if !holds {
            expressions.insert(place);
        }
        holds
    });
    let questions = Questions {
        expressions,
        ..Questions::default()
    };
    let answers = if questions.is_empty() {
        Answers::default()
    } else {
        ask(&former.catalog, wanted, &questions)?.unwrap_or_default()
    };
    let found = followers(&former.catalog, wanted, &tables, |place, live, wanted| {
        let answer = answers.expressions.get(&place);
        equivalence.holds(answer.unwrap_or(wanted), live)
    });
    let catalog = former.catalog.to_mut();
    for followers in found {
        if let Some(table) = catalog.tables.get_mut(followers.table) {
            rename_keys(&mut table.constraints, &followers.constraints);
            rename_keys(&mut table.indexes, &followers.indexes);
        }
    }
    Ok(())
}

/// Parts of a table, each with the name that it has and the one that it is to have.
struct Followers<'t> {
    table: &'t QualifiedName,
    constraints: Vec<(Ident, Ident)>,
    indexes: Vec<(Ident, Ident)>,
}

/// The parts of tables that are the same as one that is wanted, where those expressions are the same that `holds` says are.
fn followers<'t>(
    live: &Catalog,
    wanted: &Catalog,
    tables: &'t BTreeSet<QualifiedName>,
    mut holds: impl FnMut(Place, &Expr, &Expr) -> bool,
) -> Vec<Followers<'t>> {
    let mut found = Vec::new();
    for table in tables {
        let (Some(live), Some(wanted)) = (live.tables.get(table), wanted.tables.get(table)) else {
            continue;
        };
        let (mut constraints, mut indexes) = (Vec::new(), Vec::new());
        let (there, next) = (&live.constraints, &wanted.constraints);
        follow(there, next, &mut constraints, |live, to, wanted| {
            is_same_constraint(live, wanted, &mut |part, live, wanted| {
                let place = Place::Constraint(table.clone(), to.clone(), part);
                holds(place, live, wanted)
            })
        });
        let (there, next) = (&live.indexes, &wanted.indexes);
        follow(there, next, &mut indexes, |live, to, wanted| {
            is_same_index(live, wanted, &mut |part, live, wanted| {
                let place = Place::Index(table.clone(), to.clone(), part);
                holds(place, live, wanted)
            })
        });
        found.push(Followers {
            table,
            constraints,
            indexes,
        });
    }
    found
}

type Holds<'h> = &'h mut dyn FnMut(Part, &Expr, &Expr) -> bool;

fn is_same_constraint(live: &Constraint, wanted: &Constraint, holds: Holds<'_>) -> bool {
    let mut wanted = wanted.clone();
    adopt::constraint(live, &mut wanted);
    wanted.comment.clone_from(&live.comment);
    expressions::constraint(live, &mut wanted, &mut in_words(holds));
    *live == wanted
}

fn is_same_index(live: &Index, wanted: &Index, holds: Holds<'_>) -> bool {
    let mut wanted = wanted.clone();
    adopt::index(live, &mut wanted);
    wanted.comment.clone_from(&live.comment);
    expressions::index(live, &mut wanted, &mut in_words(holds));
    *live == wanted
}

/// Writes what is the same as it is there.
fn in_words(holds: Holds<'_>) -> impl FnMut(Part, &Expr, &mut Expr) {
    |part, live, wanted| {
        if holds(part, live, wanted) {
            wanted.clone_from(live);
        }
    }
}
