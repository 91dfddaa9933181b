//! A column whose rows each get a value of their own, in a table that has rows.

use std::time::{Duration, Instant};

use super::shop::Shop;

const PLAIN: &str = "entity: Event\nfields: {day: integer!}\n";
const DIVIDED: &str = "\
entity: Event
fields: {day: integer!}
constraints: [{type: primary_key, fields: [id, day]}]
partitioning: {strategy: LIST, column: day, intervals: {one: [1], two: [2]}}
";

/// All but the fill is applied.
fn before_the_fill(shop: &Shop, specs: &str, rows: &str) {
    shop.step("initial", specs, "");
    shop.good(&["apply"]);
    shop.psql(rows);
    let with_token = "fields: {token: {type: uuid, required: true, default: gen_random_uuid()}, ";
    let specs = specs.replace("fields: {", with_token);
    shop.step("token", &specs, super::shop::RISKS);
    shop.apply_before("'public.events.token'");
}

/// A row has the same place in its partition as another one has in another.
#[test]
fn what_others_have_written_meanwhile_stays() {
    let shop = Shop::new("fill_divided");
    before_the_fill(
        &shop,
        DIVIDED,
        "INSERT INTO events (day) SELECT 1 FROM generate_series(1, 1000)",
    );
    let mine = "00000000-0000-0000-0000-000000000001";
    shop.psql(&format!(
        "INSERT INTO events (day, token) SELECT 2, '{mine}' FROM generate_series(1, 1000)"
    ));
    shop.good(&["apply"]);
    let kept = format!("SELECT count(*) FROM events WHERE day = 2 AND token = '{mine}'");
    assert_eq!(shop.psql(&kept), "1000\n");
    let filled = "SELECT count(DISTINCT token) FROM events WHERE day = 1";
    assert_eq!(shop.psql(filled), "1000\n");
    shop.verify();
}

/// The next pages, not the table from its beginning, which would take ever longer.
#[test]
fn a_batch_begins_where_the_last_one_ended() {
    const ROWS: u64 = 200_000;
    let shop = Shop::new("fill_large");
    let rows = format!("INSERT INTO events (day) SELECT generate_series(1, {ROWS})");
    before_the_fill(&shop, PLAIN, &rows);
    let counted = |what: &str| -> u64 {
        let sql = format!("SELECT {what} FROM pg_stat_user_tables WHERE relname = 'events'");
        shop.psql(&sql).trim().parse().unwrap()
    };
    let (scans, written) = (counted("seq_scan"), counted("n_tup_upd"));
    shop.good(&["apply"]);
    // A session tells what it has done when it ends.
    let begun = Instant::now();
    while counted("n_tup_upd") < written + ROWS {
        assert!(begun.elapsed() < Duration::from_secs(30), "not all is told");
        std::thread::sleep(Duration::from_millis(50));
    }
    // To see that no value is missing, and for what the server does besides.
    let scans = counted("seq_scan") - scans;
    assert!(scans <= 3, "{scans} scans");
    let filled = "SELECT count(DISTINCT token) FROM events";
    assert_eq!(shop.psql(filled), format!("{ROWS}\n"));
    shop.verify();
}

/// Pages with few rows say nothing of how long as many take as a batch may have.
#[test]
fn a_batch_grows_by_the_rows_that_were_written() {
    const SPARSE: u64 = 400_000;
    const FIRST_BATCH: u64 = 1_000;
    let shop = Shop::new("fill_sparse");
    let rows = format!(
        "INSERT INTO events (day) SELECT generate_series(1, {SPARSE} + 60000);
         DELETE FROM events WHERE day <= {SPARSE} AND day % 200 <> 0"
    );
    before_the_fill(&shop, PLAIN, &rows);
    shop.good(&["apply"]);
    let together = shop.psql(&format!(
        "SELECT count(*) FROM events
         WHERE xmin = (SELECT xmin FROM events WHERE day = {SPARSE} + 1)"
    ));
    let together: u64 = together.trim().parse().unwrap();
    assert!((1..=FIRST_BATCH).contains(&together), "{together} rows");
    shop.verify();
}
