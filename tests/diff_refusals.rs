//! What can be wrong with a database that `specqlc diff` is to read: each is said clearly, with exit 1, nothing changes, and no
//! output has a password in it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use support::{Cluster, Project, said};

const SPEC: &str = "entity: Order\nfields: {status: text, total: integer, twice: {type: integer, generated: total * 2}}\n\
    constraints: [{type: check, name: some, condition: \"status IN ('a', 'b')\"}]\n\
    projections: [{name: order_totals, includes: [{Order: [id, total]}]}]\n";

const PASSWORD: &str = "word-1&x";

/// A database that a spec was built into, and a project with the same spec.
fn built(cluster: &Cluster, database: &str) -> Project {
    let project = Project::of(SPEC);
    let output = project.specqlc().arg("build").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    cluster
        .psql("postgres", &format!("CREATE DATABASE {database}"))
        .unwrap();
    let schema = project.read("generated/schema.sql");
    cluster.psql(database, &schema).unwrap();
    project
}

fn diff(project: &Project, url: &str, arguments: &[&str]) -> Output {
    let mut command = project.specqlc();
    command.env("PGPASSWORD", PASSWORD).env("RUST_LOG", "trace");
    command.args(["diff", "--database-url", url, "-v"]);
    let output = command.args(arguments).output().unwrap();
    let text = said(&output);
    assert!(!text.contains("word-1"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    output
}

fn refused(output: &Output, words: &[&str]) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(output.stdout, b"", "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in {text}");
    }
}

#[test]
fn a_server_that_lets_nobody_in() {
    let cluster = Cluster::start();
    let project = built(&cluster, "shop");
    let hba = cluster
        .psql("postgres", "SHOW hba_file")
        .unwrap()
        .trim()
        .to_owned();
    cluster
        .psql(
            "postgres",
            &format!(
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}';
                 COPY (SELECT unnest(ARRAY['local all guest scram-sha-256', 'local all all trust'])) TO '{hba}';
                 SELECT pg_reload_conf();"
            ),
        )
        .unwrap();
    let url = cluster.url("shop");
    let guest = url.replace("postgres@", "guest@");
    // The reload is a signal, which takes its time.
    let begun = Instant::now();
    while Client::connect(&guest, NoTls).is_ok() && begun.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(5));
    }
    let in_url = |password: &str| url.replace("postgres@", &format!("guest:{password}@"));
    assert_eq!(
        diff(&project, &in_url("word-1%26x"), &[]).status.code(),
        Some(0)
    );
    refused(
        &diff(&project, &in_url("word-1-wrong"), &[]),
        &["password authentication failed for user \"guest\""],
    );
    let nowhere = url.replace("/shop?", "/nowhere?");
    refused(
        &diff(&project, &nowhere, &[]),
        &["database \"nowhere\" does not exist"],
    );
    let host = "postgresql://guest:word-1@no.such.host.invalid/shop?connect_timeout=5";
    refused(
        &diff(&project, host, &[]),
        &["cannot connect to the database"],
    );
    let port = "postgresql://guest:word-1@127.0.0.1:1/shop";
    refused(
        &diff(&project, port, &[]),
        &["cannot connect to the database"],
    );
    let socket = "postgresql://guest:word-1@/shop?host=/no/such/folder";
    refused(
        &diff(&project, socket, &[]),
        &["cannot connect to the database"],
    );
}

/// What is done between a client and a server.
trait Between: Send + Sync + 'static {
    /// What the server says, as the client hears it.
    fn answered(&self, text: &mut [u8]) {
        let _ = text;
    }

    /// Whether what the client says next still gets through.
    fn asked(&self) -> bool {
        true
    }
}

