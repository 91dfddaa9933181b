//! The exported tables against a running server: what they say is what it does.
//!
//! The server programs come from the folder in `SPECQLC_PG_BIN`, or from where Debian puts them;
//! psql from that folder, from `SPECQLC_PG_CLIENT`, or from PATH.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use specqlc::pg::keywords::needs_quotes;
use specqlc::pg::names::{sql_name, typname_of};
use specqlc::pg::{Knowledge, Type, TypeKind, Version, Volatility};

#[test]
fn quotes_are_quote_ident_s() {
    let server = Server::shared();
    let odd = [
        "", " ", "_", "__a", "a", "a1", "1a", "a$", "$a", "A", "aB", "a b", "a-b", "a.b", "a\"b",
        "ä", "é", "名", "a_b", "status", "type", "jsonb",
    ];
    let mut sql = String::from("SELECT word, quote_ident(word), catcode <> 'U' FROM (");
    sql.push_str("SELECT word, catcode FROM pg_get_keywords()");
    for name in odd {
        write!(sql, " UNION ALL SELECT '{name}', 'U'").unwrap();
    }
    sql.push_str(") names");
    let rows = server.query("postgres", &sql);
    assert!(rows.len() > 450 + odd.len());
    for row in rows {
        let (word, quoted) = (row[0].as_str(), row[1] != row[0]);
        // A word that only another version reserves is quoted as well.
        let elsewhere = server.version < Version::V17 && needs_quotes(word) && !odd.contains(&word);
        assert!(quoted == needs_quotes(word) || elsewhere, "{word}");
    }
}

#[test]
fn types_print_as_format_type_prints() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let types = server.query(
        CONTRIB,
        "SELECT typname, format_type(oid, NULL) FROM pg_type WHERE typrelid = 0 AND typelem NOT IN
            (SELECT oid FROM pg_type WHERE typrelid <> 0)",
    );
    let mut seen = 0;
    for row in types {
        if let Some(known) = knowledge.type_named(&row[0]) {
            seen += 1;
            if known.kind != TypeKind::Pseudo {
                let printed = row[1].trim_matches('"');
                assert_eq!(known.sql_name().trim_matches('"'), printed, "{}", row[0]);
            }
        }
    }
    assert!(seen > 200);

    for spelling in [
        "int",
        "INTEGER",
        "smallint",
        "bigint",
        "decimal",
        "dec",
        "numeric",
        "real",
        "float",
        "double precision",
        "char",
        "character",
        "nchar",
        "national character",
        "national char varying",
        "char varying",
        "character varying",
        "bit",
        "bit varying",
        "boolean",
        "time",
        "time with time zone",
        "interval",
        "timestamp",
        "timestamp without time zone",
        "timestamp  with time zone",
        "\"char\"",
    ] {
        let sql = format!("SELECT typname FROM pg_type WHERE oid = '{spelling}'::regtype");
        let rows = server.query("postgres", &sql);
        assert_eq!(
            typname_of(spelling),
            Some(rows[0][0].as_str()),
            "{spelling}"
        );
    }
}

#[test]
fn every_function_exists_and_is_no_more_volatile_than_stated() {
    let server = Server::shared();
    let rows = server.query(
        CONTRIB,
        "SELECT proname, provolatile, prokind, pronargs, pronargdefaults, (
            SELECT coalesce(string_agg(CASE WHEN position = pronargs AND provariadic <> 0 THEN v.typname ELSE t.typname END,
                ',' ORDER BY position), '')
            FROM unnest(proargtypes) WITH ORDINALITY a (type, position) JOIN pg_type t ON t.oid = a.type)
        FROM pg_proc LEFT JOIN pg_type v ON v.oid = provariadic",
    );
    // A call with fewer arguments than declared is a signature too.
    let mut declared: BTreeMap<(String, String), Volatility> = BTreeMap::new();
    for row in &rows {
        let volatility = match row[1].as_str() {
            "i" => Volatility::Immutable,
            "s" => Volatility::Stable,
            _ => Volatility::Volatile,
        };
        let arguments: Vec<_> = row[5].split(',').filter(|a| !a.is_empty()).collect();
        let least = arguments.len() - row[4].parse::<usize>().unwrap();
        for count in least..=arguments.len() {
            let signature = (row[0].clone(), arguments[..count].join(","));
            let worst = declared.entry(signature).or_insert(volatility);
            *worst = (*worst).max(volatility);
        }
    }
    let knowledge = Knowledge::since(server.version);
    let mut seen = 0;
    for name in knowledge.function_names() {
        for function in knowledge.functions(name) {
            let signature = ((*name).to_owned(), function.arguments.join(","));
            let found = declared.get(&signature);
            assert!(found.is_some(), "{signature:?} does not exist");
            assert!(
                found <= Some(&function.volatility),
                "{signature:?} is {found:?}"
            );
            if server.version == Version::V18 {
                assert_eq!(found, Some(&function.volatility), "{signature:?}");
            }
            seen += 1;
        }
    }
    assert!(seen > 3000);
}

