//! Indexes: written ones, those of `indexed: true`, search vectors and references; of tables and of projections.

use std::collections::BTreeMap;

use super::bind::{bind, diagnostic};
use super::constraint::holds_partition_key;
use super::names::Claim;
use super::{Context, Lowered, operator_class, search};
use crate::catalog::{ConstraintKind, Index, IndexKey, IndexTarget, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::{AccessMethod, OperatorClass};
use crate::resolve::{Entity, Inherited, joined, suggest};
use crate::sql::{self, Ident, Scope, TypeName};
use crate::syntax::{IndexSpec, Located, Scalar};

/// A server's limit on key parts.
const MAX_KEYS: usize = 32;

/// What an index stands on: a table or a materialized view.
pub struct Site<'a> {
    /// What messages call it.
    pub label: &'a str,
    /// Its relation's name.
    pub relation: &'a Ident,
    /// What names in expressions mean.
    pub scope: Scope<'a>,
    /// The columns of each name that can be written.
    pub columns: Vec<(&'a str, Vec<(Ident, TypeName)>)>,
}

impl<'a> Site<'a> {
    /// A table.
    pub fn of_entity(cx: &'a Context<'_>, entity: &'a Entity) -> Self {
        let typed = |positions: &mut dyn Iterator<Item = usize>| -> Vec<(Ident, TypeName)> {
            positions
                .filter_map(|p| entity.column(p))
                .filter_map(|c| Some((c.name.clone(), c.ty.clone()?)))
                .collect()
        };
        let mut columns: Vec<(&str, Vec<(Ident, TypeName)>)> = entity
            .fields
            .iter()
            .map(|f| (f.name.as_str(), typed(&mut f.columns.clone())))
            .collect();
        columns.extend(
            entity
                .columns
                .iter()
                .enumerate()
                .map(|(p, c)| (c.name.as_str(), typed(&mut std::iter::once(p)))),
        );
        Self {
            label: &entity.name,
            relation: &entity.table.name,
            scope: entity.scope(&cx.extensions),
            columns,
        }
    }

    fn named(&self, name: &str) -> Option<&[(Ident, TypeName)]> {
        self.columns
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, columns)| columns.as_slice())
    }

    fn known(&self) -> Vec<&'a str> {
        self.columns.iter().map(|(n, _)| *n).collect()
    }
}

/// Adds an entity's indexes to its table.
pub fn lower(cx: &Context<'_>, entity: &Entity, table: &mut Table, lowered: &mut Lowered) {
    let site = Site::of_entity(cx, entity);
    for index in &entity.indexes {
        let Some(made) = written(cx, &site, &index.spec, &mut lowered.diagnostics) else {
            continue;
        };
        if made.unique && !unique_holds_partition_key(entity, &made, &index.spec, lowered) {
            continue;
        }
        let name = name(entity, index, &made);
        let at = index.spec.name.as_ref().map_or(&index.spec.at, |n| &n.at);
        lowered
            .claims
            .push(Claim::relation(&entity.table.schema, &name, "index", at));
        table.indexes.entry(name).or_insert(made);
    }
    report_redundant(entity, table, lowered);
    for field in entity.fields.iter().filter(|f| f.indexed) {
        let columns: Vec<usize> = field.columns.clone().collect();
        if !leads(table, &entity.column_names(&columns)) {
            implicit(cx, entity, &columns, &field.at, table, lowered);
        }
    }
    search::indexes(entity, table, lowered);
    if cx.config.index_references {
        for reference in entity.references.iter().filter(|r| r.constraint.is_none()) {
            if !leads(table, &entity.column_names(&reference.columns)) {
                implicit(
                    cx,
                    entity,
                    &reference.columns,
                    &reference.at,
                    table,
                    lowered,
                );
            }
        }
    }
}

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
    let mut keys = Vec::new();
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
    if keys.len() > MAX_KEYS {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &columns_at,
                format!(
                    "this index has {} columns; PostgreSQL takes {MAX_KEYS}",
                    keys.len()
                ),
            )
            .hint("index fewer columns; the rest can go to `include:`"),
        );
    }
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
        method: Ident::new(method.name),
        keys,
        include,
        predicate,
        unique,
        nulls_not_distinct: unique && spec.nulls_distinct.as_ref().is_some_and(|n| !n.value),
        storage_parameters,
        comment: spec.description.clone(),
    })
}

