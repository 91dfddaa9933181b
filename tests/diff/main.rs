//! `specqlc diff` as a user runs it, against a server and without one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod computed;
mod functions;
mod kept;
mod partitioned;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
mod way_back;

use std::process::Output;

use support::{Cluster, Project, json, json_schema, said, stderr, stdout};

const OLD: &str = "entity: Order\nfields:\n  status: text\n  total: integer\n";
const NEW: &str = "entity: Order\nfields:\n  status: text!\n  total: integer\nindexes:\n  - {name: idx_total, columns: [total]}\n";

/// A database that was built from one text of specs, and a project with another.
struct Case {
    cluster: Cluster,
    project: Project,
}

impl Case {
    fn new(built: &str, wanted: &str) -> Self {
        let cluster = Cluster::start();
        let project = Project::empty();
        project.write("specs/a.yaml", built.as_bytes());
        let output = project.specqlc().arg("build").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let schema = project.read("generated/schema.sql");
        cluster.psql("postgres", &schema).unwrap();
        project.write("specs/a.yaml", wanted.as_bytes());
        Self { cluster, project }
    }

    fn psql(&self, sql: &str) -> String {
        self.cluster.psql("postgres", sql).unwrap()
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        self.diff_as(&self.cluster.url("postgres"), arguments)
    }

    fn diff_as(&self, url: &str, arguments: &[&str]) -> Output {
        let mut command = self.project.specqlc();
        command
            .args(["diff", "--database-url", url])
            .args(arguments);
        command.output().unwrap()
    }
}

/// That it ended well, without a change.
fn nothing_to_do(output: &Output) {
    let found = (output.status.code(), stdout(output));
    assert_eq!(found, (Some(0), ""), "{}", said(output));
}

