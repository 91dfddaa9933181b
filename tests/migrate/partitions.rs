//! Partitions that maintenance makes between the day on which a migration is written and the one on which it is applied.

use super::shop::{RISKS, Shop, TODAY};
use super::support::said;

const MONTHS: &str = "\
entity: Visit
fields: {at: timestamptz!}
partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2025-01-01, premake: 2}
";
/// Each month is divided again.
const DIVIDED_MONTHS: &str = "\
entity: Visit
fields: {at: timestamptz!, kind: text!}
constraints: [{type: primary_key, fields: [id, at, kind]}]
partitioning:
  strategy: RANGE
  column: at
  intervals: monthly
  start: 2025-01-01
  premake: 2
  partitioning: {strategy: LIST, column: kind, intervals: {web: [web], shop: [shop]}}
";

fn made_first(database: &str, specs: &str) {
    let shop = Shop::new(database);
    shop.specs(specs);
    shop.good(&["new", "initial", "--as-of", TODAY]);
    shop.good(&["apply"]);
    shop.specs(&specs.replace("premake: 2", "premake: 4"));
    shop.good(&["new", "ahead", "--as-of", TODAY]);
    let roll = |moment: &str| {
        let mut command = shop.project.specqlc();
        let output = command
            .args([
                "partitions",
                "roll",
                "--as-of",
                moment,
                "--database-url",
                &shop.url(),
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    let parts = || {
        let parts = "SELECT string_agg(relid::regclass::text, ' ' ORDER BY 1) FROM (SELECT relid::regclass::text AS relid FROM pg_partition_tree('visits') WHERE level = 1) AS t";
        shop.psql(parts)
    };
    // A month later: April is there before the migration that makes it and May.
    roll("2025-02-15T00:00:00Z");
    assert!(
        parts().contains("visits_2025_04") && !parts().contains("visits_2025_05"),
        "{}",
        parts()
    );
    shop.good(&["apply"]);
    assert!(parts().contains("visits_2025_05"), "{}", parts());
    shop.verify();
    // The way back leaves to the policy what it made, and it is there when the change comes again.
    let all = parts();
    shop.good(&["down", "--allow", RISKS]);
    assert_eq!(parts(), all);
    shop.good(&["apply"]);
    assert_eq!(parts(), all);
    shop.verify();
}

#[test]
fn a_month_may_be_there_already() {
    made_first("months_there", MONTHS);
}

#[test]
fn so_may_its_parts() {
    made_first("divided_months_there", DIVIDED_MONTHS);
}

#[test]
fn a_key_reaches_months_that_no_migration_knows() {
    let shop = Shop::new("months_and_key");
    shop.specs(MONTHS);
    shop.good(&["new", "initial", "--as-of", TODAY]);
    shop.good(&["apply"]);
    let made = "SELECT count(*) FROM specql.maintain_partitions('2025-06-15')";
    assert_ne!(shop.psql(made), "0\n");
    shop.psql("INSERT INTO visits (at) VALUES ('2025-01-20'), ('2025-06-20')");
    let key = "constraints: [{type: unique, fields: [at], name: one_at}]\n";
    shop.step("key", &format!("{MONTHS}{key}"), RISKS);
    shop.good(&["apply"]);
    let without = "SELECT relid::regclass FROM pg_partition_tree('visits') WHERE NOT EXISTS \
                   (SELECT FROM pg_index WHERE indrelid = relid AND indisvalid AND indisunique AND indnkeyatts = 1 AND indkey[0] = 2)";
    assert_eq!(shop.psql(without), "");
    shop.verify();
    shop.good(&["down", "--allow", RISKS]);
    shop.good(&["apply"]);
    assert_eq!(shop.psql(without), "");
}

#[test]
fn an_index_reaches_them_too() {
    let shop = Shop::new("months_and_index");
    let first = DIVIDED_MONTHS.to_owned() + "indexes: [{columns: [kind], name: by_kind}]\n";
    shop.specs(&first);
    shop.good(&["new", "initial", "--as-of", TODAY]);
    shop.good(&["apply"]);
    let made = "SELECT count(*) FROM specql.maintain_partitions('2025-06-15')";
    assert_ne!(shop.psql(made), "0\n");
    let rows = "INSERT INTO visits (at, kind) VALUES ('2025-01-20', 'web'), ('2025-06-20', 'shop')";
    shop.psql(rows);
    // One comes, and one becomes another.
    let indexes = "indexes: [{columns: [kind, at], name: by_kind}, {columns: [at], name: late, condition: \"kind <> 'it''s % $1'\"}]\n";
    shop.step("indexes", &format!("{DIVIDED_MONTHS}{indexes}"), RISKS);
    shop.good(&["apply"]);
    let of_all = |keys: &str| {
        let without = format!(
            "SELECT relid::regclass FROM pg_partition_tree('visits') WHERE NOT EXISTS \
             (SELECT FROM pg_index WHERE indrelid = relid AND indisvalid AND NOT indisunique AND indkey = '{keys}')"
        );
        assert_eq!(shop.psql(&without), "", "{keys}");
    };
    of_all("3 2");
    of_all("2");
    shop.verify();
    shop.good(&["down", "--to", "1", "--allow", RISKS]);
    of_all("3");
    shop.good(&["apply"]);
    of_all("3 2");
    of_all("2");
    shop.verify();
}
