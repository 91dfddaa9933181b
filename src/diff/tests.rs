//! Differences between small schemas, told in a line each.

use jiff::civil::date;

use super::*;
use crate::compile::{SourceFile, compile};
use crate::sql::{Expr, Ident};
use crate::syntax::Config;

fn catalog(specs: &str) -> Catalog {
    let file = SourceFile {
        path: "a.yaml".into(),
        text: specs.into(),
    };
    let compiled = compile(&[(0, &file)], &Config::default(), date(2024, 2, 10));
    assert!(
        !compiled.diagnostics.has_errors(),
        "{:?}",
        compiled.diagnostics
    );
    compiled.catalog
}

/// The changes, each as a verb and an object.
fn changes(from: &str, to: &str, prune: bool) -> Vec<String> {
    let (from, to) = (catalog(from), catalog(to));
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options { prune });
    difference.changes.iter().map(told).collect()
}

fn told(change: &Change<'_>) -> String {
    match change {
        Change::Drop(object) => format!("drop {object}"),
        Change::Rename(Rename::Table { from, to } | Rename::EnumType { from, to }) => {
            format!("rename {from} to {to}")
        }
        Change::Rename(
            Rename::Column { table, from, to }
            | Rename::Constraint { table, from, to }
            | Rename::Index {
                relation: table,
                from,
                to,
            },
        ) => format!("rename {from} to {to} of {table}"),
        Change::AddColumn { table, column } => format!("add {table}.{}", column.name),
        Change::AlterColumn { table, next, .. } => format!("alter {table}.{}", next.name),
        Change::AddEnumLabel { label, place, .. } => format!("add {label} {place:?}"),
        Change::Comment { on, text } => format!("comment on {on}: {text:?}"),
        Change::CreatePartition { name, .. } | Change::CreateTable { name, .. } => {
            format!("create {name}")
        }
        Change::CreateIndex { name, .. } => format!("create {name}"),
        Change::ReplaceIndex { name, .. }
        | Change::ReplaceConstraint { name, .. }
        | Change::ReplaceTrigger { name, .. } => format!("replace {name}"),
        Change::ReplaceView { name, .. }
        | Change::ReplaceMaterializedView { name, .. }
        | Change::ReplaceEnumType { name, .. } => format!("replace {name}"),
        other => {
            let text = format!("{other:?}");
            text.split([' ', '(']).next().unwrap_or_default().to_owned()
        }
    }
}

const TASK: &str = "entity: Task\nfields: {title: text!, done: boolean = false}\n";

#[test]
fn nothing_differs_from_itself() {
    assert_eq!(changes(TASK, TASK, true), Vec::<String>::new());
}

#[test]
fn what_only_the_old_one_has_is_kept_and_told_unless_it_is_to_go() {
    let from = "entity: Task\nfields: {title: text!, done: boolean = false, due: date}\nindexes: [{columns: [due]}]\n";
    assert_eq!(changes(from, TASK, false), Vec::<String>::new());
    assert_eq!(
        changes(from, TASK, true),
        [
            "drop column public.tasks.due",
            "drop index idx_tasks_due on public.tasks"
        ]
    );
    let (from, to) = (catalog(from), catalog(TASK));
    let former = Former::new(&from, &to);
    let kept = diff(&former, &to, Options::default()).kept;
    let kept: Vec<_> = kept.iter().map(ToString::to_string).collect();
    assert_eq!(
        kept,
        [
            "column public.tasks.due",
            "index idx_tasks_due on public.tasks"
        ]
    );
}

#[test]
fn each_part_of_a_column_counts() {
    for changed in [
        "title: text",
        "title: varchar(80)!",
        "title: {type: text!, default: x}",
    ] {
        let to = format!("entity: Task\nfields: {{{changed}, done: boolean = false}}\n");
        assert_eq!(
            changes(TASK, &to, false),
            ["alter public.tasks.title"],
            "{changed}"
        );
    }
}

#[test]
fn the_order_of_columns_does_not() {
    let to = "entity: Task\nfields: {done: boolean = false, title: text!}\n";
    assert_eq!(changes(TASK, to, true), Vec::<String>::new());
}

