//! Which rows a statement may have changed the projection of: each source by each part that it plays.
//!
//! A row of the root, and a row that refers to it directly, name the root's key. All others name a row on the way: it is noted
//! and followed to the root at the end of the transaction, from the state of then. Another transaction could move the way
//! at the same moment; whatever can do that is noted as *alone*, and is handled while nobody else handles the projection. What a
//! foreign key forbids need not be guarded: a row that is not committed yet is referred to by nobody else.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Compared, Join, Link, NoteChanges, Noted, OutputColumn, Query, Source, TriggerEvent,
};
use crate::resolve::{Entity, EntityId, JoinPath, Model, Projection, Reference, joined};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

use super::super::projection::equalities;

/// A reference: the entity that refers, and which of its references.
type Step = (EntityId, usize);

/// Where noted values lead from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// They are keys of the root.
    Root,
    /// They identify a row of an entity that refers to the root by these steps.
    Up(EntityId, Vec<usize>, Vec<Step>),
    /// They identify a row that the root refers to by these steps.
    Down(Vec<Step>),
}

/// What the sources of a projection note, and where.
pub struct Roles<'a> {
    model: &'a Model,
    projection: &'a Projection,
    root: &'a Entity,
    reads: BTreeMap<QualifiedName, BTreeSet<Ident>>,
    notes: BTreeMap<(Target, bool), QualifiedName>,
    /// The types of each table of notes.
    pub tables: Vec<(QualifiedName, Vec<TypeName>)>,
    /// What each source notes.
    pub sources: BTreeMap<QualifiedName, NoteChanges>,
    /// The tables of notes that lead further.
    pub links: Vec<Link>,
}

impl<'a> Roles<'a> {
    /// Looks at every include. `None`: the model is incomplete, which was reported.
    pub fn of(model: &'a Model, projection: &'a Projection, query: &Query) -> Option<Self> {
        let root = model.entities.get(projection.includes.first()?.entity)?;
        let mut roles = Self {
            model,
            projection,
            root,
            reads: reads(query),
            notes: BTreeMap::new(),
            tables: Vec::new(),
            sources: BTreeMap::new(),
            links: Vec::new(),
        };
        let key = root.key.columns.clone();
        let all = [
            (TriggerEvent::Insert, false),
            (TriggerEvent::Update, false),
            (TriggerEvent::Delete, false),
        ];
        roles.note(root, &key, &Target::Root, &all)?;
        for include in &projection.includes {
            match &include.path {
                JoinPath::Root => {}
                JoinPath::ToOne(steps) => roles.looked_up(steps)?,
                JoinPath::ToMany(steps) => roles.collected(steps)?,
            }
        }
        Some(roles)
    }

    /// The table of the root's noted keys.
    pub fn root_notes(&self) -> Option<&QualifiedName> {
        self.notes.get(&(Target::Root, false))
    }

