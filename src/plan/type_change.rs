//! A column's type changes.

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::world::World;
use super::{Action, Duration, Statement, TableAction, carried};
use crate::catalog::{Column, ConstraintKind, Index, IndexTarget};
use crate::diff::Object;
use crate::pg::{CastContext, Knowledge};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// The way around a rewrite.
const EXPAND: &str = "add a column of the new type, let a trigger keep it, fill it in batches, and drop the old one when no code \
                      reads it";

/// ALTER COLUMN … TYPE, with the default taken off before and put back after.
pub(super) fn steps<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let knowledge = world.knowledge();
    let in_place = previous.collation == next.collation
        && keeps_values_as_they_are(&previous.ty, &next.ty, knowledge);
    if in_place {
        return vec![in_place_of(table, next, world)];
    }
    let fits = takes_all_values(&previous.ty, &next.ty, knowledge);
    if !is_assigned(&previous.ty, &next.ty, knowledge)
        && !is_cast(&previous.ty, &next.ty, knowledge)
    {
        return by_text(table, previous, next, !fits, world);
    }
    let using = (!is_assigned(&previous.ty, &next.ty, knowledge))
        .then(|| Expr::column(&next.name).cast(&next.ty));
    rewriting(table, previous, next, using, !fits, world)
}

/// A value of the column as it was, as one of the column as it is, where it is assigned to that.
pub(super) fn value(previous: &Column, next: &Column, world: &World<'_>) -> Expr {
    let value = Expr::column(&next.name);
    let (from, to, knowledge) = (&previous.ty, &next.ty, world.knowledge());
    if is_assigned(from, to, knowledge) {
        return value;
    }
    if is_cast(from, to, knowledge) {
        return value.cast(to);
    }
    value.cast(&as_text(from, to)).cast(to)
}

fn as_text(from: &TypeName, to: &TypeName) -> TypeName {
    let text = TypeName::core("text");
    if from.array && to.array {
        text.array_of()
    } else {
        text
    }
}

/// The same for a type that values come to only as text: one that replaces another of its labels, or has no cast.
pub(super) fn by_text<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    narrows: bool,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let text = as_text(&previous.ty, &next.ty);
    let using = Expr::column(&next.name).cast(&text).cast(&next.ty);
    rewriting(table, previous, next, Some(using), narrows, world)
}

fn rewriting<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    using: Option<Expr>,
    narrows: bool,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let reason = format!(
        "each value of `{}` is written anew, as {} instead of {}",
        next.name, next.ty, previous.ty
    );
    let mut hazards = world.rewrite(table, &reason, EXPAND);
    hazards.extend(carried::looked_at(table, &next.name, world));
    if narrows {
        let reason = format!("a value of `{}` may be none of {}", next.name, next.ty);
        hazards.extend(world.hazard(HazardKind::MayFailOnData, table, reason));
        let reason = format!("`{}` no longer takes all values that it took", next.name);
        hazards.push(world.always(HazardKind::BreaksOldCode, table, reason));
    }
    let object = Object::Column(table, &next.name);
    let alter = |action| Draft::new(Action::Alter, object, Statement::alter(table, action));
    let mut drafts = Vec::new();
    // The server turns a default into the new type only where it has a cast for that.
    if previous.default.is_some() {
        drafts.push(alter(TableAction::DropDefault(&next.name)));
    }
    drafts.push(
        Draft {
            duration: Duration::Rewrite,
            ..set_type(table, next, using)
        }
        .with(hazards),
    );
    if let (Some(_), Some(default)) = (&previous.default, &next.default) {
        drafts.push(alter(TableAction::SetDefault(&next.name, default)));
    }
    drafts
}

fn set_type<'a>(table: &'a QualifiedName, column: &'a Column, using: Option<Expr>) -> Draft<'a> {
    let object = Object::Column(table, &column.name);
    let action = TableAction::SetType { column, using };
    Draft::new(Action::Alter, object, Statement::alter(table, action))
}

