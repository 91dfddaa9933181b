//! An entry of `indexes:` as an index.

use super::super::Context;
use super::super::bind::bind;
use super::key::{keys, method};
use super::storage_parameter::storage_parameters;
use super::{MAX_KEYS, Site};
use crate::catalog::{Index, IndexKey};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::unknown_field;
use crate::sql::{self, Ident};
use crate::syntax::IndexSpec;

/// An index as it was written. `None`: reported.
pub fn written(
    cx: &Context<'_>,
    site: &Site<'_>,
    spec: &IndexSpec,
    diagnostics: &mut Diagnostics,
) -> Option<Index> {
    let method_at = spec.method.as_ref().map_or(&spec.at, |m| &m.at);
    let method_name = spec
        .method
        .as_ref()
        .map_or("btree", |m| m.value.as_str())
        .to_ascii_lowercase();
    let method = method(cx, &method_name, method_at, diagnostics)?;
    let before = diagnostics.iter().count();
    let columns_at = spec.at.key("columns");
    let mut keys = Vec::with_capacity(spec.columns.len());
    for column in &spec.columns {
        keys.extend(
            self::keys(cx, site, column, method, diagnostics)
                .into_iter()
                .map(|(key, _)| key),
        );
    }
    if spec.columns.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &columns_at,
                "an index needs at least one column",
            )
            .hint("write `columns: [name]`"),
        );
    }
    let mut unsupported = |at: &Place, what: &str, hint: &str| {
        diagnostics.push(
            Diagnostic::error(
                Code::IndexMethodUnsupported,
                at,
                format!("{} indexes cannot {what}", method.name),
            )
            .hint(hint),
        );
    };
    if spec.columns.len() > 1 && !method.can_multi_column {
        unsupported(
            &columns_at,
            "have several columns",
            "make one index a column, or use btree",
        );
    }
    if let Some(first) = spec.include.first()
        && !method.can_include
    {
        unsupported(
            &first.at,
            "include further columns",
            "use btree, gist or spgist, or leave `include:` away",
        );
    }
    let unique = spec.unique.as_ref().is_some_and(|u| u.value);
    if let Some(at) = spec.unique.as_ref().filter(|u| u.value).map(|u| &u.at)
        && !method.can_unique
    {
        unsupported(
            at,
            "be unique",
            "only btree can: remove `type:` or `unique:`",
        );
    }
    check_key_count(keys.len(), &columns_at, diagnostics);
    let include = include(site, spec, diagnostics);
    let predicate = match &spec.condition {
        None => None,
        Some(condition) => bind(
            cx,
            &condition.value,
            &condition.at,
            0,
            &site.scope,
            sql::Context::IndexPredicate,
            diagnostics,
        )
        .map(|b| b.expr),
    };
    let storage_parameters = storage_parameters(spec, method, diagnostics);
    (diagnostics.iter().count() == before).then(|| Index {
        include,
        predicate,
        unique,
        nulls_not_distinct: unique && spec.nulls_distinct.as_ref().is_some_and(|n| !n.value),
        storage_parameters,
        comment: spec.description.clone(),
        ..Index::new(method.name, keys)
    })
}

fn check_key_count(count: usize, at: &Place, diagnostics: &mut Diagnostics) {
    if count > MAX_KEYS {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                at,
                format!("this index has {count} columns; PostgreSQL takes {MAX_KEYS}"),
            )
            .hint("index fewer columns; the rest can go to `include:`"),
        );
    }
}

fn include(site: &Site<'_>, spec: &IndexSpec, diagnostics: &mut Diagnostics) -> Vec<Ident> {
    let mut columns = Vec::new();
    for field in &spec.include {
        let name = field.value.trim();
        match site
            .named(name)
            .or_else(|| site.named(name.trim_matches('"')))
        {
            Some(found) => columns.extend(found.iter().map(|(c, _)| c.clone())),
            None => diagnostics.push(unknown_field(
                name,
                site.label,
                site.known().into_iter(),
                &field.at,
            )),
        }
    }
    columns
}

/// An index with nothing special about it.
pub fn plain(method: &str, keys: Vec<IndexKey>) -> Index {
    Index::new(method, keys)
}

/// The same as a unique index.
pub fn unique(index: Index) -> Index {
    Index {
        unique: true,
        ..index
    }
}