#[test]
fn an_index_gets_the_default_class_that_we_name() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let everything: Vec<_> = knowledge
        .extensions()
        .iter()
        .map(|e| e.name.to_owned())
        .collect();
    for (database, enabled) in [("postgres", [].as_slice()), (CONTRIB, &everything)] {
        let types: Vec<_> = column_types(knowledge)
            .filter(|known| known.extension.is_none() || database == CONTRIB)
            .collect();
        let list: Vec<_> = types
            .iter()
            .map(|known| format!("('{}')", known.name))
            .collect();
        let sql = format!(
            "CREATE FUNCTION pg_temp.class_of(method text, type text) RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
                EXECUTE format('CREATE TEMP TABLE t (c %I)', type);
                EXECUTE format('CREATE INDEX i ON t USING %I (c)', method);
                IF type LIKE '\\_%' THEN
                    EXECUTE format('INSERT INTO t SELECT %L FROM generate_series(1, 2)', '{{NULL}}');
                END IF;
                RETURN (SELECT opcname FROM pg_opclass JOIN pg_index ON pg_opclass.oid = indclass[0] WHERE indexrelid = 'i'::regclass);
            EXCEPTION WHEN undefined_object OR duplicate_object OR undefined_function THEN RETURN NULL;
            END $$;
            CREATE FUNCTION pg_temp.try(method text, type text) RETURNS text LANGUAGE plpgsql AS $$
            DECLARE class text := pg_temp.class_of(method, type);
            BEGIN
                DROP TABLE IF EXISTS t;
                RETURN class;
            END $$;
            SET client_min_messages = error;
            SELECT amname, type, pg_temp.try(amname, type)
            FROM pg_am, (VALUES {}) types (type) WHERE amtype = 'i'",
            list.join(",")
        );
        let rows = server.query(database, &sql);
        assert!(rows.len() >= 6 * types.len());
        for row in rows {
            let ours = knowledge.default_operator_class(&row[0], &row[1], enabled);
            assert_eq!(
                ours.map_or("", |class| class.name),
                row[2],
                "{} on {}",
                row[0],
                row[1]
            );
        }
    }
}

#[test]
fn a_named_class_is_accepted_where_we_say_so() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let types = [
        "text",
        "varchar",
        "bpchar",
        "name",
        "int4",
        "oid",
        "regclass",
        "inet",
        "cidr",
        "_text",
        "_int4",
        "int4range",
        "int4multirange",
        "jsonb",
        "lo",
        "citext",
        "point",
    ];
    let list: Vec<_> = types.iter().map(|name| format!("('{name}')")).collect();
    let sql = format!(
        "CREATE FUNCTION pg_temp.accepts(method text, class text, type text) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('CREATE TEMP TABLE t (c %I)', type);
            EXECUTE format('CREATE INDEX i ON t USING %I (c %I)', method, class);
            RETURN true;
        EXCEPTION WHEN datatype_mismatch THEN RETURN false;
        END $$;
        CREATE FUNCTION pg_temp.try(method text, class text, type text) RETURNS bool LANGUAGE plpgsql AS $$
        DECLARE answer bool := pg_temp.accepts(method, class, type);
        BEGIN
            DROP TABLE IF EXISTS t;
            RETURN answer;
        END $$;
        SET client_min_messages = error;
        SELECT amname, opcname, type, pg_temp.try(amname, opcname, type)
        FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod, (VALUES {}) types (type)",
        list.join(",")
    );
    let everything: Vec<_> = knowledge
        .extensions()
        .iter()
        .map(|e| e.name.to_owned())
        .collect();
    for row in server.query(CONTRIB, &sql) {
        let Some(class) = knowledge.operator_class(&row[0], &row[1], &everything) else {
            assert!(server.version < Version::V18, "{row:?}");
            continue;
        };
        let ours = knowledge.operator_class_accepts(class, &row[2]);
        assert_eq!(ours, row[3] == "t", "{row:?}");
    }
}

#[test]
fn access_methods_refuse_what_we_say_they_refuse() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    for method in knowledge.access_methods() {
        let name = method.name;
        // Each method has a default class for int4range, or for int4.
        for (allowed, unique, columns) in [
            (true, "", "(c)"),
            (method.can_order, "", "(c DESC)"),
            (method.can_order, "", "(c NULLS FIRST)"),
            (method.can_unique, "UNIQUE", "(c)"),
            (method.can_multi_column, "", "(c, c)"),
            (method.can_include, "", "(c) INCLUDE (d)"),
        ] {
            let column = if matches!(name, "gin") {
                "int[]"
            } else {
                "inet"
            };
            let class = if name == "gist" {
                columns.replacen('c', "c inet_ops", 2)
            } else {
                columns.to_owned()
            };
            let sql = format!(
                "BEGIN; CREATE TEMP TABLE t (c {column}, d int);
                CREATE {unique} INDEX ON t USING {name} {class}; ROLLBACK"
            );
            assert_eq!(server.run("postgres", &sql).is_ok(), allowed, "{sql}");
        }
    }
}

