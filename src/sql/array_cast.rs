//! A cast of an array whose elements are written out.

use sqlparser::ast::{Array, ArrayElemTypeDef, DataType, Expr};

/// `(ARRAY[a, b])::t[]` → `ARRAY[a::t, b::t]`, which is what a server makes of it when it reads it: it prints the first of a list of
/// `varchar`, and the second where that was read again. `None` where it is anything else.
pub(super) fn of_elements(expr: &Expr) -> Option<Expr> {
    let Expr::Cast {
        kind,
        expr,
        data_type: DataType::Array(ArrayElemTypeDef::SquareBracket(ty, _)),
        format: None,
    } = expr
    else {
        return None;
    };
    let Expr::Array(array) = bare(expr) else {
        return None;
    };
    // Without elements it has no other type; an array of arrays is of the same type as these.
    let is_array = |element: &Expr| matches!(bare(element), Expr::Array(_));
    if array.elem.is_empty() || array.elem.iter().any(is_array) {
        return None;
    }
    let cast = |element: &Expr| Expr::Cast {
        kind: kind.clone(),
        expr: Box::new(element.clone()),
        data_type: (**ty).clone(),
        format: None,
    };
    Some(Expr::Array(Array {
        elem: array.elem.iter().map(cast).collect(),
        named: array.named,
    }))
}

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}
