//! Parts that get other names, and what follows from it.

use super::*;
use crate::catalog::{ConstraintKind, ForeignKey};

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

/// A catalog in which the foreign keys of tasks are others.
fn with_key(specs: &str, other: impl Fn(&mut ForeignKey)) -> Catalog {
    let mut catalog = catalog(specs);
    let tasks = QualifiedName::new("public", "tasks");
    let constraints = &mut catalog.tables.get_mut(&tasks).unwrap().constraints;
    for constraint in constraints.values_mut() {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
            other(key);
        }
    }
    catalog
}

#[test]
fn a_column_that_is_renamed_is_so_in_what_a_deleted_row_sets() {
    let of = |field: &str, column: &str| {
        let specs = format!(
            "entity: Task\nfields: {{{field}}}\n---\nentity: Step\nfields: {{name: text}}\n"
        );
        with_key(&specs, |key| {
            key.on_delete_columns = vec![Ident::new(column)];
        })
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
fn an_index_whose_former_name_is_said_is_renamed() {
    let of = |index: &str| format!("{TASK}indexes: [{{{index}, columns: [title]}}]\n");
    let (from, to) = (of("name: one"), of("name: two, renamed_from: one"));
    assert_eq!(
        changes(&from, &to, true),
        ["rename one to two of public.tasks"]
    );
}

#[test]
fn a_column_that_is_renamed_is_so_where_others_refer_to_it() {
    let of = |field: &str, column: &str| {
        let specs = format!(
            "entity: Task\nfields: {{step: ref(Step)}}\n---\nentity: Step\nfields: {{{field}}}\n"
        );
        with_key(&specs, |key| {
            key.referenced_columns = vec![Ident::new(column)];
        })
    };
    let from = of("code: text!", "code");
    let to = of("label: {type: text!, renamed_from: code}", "label");
    let (changes, _) = difference(&from, &to);
    assert_eq!(changes, ["rename code to label of public.steps"]);
}

#[test]
fn a_table_that_is_renamed_is_so_in_what_a_server_has_noted() {
    let of = |specs: &str, table: &str| {
        let mut catalog = catalog(specs);
        let of_server = serde_json::json!({
            "schemas": {}, "extensions": {}, "enums": {}, "tables": {}, "views": {},
            "functions": {"public.f": {"routine": {"definition": {
                "arguments": "", "text": "one", "needs": [{"relation": format!("public.{table}")}],
            }}}},
        });
        let of_server: Catalog = serde_json::from_value(of_server).unwrap();
        catalog.functions.extend(of_server.functions);
        catalog
    };
    let from = of(TASK, "tasks");
    let to = of(&TASK.replace("Task", "Job\nrenamed_from: Task"), "jobs");
    let (changes, _) = difference(&from, &to);
    assert_eq!(
        changes,
        [
            "rename public.tasks to public.jobs",
            "rename tasks_pkey to jobs_pkey of public.jobs"
        ]
    );
}

#[test]
fn the_former_name_of_an_index_counts_on_the_way_back_of_a_table_of_another_name() {
    let index = |name: &str| format!("{{name: {name}, columns: [title]}}");
    let from = format!("{TASK}indexes: [{}, {}]\n", index("one"), index("two"));
    let job = TASK.replace("Task", "Job\nrenamed_from: Task");
    let to = format!("{job}indexes: [{}]\n", index("three, renamed_from: two"));
    let back = changes(&to, &from, true);
    assert!(
        back.contains(&"rename three to two of public.tasks".to_owned()),
        "{back:?}"
    );
}