/// The access method of that name. `None`: reported.
pub fn method(
    cx: &Context<'_>,
    name: &str,
    at: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'static AccessMethod> {
    let found = cx.knowledge.access_method(name).filter(|m| {
        m.extension
            .is_none_or(|e| cx.extensions.iter().any(|x| x == e))
    });
    if found.is_none() {
        let known: Vec<&str> = cx
            .knowledge
            .access_methods()
            .iter()
            .map(|m| m.name)
            .collect();
        let diagnostic = Diagnostic::error(
            Code::UnknownIndexMethod,
            at,
            format!("there is no index method `{name}`"),
        );
        diagnostics.push(match suggest(name, known.iter().copied()) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint(format!("the methods are: {}", known.join(", "))),
        });
    }
    found
}

/// The key parts of one element: several for a reference to a composite key, none when it was reported. With each the operator
/// class that it will use, where that is known.
pub fn keys(
    cx: &Context<'_>,
    site: &Site<'_>,
    element: &Located<String>,
    method: &AccessMethod,
    diagnostics: &mut Diagnostics,
) -> Vec<(IndexKey, Option<&'static OperatorClass>)> {
    let text = element.value.as_str();
    let plain = |target| IndexKey {
        target,
        collation: None,
        operator_class: None,
        descending: false,
        nulls_first: false,
    };
    if let Some(columns) = site.named(text.trim()) {
        let mut made = Vec::new();
        for (column, ty) in columns {
            match operator_class::check_default(cx, method.name, ty) {
                Ok(class) => made.push((plain(IndexTarget::Column(column.clone())), class)),
                Err(hint) => diagnostics.push(no_class(
                    method,
                    &format!("`{}`", column.as_str()),
                    ty,
                    &element.at,
                    hint,
                )),
            }
        }
        return made;
    }
    let parts = match sql::parse_index_element(text) {
        Ok(parts) => parts,
        Err(problem) => {
            diagnostics.push(diagnostic(problem, &element.at, 0));
            return Vec::new();
        }
    };
    let offset = parts.expression.start;
    let Some(expression) = text.get(parts.expression.clone()) else {
        return Vec::new();
    };
    let (target, ty) = match target(cx, site, expression, element, offset, diagnostics) {
        Some(found) => found,
        None => return Vec::new(),
    };
    let before = diagnostics.iter().count();
    if (parts.descending.is_some() || parts.nulls_first.is_some()) && !method.can_order {
        diagnostics.push(
            Diagnostic::error(
                Code::IndexMethodUnsupported,
                &element.at,
                format!(
                    "{} indexes have no order, so no ASC, DESC or NULLS",
                    method.name
                ),
            )
            .hint("leave it away, or use btree"),
        );
    }
    if parts.collation.is_some()
        && let Some(ty) = &ty
        && !ty.is_textual()
        && operator_class::typname(cx, ty).is_some()
        && !ty.array
    {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &element.at,
                format!("{ty} has no collation"),
            )
            .hint("leave COLLATE away"),
        );
    }
    if let Some(collation) = &parts.collation
        && !cx.knowledge.collations().any(|c| c == collation.as_str())
        && !collation.as_str().contains('-')
    {
        let known: Vec<&str> = cx.knowledge.collations().collect();
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &element.at,
                format!(
                    "there is no collation `{}` on every server",
                    collation.as_str()
                ),
            )
            .hint(format!("those that are always there: {}", known.join(", "))),
        );
    }
    let what = match &target {
        IndexTarget::Column(column) => format!("`{}`", column.as_str()),
        IndexTarget::Expression(_) => "this expression".to_owned(),
    };
    let class = class(
        cx,
        method,
        &what,
        parts.operator_class.as_ref(),
        ty.as_ref(),
        &element.at,
        diagnostics,
    );
    if diagnostics.iter().count() > before {
        return Vec::new();
    }
    let descending = parts.descending == Some(true);
    let key = IndexKey {
        target,
        collation: parts.collation,
        operator_class: parts.operator_class,
        descending,
        nulls_first: parts.nulls_first.unwrap_or(descending),
    };
    vec![(key, class)]
}

