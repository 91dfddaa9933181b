//! Columns. Their order is not looked at: a column that is added stands last.

use super::{Change, Changes, Object, as_wanted, comment};
use crate::catalog::Column;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a [Column],
    to: &'a [Column],
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
                if !equal(previous, next) {
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
