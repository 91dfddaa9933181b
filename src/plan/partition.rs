//! Partitions.

use std::borrow::Cow;

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes};
use super::world::World;
use super::{Action, Duration, Kind, NamedConstraint, Statement, TableAction, rename, table};
use crate::catalog::{Bound, Catalog, Constraint, ConstraintKind, Partition, Table};
use crate::diff::{Change, Object, root, upwards};
use crate::resolve::joined;
use crate::sql::{Expr, Ident, QualifiedName};

/// What a partition needs: its parent, and the tables that its own constraints refer to.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    table: &'a Table,
    constraints: &[NamedConstraint<'a>],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = table::needs(name, table, constraints, to);
    needs.push(Object::Table(&partition.of));
    needs
}

/// Whether a partition of a table that is there can be made beside it first. One with columns or constraints of its own is
/// not like its parent.
pub(super) fn can_be_attached(partition: &Partition, table: &Table, world: &World<'_>) -> bool {
    let stays = world.is_partitioned(&partition.of) && world.stays(&partition.of);
    stays && table.columns.is_empty() && table.constraints.is_empty() && !table.unlogged
}

/// A partition comes to a table that is there: made beside it and attached, so that nobody who uses the others waits, as
/// they would for `PARTITION OF`.
pub(super) fn add<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    table: &'a Table,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Table(name);
    let of = &partition.of;
    let if_missing = is_made_by_maintenance(partition, world);
    let create = Statement::CreateLike {
        name,
        of,
        partition_key: table.partition_key.as_ref(),
        if_missing,
    };
    let attach = Draft::new(
        Action::Create,
        object,
        attached(name, partition, if_missing),
    );
    let create = Draft::new(Action::Create, object, create);
    // One that is partitioned itself gets its own partitions after that.
    let into = table.partition_key.is_none().then_some(name);
    let mut drafts = past_default(object, partition, into, vec![create, attach], world);
    let names = rename::inherited_indexes(name, name, Some(of), world);
    drafts.extend(
        names
            .into_iter()
            .map(|statement| Draft::new(Action::Rename, object, statement)),
    );
    let mut node =
        Node::recipe(object, drafts).after([Object::Schema(&name.schema), Object::Table(of)]);
    node.kind = Kind::Partition;
    node
}

/// Whether maintenance makes it as well, of a table that is there: between the day on which a migration is written and the one on
/// which it is applied it may have, under the same name and with the same bound. And what a way back leaves to the policy is
/// there when the change comes again.
pub(super) fn is_made_by_maintenance(partition: &Partition, world: &World<'_>) -> bool {
    let mut levels = levels(partition, world);
    let Some(first) = levels.find(|partition| world.exists(&partition.of)) else {
        return false;
    };
    let policies = &world.to.partition_policies;
    first.bound != Bound::Default
        && world.is_partitioned(&first.of)
        && policies.contains_key(root(&first.of, world.to))
}

/// A partition, what it is a partition of where that is one itself, and so on.
fn levels<'p>(
    partition: &'p Partition,
    world: &'p World<'_>,
) -> impl Iterator<Item = &'p Partition> {
    let above = upwards(&partition.of, world.to).filter_map(|(_, table)| table.partition.as_ref());
    std::iter::once(partition).chain(above)
}

/// Indexes are built of each partition that was there, and attached: one that comes gets its own when it is attached itself,
/// after that, and one that goes still has its own.
pub(super) fn after_indexes<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    for change in changes {
        let (name, of) = match *change {
            Change::CreatePartition {
                name, partition, ..
            }
            | Change::AttachPartition { name, partition }
            | Change::WidenPartition { name, partition } => (name, &partition.of),
            Change::DetachPartition { name, of } => (name, of),
            _ => continue,
        };
        let Some(node) = nodes
            .get_mut(Object::Table(name))
            .filter(|_| world.stays(of))
        else {
            continue;
        };
        for (table, definition) in upwards(of, world.to) {
            let indexes = definition.indexes.keys();
            node.needs
                .extend(indexes.map(|index| Object::Index(table, index)));
            let keys = definition.constraints.iter();
            let keys = keys.filter(|(_, key)| key.kind.has_index());
            node.needs
                .extend(keys.map(|(key, _)| Object::Constraint(table, key)));
        }
    }
}