fn target(
    cx: &Context<'_>,
    site: &Site<'_>,
    expression: &str,
    element: &Located<String>,
    offset: usize,
    diagnostics: &mut Diagnostics,
) -> Option<(IndexTarget, Option<TypeName>)> {
    let bare = expression.trim().trim_matches('"').replace("\"\"", "\"");
    if let Some([(column, ty)]) = site.named(expression.trim()).or_else(|| site.named(&bare)) {
        return Some((IndexTarget::Column(column.clone()), Some(ty.clone())));
    }
    let bound = bind(
        cx,
        expression,
        &element.at,
        offset,
        &site.scope,
        sql::Context::IndexExpression,
        diagnostics,
    )?;
    if bound.expr.is_column()
        && let Some((relation, column)) = bound.columns.first()
        && let Some(column) = site
            .scope
            .relations
            .get(*relation)
            .and_then(|r| r.columns.get(*column))
    {
        return Some((IndexTarget::Column(column.column.clone()), bound.ty));
    }
    if bound.columns.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &element.at,
                "this index key reads no column, so it is the same for every row",
            )
            .hint("index a column or an expression over one"),
        );
        return None;
    }
    Some((IndexTarget::Expression(bound.expr), bound.ty))
}

fn class(
    cx: &Context<'_>,
    method: &AccessMethod,
    what: &str,
    written: Option<&Ident>,
    ty: Option<&TypeName>,
    at: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'static OperatorClass> {
    let unknown = TypeName::core("text");
    let ty = ty.unwrap_or(&unknown);
    let Some(written) = written else {
        return match operator_class::check_default(cx, method.name, ty) {
            Ok(class) => class,
            Err(hint) => {
                diagnostics.push(no_class(method, what, ty, at, hint));
                None
            }
        };
    };
    let typname = operator_class::typname(cx, ty);
    let Some(class) = cx
        .knowledge
        .operator_class(method.name, written.as_str(), &cx.extensions)
    else {
        // Of a type that `pg` does not know the operator classes are unknown as well.
        typname?;
        let diagnostic = Diagnostic::error(
            Code::MissingOperatorClass,
            at,
            format!(
                "there is no operator class `{}` for {} indexes",
                written.as_str(),
                method.name
            ),
        );
        let brought = cx
            .knowledge
            .operator_classes(method.name)
            .iter()
            .find(|c| c.name == written.as_str())
            .and_then(|c| c.extension);
        let names = cx
            .knowledge
            .operator_classes(method.name)
            .iter()
            .map(|c| c.name);
        diagnostics.push(match (brought, suggest(written.as_str(), names)) {
            (Some(extension), _) => diagnostic.hint(format!("it comes with the extension `{extension}`: add that to `extensions:` in specql.yaml")),
            (None, Some(near)) => diagnostic.hint(format!("did you mean `{near}`?")),
            (None, None) => diagnostic.hint("leave it away for the type's default"),
        });
        return None;
    };
    if let Some(typname) = typname
        && !cx.knowledge.operator_class_accepts(class, typname)
    {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingOperatorClass,
                at,
                format!(
                    "the operator class {} does not take {what}, which is {ty}",
                    class.name
                ),
            )
            .hint("leave it away for the type's default"),
        );
    }
    Some(class)
}

fn no_class(
    method: &AccessMethod,
    what: &str,
    ty: &TypeName,
    at: &Place,
    hint: String,
) -> Diagnostic {
    Diagnostic::error(
        Code::MissingOperatorClass,
        at,
        format!(
            "{what} is {ty}, and {} indexes have no default operator class for it",
            method.name
        ),
    )
    .hint(hint)
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
            None => diagnostics.push(unknown(name, site.label, &site.known(), &field.at)),
        }
    }
    columns
}

/// `unknown-field`, with a suggestion.
pub fn unknown(name: &str, entity: &str, known: &[&str], at: &Place) -> Diagnostic {
    crate::resolve::unknown_field(name, entity, known.iter().copied(), at)
}

