//! `search:` and `generated_from:`: a stored tsvector over other fields, and its index.

use super::index::{column_key, free_name, plain};
use super::names::Claim;
use super::{Context, Lowered};
use crate::catalog::{Index, IndexTarget, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Volatility;
use crate::resolve::{Column, Domain, Entity, joined, suggest};
use crate::sql::{Expr, TypeName};
use crate::syntax::{Located, SearchFieldSpec};

/// The labels that `setweight` takes, in the order in which a list of fields gets them.
/// <https://www.postgresql.org/docs/current/textsearch-controls.html>
const WEIGHTS: [&str; 4] = ["A", "B", "C", "D"];

/// The expression of a search vector: `setweight(to_tsvector('english', coalesce(name, '')), 'A') || …`. `None`: reported.
pub fn vector(
    cx: &Context<'_>,
    entity: &Entity,
    vector: &Column,
    fields: &[SearchFieldSpec],
    language: Option<&Located<String>>,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    let language = self::language(cx, language, diagnostics);
    if fields.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &vector.at,
                "a search vector needs at least one field",
            )
            .hint("write `fields: [name, description]`"),
        );
        return None;
    }
    let mut parts = Vec::new();
    let mut complete = language.is_some();
    // A language that is none does not keep the fields from being looked at.
    let language = language.unwrap_or_else(|| cx.config.language.clone());
    for (position, spec) in fields.iter().enumerate() {
        let weight = match &spec.weight {
            None => WEIGHTS
                .get(position)
                .or(WEIGHTS.last())
                .map(|w| (*w).to_owned()),
            // A weight that is none was reported with the shape of the spec.
            Some(written) => {
                Some(written.value.to_ascii_uppercase()).filter(|w| WEIGHTS.contains(&w.as_str()))
            }
        };
        let words = words(cx, entity, vector, &spec.field, &language, diagnostics);
        match (weight, words) {
            (Some(weight), Some(words)) => {
                parts.push(Expr::call("setweight", &[words, Expr::string(&weight)]));
            }
            _ => complete = false,
        }
    }
    if complete {
        Expr::joined("||", &parts)
    } else {
        None
    }
}

/// The text search configuration: `language:`, else the project's. `None`: reported.
fn language(
    cx: &Context<'_>,
    written: Option<&Located<String>>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let Some(written) = written else {
        return Some(cx.config.language.clone());
    };
    let name = written.value.trim();
    let bare = name.strip_prefix("pg_catalog.").unwrap_or(name);
    if cx.knowledge.text_search_configuration(bare).is_some() {
        return Some(name.to_owned());
    }
    let known: Vec<&str> = cx.knowledge.text_search_configurations().collect();
    let diagnostic = Diagnostic::error(
        Code::InvalidValue,
        &written.at,
        format!("there is no text search configuration `{name}`"),
    );
    diagnostics.push(match suggest(bare, known.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("those that every server has: {}", known.join(", "))),
    });
    None
}

