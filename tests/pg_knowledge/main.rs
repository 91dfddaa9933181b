//! The exported tables against a running server: what they say is what it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic; clippy knows it only of functions marked as tests"
)]

mod server;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use specqlc::pg::keywords::needs_quotes;
use specqlc::pg::names::{sql_name, typname_of};
use specqlc::pg::{Knowledge, Type, TypeKind, Version, Volatility};

use server::{CONTRIB, Server};

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
    let everything = extension_names(knowledge);
    for (database, enabled) in [("postgres", [].as_slice()), (CONTRIB, &everything)] {
        let types: Vec<_> = column_types(knowledge)
            .filter(|known| known.extension.is_none() || database == CONTRIB)
            .map(|known| known.name)
            .collect();
        // Two rows show whether the elements of an array compare; intarray and ltree refuse nulls.
        let sql = table_of(&types)
            + "CREATE FUNCTION pg_temp.class_of(method text, c text) RETURNS text LANGUAGE plpgsql AS $$
            DECLARE class text;
            BEGIN
                EXECUTE format('CREATE INDEX i ON t USING %I (%I)', method, c);
                SELECT opcname INTO class FROM pg_opclass JOIN pg_index ON pg_opclass.oid = indclass[0]
                WHERE indexrelid = 'i'::regclass;
                IF c LIKE '\\_%' THEN
                    EXECUTE format('INSERT INTO t (%I) SELECT %L FROM generate_series(1, 2)', c, '{NULL}');
                END IF;
                RAISE SQLSTATE 'UNDO1';
            EXCEPTION
                WHEN SQLSTATE 'UNDO1' OR null_value_not_allowed THEN RETURN class;
                WHEN undefined_object OR undefined_function THEN RETURN NULL;
            END $$;
            SELECT amname, attname, pg_temp.class_of(amname, attname)
            FROM pg_am, pg_attribute WHERE amtype = 'i' AND attrelid = 't'::regclass AND attnum > 0";
        let rows = server.query(database, &sql);
        assert!(rows.len() >= 6 * types.len());
        for row in rows {
            let ours = knowledge.default_operator_class(&row[0], &row[1], enabled);
            let ours = ours.map_or("", |class| class.name);
            assert_eq!(ours, row[2], "{} on {}", row[0], row[1]);
        }
    }
}

#[test]
fn a_named_class_is_accepted_where_we_say_so() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let sql = table_of(&[
        "text", "varchar", "bpchar", "name", "int4", "oid", "regclass", "inet", "cidr", "_text", "_int4",
        "int4range", "int4multirange", "jsonb", "lo", "citext", "point",
    ])
    + "CREATE FUNCTION pg_temp.accepts(method text, class text, c text) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('CREATE INDEX i ON t USING %I (%I %I)', method, c, class);
            RAISE SQLSTATE 'UNDO1';
        EXCEPTION
            WHEN SQLSTATE 'UNDO1' THEN RETURN true;
            WHEN datatype_mismatch THEN RETURN false;
        END $$;
        SELECT amname, opcname, attname, pg_temp.accepts(amname, opcname, attname)
        FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod, pg_attribute
        WHERE attrelid = 't'::regclass AND attnum > 0";
    for row in server.query(CONTRIB, &sql) {
        let class = knowledge.operator_class(&row[0], &row[1], &extension_names(knowledge));
        let Some(class) = class else {
            // A newer version does not have it any more.
            assert!(server.version < Version::V18, "{row:?}");
            continue;
        };
        let ours = knowledge.operator_class_accepts(class, &row[2]);
        assert_eq!(ours, row[3] == "t", "{row:?}");
    }
}

#[test]
fn exclusion_constraints_take_the_operators_that_we_say() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let types: Vec<_> = column_types(knowledge).map(|known| known.name).collect();
    // A class on a polymorphic type is tried with one of the types that it stands for.
    let sql = table_of(&types)
        + "CREATE FUNCTION pg_temp.excludes(method text, class text, c text, operator text) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('ALTER TABLE t ADD EXCLUDE USING %I (%I %I WITH %s)', method, c, class, operator);
            RAISE SQLSTATE 'UNDO1';
        EXCEPTION
            WHEN SQLSTATE 'UNDO1' THEN RETURN true;
            WHEN wrong_object_type THEN RETURN false;
        END $$;
        SELECT amname, opcname, oprname, pg_temp.excludes(amname, opcname, CASE typname
            WHEN 'anyarray' THEN '_text' WHEN 'anyrange' THEN 'int4range' WHEN 'anymultirange' THEN 'int4multirange'
            ELSE typname END, oprname)
        FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod JOIN pg_type ON pg_type.oid = opcintype
        JOIN pg_operator ON oprleft = opcintype AND oprright = opcintype AND oprresult = 'bool'::regtype
        WHERE pg_indexam_has_property(opcmethod, 'can_exclude') AND typname NOT IN ('anyenum', 'oidvector', 'record')";
    let rows = server.query(CONTRIB, &sql);
    assert!(rows.iter().filter(|row| row[3] == "t").count() > 100);
    for row in rows {
        let class = knowledge.operator_class(&row[0], &row[1], &extension_names(knowledge));
        let Some(class) = class else {
            assert!(server.version < Version::V18, "{row:?}");
            continue;
        };
        let ours = knowledge.operator_class_excludes_with(class, &row[2]);
        assert_eq!(ours, row[3] == "t", "{row:?}");
    }
}

#[test]
fn text_forms_are_immutable_where_we_say_so() {
    let server = Server::shared();
    let knowledge = Knowledge::since(server.version);
    let types: Vec<_> = column_types(knowledge).map(|known| known.name).collect();
    let sql = table_of(&types)
        + "CREATE FUNCTION pg_temp.is_immutable(result text, expression text) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('ALTER TABLE t ADD g %I GENERATED ALWAYS AS (%s) STORED', result, expression);
            RAISE SQLSTATE 'UNDO1';
        EXCEPTION
            WHEN SQLSTATE 'UNDO1' THEN RETURN true;
            WHEN invalid_object_definition THEN RETURN false;
        END $$;
        SELECT attname, pg_temp.is_immutable('text', format('%I::text', attname)),
            pg_temp.is_immutable(attname, format('text::%I', attname))
        FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0";
    let text = knowledge.type_named("text").unwrap();
    for row in server.query(CONTRIB, &sql) {
        let known = knowledge.type_named(&row[0]).unwrap();
        let cast = |from: &Type, to: &Type| {
            let cast = knowledge.cast(from.name, to.name);
            cast.map_or(from.output.max(to.input), |cast| cast.volatility)
        };
        let (to_text, from_text) = if known.name == "text" {
            (Volatility::Immutable, Volatility::Immutable)
        } else {
            (cast(known, text), cast(text, known))
        };
        assert_eq!(
            to_text == Volatility::Immutable,
            row[1] == "t",
            "{}::text",
            row[0]
        );
        assert_eq!(
            from_text == Volatility::Immutable,
            row[2] == "t",
            "text::{}",
            row[0]
        );
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

/// A temporary table with a column of each type, of the type's name.
fn table_of(types: &[&str]) -> String {
    let columns: Vec<_> = types
        .iter()
        .map(|name| format!("\"{name}\" \"{name}\""))
        .collect();
    format!("CREATE TEMP TABLE t ({});", columns.join(", "))
}

fn extension_names(knowledge: &Knowledge) -> Vec<String> {
    knowledge
        .extensions()
        .iter()
        .map(|extension| extension.name.to_owned())
        .collect()
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