/// A socket that leads to a server, and its URL.
fn proxy(server: &str, between: Arc<impl Between>) -> (String, tempfile::TempDir) {
    let folder = tempfile::Builder::new()
        .prefix("specqlc-proxy-")
        .tempdir_in("/tmp")
        .unwrap();
    let (start, host) = server.split_once("?host=").unwrap();
    let target = format!("{host}/.s.PGSQL.5432");
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let url = format!("{start}?sslmode=disable&host={}", folder.path().display());
    thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            let server = UnixStream::connect(&target).unwrap();
            let (heard, said) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let there = between.clone();
            thread::spawn(move || pass_on(client, server, |_| there.asked()));
            let back = between.clone();
            thread::spawn(move || {
                pass_on(said, heard, |text| {
                    back.answered(text);
                    true
                });
            });
        }
    });
    (url, folder)
}

fn pass_on(mut from: UnixStream, mut to: UnixStream, mut each: impl FnMut(&mut [u8]) -> bool) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 || !each(&mut buffer[..length]) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// The server says that it is of another version.
struct Older {
    own: [u8; 4],
    other: [u8; 4],
}

impl Between for Older {
    fn answered(&self, text: &mut [u8]) {
        let found = text.windows(4).position(|bytes| bytes == self.own);
        if let Some(position) = found {
            text[position..position + 4].copy_from_slice(&self.other);
        }
    }
}

#[test]
fn a_server_that_is_too_old_or_newer_than_all_that_are_known() {
    let cluster = Cluster::shared();
    let project = built(&cluster, "versions");
    let own: i32 = cluster
        .psql("versions", "SHOW server_version_num")
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let as_of_version = |other: i32| {
        let between = Older {
            own: own.to_be_bytes(),
            other: other.to_be_bytes(),
        };
        let (url, _folder) = proxy(&cluster.url("versions"), Arc::new(between));
        diff(&project, &url, &[])
    };
    refused(
        &as_of_version(140_010),
        &["the server is PostgreSQL 14; 15 and newer can be read"],
    );
    let newer = as_of_version(990_001);
    let text = said(&newer);
    assert_eq!(newer.status.code(), Some(0), "{text}");
    assert!(
        text.contains("PostgreSQL 99 is newer than this program knows"),
        "{text}"
    );
}

/// The connection is cut when so many messages have got through.
struct Cut {
    left: AtomicUsize,
    was_cut: AtomicBool,
}

impl Between for Cut {
    fn asked(&self) -> bool {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if left.is_err() {
            self.was_cut.store(true, Ordering::SeqCst);
        }
        left.is_ok()
    }
}

#[test]
fn a_connection_that_is_cut_at_any_message() {
    let cluster = Cluster::shared();
    let project = built(&cluster, "cut");
    let mut cuts = 0;
    for messages in 0.. {
        let between = Arc::new(Cut {
            left: AtomicUsize::new(messages),
            was_cut: AtomicBool::new(false),
        });
        let (url, _folder) = proxy(&cluster.url("cut"), between.clone());
        let output = diff(&project, &url, &[]);
        if output.status.code() == Some(0) {
            break;
        }
        assert!(between.was_cut.load(Ordering::SeqCst), "{}", said(&output));
        refused(&output, &["error: cannot "]);
        cuts += 1;
    }
    assert!(cuts > 10, "{cuts}");
}

