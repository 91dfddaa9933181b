//! Indexes of a projection that is stored.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::Lowered;
use super::super::index::{self, Site, SiteColumns, column_key, default_name, plain};
use super::super::names::Claim;
use super::Builder;
use crate::catalog::Materialization;
use crate::diagnose::{Code, Diagnostic};
use crate::sql::{self, Ident, Relation};

impl Builder<'_> {
    /// The unique index on the root's key, which REFRESH CONCURRENTLY needs, and those that were written.
    pub(super) fn indexes(&self, lowered: &mut Lowered) -> Materialization {
        let mut indexes = BTreeMap::new();
        let spec = &self.projection.spec;
        let schema = &self.projection.name.schema;
        let Some((root, include)) = self
            .projection
            .includes
            .first()
            .and_then(|i| Some((self.entity(i.entity)?, spec.includes.first()?)))
        else {
            return Materialization::default();
        };
        let mut keys = Vec::new();
        for key in &root.key.columns {
            if let Some(output) = self.outputs.iter().find(|o| o.root_column == Some(*key)) {
                keys.push(column_key(&output.name));
                continue;
            }
            let name = root.column(*key).map_or("", |c| c.name.as_str());
            lowered.diagnostics.push(
                        Diagnostic::error(
                            Code::ProjectionKeyMissing,
                            &include.at,
                            format!("`{}` does not put out `{name}`, a part of the key of `{}`", spec.name.value, root.name),
                        )
                        .hint(format!("add `{name}` to the fields of `{}`: a refresh that blocks no reader tells rows apart by it", root.name)),
                    );
        }
        let own = (keys.len() == root.key.columns.len() && !keys.is_empty()).then(|| {
            let name = default_name(self.projection.name.name.as_str(), &keys);
            (name, index::unique(plain("btree", keys)))
        });
        if let Some((name, index)) = &own {
            lowered
                .claims
                .push(Claim::relation(schema, name, "index", &spec.name.at));
            indexes.insert(name.clone(), index.clone());
        }
        let site = Site {
            label: &spec.name.value,
            relation: &self.projection.name.name,
            scope: self.cx.scope(vec![Relation {
                names: vec![self.projection.name.name.as_str()],
                qualifier: None,
                unqualified: true,
                columns: self
                    .outputs
                    .iter()
                    .map(|o| sql::ScopeColumn {
                        names: vec![o.name.as_str()],
                        column: o.name.clone(),
                        ty: o.ty.clone(),
                        generated: false,
                    })
                    .collect(),
            }]),
            columns: SiteColumns::Output(
                self.outputs
                    .iter()
                    .map(|o| (o.name.as_str(), o.ty.clone()))
                    .collect(),
            ),
        };
        let mut in_order = Vec::new();
        for written in &spec.indexes {
            let Some(made) = index::written(self.cx, &site, written, &mut lowered.diagnostics)
            else {
                continue;
            };
            let name = written.name.as_ref().map_or_else(
                || default_name(site.relation.as_str(), &made.keys),
                |n| Ident::new(n.value.clone()),
            );
            // Who writes the index on the root's key gets the one that is there.
            if own
                .as_ref()
                .is_some_and(|(own, index)| *own == name && index::covers(index, &made))
            {
                continue;
            }
            let at = written.name.as_ref().map_or(&written.at, |n| &n.at);
            lowered
                .claims
                .push(Claim::relation(schema, &name, "index", at));
            if let Entry::Vacant(free) = indexes.entry(name) {
                in_order.push((free.key().clone(), at));
                free.insert(made);
            }
        }
        let own: Vec<_> = own
            .iter()
            .map(|(name, index)| (name, index.clone()))
            .collect();
        index::report_redundant(&in_order, &indexes, &own, &mut lowered.diagnostics);
        Materialization {
            indexes,
            tablespace: None,
        }
    }
}