    fn entity(&self, id: EntityId) -> Option<&'a Entity> {
        self.model.entities.get(id)
    }

    fn reference(&self, step: Step) -> Option<&'a Reference> {
        self.entity(step.0)?.references.get(step.1)
    }

    /// Rows that the root refers to. A new one has no referrer yet, and one that is gone has none left, where a foreign key holds.
    fn looked_up(&mut self, steps: &[Step]) -> Option<()> {
        for (position, step) in steps.iter().enumerate() {
            let reference = self.reference(*step)?;
            let entity = self.entity(reference.target)?;
            let way = steps.iter().take(position + 1).copied().collect();
            let mut events = vec![(TriggerEvent::Update, true)];
            if !is_firm(reference) {
                events.extend([(TriggerEvent::Insert, true), (TriggerEvent::Delete, true)]);
            }
            self.note(
                entity,
                &reference.target_columns,
                &Target::Down(way),
                &events,
            )?;
        }
        Some(())
    }

    /// Rows that refer to the root, and those between.
    fn collected(&mut self, steps: &[Step]) -> Option<()> {
        let last = self.reference(*steps.last()?)?;
        // A row that leads to the root by another column than its key is only found when the root's row is.
        let loose = self.key_of(last).is_none() && !is_firm(last);
        let mut incoming_firm = true;
        for (position, step) in steps.iter().enumerate() {
            let reference = self.reference(*step)?;
            let entity = self.entity(step.0)?;
            let further: Vec<Step> = steps.iter().skip(position + 1).copied().collect();
            let (columns, target) = match self.key_of(reference) {
                Some(columns) if further.is_empty() => (columns, Target::Root),
                _ => (
                    reference.columns.clone(),
                    Target::Up(reference.target, reference.target_columns.clone(), further),
                ),
            };
            let moves = position > 0;
            let comes_and_goes = loose || !incoming_firm;
            let events = [
                (TriggerEvent::Insert, comes_and_goes),
                (TriggerEvent::Update, moves || comes_and_goes),
                (TriggerEvent::Delete, comes_and_goes),
            ];
            self.note(entity, &columns, &target, &events)?;
            incoming_firm = is_firm(reference);
        }
        Some(())
    }

    /// The referring columns in the order of the root's key, if it is the key that they refer to.
    fn key_of(&self, reference: &Reference) -> Option<Vec<usize>> {
        let key = &self.root.key.columns;
        let is_root = self
            .entity(reference.target)
            .is_some_and(|target| std::ptr::eq(target, self.root));
        if !is_root || key.len() != reference.target_columns.len() {
            return None;
        }
        key.iter()
            .map(|column| {
                let position = reference.target_columns.iter().position(|c| c == column)?;
                reference.columns.get(position).copied()
            })
            .collect()
    }

    fn note(
        &mut self,
        entity: &'a Entity,
        columns: &[usize],
        target: &Target,
        events: &[(TriggerEvent, bool)],
    ) -> Option<()> {
        let columns = entity.column_names(columns);
        let mut compared: Vec<Compared> = Vec::new();
        for name in self.reads.get(&entity.table).into_iter().flatten() {
            let column = entity.columns.iter().find(|c| c.name == *name);
            if let Some(column) = column
                && !columns.contains(name)
            {
                compared.push(Compared {
                    column: name.clone(),
                    as_text: !column.ty.as_ref().is_some_and(compares_exactly),
                });
            }
        }
        for (event, alone) in events {
            let noted = Noted {
                notes: self.notes_of(target, *alone)?,
                columns: columns.clone(),
                compared: compared.clone(),
            };
            let changes = self
                .sources
                .entry(entity.table.clone())
                .or_insert_with(|| NoteChanges {
                    projection: self.projection.name.clone(),
                    insert: Vec::new(),
                    update: Vec::new(),
                    delete: Vec::new(),
                });
            let list = match event {
                TriggerEvent::Insert => &mut changes.insert,
                TriggerEvent::Update => &mut changes.update,
                TriggerEvent::Delete | TriggerEvent::Truncate => &mut changes.delete,
            };
            if !list.contains(&noted) {
                list.push(noted);
            }
        }
        Some(())
    }

    /// The table of notes for a target, made when it is first asked for.
    fn notes_of(&mut self, target: &Target, alone: bool) -> Option<QualifiedName> {
        if let Some(name) = self.notes.get(&(target.clone(), alone)) {
            return Some(name.clone());
        }
        let number = (self.notes.len() + 1).to_string();
        let of = &self.projection.name;
        let mut parts = vec!["changed", of.schema.as_str(), of.name.as_str()];
        if !self.notes.is_empty() {
            parts.push(&number);
        }
        let name = QualifiedName {
            schema: Ident::new(super::SCHEMA),
            name: joined(&parts),
        };
        let (entity, columns) = match target {
            Target::Root => (self.root, self.root.key.columns.clone()),
            Target::Up(entity, columns, _) => (self.entity(*entity)?, columns.clone()),
            Target::Down(steps) => {
                let reference = self.reference(*steps.last()?)?;
                (
                    self.entity(reference.target)?,
                    reference.target_columns.clone(),
                )
            }
        };
        let types = columns
            .iter()
            .map(|column| entity.column(*column)?.ty.clone())
            .collect::<Option<Vec<_>>>()?;
        if *target != Target::Root || alone {
            let roots = self.roots(&name, target, types.len())?;
            self.links.push(Link {
                notes: name.clone(),
                alone,
                roots,
            });
        }
        self.tables.push((name.clone(), types));
        self.notes.insert((target.clone(), alone), name.clone());
        Some(name)
    }

    /// From the transaction's notes to the root's keys.
    fn roots(&self, notes: &QualifiedName, target: &Target, width: usize) -> Option<Query> {
        let changed = Ident::new("changed");
        let mut way = Way {
            at: changed.clone(),
            columns: super::key_names(width),
            joins: Vec::new(),
        };
        match target {
            Target::Root => {}
            Target::Up(entity, columns, steps) => {
                let mut here = self.entity(*entity)?;
                way.join(here, &here.column_names(columns), &[])?;
                for (position, step) in steps.iter().enumerate() {
                    let reference = self.reference(*step)?;
                    let last = position + 1 == steps.len();
                    if last && let Some(columns) = self.key_of(reference) {
                        way.columns = here.column_names(&columns);
                        return Some(way.query(notes, &changed));
                    }
                    way.columns = here.column_names(&reference.columns);
                    here = self.entity(reference.target)?;
                    way.join(here, &here.column_names(&reference.target_columns), &[])?;
                }
                way.columns = self.root.column_names(&self.root.key.columns);
            }
            Target::Down(steps) => {
                for (position, step) in steps.iter().enumerate().rev() {
                    let reference = self.reference(*step)?;
                    let referrer = self.entity(step.0)?;
                    way.join(referrer, &referrer.column_names(&reference.columns), &[])?;
                    way.columns = match position.checked_sub(1).and_then(|p| steps.get(p)) {
                        Some(before) => {
                            let columns = &self.reference(*before)?.target_columns;
                            referrer.column_names(columns)
                        }
                        None => self.root.column_names(&self.root.key.columns),
                    };
                }
            }
        }
        Some(way.query(notes, &changed))
    }
}