#[test]
fn what_differs_is_shown_refused_allowed_and_then_gone() {
    let case = Case::new(OLD, NEW);
    case.psql("INSERT INTO orders (status, total) SELECT 'x', g FROM generate_series(1, 100) AS g; ANALYZE;");
    let refused = case.diff(&[]);
    assert_eq!(refused.status.code(), Some(2));
    let text = stdout(&refused);
    for part in [
        "+ create index idx_total on public.orders  share update exclusive · builds · outside a transaction",
        "~ alter column public.orders.status        access exclusive · scans",
        "refused may-fail-on-data: a row without a value of `status` stops it (public.orders: about 100 rows, ",
        "refused; allow it with --allow may-fail-on-data",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Nothing of what is refused can run.
    let script = case.diff(&["--format", "sql"]);
    let running: Vec<&str> = stdout(&script)
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    assert!(
        running
            .iter()
            .any(|line| line.contains("CREATE INDEX CONCURRENTLY"))
    );
    assert!(
        !running.iter().any(|line| line.contains("NOT NULL")),
        "{running:?}"
    );

    let allowed = ["--allow", "may-fail-on-data", "--format", "sql"];
    let script = case.diff(&allowed);
    assert_eq!(script.status.code(), Some(2));
    case.psql(stdout(&script));
    let again = case.diff(&[]);
    nothing_to_do(&again);
    assert_eq!(stderr(&again), "nothing differs\n");
    assert_eq!(case.psql("SELECT count(*) FROM orders").trim(), "100");
}

#[test]
fn json_and_sarif_say_where_it_was_written() {
    let case = Case::new(OLD, NEW);
    let found = json(&case.diff(&["--format", "json"]));
    assert_eq!(json_schema::check(&found, &json_schema::of_diff()), Ok(()));
    assert_eq!(found["refused"], true);
    let changes = found["changes"].as_array().unwrap();
    let index = changes.iter().find(|c| c["kind"] == "index").unwrap();
    assert_eq!(index["action"], "create");
    assert_eq!(index["name"], "public.idx_total");
    assert_eq!(index["lock"], "SHARE UPDATE EXCLUSIVE");
    assert_eq!(index["transactional"], false);
    assert_eq!(
        (&index["file"], &index["line"]),
        (&"specs/a.yaml".into(), &6.into())
    );
    let column = changes.iter().find(|c| c["kind"] == "column").unwrap();
    assert_eq!(
        (&column["file"], &column["line"]),
        (&"specs/a.yaml".into(), &3.into())
    );
    let hazards = changes
        .iter()
        .flat_map(|c| c["hazards"].as_array().unwrap());
    let names: Vec<&str> = hazards
        .map(|hazard| hazard["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["may-fail-on-data"]);

    let log = json(&case.diff(&["--format", "sarif"]));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let refused = results
        .iter()
        .find(|r| r["ruleId"] == "may-fail-on-data")
        .unwrap();
    assert_eq!(refused["level"], "error");
    let region = &refused["locations"][0]["physicalLocation"];
    assert_eq!(region["artifactLocation"]["uri"], "specs/a.yaml");
    assert_eq!(region["region"]["startLine"], 3);

    let output = case.diff(&["--format", "github"]);
    let annotations = stdout(&output);
    let refused = annotations
        .lines()
        .find(|line| line.contains("title=may-fail-on-data"))
        .unwrap();
    assert!(
        refused.starts_with("::error file=specs/a.yaml,line=3,col="),
        "{annotations}"
    );
    assert!(
        annotations.contains("::notice file=specs/a.yaml,line=6,"),
        "{annotations}"
    );
}

#[test]
fn a_role_that_may_only_read_and_make_temporary_objects_is_enough() {
    let entity = "entity: Order\nfields:\n  status: text\n  code: {type: text, generated: \"upper(status)\"}\n  at: timestamptz = now()\n\
        constraints: [{name: c, type: check, condition: \"status in ('a', 'b') and at between '2000-01-01' and '2100-01-01'\"}]\n\
        indexes: [{name: i, columns: ['lower(status)'], condition: \"status != 'x'\"}]\n\
        projections: [{name: p, includes: [{Order: [id, at, status]}], refresh: {materialized: true, on: [create]}}]\n\
        partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2024-01-01, premake: 2}\n";
    let case = Case::new(entity, entity);
    case.psql(
        "CREATE ROLE reader LOGIN PASSWORD 'secret'; REVOKE ALL ON DATABASE postgres FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;
         GRANT CONNECT, TEMP ON DATABASE postgres TO reader; GRANT USAGE ON SCHEMA public, specql TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA public, specql TO reader;",
    );
    let url = case.cluster.url("postgres").replace("postgres@", "reader@");
    let same = case.diff_as(&url, &[]);
    nothing_to_do(&same);
    assert!(
        stderr(&same).ends_with("nothing differs\n"),
        "{}",
        stderr(&same)
    );

    // Without TEMP it compares what it can, and says what it could not.
    case.psql("REVOKE TEMP ON DATABASE postgres FROM reader");
    let less = case.diff_as(&url, &[]);
    nothing_to_do(&less);
    assert!(
        stderr(&less).contains("not compared: materialized view public.p")
            || stderr(&less).contains("not compared: view public.p"),
        "{}",
        stderr(&less)
    );
    // Policies that it may not read are no difference either.
    case.psql("REVOKE SELECT ON specql.partition_policy FROM reader");
    let less = case.diff_as(&url, &[]);
    nothing_to_do(&less);
    let told = "not compared: partition policy of public.orders";
    assert!(stderr(&less).contains(told), "{}", stderr(&less));
    // What needs no question is still seen.
    case.psql("ALTER TABLE orders ALTER at DROP DEFAULT");
    let seen = case.diff_as(&url, &[]);
    assert_eq!(seen.status.code(), Some(2));
    assert!(
        stdout(&seen).contains("~ alter column public.orders.at"),
        "{}",
        stdout(&seen)
    );
}

#[test]
fn a_password_is_in_no_output() {
    let project = Project::empty();
    project.write("specs/a.yaml", OLD.as_bytes());
    let cluster = Cluster::start();
    let base = cluster.url("postgres");
    let wrong_user = base.replace("postgres@", "nobody:pass%20word-1@");
    for url in [
        "postgresql://me:pass word-1@no.such.host.invalid/db",
        "postgresql://me:pass%20word-1@127.0.0.1:1/db",
        "postgresql://me:pass%20word-1@/db?sslmode=nonsense",
        "postgres://me:pass word-1@[::bad/db",
        &wrong_user,
    ] {
        for arguments in [&["-v"][..], &["--format", "json"], &["--reverse"]] {
            let mut command = project.specqlc();
            command
                .args(["diff", "--database-url", url])
                .args(arguments);
            command.env("PGPASSWORD", "pass word-1");
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{url}: {}", said(&output));
            let shown = format!("{}{}", stdout(&output), stderr(&output));
            assert!(!shown.contains("word-1"), "{url}: {shown}");
            assert!(shown.starts_with("error: "), "{shown}");
        }
    }
}

#[test]
fn specs_snapshots_and_revisions_are_compared_without_a_server() {
    let project = Project::empty();
    project.write("specs/a.yaml", OLD.as_bytes());
    let built = project.specqlc().arg("build").output().unwrap();
    assert!(built.status.success(), "{}", said(&built));
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .arg("-C")
            .arg(project.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "old"]);
    project.write("specs/a.yaml", NEW.as_bytes());
    for from in ["generated/snapshot.json", "git:main"] {
        let output = project
            .specqlc()
            .args(["diff", "--from", from])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(stdout(&output).contains("+ create index idx_total on public.orders"));
        let back = project
            .specqlc()
            .args(["diff", "--reverse", "--from", from])
            .output()
            .unwrap();
        assert!(
            stdout(&back).contains("- drop index idx_total on public.orders"),
            "{}",
            said(&back)
        );
    }
    let same = project
        .specqlc()
        .args(["diff", "--from", "specs"])
        .output()
        .unwrap();
    nothing_to_do(&same);
    let unknown = project
        .specqlc()
        .args(["diff", "--from", "nowhere"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        stderr(&unknown).contains("nowhere is not there"),
        "{}",
        said(&unknown)
    );
    let hazard = project
        .specqlc()
        .args(["diff", "--from", "specs", "--allow", "drops"])
        .output()
        .unwrap();
    assert_eq!(hazard.status.code(), Some(1));
    assert!(stderr(&hazard).contains("there is no such hazard; there are deletes-data"));
}

#[test]
fn one_entity_against_a_full_database_proposes_only_that_entity() {
    let case = Case::new(
        "entity: Order\nfields: {status: text}\n---\nentity: Customer\nfields: {name: text!}\nindexes: [{columns: [name]}]\n",
        "entity: Invoice\nfields: {total: integer}\n",
    );
    let found = json(&case.diff(&["--format", "json"]));
    let changes = found["changes"].as_array().unwrap();
    let names: Vec<&str> = changes
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["public.invoices"]);
    let kept: Vec<&str> = found["kept"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k.as_str().unwrap())
        .collect();
    assert_eq!(kept, ["table public.customers", "table public.orders"]);
    let pruned = json(&case.diff(&["--format", "json", "--prune"]));
    let drops = pruned["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["action"] == "drop");
    let names: Vec<&str> = drops.map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["public.customers", "public.orders"]);
    // Another schema is none of its business.
    let elsewhere = case.diff(&["--schema", "other", "--format", "json"]);
    assert_eq!(elsewhere.status.code(), Some(0), "{}", said(&elsewhere));
    assert_eq!(json(&elsewhere)["changes"].as_array().unwrap().len(), 0);
}

#[test]
fn a_default_that_another_type_brings_is_set_once() {
    let specs = |state: &str| format!("entity: Task\nfields: {{state: {state}}}\n");
    let native = specs("{type: 'enum(new, done)', native: true, default: new}");
    let case = Case::new(&native, &specs("{type: text, default: new}"));
    let allow = "rewrites-table,blocks-reads,blocks-writes";
    let plan = case.diff(&["--format", "sql", "--allow", allow]);
    let set = stdout(&plan).matches("SET DEFAULT 'new'").count();
    assert_eq!(set, 1, "{}", said(&plan));
}

/// The same text asks something else where a column has another type, and is the same question where it has not.
#[test]
fn questions_of_many_tables_are_not_mixed_up() {
    let specs: Vec<String> = ["text", "integer", "decimal(12,2)", "text", "bigint"]
        .iter()
        .enumerate()
        .map(|(number, ty)| {
            format!(
                "---\nentity: Thing{number}\nfields:\n  size: {ty}\n  size_note: text\n  state: enum(new, old) = new\n\
                 constraints:\n  - {{type: check, name: sized, condition: \"size IN ('1', '2')\"}}\n\
                 indexes:\n  - {{columns: [\"coalesce(size, '1')\"], condition: \"size <> '3' AND state IN ('new', 'old')\"}}\n"
            )
        })
        .collect();
    let specs = specs.concat();
    let case = Case::new(&specs, &specs);
    let same = case.diff(&[]);
    assert_eq!(stdout(&same), "", "{}", said(&same));
    case.psql(
        "ALTER TABLE thing3s DROP CONSTRAINT sized, ADD CONSTRAINT sized CHECK (size IN ('1', '3'));
         ALTER TABLE thing4s ALTER state SET DEFAULT 'old'",
    );
    let other = case.diff(&[
        "--format",
        "json",
        "--allow",
        "may-fail-on-data,breaks-old-code",
    ]);
    let text = stdout(&other);
    for number in [3, 4] {
        assert!(
            text.contains(&format!("thing{number}s")),
            "{}",
            said(&other)
        );
    }
    for number in [0, 1, 2] {
        assert!(
            !text.contains(&format!("thing{number}s")),
            "{}",
            said(&other)
        );
    }
}

#[test]
fn a_projection_with_another_filter_is_filled_anew() {
    let specs = |filter: &str| {
        format!(
            "entity: Order\nfields: {{total: integer}}\n---\nprojections:\n  - name: totals\n    includes: [{{Order: [id, total]}}]\n{filter}    refresh: {{materialized: true, mode: incremental}}\n"
        )
    };
    let filter = "    filters: [{condition: \"total > 1\"}]\n";
    let case = Case::new(&specs(""), &specs(filter));
    case.psql("INSERT INTO orders (total) VALUES (1), (2)");
    let there = case.diff(&["--allow", "stale-projection", "--format", "sql"]);
    case.psql(stdout(&there));
    assert_eq!(
        case.psql(
            "SELECT specql.verify_projection('totals'), string_agg(total::text, ' ') FROM totals"
        ),
        "0\t2\n"
    );
    case.project.write("specs/a.yaml", specs("").as_bytes());
    let back = case.diff(&["--allow", "stale-projection", "--format", "sql"]);
    case.psql(stdout(&back));
    assert_eq!(
        case.psql("SELECT specql.verify_projection('totals'), count(*) FROM totals"),
        "0\t2\n"
    );
}

#[test]
fn what_means_the_same_of_a_type_that_goes_is_made_of_the_one_that_comes() {
    let of = |ty: &str| {
        format!(
            "entity: Alpha\nfields: {{name: {ty}, size: integer}}\nsearch: {{fields: [name]}}\n\
             constraints: [{{type: check, name: sized, condition: 'size > 0'}}]\n\
             indexes: [{{name: texts, columns: ['length(name::text)'], condition: \"name::text <> 'x'\"}}]\n\
             projections:\n- {{name: named, includes: [{{Alpha: [id]}}], filters: [{{condition: \"name::text <> 'x'\"}}]}}\n"
        )
    };
    for (before, after) in [
        ("text", "bytea"),
        ("bytea", "text"),
        ("text", "varchar(90)"),
    ] {
        let case = Case::new(&of(before), &of(after));
        let allowed = "rewrites-table,blocks-reads,blocks-writes,may-fail-on-data,breaks-old-code";
        let script = case.diff(&["--allow", allowed, "--format", "sql"]);
        case.psql(stdout(&script));
        let again = case.diff(&[]);
        assert_eq!(stderr(&again), "nothing differs\n", "{}", stdout(&again));
    }
}

#[test]
fn what_the_server_writes_its_own_way_follows_the_new_name_of_its_table() {
    let of = |head: &str, amount: &str, last: &str| {
        format!(
            "entity: {head}\nfields: {{{amount}: integer, kind: text}}\n\
             constraints: [{{type: check, condition: \"{amount} BETWEEN 1 AND 9\"}}]\n\
             indexes:\n- {{columns: [\"({amount} + 1)\"], condition: \"kind IN ('x', 'y')\"}}\n\
             - {{columns: [kind], condition: \"{amount} is not null\"}}\n\
             - {{columns: [kind, {amount}]}}\n\
             - {{columns: [\"({amount} + {last})\"], condition: \"kind IN ('x', 'y')\"}}\n"
        )
    };
    let renamed = |last: &str| {
        let text = of("Purchase, renamed_from: Order", "total", last);
        let text = text.replacen(", renamed_from", "\nrenamed_from", 1);
        text.replacen(
            "total: integer",
            "total: {type: integer, renamed_from: amount}",
            1,
        )
    };
    let case = Case::new(&of("Order", "amount", "2"), &renamed("2"));
    case.psql("ALTER TABLE orders CLUSTER ON idx_orders_kind_amount");
    let allowed = ["--allow", "breaks-old-code", "--format", "sql"];
    let script = case.diff(&allowed);
    let text = stdout(&script);
    for statement in ["CREATE", "DROP", " ADD "] {
        assert!(!text.contains(statement), "{}", said(&script));
    }
    assert_eq!(text.matches("ALTER INDEX").count(), 4, "{text}");
    // From 18 on those of NOT NULL have names, too.
    for constraint in ["orders_pkey", "orders_amount_check"] {
        let renamed = format!("RENAME CONSTRAINT {constraint} TO");
        assert!(text.contains(&renamed), "{text}");
    }
    // What is another one follows nothing.
    case.project.write("specs/a.yaml", renamed("3").as_bytes());
    let other = case.diff(&allowed);
    assert_eq!(
        stdout(&other).matches("ALTER INDEX").count(),
        3,
        "{}",
        said(&other)
    );
    assert_eq!(
        stdout(&other).matches("CREATE INDEX").count(),
        1,
        "{}",
        said(&other)
    );
    case.psql(text);
    case.project.write("specs/a.yaml", renamed("2").as_bytes());
    let again = case.diff(&[]);
    assert_eq!(stderr(&again), "nothing differs\n", "{}", stdout(&again));
}

/// What a server has printed and read again, as a dump that is restored, it prints otherwise.
#[test]
fn what_was_restored_from_a_dump_is_the_same() {
    let specs = "entity: Order\nfields: {kind: text(40), size: integer}\n\
                 constraints: [{type: check, name: kinds, condition: \"kind IN ('x', 'y') OR size IS NULL\"}]\n\
                 indexes: [{name: sizes, columns: [size], condition: \"kind NOT IN ('x', 'y')\"}]\n\
                 projections:\n- {name: chosen, includes: [{Order: [id, kind]}], filters: [{condition: \"kind IN ('x', 'y')\"}]}\n";
    let case = Case::new(specs, specs);
    let printed =
        "SELECT pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'kinds')),
         pg_get_indexdef('sizes'::regclass), pg_get_viewdef('chosen'::regclass)";
    let read_again = "DO $$ BEGIN
         EXECUTE concat('ALTER TABLE orders DROP CONSTRAINT kinds, ADD CONSTRAINT kinds ',
             pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'kinds')));
         EXECUTE concat('DROP INDEX sizes; ', pg_get_indexdef('sizes'::regclass));
         EXECUTE concat('CREATE OR REPLACE VIEW chosen AS ', pg_get_viewdef('chosen'::regclass)); END $$";
    let before = case.psql(printed);
    case.psql(read_again);
    assert_ne!(case.psql(printed), before);
    let again = case.diff(&[]);
    assert_eq!(stderr(&again), "nothing differs\n", "{}", stdout(&again));
}

