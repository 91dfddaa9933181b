//! Columns. Their order is not looked at: a column that is added stands last.

use super::{Change, Changes, Object, Why, as_wanted, comment, partition};
use crate::catalog::{Catalog, Column};
use crate::sql::QualifiedName;

/// Columns of a table, and the catalog that it is in where it keeps its form.
pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a [Column],
    to: &'a [Column],
    in_form_of: Option<&Catalog>,
    changes: &mut Changes<'a>,
) {
    for column in from {
        if !to.iter().any(|next| next.name == column.name) {
            changes.gone(Object::Column(table, &column.name));
        }
    }
    for next in to {
        let on = Object::Column(table, &next.name);
        match from.iter().find(|previous| previous.name == next.name) {
            None => {
                let column = next;
                changes.push(Change::AddColumn { table, column });
                comment::created(on, next.comment.as_ref(), changes);
            }
            Some(previous) => {
                let stays_computed = previous.generated.is_some()
                    && next.generated.is_none()
                    && in_form_of.is_some_and(|from| partition::has_parts_of_parts(table, from));
                if stays_computed {
                    changes.unchanged(on, Why::StaysComputed);
                } else if !equal(previous, next) {
                    changes.push(Change::AlterColumn {
                        table,
                        previous,
                        next,
                    });
                }
                comment::diff(
                    on,
                    previous.comment.as_ref(),
                    next.comment.as_ref(),
                    changes,
                );
            }
        }
    }
}

fn equal(previous: &Column, next: &Column) -> bool {
    let Column {
        name: _,
        ty,
        not_null,
        not_null_constraint,
        collation,
        default,
        identity,
        identity_sequence,
        generated,
        storage,
        compression,
        statistics,
        options,
        comment: _,
    } = next;
    previous.ty == *ty
        && previous.not_null == *not_null
        && as_wanted(&previous.not_null_constraint, not_null_constraint)
        && previous.collation == *collation
        && previous.default == *default
        && previous.identity == *identity
        && as_wanted(&previous.identity_sequence, identity_sequence)
        && previous.generated == *generated
        && as_wanted(&previous.storage, storage)
        && as_wanted(&previous.compression, compression)
        && as_wanted(&previous.statistics, statistics)
        && as_wanted(&previous.options, options)
}