/// The rows stay as they are. Not so what the server will not carry over to another type: it builds an index anew that has a WHERE or
/// an expression (`CheckIndexCompatible` of the server), and reads all rows for a check.
fn in_place_of<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Draft<'a> {
    let draft = set_type(table, column, None);
    let (Some(there), Some(next)) = (world.from.tables.get(table), world.to.tables.get(table))
    else {
        return draft;
    };
    let name = &column.name;
    // What changes or goes makes way before.
    let indexes = there.indexes.iter();
    let mut indexes = indexes.filter(|(index, definition)| {
        next.indexes.get(*index) == Some(*definition) && is_built_anew(definition, name)
    });
    let constraints = there.constraints.iter();
    let mut checks = constraints.filter(|(check, there)| {
        let stays = next.constraints.get(*check).map(|next| &next.kind) == Some(&there.kind);
        stays && matches!(&there.kind, ConstraintKind::Check { condition } if condition.names_column(name))
    });
    let (reason, duration, safer) = if let Some((index, _)) = indexes.next() {
        let reason = format!("index `{index}` is built anew meanwhile");
        let safer = "drop it before, and build it CONCURRENTLY after";
        (reason, Duration::Build, safer)
    } else if let Some((check, _)) = checks.next() {
        let reason = format!("all rows are read again for constraint `{check}`");
        let safer = "drop it before, and add it NOT VALID after, then validate it";
        (reason, Duration::Scan, safer)
    } else {
        return draft;
    };
    let hazards = [HazardKind::BlocksReads, HazardKind::BlocksWrites].into_iter();
    let hazards = hazards.filter_map(|kind| world.hazard(kind, table, reason.clone()));
    draft
        .alone(duration)
        .with(hazards.map(|hazard| hazard.safer(safer)))
}

/// Whether an index has a part that keeps the server from carrying it over, and the column.
fn is_built_anew(index: &Index, column: &Ident) -> bool {
    let expressions = index.keys.iter().filter_map(|key| match &key.target {
        IndexTarget::Column(_) => None,
        IndexTarget::Expression(expression) => Some(expression),
    });
    let expressions: Vec<&Expr> = expressions.chain(&index.predicate).collect();
    let mut keys = index.keys.iter();
    let is_key = keys.any(|key| matches!(&key.target, IndexTarget::Column(key) if key == column));
    let is_named = |expression: &&Expr| expression.names_column(column);
    !expressions.is_empty()
        && (is_key || index.include.contains(column) || expressions.iter().any(is_named))
}

/// Whether the server leaves the table as it is: the types are binary compatible, and the modifier, if anything, allows
/// more. <https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES>
pub(super) fn keeps_values_as_they_are(
    from: &TypeName,
    to: &TypeName,
    knowledge: &Knowledge,
) -> bool {
    let plain = |ty: &TypeName| ty.schema.is_none() && !ty.array;
    if from == to {
        return true;
    }
    if !plain(from) || !plain(to) {
        return from.schema == to.schema && from.name == to.name && from.array == to.array && {
            to.modifiers.is_empty() && !from.array
        };
    }
    let (source, target) = (from.name.as_str(), to.name.as_str());
    if source == target {
        return modifier_allows_more(target, &from.modifiers, &to.modifiers);
    }
    // Values of bpchar lose their trailing blanks on the way to any other type.
    knowledge.is_binary_coercible(source, target) && to.modifiers.is_empty() && source != "bpchar"
}

fn modifier_allows_more(name: &str, from: &[i32], to: &[i32]) -> bool {
    const BY_LENGTH: [&str; 6] = [
        "varchar",
        "varbit",
        "timestamp",
        "timestamptz",
        "time",
        "timetz",
    ];
    let has_limit = BY_LENGTH.contains(&name) || ["numeric", "interval"].contains(&name);
    match (from, to) {
        (from, to) if from == to => true,
        (_, []) => has_limit,
        ([from], [to]) => BY_LENGTH.contains(&name) && to >= from,
        // The scale is how the values are written; the precision only how large they may be.
        ([precision, scale], [wider, same]) => {
            name == "numeric" && wider >= precision && same == scale
        }
        _ => false,
    }
}

