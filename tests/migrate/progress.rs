//! What is told of a migration while it runs.

use std::process::{Command, Stdio};

use super::shop::{BUILD_WAITS, SHOP, Shop};
use super::support::{pin, read_until, said};

#[test]
fn the_phase_of_an_index_is_a_line_where_nobody_looks_on() {
    let shop = Shop::before_an_index("progress_line");
    let old = shop.old_transaction();
    let mut child = shop.start(&["apply"]);
    let text = read_until(
        child.stderr.as_mut().unwrap(),
        "idx_orders_total: waiting for",
    );
    assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
    drop(old);
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn it_is_a_bar_on_a_terminal() {
    let shop = Shop::before_an_index("progress_bar");
    let old = shop.old_transaction();
    let program = env!("CARGO_BIN_EXE_specqlc");
    let mut command = Command::new("script");
    pin(&mut command);
    command
        .args(["-qefc", &format!("{program} migrate apply"), "/dev/null"])
        .current_dir(shop.project.path())
        .env("DATABASE_URL", shop.url())
        .env("TERM", "xterm")
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let text = read_until(&mut screen, "idx_orders_total: waiting for");
    assert!(text.contains('\r'), "{text:?}");
    drop(old);
    let rest = read_until(&mut screen, "done 0003_note.sql");
    assert!(rest.contains("\u{1b}[2K"), "the bar is gone: {rest:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn nobody_needs_a_second_connection() {
    let shop = Shop::before_an_index("progress_alone");
    shop.psql(
        "CREATE ROLE lone LOGIN CONNECTION LIMIT 1;
         ALTER TABLE orders OWNER TO lone; ALTER TABLE specql.migration OWNER TO lone;
         GRANT CREATE ON SCHEMA public TO lone; GRANT USAGE ON SCHEMA specql TO lone",
    );
    let old = shop.old_transaction();
    let url = shop.url().replace("postgres@", "lone@");
    let child = shop.start(&["apply", "--database-url", &url]);
    shop.wait_for(BUILD_WAITS);
    let begun = std::time::Instant::now();
    while !shop
        .cluster
        .log()
        .contains("too many connections for role \"lone\"")
    {
        assert!(begun.elapsed().as_secs() < 60, "nobody tries to look on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(old);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn rows_that_are_filled_in_batches_are_counted() {
    let shop = Shop::new("progress_rows");
    shop.project.write("specql.yaml", b"lock_timeout: 30s\n");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    shop.psql("INSERT INTO orders (total) SELECT generate_series(1, 12000); ANALYZE orders");
    let token = "entity: Order\nfields: {total: integer, token: {type: uuid, required: true, default: gen_random_uuid()}}\n";
    shop.step("token", token, super::shop::RISKS);
    shop.apply_before("RAISE INFO 'filling");
    // A row is somebody else's for longer than a second, after which it tells how far it is.
    let mut other = shop.client();
    other
        .batch_execute("BEGIN; SELECT FROM orders WHERE total = 11000 FOR UPDATE")
        .unwrap();
    let mut child = shop.start(&["apply"]);
    shop.wait_for(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND pg_catalog.clock_timestamp() - query_start > interval '1.2 seconds'",
    );
    other.batch_execute("COMMIT").unwrap();
    let text = read_until(
        child.stderr.as_mut().unwrap(),
        "filling public.orders.token: ",
    );
    assert!(!text.contains('\r'), "{text:?}");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        shop.psql("SELECT count(*) FROM orders WHERE token IS NULL"),
        "0\n"
    );
}