#[test]
fn comments_come_change_and_go() {
    let with = |comment: &str| {
        format!(
            "entity: Task\ndescription: {comment}\nfields: {{title: text!, done: boolean = false}}\n"
        )
    };
    let on = "comment on table public.tasks";
    assert_eq!(
        changes(TASK, &with("One"), false),
        [format!("{on}: Some(\"One\")")]
    );
    assert_eq!(
        changes(&with("One"), &with("Two"), false),
        [format!("{on}: Some(\"Two\")")]
    );
    assert_eq!(changes(&with("One"), TASK, false), [format!("{on}: None")]);
}

#[test]
fn a_rename_takes_along_what_follows_from_it() {
    let to = "entity: Job\nrenamed_from: Task\nfields:\n  name: {type: text!, renamed_from: title}\n  done: boolean = false\n";
    assert_eq!(
        changes(TASK, to, true),
        [
            "rename public.tasks to public.jobs",
            "rename title to name of public.jobs",
            "rename tasks_pkey to jobs_pkey of public.jobs",
        ]
    );
    // The way back says nothing of former names: what is left behind does.
    assert_eq!(
        changes(to, TASK, true),
        [
            "rename public.jobs to public.tasks",
            "rename name to title of public.tasks",
            "rename jobs_pkey to tasks_pkey of public.tasks",
        ]
    );
    // It is carried out once.
    assert_eq!(changes(to, to, true), Vec::<String>::new());
}

#[test]
fn a_name_may_be_one_that_gets_free() {
    let ty = "type: 'enum(new, done)', native: true";
    let from = format!("entity: Offer\nfields: {{state: {{{ty}}}, phase: {{{ty}}}}}\n");
    let phase = format!("phase: {{{ty}, renamed_from: state}}");
    let aspect = format!("aspect: {{{ty}, renamed_from: phase}}");
    let to = format!("entity: Offer\nfields: {{{phase}, {aspect}}}\n");
    assert_eq!(
        changes(&from, &to, true),
        [
            "rename phase to aspect of public.offers",
            "rename state to phase of public.offers",
            "rename public.offers_phase to public.offers_aspect",
            "rename public.offers_state to public.offers_phase",
        ]
    );
    assert_eq!(
        changes(&to, &from, true),
        [
            "rename phase to state of public.offers",
            "rename aspect to phase of public.offers",
            "rename public.offers_phase to public.offers_state",
            "rename public.offers_aspect to public.offers_phase",
        ]
    );
    assert_eq!(changes(&to, &to, true), Vec::<String>::new());
}

#[test]
fn a_suspected_rename_is_told_and_not_made() {
    let to = catalog("entity: Task\nfields: {name: text!, done: boolean = false}\n");
    let from = catalog(TASK);
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options { prune: true });
    let told: Vec<_> = difference.changes.iter().map(told).collect();
    assert_eq!(
        told,
        ["drop column public.tasks.title", "add public.tasks.name"]
    );
    let (title, name) = (Ident::new("title"), Ident::new("name"));
    assert_eq!(
        difference.hints,
        [Hint::RenamedColumn {
            table: &QualifiedName::new("public", "tasks"),
            from: &title,
            to: &name
        }]
    );
}

#[test]
fn labels_are_added_where_the_others_stay_in_order() {
    let with = |labels: &str| {
        format!("entity: Task\nfields: {{state: {{type: 'enum({labels})', native: true}}}}\n")
    };
    assert_eq!(
        changes(&with("b, d"), &with("a, b, c, d, e"), false),
        ["add a Before(\"b\")", "add c Before(\"d\")", "add e Last"]
    );
    for other in ["d, b", "b", "b, x"] {
        assert_eq!(
            changes(&with("b, d"), &with(other), false),
            ["replace public.tasks_state"],
            "{other}"
        );
    }
}

const LOG: &str = "entity: Log\nfields: {at: timestamptz!}\n\
                   partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2024-01-01, premake: 1}\n";