/// A chain of joins that is being made.
struct Way {
    at: Ident,
    columns: Vec<Ident>,
    joins: Vec<Join>,
}

impl Way {
    fn join(&mut self, entity: &Entity, columns: &[Ident], more: &[Expr]) -> Option<()> {
        let alias = Ident::new(format!("step_{}", self.joins.len() + 1));
        let mut on = equalities(&alias, columns, &self.at, &self.columns);
        on.extend_from_slice(more);
        self.joins.push(Join {
            source: Source::Table {
                name: entity.table.clone(),
                alias: alias.clone(),
            },
            on: Expr::joined("AND", &on)?,
        });
        self.at = alias;
        Some(())
    }

    fn query(self, notes: &QualifiedName, changed: &Ident) -> Query {
        let keys: Vec<Expr> = self
            .columns
            .iter()
            .map(|column| Expr::qualified_column(&self.at, column))
            .collect();
        let own = Expr::binary(
            &Expr::qualified_column(changed, &Ident::new("transaction_id")),
            "=",
            &Expr::call("pg_current_xact_id", &[]),
        );
        let filter: Vec<Expr> = std::iter::once(own)
            .chain(keys.iter().map(Expr::is_not_null))
            .collect();
        Query {
            columns: super::key_names(keys.len())
                .into_iter()
                .zip(keys)
                .map(|(name, expression)| OutputColumn { expression, name })
                .collect(),
            from: Source::Table {
                name: notes.clone(),
                alias: changed.clone(),
            },
            joins: self.joins,
            filter: Expr::joined("AND", &filter),
            group_by: Vec::new(),
        }
    }
}

/// Whether the server sees to it that a row that is referred to is there, at once.
fn is_firm(reference: &Reference) -> bool {
    let deferrable = reference
        .constraint
        .as_ref()
        .is_some_and(|constraint| constraint.spec.deferrable);
    reference.enforce && !deferrable
}

/// Whether values that are equal are also the same, and can be hashed.
fn compares_exactly(ty: &TypeName) -> bool {
    [
        "int2",
        "int4",
        "int8",
        "bool",
        "uuid",
        "date",
        "timestamp",
        "timestamptz",
        "text",
        "varchar",
        "bytea",
    ]
    .iter()
    .any(|name| ty.is(name))
}

/// The columns that a query reads of each table, under whatever alias.
fn reads(query: &Query) -> BTreeMap<QualifiedName, BTreeSet<Ident>> {
    let mut found: BTreeMap<QualifiedName, BTreeSet<Ident>> = BTreeMap::new();
    let mut queries = vec![query];
    while let Some(query) = queries.pop() {
        let mut tables: BTreeMap<&Ident, &QualifiedName> = BTreeMap::new();
        let joined = query.joins.iter().map(|join| &join.source);
        for source in std::iter::once(&query.from).chain(joined) {
            match source {
                Source::Table { name, alias } => {
                    tables.insert(alias, name);
                }
                Source::Subquery { query, .. } => queries.push(query),
                Source::Values { .. } | Source::Function { .. } => {}
            }
        }
        let expressions = query
            .columns
            .iter()
            .map(|column| &column.expression)
            .chain(query.joins.iter().map(|join| &join.on))
            .chain(&query.filter)
            .chain(&query.group_by);
        for (alias, column) in expressions.flat_map(Expr::qualified_columns) {
            if let Some(table) = tables.get(&alias) {
                found.entry((*table).clone()).or_default().insert(column);
            }
        }
    }
    found
}