/// Whether every value of one type is one of the other: the server would take it unasked, and no modifier cuts it.
fn takes_all_values(from: &TypeName, to: &TypeName, knowledge: &Knowledge) -> bool {
    if from.array != to.array || to.schema.is_some() {
        return false;
    }
    let (source, target) = (from.name.as_str(), to.name.as_str());
    let widens = source == target
        || knowledge
            .cast(source, target)
            .is_some_and(|cast| cast.context == CastContext::Implicit)
        || target == "text";
    widens
        && (to.modifiers.is_empty()
            || source == target && modifier_allows_more(target, &from.modifiers, &to.modifiers))
}

/// Whether the server turns values into the other type where they are assigned, so that nothing has to be said.
fn is_assigned(from: &TypeName, to: &TypeName, knowledge: &Knowledge) -> bool {
    let (source, target) = (from.name.as_str(), to.name.as_str());
    let same = from.schema == to.schema && source == target;
    let core = from.schema.is_none() && to.schema.is_none();
    from.array == to.array
        && (same
            || core
                && (knowledge.is_binary_coercible(source, target)
                    || knowledge
                        .cast(source, target)
                        .is_some_and(|cast| cast.context != CastContext::Explicit)
                    || ["text", "varchar"].contains(&target)))
}

/// Whether the server has a cast for those who ask: one of its own, or from a text, which every type is read from.
fn is_cast(from: &TypeName, to: &TypeName, knowledge: &Knowledge) -> bool {
    let (source, target) = (from.name.as_str(), to.name.as_str());
    let core = from.schema.is_none() && to.schema.is_none();
    let of_text = from.schema.is_none() && ["text", "varchar", "bpchar"].contains(&source);
    let alike = from.array == to.array;
    of_text && (alike || !from.array) || core && alike && knowledge.cast(source, target).is_some()
}

/// Hazards of a rewrite that is no change of type.
pub(super) fn rewrite_of<'a>(
    table: &'a QualifiedName,
    column: &Column,
    world: &World<'a>,
    safer: &'static str,
) -> Vec<Hazard> {
    let reason = format!("each row is written anew with a value of `{}`", column.name);
    world.rewrite(table, &reason, safer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_the_server_leaves_as_they_are() {
        let kept = |from: &str, to: &str| {
            let (from, to) = (TypeName::parse(from).unwrap(), TypeName::parse(to).unwrap());
            keeps_values_as_they_are(&from, &to, Knowledge::since(crate::pg::Version::V15))
        };
        for (from, to) in [
            ("varchar(20)", "varchar(40)"),
            ("varchar(20)", "varchar"),
            ("varchar(20)", "text"),
            ("text", "varchar"),
            ("numeric(10,2)", "numeric(12,2)"),
            ("numeric(10,2)", "numeric"),
            ("timestamp(3)", "timestamp(6)"),
            ("varbit(8)", "varbit(16)"),
            ("cidr", "inet"),
        ] {
            assert!(kept(from, to), "{from} -> {to}");
        }
        for (from, to) in [
            ("varchar(40)", "varchar(20)"),
            ("text", "varchar(20)"),
            ("numeric(10,2)", "numeric(12,3)"),
            ("numeric", "numeric(10,2)"),
            ("integer", "bigint"),
            ("timestamp(6)", "timestamp(3)"),
            ("char(3)", "text"),
            ("varchar(20)[]", "text[]"),
            ("timestamp", "timestamptz"),
        ] {
            assert!(!kept(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn types_that_the_server_changes_where_they_are_assigned() {
        let assigned = |from: &str, to: &str| {
            let (from, to) = (TypeName::parse(from).unwrap(), TypeName::parse(to).unwrap());
            is_assigned(&from, &to, Knowledge::since(crate::pg::Version::V15))
        };
        for (from, to) in [
            ("integer", "bigint"),
            ("bigint", "integer"),
            ("integer", "text"),
            ("s.shape(1)", "s.shape(2)"),
        ] {
            assert!(assigned(from, to), "{from} -> {to}");
        }
        for (from, to) in [
            ("text", "integer"),
            ("s.shape", "t.shape"),
            ("s.shape", "s.form"),
            ("integer", "integer[]"),
        ] {
            assert!(!assigned(from, to), "{from} -> {to}");
        }
    }
}