/// When a partition is attached, the server looks through the default partition for rows that belong to it, which nobody can
/// use meanwhile; but not where a CHECK says that there are none. That is looked at first, under a lock that stops nobody.
/// Rows that wait there go into the one that comes, where that can take them.
fn past_default<'a>(
    object: Object<'a>,
    partition: &'a Partition,
    into: Option<&'a QualifiedName>,
    mut attach: Vec<Draft<'a>>,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let default = world.parts.default_of(&partition.of);
    let Some(default) = default.filter(|default| world.may_have_rows(default)) else {
        return attach;
    };
    let Some(condition) = condition(partition, world) else {
        let reason = "it is looked through for rows that belong to the new partition";
        let mut attach = looked_through(default, reason, true, attach, world);
        if let Some(draft) = attach.pop() {
            attach.push(draft.alone(Duration::Scan));
        }
        return attach;
    };
    let meanwhile = "rows that belong to the new partition are refused until it is attached";
    let refuses = world.hazard(HazardKind::BreaksOldCode, default, meanwhile);
    let refuses = refuses.map(|hazard| hazard.safer("attach it while nobody writes any"));
    let check = MeantimeCheck::new(default, Expr::negated(&condition));
    let Some(into) = into else {
        let reason =
            "a row that belongs to the new partition stops it; until then it refuses new ones";
        let [add, validate] = check.proven(object, default, Some(reason), world);
        let mut drafts = vec![add.with(refuses), validate];
        drafts.extend(attach);
        drafts.push(check.dropped(object, default));
        return drafts;
    };
    let draft = |statement| Draft::new(Action::Alter, object, statement);
    let keep_out = Statement::KeepOut {
        default,
        check: check.name.clone(),
        condition: condition.clone(),
    };
    let validate = Statement::ValidateWhereItHolds {
        table: default,
        name: check.name.clone(),
    };
    let looked_at = |statement| {
        let draft = draft(statement).alone(Duration::Scan);
        draft.with(world.scan(default))
    };
    let moved = Statement::MoveWaiting {
        default,
        of: &partition.of,
        check: check.name.clone(),
        condition,
        into,
    };
    let moved = Draft {
        duration: Duration::Scan,
        ..draft(moved)
    };
    let last = attach.pop();
    let mut drafts = vec![looked_at(keep_out).with(refuses), looked_at(validate)];
    drafts.extend(attach);
    drafts.push(moved.with(moving(default, &partition.of, world)));
    drafts.extend(last);
    let drop = TableAction::DropCheckIfExists(check.name);
    drafts.push(draft(Statement::alter(default, drop)));
    drafts
}

/// What may go wrong where rows wait: the server reads the default partition once more then, when the new one is attached.
fn moving(default: &QualifiedName, of: &QualifiedName, world: &World<'_>) -> Vec<Hazard> {
    let reason = "rows that belong to the new partition are moved, if there are any";
    let held = "a row that others refer to cannot be moved to the new partition";
    let fails = world.hazard(HazardKind::MayFailOnData, default, held);
    let is_referred = !world.referring(of).is_empty();
    let fails = fails.filter(|_| is_referred);
    blocks(default, reason, world).chain(fails).collect()
}

fn blocks<'h>(
    table: &'h QualifiedName,
    reason: &'h str,
    world: &'h World<'_>,
) -> impl Iterator<Item = Hazard> + 'h {
    let kinds = [HazardKind::BlocksReads, HazardKind::BlocksWrites];
    kinds
        .into_iter()
        .filter_map(move |kind| world.hazard(kind, table, reason))
}

/// There is no such CHECK.
fn looked_through<'a>(
    table: &QualifiedName,
    reason: &str,
    may_fail: bool,
    mut attach: Vec<Draft<'a>>,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let fails = world.hazard(HazardKind::MayFailOnData, table, reason);
    let fails = fails.filter(|_| may_fail);
    if let Some(draft) = attach.pop() {
        let draft = Draft {
            duration: Duration::Scan,
            ..draft
        };
        attach.push(draft.with(fails).with(blocks(table, reason, world)));
    }
    attach
}

