//! Another judge of the functions that are generated: `plpgsql_check`, over the functions of every case.
//! <https://github.com/okbob/plpgsql_check>
//!
//! It needs the extension beside the server, which `scripts/test` installs for `PostgreSQL` 15. Without it there is
//! nothing to ask, unless `SPECQLC_PLPGSQL_CHECK` says that it must be there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::fs;
use std::path::Path;

use support::{Cluster, Project, copy_folder, said};

/// Everything that it finds in functions of the schema `specql`: a trigger function is checked for each of its tables.
const FINDINGS: &str = "
    SELECT p.oid::regprocedure, found.lineno, found.level, found.message
    FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
    LEFT JOIN (
        SELECT tgfoid, tgrelid, max(tgoldtable) AS old_table, max(tgnewtable) AS new_table
        FROM pg_trigger WHERE NOT tgisinternal GROUP BY tgfoid, tgrelid
    ) AS t ON t.tgfoid = p.oid
    CROSS JOIN LATERAL plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), oldtable => t.old_table, newtable => t.new_table,
        extra_warnings => true, performance_warnings => true, security_warnings => true
    ) AS found
    WHERE p.pronamespace = 'specql'::regnamespace
        AND (p.prorettype <> 'trigger'::regtype OR t.tgrelid IS NOT NULL)";

#[test]
fn nothing_is_found_in_generated_functions() {
    let cluster = Cluster::start();
    let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'plpgsql_check'";
    if cluster.psql("postgres", available).unwrap().trim() == "0" {
        assert!(
            std::env::var_os("SPECQLC_PLPGSQL_CHECK").is_none(),
            "plpgsql_check is not installed for PostgreSQL {}",
            cluster.major()
        );
        println!("needs plpgsql_check");
        return;
    }
    let mut checked = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for case in fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        let project = Project::empty();
        copy_folder(&case.join("specs"), &project.path().join("specs"));
        if let Ok(settings) = fs::read(case.join("specql.yaml")) {
            project.write("specql.yaml", &settings);
        }
        let built = project.specqlc().arg("build").output().unwrap();
        assert!(built.status.success(), "{}", said(&built));
        let schema = project.read("generated/schema.sql");
        if !schema.contains("LANGUAGE plpgsql") {
            continue;
        }
        checked += 1;
        let database = format!("checked_{checked}");
        let create = format!("CREATE DATABASE {database}");
        cluster.psql("postgres", &create).unwrap();
        if schema.contains("PostgreSQL 18") && cluster.major() < 18 {
            continue;
        }
        cluster.psql(&database, &schema).unwrap();
        cluster
            .psql(&database, "CREATE EXTENSION plpgsql_check")
            .unwrap();
        let findings = cluster.psql(&database, FINDINGS).unwrap();
        assert_eq!(findings, "", "{}", case.display());
    }
    assert!(checked > 3, "{checked} cases have functions");
    the_judge_is_awake(&cluster);
}

fn the_judge_is_awake(cluster: &Cluster) {
    let wrong = "CREATE FUNCTION specql.wrong() RETURNS void LANGUAGE plpgsql AS $$ DECLARE unused text; BEGIN PERFORM 1 FROM nowhere; END $$;";
    let findings = cluster
        .psql("checked_1", &format!("{wrong} {FINDINGS}"))
        .unwrap();
    assert!(findings.contains("nowhere"), "{findings}");
}