#[test]
fn a_standby_is_compared_as_far_as_it_can_be_asked() {
    let cluster = Cluster::start();
    let project = built(&cluster, "shop");
    let standby = cluster.standby();
    assert_eq!(
        standby
            .psql("shop", "SELECT pg_is_in_recovery()")
            .unwrap()
            .trim(),
        "t"
    );
    let output = diff(&project, &standby.url("shop"), &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(output.stdout, b"", "{text}");
    assert!(text.contains("not compared: "), "{text}");
    assert!(text.contains("standby"), "{text}");
}

#[test]
fn a_schema_that_changes_while_it_is_read_is_never_compared_wrongly() {
    let cluster = Cluster::shared();
    let project = built(&cluster, "changing");
    let stop = AtomicBool::new(false);
    let rounds = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..2 {
            let (url, stop, rounds) = (cluster.url("changing"), &stop, &rounds);
            scope.spawn(move || {
                let mut client = Client::connect(&url, NoTls).unwrap();
                while !stop.load(Ordering::SeqCst) {
                    let work = format!(
                        "CREATE TABLE churn{number} (a int PRIMARY KEY, b int DEFAULT 1 CHECK (b > 0));
                         CREATE VIEW seen{number} AS SELECT a FROM churn{number}; CREATE INDEX ON churn{number} (b) WHERE a > 1;
                         ALTER TABLE churn{number} DROP COLUMN b, ADD COLUMN c text DEFAULT 'x';
                         DROP TABLE churn{number} CASCADE;"
                    );
                    for statement in work.split(';') {
                        client.batch_execute(statement).unwrap();
                    }
                    rounds.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let outputs: Vec<Output> = (0..20)
            .map(|_| diff(&project, &cluster.url("changing"), &[]))
            .collect();
        stop.store(true, Ordering::SeqCst);
        for output in outputs {
            if output.status.code() != Some(0) {
                refused(
                    &output,
                    &["error: the schema changes while it is read", "try again"],
                );
            }
        }
    });
    assert!(rounds.load(Ordering::SeqCst) > 20);
}

#[test]
fn who_holds_a_lock_is_named_instead_of_waiting_for_ever() {
    let cluster = Cluster::shared();
    let project = built(&cluster, "locked");
    let mut holder = Client::connect(&cluster.url("locked"), NoTls).unwrap();
    holder
        .batch_execute(
            "SET application_name = 'nightly job'; BEGIN;
             LOCK TABLE public.orders, public.order_totals IN ACCESS EXCLUSIVE MODE",
        )
        .unwrap();
    let pid: i32 = holder
        .query_one("SELECT pg_backend_pid()", &[])
        .unwrap()
        .get(0);
    let begun = Instant::now();
    let output = diff(&project, &cluster.url("locked"), &[]);
    assert!(begun.elapsed() < Duration::from_mins(1));
    refused(
        &output,
        &[
            &format!("process {pid}"),
            "nightly job",
            "public.order_totals",
        ],
    );
}

#[test]
fn a_name_does_not_steer_the_terminal() {
    let cluster = Cluster::shared();
    let project = built(&cluster, "names");
    let name = "a\"b\nc\\d$e$\u{1b}[31m\u{202e}f'; DROP";
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    cluster
        .psql(
            "names",
            &format!(
                "CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} int CONSTRAINT {quoted} CHECK ({quoted} > 0));
                 CREATE INDEX \"\u{1b}\" ON {quoted}.{quoted} ({quoted}); CREATE AGGREGATE {quoted}.{quoted} (int) (SFUNC = int4pl, STYPE = int);
                 ALTER TABLE orders ADD COLUMN {quoted} int"
            ),
        )
        .unwrap();
    for arguments in [
        &["--prune"][..],
        &["--prune", "--format", "github"],
        &["--prune", "--reverse"],
    ] {
        let output = diff(&project, &cluster.url("names"), arguments);
        let text = said(&output);
        assert_ne!(output.status.code(), Some(0), "{text}");
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text:?}"
        );
        assert!(text.contains("\\u{1b}[31m\\u{202e}"), "{text}");
    }
    let script = diff(
        &project,
        &cluster.url("names"),
        &[
            "--prune",
            "--format",
            "sql",
            "--allow",
            "deletes-data,breaks-old-code,drops-index,not-reversible",
        ],
    );
    let script = String::from_utf8(script.stdout).unwrap();
    cluster.psql("names", &script).unwrap();
    assert_eq!(
        cluster
            .psql(
                "names",
                "SELECT count(*) FROM pg_class WHERE relname ~ E'\\x1b'"
            )
            .unwrap()
            .trim(),
        "0"
    );
}