/// The words of one field, never NULL: one NULL would empty the whole vector.
fn words(
    cx: &Context<'_>,
    entity: &Entity,
    vector: &Column,
    field: &Located<String>,
    language: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    let Some(mut columns) = entity.columns_named(&field.value) else {
        diagnostics.push(crate::resolve::unknown_field(
            &field.value,
            &entity.name,
            entity.known_names(),
            &field.at,
        ));
        return None;
    };
    let column = columns.next().and_then(|c| entity.column(c))?;
    if column.generated.is_some() || column.generated_from.is_some() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &field.at,
                format!(
                    "`{}` is itself generated, and a generated column cannot refer to another one",
                    field.value
                ),
            )
            .hint(format!("name the fields that `{}` is made of", field.value)),
        );
        return None;
    }
    let ty = column.ty.as_ref()?;
    let value = Expr::column(&column.name);
    let configuration = Expr::string(language);
    let text_of = |text: Expr| Expr::call("to_tsvector", &[configuration.clone(), text]);
    let or_empty = |value: Expr| Expr::call("coalesce", &[value, Expr::string("")]);
    if ty.is_textual() {
        return Some(text_of(or_empty(value)));
    }
    if ty.is("json") || ty.is("jsonb") {
        let function = if ty.is("json") {
            "json_to_tsvector"
        } else {
            "jsonb_to_tsvector"
        };
        let document = Expr::call("coalesce", &[value, Expr::string("{}")]);
        return Some(Expr::call(
            function,
            &[configuration, document, Expr::string(r#"["string"]"#)],
        ));
    }
    if ty.array && ty.schema.is_none() && ["text", "varchar"].contains(&ty.name.as_str()) {
        // array_to_tsvector refuses NULL and empty elements, so they are taken out before.
        let list = TypeName::core("text").array_of();
        let elements = if ty.name.as_str() == "text" {
            value
        } else {
            value.cast(&list)
        };
        let elements = Expr::call("coalesce", &[elements, Expr::string("{}").cast(&list)]);
        let without_null = Expr::call("array_remove", &[elements, Expr::null()]);
        return Some(Expr::call(
            "array_to_tsvector",
            &[Expr::call(
                "array_remove",
                &[without_null, Expr::string("")],
            )],
        ));
    }
    if text_volatility(cx, ty) == Some(Volatility::Immutable) {
        return Some(text_of(or_empty(value.cast(&TypeName::core("text")))));
    }
    diagnostics.push(unsearchable(column, vector, ty, &field.at));
    None
}

/// What `value::text` costs.
fn text_volatility(cx: &Context<'_>, ty: &TypeName) -> Option<Volatility> {
    let name = ty.typname(cx.knowledge)?;
    let cast = cx.knowledge.cast(name, "text").map(|c| c.volatility);
    cast.or_else(|| cx.knowledge.type_named(name).map(|t| t.output))
}

fn unsearchable(column: &Column, vector: &Column, ty: &TypeName, at: &Place) -> Diagnostic {
    let why = match (&column.domain, ty.name.as_str()) {
        (Domain::Enum(_), _) => "the text of an enumerated type can change when a value is renamed",
        (_, "date" | "timestamp" | "timestamptz" | "time" | "timetz" | "interval") => {
            "its text depends on the session's DateStyle and time zone"
        }
        _ => "its text is not the same in every session",
    };
    Diagnostic::error(
        Code::ExpressionNotImmutable,
        at,
        format!("`{}` is {ty} and cannot go into `{}`: {why}", column.field, vector.field),
    )
    .hint("leave it out of the search and compare it in the query, or keep its text in a field of its own")
}

/// The indexes over an entity's search vectors.
pub fn indexes(entity: &Entity, table: &mut Table, lowered: &mut Lowered) {
    let vectors: Vec<&Column> = entity
        .columns
        .iter()
        .filter(|c| c.generated_from.is_some())
        .collect();
    let mut first = true;
    for vector in vectors {
        let spec = entity.search.as_ref().filter(|s| {
            s.column.as_ref().map_or("search_vector", |c| &c.value) == vector.name.as_str()
        });
        let written = spec.and_then(|s| s.index.as_ref());
        let method = written
            .map_or("gin", |w| w.value.as_str())
            .to_ascii_lowercase();
        if method == "none" {
            continue;
        }
        if !["gin", "gist"].contains(&method.as_str()) {
            let at = written.map_or(&vector.at, |w| &w.at);
            lowered.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    at,
                    format!("a search vector cannot have a `{method}` index"),
                )
                .hint("write `gin`, `gist` or `none`"),
            );
            continue;
        }
        if has_index(table, vector) {
            continue;
        }
        let parts = [entity.table.name.as_str(), vector.name.as_str()];
        let name = if std::mem::take(&mut first) {
            joined(&["idx", parts[0], "search"])
        } else {
            joined(&["idx", parts[0], parts[1]])
        };
        let name = free_name(table, &name);
        lowered.claims.push(Claim::relation(
            &entity.table.schema,
            &name,
            "index",
            &vector.at,
        ));
        table
            .indexes
            .insert(name, plain(&method, vec![column_key(&vector.name)]));
    }
}

/// The author may have written the index already.
fn has_index(table: &Table, vector: &Column) -> bool {
    let on_it = |index: &Index| {
        ["gin", "gist"].contains(&index.method.as_str())
            && index.predicate.is_none()
            && index
                .keys
                .first()
                .is_some_and(|k| k.target == IndexTarget::Column(vector.name.clone()))
    };
    table.indexes.values().any(on_it)
}
