//! Migrations that begin where a database is.

use std::collections::BTreeMap;

use super::shop::{RISKS, SHOP, Shop, WITH_NOTE, WITH_STATE, WITHOUT_NOTE};

/// A shop whose database has its migrations, and things of others.
fn applied(database: &str) -> Shop {
    let shop = Shop::new(database);
    shop.step("initial", WITH_NOTE, "");
    shop.good(&["apply"]);
    shop.psql(
        "CREATE TABLE reports (id integer PRIMARY KEY, of uuid REFERENCES orders (id));
         CREATE VIEW big AS SELECT id FROM orders WHERE id IS NOT NULL;
         CREATE INDEX by_hand ON orders (total DESC) WHERE total > 5;
         CREATE FUNCTION helper() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    );
    shop
}

/// What belongs to others is there.
fn others_are_there(shop: &Shop) {
    let there = "SELECT to_regclass('reports'), to_regclass('big'), to_regclass('by_hand'), to_regproc('helper')";
    assert_eq!(shop.psql(there), "reports\tbig\tby_hand\thelper\n");
}

/// The files of a migration, without the line that says what it was written against.
fn written(shop: &Shop, name: &str) -> BTreeMap<String, String> {
    let names = shop.names().into_iter();
    names
        .filter(|file| file.contains(&format!("_{name}.")))
        .map(|file| {
            let text = shop.project.read(&format!("generated/migrations/{file}"));
            let lines = text.lines();
            let lines = lines.filter(|line| !line.starts_with("-- Written against"));
            (file, lines.flat_map(|line| [line, "\n"]).collect())
        })
        .collect()
}

#[test]
fn a_database_that_is_where_the_last_migration_ends_gives_the_same_files() {
    let shop = applied("live_same");
    assert_eq!(shop.good(&["new", "nothing", "--live"]), "");
    for (name, specs) in [("more", WITH_STATE), ("less", WITHOUT_NOTE)] {
        shop.step(name, specs, RISKS);
        let offline = written(&shop, name);
        assert!(offline.len() > 2, "{offline:?}");
        for file in offline.keys() {
            std::fs::remove_file(shop.folder().join(file)).unwrap();
        }
        let sum = shop.project.read("generated/migrations/specql.sum");
        let kept = sum
            .lines()
            .filter(|line| !line.contains(&format!("_{name}.")));
        let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
        shop.project
            .write("generated/migrations/specql.sum", kept.as_bytes());

        shop.good(&["new", name, "--live", "--allow", RISKS]);
        assert_eq!(written(&shop, name), offline);
        let all: String = shop
            .names()
            .iter()
            .filter(|file| file.contains(&format!("_{name}.sql")))
            .map(|file| shop.project.read(&format!("generated/migrations/{file}")))
            .collect();
        assert!(
            all.contains("\n-- Written against the live database live_same: "),
            "{all}"
        );
        shop.good(&["apply"]);
        shop.good(&["status"]);
        others_are_there(&shop);
    }
}

#[test]
fn what_was_changed_by_hand_is_mended() {
    let shop = applied("live_drifted");
    let before = shop.dump();
    shop.psql(
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint; DROP INDEX idx_orders_total;
         ALTER TABLE orders DROP COLUMN note",
    );
    // Alone, and together with what the specs want next.
    shop.good(&["new", "mend", "--live", "--allow", RISKS]);
    let texts: String = written(&shop, "mend").into_values().collect();
    for statement in [
        "ADD COLUMN note",
        "TYPE integer",
        "CREATE INDEX CONCURRENTLY idx_orders_total",
    ] {
        assert!(texts.contains(statement), "{statement}: {texts}");
    }
    assert!(
        !texts.contains("by_hand") && !texts.contains("reports"),
        "{texts}"
    );
    let dry = shop.fails(2, &["apply", "--dry-run"]);
    assert!(dry.contains("0003_mend.sql"), "{dry}");
    shop.good(&["apply"]);
    assert_eq!(sorted(&shop.dump()), sorted(&before));
    // What is mended stays so on the way back.
    shop.good(&["down", "--allow", RISKS]);
    assert_eq!(sorted(&shop.dump()), sorted(&before));
}

/// A column that comes again is the last one.
fn sorted(dump: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = dump
        .lines()
        .map(|line| line.trim_end_matches(','))
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn drift_and_what_is_new_come_together() {
    let shop = applied("live_both");
    shop.psql("DROP INDEX idx_orders_total; ALTER TABLE orders ADD COLUMN extra integer");
    shop.specs(WITHOUT_NOTE);
    let refused = shop.fails(2, &["new", "both", "--live"]);
    assert!(refused.contains("deletes-data"), "{refused}");
    shop.good(&["new", "both", "--live", "--allow", RISKS]);
    shop.good(&["apply"]);
    others_are_there(&shop);
    assert_eq!(shop.psql("SELECT count(extra) FROM orders"), "0\n");
    let columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'note'";
    assert_eq!(shop.psql(columns), "0\n");
    // The next step of the specs goes on from there, without the database.
    shop.step("again", WITH_NOTE, RISKS);
    shop.good(&["apply"]);
    others_are_there(&shop);
}

#[test]
fn what_a_database_has_to_have_first_is_said() {
    let shop = Shop::new("live_early");
    let said = shop.fails(1, &["new", "initial", "--live"]);
    assert!(
        said.contains("write the first one without --live"),
        "{said}"
    );
    shop.step("initial", SHOP, "");
    let said = shop.fails(1, &["new", "more", "--live"]);
    assert!(
        said.contains("has not all migrations") && said.contains("0001_initial"),
        "{said}"
    );
    let said = shop.fails(1, &["new", "more", "--database-url", "postgresql:///x"]);
    assert!(said.contains("--live"), "{said}");
}
