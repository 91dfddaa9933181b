//! Random projections over random schemas: after every transaction of random changes each equals its query.
//!
//! `INCREMENTAL_PROPERTY_SEEDS=300` runs other than the default number of seeds, `INCREMENTAL_PROPERTY_SEED=17` one of them
//! again, both together as many from this one on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::fmt::Write;

use support::{Cluster, Project};

const SEEDS: u64 = 100;
const CHANGES: usize = 60;

#[test]
fn random_projections_equal_their_queries() {
    let number = |variable: &str| -> Option<u64> { std::env::var(variable).ok()?.parse().ok() };
    let seeds = match number("INCREMENTAL_PROPERTY_SEED") {
        Some(seed) => seed..seed + number("INCREMENTAL_PROPERTY_SEEDS").unwrap_or(1),
        None => 0..number("INCREMENTAL_PROPERTY_SEEDS").unwrap_or(SEEDS),
    };
    let (first, tried) = (seeds.start, seeds.end - seeds.start);
    let cluster = Cluster::start();
    let mut compiled = 0;
    for seed in seeds {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let schema = Schema::random(&mut random);
        let project = Project::of(&schema.spec);
        let built = project.specqlc().arg("build").output().unwrap();
        if !built.status.success() {
            let said = support::said(&built);
            // A schema whose tables are joined in two ways, or not at all, is no use here.
            assert!(
                [
                    "[ambiguous-join]",
                    "[no-join]",
                    "has many values",
                    "is no collection here"
                ]
                .iter()
                .any(|why| said.contains(why)),
                "seed {seed}\n{}\n{said}",
                schema.spec
            );
            continue;
        }
        compiled += 1;
        let database = format!("property_{seed}");
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        let file = project.path().join("generated/schema.sql");
        cluster.psql_file(&database, &file, &["-1"]).unwrap();
        let mut script = String::from("\\set ON_ERROR_STOP off\n");
        for number in 0..CHANGES {
            let transaction = schema.transaction(&mut random);
            writeln!(script, "{transaction}").unwrap();
            for projection in &schema.projections {
                writeln!(
                    script,
                    "SELECT 'seed {seed}, change {number}: {projection}: ' || n FROM specql.verify_projection('{projection}') n WHERE n <> 0;"
                )
                .unwrap();
            }
            if random.below(20) == 0 {
                script.push_str("CALL specql.refresh_projections();\n");
            }
        }
        script.push_str("SELECT 'rows: ' || count(*) FROM e0;\n");
        let said = cluster.psql(&database, &script).unwrap();
        assert!(
            said.lines().all(|line| line.starts_with("rows: ")) && said.contains("rows: "),
            "{said}\n{}\n{script}",
            schema.spec
        );
        cluster
            .psql("postgres", &format!("DROP DATABASE {database}"))
            .unwrap();
    }
    println!("from seed {first}: {compiled} schemas, {CHANGES} changes of each");
    assert!(
        compiled * 3 >= tried || tried < 5,
        "only {compiled} of {tried} schemas were of use"
    );
}

/// Tables of a few rows, referring to one another.
struct Schema {
    spec: String,
    /// The references of each table: column and table that is referred to.
    references: Vec<Vec<(String, usize)>>,
    projections: Vec<String>,
}

impl Schema {
    fn random(random: &mut Random) -> Self {
        let count = 2 + random.below(3);
        let mut spec = String::new();
        let mut references = Vec::new();
        for table in 0..count {
            let mut mine = Vec::new();
            let mut fields = String::from(
                "  id: integer!\n  a: integer\n  b: text\n  c: decimal(10,2)\n  d: boolean\n  unread: integer\n",
            );
            // To an earlier table mostly, sometimes to itself or to any.
            let mut targets = Vec::new();
            if table > 0 {
                targets.push(random.below(table));
            }
            if random.below(4) == 0 {
                targets.push(random.below(count));
            }
            for (number, target) in targets.into_iter().enumerate() {
                let options = random.one_of(&[
                    "on_delete=cascade, on_update=cascade",
                    "on_delete=set_null, on_update=cascade",
                    "enforce=false",
                ]);
                let name = format!("r{number}_id");
                writeln!(fields, "  r{number}: 'ref(E{target}, {options})'").unwrap();
                mine.push((name, usize::try_from(target).unwrap()));
            }
            writeln!(
                spec,
                "entity: E{table}\ntable: e{table}\nfields:\n{fields}---"
            )
            .unwrap();
            references.push(mine);
        }
        let mut projections = Vec::new();
        spec.push_str("projections:\n");
        for number in 0..=random.below(2) {
            let root = random.below(count);
            let name = format!("p{number}");
            writeln!(
                spec,
                "  - name: {name}\n    includes:\n      - E{root}: [id, a, b]"
            )
            .unwrap();
            for other in (0..count).filter(|other| *other != root) {
                if random.below(4) == 0 {
                    continue;
                }
                // Which way round is known only to the references: aggregates up, columns down.
                let fields = if leads(&references, root, other) {
                    random
                        .one_of(&[
                            "b as b_{}, d as d_{}",
                            "a as a_{}",
                            "'coalesce(a, 0) + 1 as f_{}'",
                        ])
                        .to_owned()
                } else {
                    aggregates(random)
                };
                let fields = fields.replace("{}", &other.to_string());
                let filter = random.one_of(&["", ", filter: \"a > 3\"", ", filter: \"d\""]);
                writeln!(spec, "      - E{other}: {{fields: [{fields}]{filter}}}").unwrap();
            }
            let filter = random.one_of(&["", "a > 2", "d", "b is not null"]);
            if !filter.is_empty() {
                writeln!(spec, "    filters: [{{condition: \"{filter}\"}}]").unwrap();
            }
            spec.push_str("    refresh: {materialized: true, mode: incremental}\n");
            projections.push(name);
        }
        Self {
            spec,
            references,
            projections,
        }
    }

