//! Names and who has them: two objects of one namespace cannot share one.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::Entry;

use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::sql::{Ident, QualifiedName};

/// Where a name must be unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// Tables, indexes, sequences, views and types of a schema: a table is a type as well.
    Schema(Ident),
    /// Constraints of a table.
    Constraints(QualifiedName),
    /// Triggers of a table.
    Triggers(QualifiedName),
    /// Functions and procedures of a schema.
    Routines(Ident),
}

/// An object takes a name.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Where it must be unique.
    pub namespace: Namespace,
    /// The name.
    pub name: Ident,
    /// What takes it: "index", "table".
    pub what: &'static str,
    /// Where it was written.
    pub at: Place,
}

impl Claim {
    /// A table, index, view or type of a schema.
    pub fn relation(schema: &Ident, name: &Ident, what: &'static str, at: &Place) -> Self {
        Self {
            namespace: Namespace::Schema(schema.clone()),
            name: name.clone(),
            what,
            at: at.clone(),
        }
    }

    /// A constraint of a table.
    pub fn constraint(table: &QualifiedName, name: &Ident, at: &Place) -> Self {
        Self {
            namespace: Namespace::Constraints(table.clone()),
            name: name.clone(),
            what: "constraint",
            at: at.clone(),
        }
    }
}

/// All names of the project.
#[derive(Debug, Clone, Default)]
pub struct Claims(Vec<Vec<Claim>>);

impl Claims {
    /// Adds more.
    pub fn extend(&mut self, claims: Vec<Claim>) {
        self.0.push(claims);
    }

    /// Where each name was written first.
    pub fn places(&self) -> BTreeMap<(&Namespace, &Ident), &Place> {
        let mut places = BTreeMap::new();
        for claim in self.0.iter().flatten() {
            places
                .entry((&claim.namespace, &claim.name))
                .or_insert(&claim.at);
        }
        places
    }

    /// Reports names that are taken twice, at the later place of each pair.
    pub fn report_duplicates(&self, diagnostics: &mut Diagnostics) {
        let mut taken: IndexMap<(&Namespace, &Ident), &Claim, RandomState> = IndexMap::default();
        taken.reserve(self.0.iter().map(Vec::len).sum());
        // A unique constraint takes its name twice, one after the other: of the constraint and of its index.
        let mut last: Option<(&Place, &Ident)> = None;
        for claim in self.0.iter().flatten() {
            let first = match taken.entry((&claim.namespace, &claim.name)) {
                Entry::Vacant(free) => {
                    free.insert(claim);
                    continue;
                }
                Entry::Occupied(first) => *first.get(),
            };
            if last.replace((&claim.at, &claim.name)) == Some((&claim.at, &claim.name)) {
                continue;
            }
            let place = match &claim.namespace {
                Namespace::Schema(schema) | Namespace::Routines(schema) => {
                    format!("schema `{}`", schema.as_str())
                }
                Namespace::Constraints(table) | Namespace::Triggers(table) => {
                    format!("table `{table}`")
                }
            };
            let both = if first.what == claim.what {
                format!(
                    "two {} of {place} are called `{}`",
                    plural(claim.what),
                    claim.name.as_str()
                )
            } else {
                format!(
                    "{} and {} of {place} are both called `{}`",
                    article(first.what),
                    article(claim.what),
                    claim.name.as_str()
                )
            };
            diagnostics.push(
                Diagnostic::error(Code::DuplicateName, &claim.at, both)
                    .related(&first.at, "the other one")
                    .hint(remedy(first, claim)),
            );
        }
    }
}

/// How the two get different names.
fn remedy(first: &Claim, second: &Claim) -> String {
    match (first.what, second.what) {
        ("partition", "partition") => {
            "name the partitions yourself: `intervals: {name: [values], other: [values]}`".into()
        }
        ("index", "index") => {
            "write another `name:` in one of them; an index without one is called after its columns"
                .into()
        }
        ("sequence", _) | (_, "sequence") => {
            "the sequence of an identity column is called after its table and column: rename one of them, or the other object".into()
        }
        ("table", "table") => "give one of the entities another `table:`".into(),
        ("table", other) | (other, "table") => {
            format!("give the {other} another `name:`, or the entity another `table:`")
        }
        _ => "give one of them another `name:`".into(),
    }
}

fn plural(what: &str) -> String {
    if what.ends_with('x') {
        format!("{what}es")
    } else {
        format!("{what}s")
    }
}

fn article(what: &str) -> String {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) {
        format!("an {what}")
    } else {
        format!("a {what}")
    }
}