#[test]
fn partitions_by_range_come_and_go_by_themselves() {
    let mut from = catalog(LOG);
    let to = catalog(LOG);
    let name = |name: &str| QualifiedName::new("public", name);
    let mut made_later = to.tables[&name("logs_2024_03")].clone();
    let bound = |from: &str, to: &str| crate::catalog::Partition {
        of: name("logs"),
        bound: crate::catalog::Bound::Range {
            from: from.into(),
            to: to.into(),
        },
    };
    made_later.partition = Some(bound("2026-01-01 00:00:00+00", "2026-02-01 00:00:00+00"));
    from.tables.insert(name("logs_2026_01"), made_later.clone());
    from.tables.remove(&name("logs_2024_02"));
    {
        let former = Former::new(&from, &to);
        let difference = diff(&former, &to, Options { prune: true });
        let told: Vec<_> = difference.changes.iter().map(told).collect();
        assert_eq!(told, ["create public.logs_2024_02"]);
        assert_eq!(difference.kept, []);
    }
    // Another partition has all of its rows.
    made_later.partition = Some(bound("2024-02-01 00:00:00+00", "2024-03-01 00:00:00+00"));
    from.tables.insert(name("february"), made_later.clone());
    {
        let former = Former::new(&from, &to);
        let difference = diff(&former, &to, Options { prune: true });
        assert_eq!(difference.changes, []);
        assert_eq!(difference.unchanged, []);
    }
    // Another partition has some of them.
    made_later.partition = Some(bound("2024-02-10 00:00:00+00", "2024-03-01 00:00:00+00"));
    from.tables.insert(name("february"), made_later);
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::Overlaps(&name("february"))]);
}

#[test]
fn a_bound_that_is_not_that_of_the_specs_is_told() {
    let (mut from, to) = (catalog(LOG), catalog(LOG));
    let name = QualifiedName::new("public", "logs_2024_02");
    if let Some(partition) = &mut from.tables.get_mut(&name).unwrap().partition {
        partition.bound = crate::catalog::Bound::Default;
    }
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::BoundContradicts]);
}

#[test]
fn a_partition_of_a_longer_period_has_the_rows_of_a_shorter_one() {
    let of = |step: u32| {
        format!(
            "entity: Log\nfields: {{n: bigint!}}\npartitioning: {{strategy: RANGE, column: n, start: 0, intervals: {step}, premake: 3}}\n"
        )
    };
    // Both have logs_0 and logs_1000; logs_500 and logs_1500 are within these.
    let (from, to) = (catalog(&of(1000)), catalog(&of(500)));
    let (changes, unchanged) = difference(&from, &to);
    assert_eq!(changes, ["SetPartitionPolicy"]);
    assert_eq!(unchanged, 0);
    // Of longer periods no partition can be made while shorter ones are there.
    let (changes, unchanged) = difference(&to, &from);
    assert_eq!(
        changes,
        [
            "create public.logs_2000",
            "create public.logs_3000",
            "SetPartitionPolicy"
        ]
    );
    assert_eq!(unchanged, 2);
}

#[test]
fn a_default_partition_does_not_become_one_of_a_list_under_its_name() {
    let specs = "entity: Log\nfields: {region: text!}\npartitioning: {strategy: LIST, column: region, intervals: [north], default: false}\n";
    let (mut from, to) = (catalog(specs), catalog(specs));
    let name = QualifiedName::new("public", "logs_north");
    if let Some(partition) = &mut from.tables.get_mut(&name).unwrap().partition {
        partition.bound = crate::catalog::Bound::Default;
    }
    assert_eq!(difference(&from, &to), (Vec::new(), 1));
}

#[test]
fn a_view_that_changes_its_sort_makes_room_first() {
    let with = |refresh: &str| {
        format!(
            "{TASK}projections:\n  - {{name: titles, includes: [{{Task: [id, title]}}]{refresh}}}\n"
        )
    };
    let changes = changes(
        &with(""),
        &with(", refresh: {materialized: true, on: [create]}"),
        false,
    );
    assert!(
        changes.contains(&"drop view public.titles".to_owned()),
        "{changes:?}"
    );
    assert!(
        changes.contains(&"CreateMaterializedView".to_owned()),
        "{changes:?}"
    );
}

#[test]
fn what_specs_cannot_say_stays_as_it_is() {
    let (mut from, to) = (catalog(TASK), catalog(TASK));
    let table = from
        .tables
        .get_mut(&QualifiedName::new("public", "tasks"))
        .unwrap();
    table
        .storage_parameters
        .insert("fillfactor".into(), "70".into());
    table.row_security = crate::catalog::RowSecurity::Enabled;
    let former = Former::new(&from, &to);
    assert_eq!(
        diff(&former, &to, Options { prune: true }),
        Difference::default()
    );
    // Two live databases can say it of each other, and it is not passed over.
    let former = Former::new(&to, &from);
    let difference = diff(&former, &from, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::NotExpressible]);
}