/// `with:`: the storage parameters that the method has, with their ranges.
/// <https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-STORAGE-PARAMETERS>
fn storage_parameters(
    spec: &IndexSpec,
    method: &AccessMethod,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Ident, String> {
    enum Values {
        Number(i64, i64),
        Bool,
        Words(&'static [&'static str]),
    }
    let known: &[(&str, Values)] = match method.name {
        "btree" => &[
            ("fillfactor", Values::Number(10, 100)),
            ("deduplicate_items", Values::Bool),
        ],
        "hash" | "spgist" => &[("fillfactor", Values::Number(10, 100))],
        "gist" => &[
            ("fillfactor", Values::Number(10, 100)),
            ("buffering", Values::Words(&["on", "off", "auto"])),
        ],
        "gin" => &[
            ("fastupdate", Values::Bool),
            ("gin_pending_list_limit", Values::Number(64, 2_147_483_647)),
        ],
        "brin" => &[
            ("pages_per_range", Values::Number(1, 131_072)),
            ("autosummarize", Values::Bool),
        ],
        _ => &[],
    };
    let mut parameters = BTreeMap::new();
    for (name, value) in &spec.with {
        let text = match &value.value {
            Scalar::String(text) | Scalar::Number(text) => text.to_ascii_lowercase(),
            Scalar::Bool(on) => on.to_string(),
            Scalar::Null => String::new(),
        };
        let Some((_, values)) = known.iter().find(|(known, _)| known == name) else {
            let names: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    &value.at.the_key(),
                    format!("{} indexes have no storage parameter `{name}`", method.name),
                )
                .hint(format!("they have: {}", names.join(", "))),
            );
            continue;
        };
        let problem = match values {
            Values::Number(low, high)
                if text
                    .parse::<i64>()
                    .is_ok_and(|n| (*low..=*high).contains(&n)) =>
            {
                None
            }
            Values::Number(low, high) => Some(format!("a whole number from {low} to {high}")),
            Values::Bool
                if ["true", "false", "on", "off", "1", "0", "yes", "no"]
                    .contains(&text.as_str()) =>
            {
                None
            }
            Values::Bool => Some("true or false".to_owned()),
            Values::Words(words) if words.contains(&text.as_str()) => None,
            Values::Words(words) => Some(words.join(", ")),
        };
        if let Some(expected) = problem {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    &value.at,
                    format!("`{text}` is no value of `{name}`"),
                )
                .hint(format!("expected: {expected}")),
            );
            continue;
        }
        parameters.insert(Ident::new(name.clone()), text);
    }
    parameters
}

/// `idx_{table}_{columns}`, or what the author wrote; an inherited name is made over for the table that inherits it.
fn name(entity: &Entity, index: &Inherited<IndexSpec>, made: &Index) -> Ident {
    let table = entity.table.name.as_str();
    match (&index.spec.name, &index.from_table) {
        (Some(name), None) => Ident::new(name.value.clone()),
        (Some(name), Some(from)) if name.value.contains(from.as_str()) => {
            joined(&[&name.value.replace(from.as_str(), table)])
        }
        _ => default_name(table, &made.keys),
    }
}

/// `idx_{table}_{columns}`.
pub fn default_name(relation: &str, keys: &[IndexKey]) -> Ident {
    let words: Vec<String> = keys.iter().map(key_word).collect();
    let mut parts = vec!["idx", relation];
    parts.extend(words.iter().map(String::as_str));
    joined(&parts)
}

/// What a key part is called in a name: the column; of an expression, the function and the columns, or what is left of it
/// when all that is no word is taken away.
pub fn key_word(key: &IndexKey) -> String {
    match &key.target {
        IndexTarget::Column(column) => column.as_str().to_owned(),
        IndexTarget::Expression(expression) => {
            let words: Vec<&str> = expression
                .as_str()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .collect();
            if words.is_empty() {
                "expr".into()
            } else {
                words.join("_").to_lowercase()
            }
        }
    }
}

fn unique_holds_partition_key(
    entity: &Entity,
    made: &Index,
    spec: &IndexSpec,
    lowered: &mut Lowered,
) -> bool {
    let columns: Vec<usize> = made
        .keys
        .iter()
        .filter_map(|k| match &k.target {
            IndexTarget::Column(column) => entity.columns.iter().position(|c| c.name == *column),
            IndexTarget::Expression(_) => None,
        })
        .collect();
    holds_partition_key(entity, &columns, "unique index", &spec.at, lowered)
}

/// An index over plain columns that nobody wrote.
fn implicit(
    cx: &Context<'_>,
    entity: &Entity,
    columns: &[usize],
    at: &Place,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let mut keys = Vec::new();
    for column in columns.iter().filter_map(|c| entity.column(*c)) {
        let Some(ty) = &column.ty else { return };
        if let Err(hint) = operator_class::check_default(cx, "btree", ty) {
            lowered.diagnostics.push(
                Diagnostic::error(
                    Code::MissingOperatorClass,
                    at,
                    format!(
                        "`{}` is {ty}, and btree indexes have no default operator class for it",
                        column.name.as_str()
                    ),
                )
                .hint(format!("write the index under `indexes:`; {hint}")),
            );
            return;
        }
        keys.push(column_key(&column.name));
    }
    let index = plain("btree", keys);
    let name = free_name(table, default_name(entity.table.name.as_str(), &index.keys));
    lowered
        .claims
        .push(Claim::relation(&entity.table.schema, &name, "index", at));
    table.indexes.insert(name, index);
}