/// A table becomes a partition.
pub(super) fn attach<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    world: &World<'a>,
) -> Node<'a> {
    let attach = attached(name, partition, false);
    let attach = vec![Draft::new(Action::Alter, Object::Table(name), attach)];
    proven(name, partition, attach, Some(OUTSIDE_OF_BOUND), world)
}

/// A partition gets values that none has so far: for as long as a transaction it leaves its table, and it comes back with
/// another bound.
pub(super) fn widen<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    world: &World<'a>,
) -> Node<'a> {
    let detach = detached(name, &partition.of, false);
    let attach = attached(name, partition, false);
    let attach = Draft::new(Action::Alter, Object::Table(name), attach);
    // Its rows are within the bound that it has.
    let attach = vec![detach, attach];
    proven(name, partition, attach, None, world)
}

fn attached<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    if_missing: bool,
) -> Statement<'a> {
    let attach = TableAction::Attach {
        partition: Cow::Borrowed(name),
        bound: Cow::Borrowed(&partition.bound),
        if_missing,
    };
    Statement::alter(&partition.of, attach)
}

fn detached<'a>(name: &'a QualifiedName, of: &'a QualifiedName, concurrently: bool) -> Draft<'a> {
    let detach = TableAction::Detach {
        partition: name,
        concurrently,
    };
    Draft::new(
        Action::Alter,
        Object::Table(name),
        Statement::alter(of, detach),
    )
}

/// A CHECK that says what the bound says is looked at first, under a lock that stops nobody; the server finds it and does not
/// look at the rows again.
fn proven<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    attach: Vec<Draft<'a>>,
    may_fail: Option<&str>,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Table(name);
    let attach = past_default(object, partition, Some(name), attach, world);
    let drafts = match conditions(partition, world) {
        _ if !world.may_have_rows(name) => attach,
        Some(all) => {
            let check = MeantimeCheck::new(name, all);
            let mut drafts = Vec::from(check.proven(object, name, may_fail, world));
            drafts.extend(attach);
            drafts.push(check.dropped(object, name));
            drafts
        }
        None => {
            let reason = "it is looked through for rows outside of the partition's bound";
            looked_through(name, reason, may_fail.is_some(), attach, world)
        }
    };
    Node::recipe(object, drafts).after([Object::Table(&partition.of)])
}

/// Why what is to be a partition may fail to be one.
pub(super) const OUTSIDE_OF_BOUND: &str = "a row outside of the partition's bound stops it";

/// A CHECK for the meantime.
pub(super) struct MeantimeCheck {
    name: Ident,
    condition: Expr,
}

impl MeantimeCheck {
    pub fn new(table: &QualifiedName, condition: Expr) -> Self {
        Self {
            name: joined(&[table.name.as_str(), "specql_bound"]),
            condition,
        }
    }

    pub fn name(&self) -> &Ident {
        &self.name
    }

    /// What makes the server know that it holds.
    pub fn proven<'a>(
        &self,
        object: Object<'a>,
        table: &'a QualifiedName,
        may_fail: Option<&str>,
        world: &World<'a>,
    ) -> [Draft<'a>; 2] {
        let check = Constraint {
            not_valid: true,
            ..Constraint::new(ConstraintKind::Check {
                condition: self.condition.clone(),
            })
        };
        let add = TableAction::AddConstraint(Cow::Owned(self.name.clone()), Cow::Owned(check));
        let validate = TableAction::Validate {
            name: Cow::Owned(self.name.clone()),
            references: None,
        };
        let alter = |action| Draft::new(Action::Alter, object, Statement::alter(table, action));
        [
            alter(add),
            alter(validate)
                .alone(Duration::Scan)
                .with(may_fail.and_then(|why| world.hazard(HazardKind::MayFailOnData, table, why)))
                .with(world.scan(table)),
        ]
    }

    /// It says no more than the bound then.
    pub fn dropped<'a>(&self, object: Object<'a>, table: &'a QualifiedName) -> Draft<'a> {
        let drop = TableAction::DropConstraint(Cow::Owned(self.name.clone()));
        Draft::new(Action::Alter, object, Statement::alter(table, drop))
    }
}