#[test]
fn of_two_former_names_that_contradict_each_other_the_wanted_one_counts() {
    let from = "entity: Task\nfields: {second: {type: text!, renamed_from: first}}\n";
    let to = "entity: Task\nfields: {third: {type: text!, renamed_from: second}, first: text}\n";
    assert_eq!(
        changes(from, to, true),
        [
            "rename second to third of public.tasks",
            "add public.tasks.first"
        ]
    );
}

/// The changes, and what stays as it is though it differs.
fn difference(from: &Catalog, to: &Catalog) -> (Vec<String>, usize) {
    let former = Former::new(from, to);
    let difference = diff(&former, to, Options { prune: true });
    let told = difference.changes.iter().map(told).collect();
    (told, difference.unchanged.len())
}

#[test]
fn a_table_that_is_renamed_is_so_where_another_inherits_from_it() {
    let other = "---\nentity: Note\nfields: {text: text}\n";
    let (mut from, mut to) = (
        catalog(&format!("{TASK}{other}")),
        catalog(&format!(
            "entity: Job\nrenamed_from: Task\nfields: {{title: text!, done: boolean = false}}\n{other}"
        )),
    );
    let name = |name: &str| QualifiedName::new("public", name);
    from.tables.get_mut(&name("notes")).unwrap().inherits = vec![name("tasks")];
    to.tables.get_mut(&name("notes")).unwrap().inherits = vec![name("jobs")];
    let (changes, unchanged) = difference(&from, &to);
    assert_eq!(
        changes,
        [
            "rename public.tasks to public.jobs",
            "rename tasks_pkey to jobs_pkey of public.jobs"
        ]
    );
    assert_eq!(unchanged, 0);
}

#[test]
fn a_column_that_is_renamed_is_so_in_a_partition_key() {
    let of = |column: &str| {
        format!(
            "entity: Log\nfields: {{{column}}}\npartitioning: {{strategy: LIST, column: {}, intervals: [north, south]}}\n",
            column.split(':').next().unwrap()
        )
    };
    let (from, to) = (
        of("region: text!"),
        of("area: {type: text!, renamed_from: region}"),
    );
    assert_eq!(
        changes(&from, &to, true),
        ["rename region to area of public.logs"]
    );
}

#[test]
fn a_column_that_is_renamed_is_so_in_the_keys_of_partitions() {
    let of = |field: &str, column: &str| {
        format!(
            "entity: Log\nfields: {{region: text!, {field}}}\npartitioning: {{strategy: LIST, column: region, intervals: [north, south], partitioning: {{strategy: HASH, column: {column}, partitions: 2}}}}\n",
        )
    };
    let (from, to) = (
        of("code: text!", "code"),
        of("level: {type: text!, renamed_from: code}", "level"),
    );
    assert_eq!(
        changes(&from, &to, true),
        ["rename code to level of public.logs"]
    );
}

#[test]
fn a_column_that_is_renamed_is_so_in_what_a_deleted_row_sets() {
    let of = |field: &str, column: &str| {
        let mut catalog = catalog(&format!(
            "entity: Task\nfields: {{{field}}}\n---\nentity: Step\nfields: {{name: text}}\n"
        ));
        let tasks = QualifiedName::new("public", "tasks");
        let constraints = &mut catalog.tables.get_mut(&tasks).unwrap().constraints;
        for constraint in constraints.values_mut() {
            if let crate::catalog::ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                key.on_delete_columns = vec![Ident::new(column)];
            }
        }
        catalog
    };
    let from = of("step: ref(Step)", "step_id");
    let to = of("phase: {type: ref(Step), renamed_from: step}", "phase_id");
    let (changes, _) = difference(&from, &to);
    assert_eq!(
        changes,
        [
            "rename step_id to phase_id of public.tasks",
            "rename tasks_step_id_fkey to tasks_phase_id_fkey of public.tasks",
            "rename idx_tasks_step_id to idx_tasks_phase_id of public.tasks",
        ]
    );
}