#[test]
fn names_of_the_core_are_there() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let mut sql = String::from("SELECT ''");
    for name in knowledge.text_search_configurations() {
        write!(sql, ", to_tsvector('{name}', 'a')").unwrap();
    }
    for name in knowledge.collations() {
        write!(sql, ", 'a' COLLATE \"{name}\"").unwrap();
    }
    server.query("postgres", &sql);
    for known in column_types(knowledge).filter(|known| known.extension.is_none()) {
        let name = known.sql_name();
        assert!(name.ends_with("[]") || sql_name(known.name) == name);
    }
}

/// Types that a column can have.
fn column_types(knowledge: &'static Knowledge) -> impl Iterator<Item = &'static Type> {
    let scalars = knowledge
        .type_names()
        .iter()
        .filter_map(|name| knowledge.type_named(name));
    scalars
        .flat_map(|known| {
            [
                Some(known),
                known.array.and_then(|name| knowledge.type_named(name)),
            ]
        })
        .flatten()
        .filter(|known| known.kind != TypeKind::Pseudo && known.category != 'X')
}

/// The database that has all the extensions of the data.
const CONTRIB: &str = "contrib";

/// A throwaway server on a unix socket, shared by the tests that run at the same time.
struct Server {
    version: Version,
    programs: PathBuf,
    psql: PathBuf,
    folder: tempfile::TempDir,
}

impl Server {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    fn start() -> Self {
        let programs = server_programs();
        let version = match output(Command::new(programs.join("postgres")).arg("--version")) {
            text if text.contains(" 15") => Version::V15,
            text if text.contains(" 16") => Version::V16,
            text if text.contains(" 17") => Version::V17,
            text if text.contains(" 18") => Version::V18,
            text => panic!("unsupported server: {text}"),
        };
        // Short: the path of a unix socket may have no more than 107 bytes.
        let folder = tempfile::Builder::new()
            .prefix("specqlc-pg.")
            .tempdir_in("/tmp")
            .unwrap();
        if let Some(user) = server_user() {
            output(Command::new("chown").arg(user).arg(folder.path()));
        }
        let psql = psql(&programs);
        let server = Self {
            version,
            programs,
            psql,
            folder,
        };
        let data = server.folder.path().join("data");
        output(
            server
                .program("initdb")
                .args([
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "-D",
                ])
                .arg(&data),
        );
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off",
            server.folder.path().display()
        );
        output(
            server
                .program("pg_ctl")
                .args(["-w", "-s", "-o", &options, "-l"])
                .arg(data.join("log"))
                .arg("-D")
                .arg(&data)
                .arg("start"),
        );
        server.query("postgres", "CREATE DATABASE contrib");
        for extension in Knowledge::since(version).extensions() {
            if extension.name != "plpgsql" {
                server.query(CONTRIB, &format!("CREATE EXTENSION \"{}\"", extension.name));
            }
        }
        server
    }

    /// Rows and columns as text.
    fn query(&self, database: &str, sql: &str) -> Vec<Vec<String>> {
        let text = self
            .run(database, sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        text.lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }

    fn run(&self, database: &str, sql: &str) -> Result<String, String> {
        let done = Command::new(&self.psql)
            .args([
                "-XAtq",
                "-F",
                "\t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-d",
                database,
                "-c",
                sql,
                "-h",
            ])
            .arg(self.folder.path())
            .output()
            .unwrap();
        if done.status.success() {
            Ok(String::from_utf8(done.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&done.stderr).into_owned())
        }
    }

    /// A server program, started as a user that servers may run as.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if let Some(user) = server_user() {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let mut stop = self.program("pg_ctl");
        let _ = stop
            .args(["-m", "immediate", "-s", "stop", "-D"])
            .arg(data)
            .stderr(Stdio::null())
            .status();
    }
}

fn server_programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("SPECQLC_PG_BIN") {
        return folder.into();
    }
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("postgres").is_file())
        .collect();
    found.sort();
    found.pop().expect("no PostgreSQL server programs: run scripts/test, which installs them, or set SPECQLC_PG_BIN")
}

fn psql(programs: &Path) -> PathBuf {
    let client = std::env::var_os("SPECQLC_PG_CLIENT").map(PathBuf::from);
    [client.as_deref(), Some(programs)]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("psql"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| "psql".into())
}

/// A server refuses to run as root: who runs it instead.
fn server_user() -> Option<&'static str> {
    if output(Command::new("id").arg("-u")).trim() != "0" {
        return None;
    }
    let exists = Command::new("id")
        .arg("postgres")
        .output()
        .is_ok_and(|done| done.status.success());
    Some(if exists { "postgres" } else { "nobody" })
}

fn output(command: &mut Command) -> String {
    // Into a file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
    let mut text = tempfile::tempfile().unwrap();
    let (out, err) = (text.try_clone().unwrap(), text.try_clone().unwrap());
    let status = command.stdout(out).stderr(err).status();
    let mut said = String::new();
    std::io::Seek::rewind(&mut text).unwrap();
    std::io::Read::read_to_string(&mut text, &mut said).unwrap();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?}: {said}"
    );
    said
}