#[test]
fn a_column_that_no_spec_declares_is_kept_in_another_form_of_its_table() {
    let from = "
entity: Parcel
fields: {name: text, happened: timestamptz!, weight: integer}
---
entity: Letter
fields: {name: text, state: text!, weight: integer}
";
    let to = "
entity: Parcel
fields: {name: text, happened: timestamptz!}
partitioning: {strategy: RANGE, column: happened, intervals: monthly, premake: 2}
---
entity: Letter
fields: {name: text, state: text!}
partitioning: {strategy: LIST, column: state, intervals: [new]}
";
    let case = Case::new(from, to);
    case.psql(
        "INSERT INTO parcels (name, happened, weight) SELECT 'parcel', '2024-01-10', n FROM generate_series(1, 100) n;
         INSERT INTO letters (name, state, weight) SELECT 'letter', 'sent', n FROM generate_series(1, 100) n;",
    );
    let allow = "rewrites-table,blocks-reads,blocks-writes,may-fail-on-data,drops-index";
    let plan = case.diff(&["--allow", allow, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    let kept = case.diff(&["--allow", allow, "-v"]);
    for column in ["letters.weight", "parcels.weight"] {
        assert!(stderr(&kept).contains(column), "{}", stderr(&kept));
    }
    case.psql(stdout(&plan));
    for table in ["parcels", "letters"] {
        let of_partitions = case.psql(&format!(
            "SELECT sum(weight), (SELECT relkind FROM pg_class WHERE oid = '{table}'::regclass) FROM {table}"
        ));
        assert_eq!(of_partitions.trim(), "5050\tp");
    }
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
}
