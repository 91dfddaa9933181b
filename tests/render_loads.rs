//! A catalog with everything in it loads into a server, in one transaction and without, and what was data arrives
//! as data.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::fmt::Write as _;

use jiff::civil::date;
use specqlc::catalog::Catalog;
use specqlc::pg::Version;
use specqlc::project::generate;
use support::Cluster;

fn everything() -> Catalog {
    serde_json::from_str(include_str!("support/everything.json")).unwrap()
}

fn schema(catalog: &Catalog) -> String {
    let mut output = generate(catalog, Version::V15, date(2024, 2, 10)).unwrap();
    String::from_utf8(output.remove("schema.sql").unwrap()).unwrap()
}

#[test]
fn everything_loads() {
    let catalog = everything();
    let sql = schema(&catalog);
    let cluster = Cluster::start();
    cluster.psql("postgres", "CREATE DATABASE plain").unwrap();
    cluster.psql("postgres", "CREATE DATABASE whole").unwrap();
    cluster.psql("plain", &sql).unwrap();
    cluster
        .psql("whole", &format!("BEGIN;\n{sql}\nCOMMIT;\n"))
        .unwrap();
    comments_arrive(&cluster, &catalog);
    triggers_fire(&cluster);
    objects_are_counted(&cluster);
}

/// Quotes, backslashes, template and dollar signs, psql variables and line breaks are what they were.
fn comments_arrive(cluster: &Cluster, catalog: &Catalog) {
    let name = catalog
        .tables
        .keys()
        .find(|name| name.schema.as_str() == "weird Schema")
        .unwrap();
    let query = r#"SELECT encode(convert_to(obj_description('"weird Schema"."select"'::regclass), 'UTF8'), 'hex')"#;
    let found = cluster.psql("whole", query).unwrap();
    let comment = catalog.tables[name].comment.as_ref().unwrap();
    let mut expected = String::new();
    for byte in comment.bytes() {
        write!(expected, "{byte:02x}").unwrap();
    }
    assert_eq!(found.trim().replace(['\n', '\\'], ""), expected);
    let labels = cluster
        .psql(
            "whole",
            "SELECT unnest(enum_range(NULL::public.orders_status))",
        )
        .unwrap();
    assert_eq!(labels, "new\npaid\nit's \\ {{ odd }}\n");
}

fn triggers_fire(cluster: &Cluster) {
    let found = cluster.psql(
        "whole",
        "INSERT INTO catalog.products (name, updated_at) VALUES ('a', '2000-01-01');
         UPDATE catalog.products SET name = 'b';
         SELECT updated_at > now() - interval '1 hour', status FROM catalog.products;",
    );
    assert_eq!(found.unwrap(), "t\tit's \\ {{ x }}\n");
}

fn objects_are_counted(cluster: &Cluster) {
    let found = cluster.psql(
        "plain",
        "SELECT relkind, count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
         WHERE nspname IN ('public', 'catalog', 'weird Schema') AND relkind IN ('r', 'p', 'm', 'v')
         GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(found.unwrap(), "m\t1\np\t3\nr\t10\nv\t1\n");
}