/// What its bound says of each row of a partition, and what the bounds say of that which it is a part of: a server wants all of
/// it; `None` where that is no simple condition.
fn conditions(partition: &Partition, world: &World<'_>) -> Option<Expr> {
    let all: Option<Vec<Expr>> = levels(partition, world)
        .map(|level| condition(level, world))
        .collect();
    Expr::every(&all?)
}

/// What a bound says of each row; `None` where that is no simple condition.
fn condition(partition: &Partition, world: &World<'_>) -> Option<Expr> {
    let parent = world.to.tables.get(&partition.of)?;
    let [column] = parent.partition_key.as_ref()?.columns.as_slice() else {
        return None;
    };
    // A partition has the columns of its root.
    let columns = &world.to.tables.get(root(&partition.of, world.to))?.columns;
    let ty = &columns.iter().find(|c| c.name == *column)?.ty;
    let value = Expr::column(column);
    let constant = |text: &str| Expr::string(text).cast(ty);
    match &partition.bound {
        Bound::Range { from, to } => Expr::every(&[
            Expr::is_not_null(&value),
            Expr::binary(&value, ">=", &constant(from)),
            Expr::binary(&value, "<", &constant(to)),
        ]),
        Bound::List(values) if values.iter().all(Option::is_some) => {
            let values: Vec<Expr> = values.iter().flatten().map(|v| constant(v)).collect();
            let is_one = Expr::in_list(&value, &values);
            Expr::every(&[Expr::is_not_null(&value), is_one])
        }
        Bound::List(_) | Bound::RangeOf { .. } | Bound::Hash { .. } | Bound::Default => None,
    }
}

/// A partition becomes a table. CONCURRENTLY cannot be where there is a default partition; it leaves a CHECK of what the
/// bound said.
/// <https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION>
pub(super) fn detach<'a>(
    name: &'a QualifiedName,
    of: &'a QualifiedName,
    world: &World<'a>,
) -> Node<'a> {
    let has_default = world.parts.default_of(of).is_some();
    let draft = detached(name, of, !has_default);
    let draft = if has_default {
        draft
    } else {
        draft.outside(Duration::CatalogChange)
    };
    Node::recipe(Object::Table(name), vec![draft.contract()])
}

/// Foreign keys that refer to a table above a partition hold the partition, too, for as long as it is one: before it goes, it is
/// taken off its table.
pub(super) fn is_let_go(partition: &Partition, world: &World<'_>) -> bool {
    let of = &partition.of;
    world.to.tables.contains_key(of) && !world.referring(of).is_empty()
}

/// What takes it off, for which the server looks for rows that refer to one of its own.
pub(super) fn let_go<'a>(
    name: &'a QualifiedName,
    table: &'a Table,
    world: &World<'a>,
) -> Option<Draft<'a>> {
    let partition = table.partition.as_ref();
    let of = &partition.filter(|own| is_let_go(own, world))?.of;
    let referring = world.referring(of);
    let waits = referring.iter().flat_map(|table| {
        let reason = format!("all rows of `{table}` are read, which may refer to one of `{name}`");
        let kinds = [HazardKind::BlocksReads, HazardKind::BlocksWrites];
        let both = kinds.map(|kind| [of, *table].map(|on| world.hazard(kind, on, reason.as_str())));
        both.into_iter().flatten().flatten()
    });
    let mut waits: Vec<Hazard> = waits.collect();
    waits.dedup();
    let reason = format!("a row that refers to one of `{name}` stops it");
    let fails = world.hazard(HazardKind::MayFailOnData, name, reason);
    // In one transaction with its end: nobody is to find it as a table.
    let draft = Draft {
        duration: Duration::Scan,
        ..detached(name, of, false).contract()
    };
    Some(draft.with(waits).with(fails))
}
