//! Files for other runners.

use std::fs;

use super::shop::{SHOP, Shop, WITH_NOTE};

#[test]
fn each_runner_gets_its_names_and_marks() {
    let shop = Shop::new("formats");
    for (format, files, marks) in [
        (
            "flyway",
            "V0001__a.sql U0001__a.sql V0003__b.sql.conf",
            "executeInTransaction=false",
        ),
        (
            "dbmate",
            "0001_a.sql 0003_b.sql",
            "-- migrate:up transaction:false\n",
        ),
        (
            "sqlx",
            "0001_a.up.sql 0001_a.down.sql 0003_b.up.sql",
            "-- no-transaction\n",
        ),
        (
            "golang-migrate",
            "0001_a.up.sql 0001_a.down.sql",
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            "refinery",
            "V0001__a.sql V0003__b.sql",
            "refinery migrate -t 3 -f\n",
        ),
        (
            "goose",
            "0001_a.sql 0003_b.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\n",
        ),
    ] {
        let _ = fs::remove_dir_all(shop.folder());
        shop.specs(SHOP);
        shop.good(&["new", "a", "--format", format]);
        shop.step("b", WITH_NOTE, "");
        let names = shop.names();
        for file in files.split(' ') {
            assert!(names.iter().any(|name| name == file), "{format}: {names:?}");
        }
        let texts: Vec<String> = names
            .iter()
            .map(|name| shop.project.read(&format!("generated/migrations/{name}")))
            .collect();
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with(marks) || text.contains(marks)),
            "{format}"
        );
        shop.good(&["verify", "--offline"]);
        let said = shop.fails(1, &["apply"]);
        assert!(said.contains(&format!("are for {format}")), "{said}");
        let said = shop.fails(1, &["new", "c", "--format", "specql"]);
        assert!(said.contains("a folder has one format"), "{said}");
    }
}