    fn transaction(&self, random: &mut Random) -> String {
        let mut text = String::from("BEGIN;\n");
        for _ in 0..=random.below(3) {
            match random.below(8) {
                0 => {
                    let end = random.one_of(&["ROLLBACK TO s", "RELEASE s"]);
                    writeln!(text, "SAVEPOINT s;\n{};\n{end};", self.change(random)).unwrap();
                }
                1 => text.push_str("SET CONSTRAINTS ALL IMMEDIATE;\n"),
                _ => writeln!(text, "{};", self.change(random)).unwrap(),
            }
        }
        text.push_str(random.one_of(&["COMMIT;", "COMMIT;", "COMMIT;", "COMMIT;", "ROLLBACK;"]));
        text
    }

    fn change(&self, random: &mut Random) -> String {
        let table = usize::try_from(random.below(self.references.len() as u64)).unwrap();
        let (row, other, value) = (random.below(8), random.below(8), random.below(8));
        let references = &self.references[table];
        let columns: String = references
            .iter()
            .fold(String::new(), |all, (column, _)| format!("{all}, {column}"));
        let values = |random: &mut Random| {
            references.iter().fold(String::new(), |all, (_, target)| {
                let id = random.below(8);
                // A row that is there, as the foreign key wants it.
                format!("{all}, (SELECT id FROM e{target} WHERE id >= {id} ORDER BY id LIMIT 1)")
            })
        };
        match random.below(16) {
            0..=4 => format!(
                "INSERT INTO e{table}(id, a, b, c, d{columns}) VALUES ({row}, {value}, 'b{other}', {value}.5, {other} % 2 = 0{}) ON CONFLICT (id) DO UPDATE SET a = {other}",
                values(random)
            ),
            5 => format!(
                "INSERT INTO e{table}(id, a, b, d{columns}) SELECT g, g, NULL, true{} FROM generate_series({row}, 12) g ON CONFLICT DO NOTHING",
                values(random)
            ),
            6 => format!(
                "UPDATE e{table} SET a = {value}, c = {other}.25, d = NOT d WHERE id = {row}"
            ),
            7 => format!("UPDATE e{table} SET b = nullif(b || '!', 'b{other}!'), unread = {value}"),
            8 | 9 if !references.is_empty() => {
                let (column, target) =
                    &references[usize::try_from(random.below(references.len() as u64)).unwrap()];
                format!(
                    "UPDATE e{table} SET {column} = (SELECT id FROM e{target} WHERE id >= {other} ORDER BY id LIMIT 1) WHERE id IN ({row}, {value})"
                )
            }
            10 => format!(
                "UPDATE e{table} SET id = {other} WHERE id = {row} AND NOT EXISTS (SELECT FROM e{table} WHERE id = {other})"
            ),
            11 | 12 => format!("DELETE FROM e{table} WHERE id IN ({row}, {other})"),
            13 => format!(
                "WITH gone AS (DELETE FROM e{table} WHERE id = {row} RETURNING a) UPDATE e0 SET a = {value} WHERE id = {other} AND NOT EXISTS (SELECT FROM gone WHERE a = 0)"
            ),
            14 if random.below(4) == 0 => format!("TRUNCATE e{table} CASCADE"),
            _ => format!(
                "MERGE INTO e{table} t USING (VALUES ({row}), ({other} + 20)) AS s (id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = {value} WHEN NOT MATCHED THEN INSERT (id, a, d) VALUES (s.id, {value}, true)"
            ),
        }
    }
}

/// Whether references lead from one table to another.
fn leads(references: &[Vec<(String, usize)>], from: u64, to: u64) -> bool {
    let to = usize::try_from(to).unwrap();
    let mut seen = vec![usize::try_from(from).unwrap()];
    let mut next = 0;
    while let Some(table) = seen.get(next).copied() {
        next += 1;
        for (_, target) in &references[table] {
            if *target == to {
                return true;
            }
            if !seen.contains(target) {
                seen.push(*target);
            }
        }
    }
    false
}

fn aggregates(random: &mut Random) -> String {
    const ALL: [&str; 12] = [
        "COUNT(*) as n_{}",
        "COUNT(b) as nb_{}",
        "SUM(c) as s_{}",
        "MIN(b) as lo_{}",
        "MAX(a) as hi_{}",
        "AVG(a) as mean_{}",
        "bool_and(d) as all_{}",
        "bool_or(d) as any_{}",
        "'array_agg(a ORDER BY a) as list_{}'",
        "\"string_agg(b, ',' ORDER BY b) as text_{}\"",
        "COUNT(DISTINCT a) as kinds_{}",
        "COUNT(*) FILTER (WHERE a > 3) as big_{}",
    ];
    let first = random.below(12);
    let step = 1 + random.below(5);
    (0..=random.below(3))
        .map(|n| ALL[usize::try_from((first + n * step) % 12).unwrap()])
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }
}