#[test]
fn a_suspected_rename_of_a_table_is_told_and_not_made() {
    let (from, to) = (catalog(TASK), catalog(&TASK.replace("Task", "Job")));
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options { prune: true });
    let (tasks, jobs) = (
        QualifiedName::new("public", "tasks"),
        QualifiedName::new("public", "jobs"),
    );
    assert_eq!(
        difference.hints,
        [Hint::RenamedTable {
            from: &tasks,
            to: &jobs
        }]
    );
    // One that has other columns is another one.
    let to = catalog("entity: Job\nfields: {title: text!}\n");
    let former = Former::new(&from, &to);
    assert_eq!(diff(&former, &to, Options { prune: true }).hints, []);
}

#[test]
fn each_part_of_a_trigger_counts() {
    type Change = fn(&mut crate::catalog::Trigger);
    let parts: [(&str, Change); 14] = [
        ("timing", |t| {
            t.timing = crate::catalog::TriggerTiming::Before;
        }),
        ("events", |t| t.events.clear()),
        ("columns", |t| t.columns.push(Ident::new("title"))),
        ("for_each_row", |t| t.for_each_row = !t.for_each_row),
        ("constraint", |t| t.constraint = !t.constraint),
        ("deferrable", |t| t.deferrable = !t.deferrable),
        ("initially_deferred", |t| {
            t.initially_deferred = !t.initially_deferred;
        }),
        ("referenced", |t| t.referenced = Some(t.function.clone())),
        ("old_table", |t| t.old_table = Some(Ident::new("gone"))),
        ("new_table", |t| t.new_table = Some(Ident::new("come"))),
        ("condition", |t| {
            t.condition = Some(Expr::column(&Ident::new("title")));
        }),
        ("function", |t| t.function.name = Ident::new("another")),
        ("arguments", |t| t.arguments.push("another".into())),
        ("enabled", |t| {
            t.enabled = crate::catalog::TriggerState::Always;
        }),
    ];
    let specs = format!(
        "{TASK}projections:\n  - {{name: titles, includes: [{{Task: [id, title]}}], refresh: {{materialized: true, on: [create]}}}}\n"
    );
    let (from, mut to) = (catalog(&specs), catalog(&specs));
    let tasks = QualifiedName::new("public", "tasks");
    let (name, trigger) = to.tables[&tasks]
        .triggers
        .iter()
        .next()
        .map(|(n, t)| (n.clone(), t.clone()))
        .unwrap();
    for (part, change) in parts {
        let mut other = trigger.clone();
        change(&mut other);
        to.tables
            .get_mut(&tasks)
            .unwrap()
            .triggers
            .insert(name.clone(), other);
        let former = Former::new(&from, &to);
        let told: Vec<_> = diff(&former, &to, Options::default())
            .changes
            .iter()
            .map(told)
            .collect();
        assert_eq!(told, [format!("replace {name}")], "{part}");
    }
}

#[test]
fn an_index_whose_former_name_is_said_is_renamed() {
    let of = |index: &str| format!("{TASK}indexes: [{{{index}, columns: [title]}}]\n");
    let (from, to) = (of("name: one"), of("name: two, renamed_from: one"));
    assert_eq!(
        changes(&from, &to, true),
        ["rename one to two of public.tasks"]
    );
}

#[test]
fn what_a_server_has_comes_with_its_comments_and_its_owner() {
    let to = serde_json::json!({
        "schemas": {}, "extensions": {}, "enums": {}, "tables": {}, "views": {},
        "functions": {"s.f": {
            "routine": {"definition": {"arguments": "integer", "text": "one"}},
            "comment": "Of one",
            "overloads": {"text": {"definition": {"arguments": "text", "text": "two"}, "comment": "Of two"}},
        }},
        "sequences": {"s.n": {
            "type": {"name": "int8"},
            "owned_by": {"table": "s.t", "column": "n"},
            "comment": "Of n",
        }},
    });
    let (from, to) = (
        Catalog::default(),
        serde_json::from_value::<Catalog>(to).unwrap(),
    );
    let (changes, _) = difference(&from, &to);
    assert_eq!(
        changes,
        [
            "CreateSequence",
            "comment on sequence s.n: Some(\"Of n\")",
            "SetSequenceOwner",
            "CreateFunction",
            "comment on function s.f(integer): Some(\"Of one\")",
            "CreateOverload",
            "comment on function s.f(text): Some(\"Of two\")",
        ]
    );
}
