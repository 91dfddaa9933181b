//! Key parts: columns and expressions, with the operator class that each uses.

use super::super::bind::{bind, diagnostic};
use super::super::{Context, operator_class};
use super::Site;
use crate::catalog::{IndexKey, IndexTarget};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::{AccessMethod, OperatorClass};
use crate::resolve::suggest;
use crate::sql::{self, Ident, TypeName};
use crate::syntax::Located;

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
        // PostgreSQL had it until 8.2, and MySQL and SQLite have it still.
        let near = if name == "rtree" {
            Some("gist")
        } else {
            suggest(name, known.iter().copied())
        };
        diagnostics.push(match near {
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
    if let Some(columns) = site.named(text.trim()) {
        let mut made = Vec::new();
        for (column, ty) in columns {
            match operator_class::check_default(cx, method.name, text.trim(), &ty) {
                Ok(class) => made.push((IndexKey::new(IndexTarget::Column(column)), class)),
                Err(hint) => diagnostics.push(no_class(
                    method,
                    &format!("`{}`", column.as_str()),
                    &ty,
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
    let Some((target, ty)) = target(cx, site, expression, element, offset, diagnostics) else {
        return Vec::new();
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
    if let Some(collation) = &parts.collation {
        check_collation(cx, collation, ty.as_ref(), &element.at, diagnostics);
    }
    let what = match &target {
        IndexTarget::Column(column) => format!("`{}`", column.as_str()),
        IndexTarget::Expression(_) => "this expression".to_owned(),
    };
    let class = class(
        cx,
        method,
        (&what, expression.trim()),
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
        collation: parts.collation,
        operator_class: parts.operator_class,
        descending,
        nulls_first: parts.nulls_first.unwrap_or(descending),
        ..IndexKey::new(target)
    };
    vec![(key, class)]
}

/// Arrays have the collation of their elements.
fn collatable(ty: &TypeName) -> bool {
    let element = TypeName {
        array: false,
        ..ty.clone()
    };
    element.is_textual()
}

/// A collation is one that every server has (or an ICU locale), on a type that has collations.
fn check_collation(
    cx: &Context<'_>,
    collation: &Ident,
    ty: Option<&TypeName>,
    at: &Place,
    diagnostics: &mut Diagnostics,
) {
    if let Some(ty) = ty
        && !collatable(ty)
        && ty.typname(cx.knowledge).is_some()
    {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                at,
                format!("{ty} has no collation"),
            )
            .hint("leave COLLATE away"),
        );
    }
    if !cx.knowledge.collations().any(|c| c == collation.as_str())
        && !collation.as_str().contains('-')
    {
        let known: Vec<&str> = cx.knowledge.collations().collect();
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                at,
                format!(
                    "there is no collation `{}` on every server",
                    collation.as_str()
                ),
            )
            .hint(format!("those that are always there: {}", known.join(", "))),
        );
    }
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
    if let Some([(column, ty)]) = site
        .named(expression.trim())
        .or_else(|| site.named(&bare))
        .as_deref()
    {
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
    (what, expression): (&str, &str),
    written: Option<&Ident>,
    ty: Option<&TypeName>,
    at: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<&'static OperatorClass> {
    let unknown = TypeName::core("text");
    let ty = ty.unwrap_or(&unknown);
    let Some(written) = written else {
        return match operator_class::check_default(cx, method.name, expression, ty) {
            Ok(class) => class,
            Err(hint) => {
                diagnostics.push(no_class(method, what, ty, at, hint));
                None
            }
        };
    };
    let typname = ty.typname(cx.knowledge);
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
                    "the operator class `{}` does not take {what}, which is {ty}",
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

/// A key part that is a column and nothing else.
pub fn column_key(column: &Ident) -> IndexKey {
    IndexKey::new(IndexTarget::Column(column.clone()))
}