/// An index with nothing special about it.
pub fn plain(method: &str, keys: Vec<IndexKey>) -> Index {
    Index {
        method: Ident::new(method),
        keys,
        include: Vec::new(),
        predicate: None,
        unique: false,
        nulls_not_distinct: false,
        storage_parameters: BTreeMap::new(),
        comment: None,
    }
}

/// The same as a unique index.
pub fn unique(index: Index) -> Index {
    Index {
        unique: true,
        ..index
    }
}

/// A written index may have the default name already, over the same columns but with a condition.
pub fn free_name(table: &Table, name: Ident) -> Ident {
    if !table.indexes.contains_key(&name) {
        return name;
    }
    (1u32..)
        .map(|n| joined(&[&format!("{}{n}", name.as_str())]))
        .find(|free| !table.indexes.contains_key(free))
        .unwrap_or(name)
}

/// Whether some index without a condition begins with these columns, in any order among themselves: it then serves a look-up by
/// all of them.
fn leads(table: &Table, columns: &[Ident]) -> bool {
    let same = |first: &[&Ident]| {
        first.len() == columns.len() && columns.iter().all(|c| first.contains(&c))
    };
    let indexes = table
        .indexes
        .values()
        .filter(|i| i.predicate.is_none() && ["btree", "hash"].contains(&i.method.as_str()));
    let by_index = indexes
        .map(|i| i.keys.iter().take(columns.len()))
        .any(|keys| {
            let first: Vec<&Ident> = keys
                .filter_map(|k| match &k.target {
                    IndexTarget::Column(column) => Some(column),
                    IndexTarget::Expression(_) => None,
                })
                .collect();
            same(&first)
        });
    by_index
        || table.constraints.values().any(|c| match &c.kind {
            ConstraintKind::PrimaryKey { columns: key }
            | ConstraintKind::Unique { columns: key, .. } => {
                same(&key.iter().take(columns.len()).collect::<Vec<_>>())
            }
            ConstraintKind::Check { .. }
            | ConstraintKind::ForeignKey(_)
            | ConstraintKind::Exclude { .. } => false,
        })
}

/// `redundant-index`: the same as another one, or the beginning of another one.
fn report_redundant(entity: &Entity, table: &Table, lowered: &mut Lowered) {
    for written in &entity.indexes {
        let Some((name, index)) = find(entity, written, table) else {
            continue;
        };
        let at = written
            .spec
            .name
            .as_ref()
            .map_or(&written.spec.at, |n| &n.at);
        for (other_name, other) in &table.indexes {
            if name == other_name || !covers(other, index) {
                continue;
            }
            // Of two equal ones only the later in name is redundant.
            if covers(index, other) && name < other_name {
                continue;
            }
            lowered.diagnostics.push(
                Diagnostic::warning(
                    Code::RedundantIndex,
                    at,
                    format!(
                        "the index `{}` does nothing that `{}` does not do",
                        name.as_str(),
                        other_name.as_str()
                    ),
                )
                .hint("remove it: every write pays for each index"),
            );
            break;
        }
    }
}

fn find<'t>(
    entity: &Entity,
    written: &Inherited<IndexSpec>,
    table: &'t Table,
) -> Option<(&'t Ident, &'t Index)> {
    match &written.spec.name {
        Some(name) => table.indexes.get_key_value(&Ident::new(name.value.clone())),
        None => table.indexes.iter().find(|(n, i)| {
            **n == default_name(entity.table.name.as_str(), &i.keys)
                && i.keys.len() == written.spec.columns.len()
        }),
    }
}

/// Whether `other` serves every query that `index` serves.
fn covers(other: &Index, index: &Index) -> bool {
    let starts = other.keys.len() >= index.keys.len()
        && other.keys.iter().zip(&index.keys).all(|(a, b)| a == b);
    let same_kind = other.method == index.method && other.predicate == index.predicate;
    let includes = index.include.iter().all(|c| {
        other.include.contains(c)
            || other
                .keys
                .iter()
                .any(|k| k.target == IndexTarget::Column(c.clone()))
    });
    let prefix_counts = index.method.as_str() == "btree" || other.keys.len() == index.keys.len();
    let unique_kept = !index.unique || other.unique && other.keys.len() == index.keys.len();
    starts && same_kind && includes && prefix_counts && unique_kept
}

/// A key part that is a column and nothing else.
pub fn column_key(column: &Ident) -> IndexKey {
    IndexKey {
        target: IndexTarget::Column(column.clone()),
        collation: None,
        operator_class: None,
        descending: false,
        nulls_first: false,
    }
}
