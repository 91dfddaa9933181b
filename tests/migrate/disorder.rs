//! What stops everything before anything is run, and how two branches that took one number come together.

use std::fs;
use std::process::{Command, Output};

use super::shop::{SHOP, Shop, WITH_NOTE, WITH_STATE};
use super::support::said;

#[test]
fn what_is_not_in_order_is_named_and_nothing_applied() {
    let shop = Shop::new("disorder");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    shop.step("note", WITH_NOTE, "");
    let folder = shop.folder();
    // The schema, with the ledger's rows.
    let everything = || shop.dump() + &shop.psql("SELECT * FROM specql.migration ORDER BY number");
    let refused = |wanted: &str| {
        let before = everything();
        let said = shop.fails(1, &["apply"]);
        assert!(said.contains(wanted), "{said}");
        assert_eq!(everything(), before);
        said
    };
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(text.clone())).unwrap();
        move || fs::write(&path, text).unwrap()
    };
    let more = |text: String| text + "SELECT 1;\n";

    let restore = edit("0002_note.sql", &more);
    refused("0002_note.sql is not what specql.sum says");
    restore();
    let restore = edit("0001_initial.down.sql", &more);
    refused("0001_initial.down.sql is not what specql.sum says");
    restore();
    // Accepted, but the database has another.
    let whole = fs::read_to_string(folder.join("specql.sum")).unwrap();
    let restore = edit("0001_initial.sql", &more);
    shop.fails(1, &["seal", "0002_note.sql"]);
    shop.good(&["seal", "0001_initial.sql"]);
    refused("0001_initial.sql was applied with another content");
    restore();
    fs::write(folder.join("specql.sum"), &whole).unwrap();

    let hidden = shop.project.path().join("hidden.sql");
    fs::rename(folder.join("0003_note.sql"), &hidden).unwrap();
    refused("0003_note.sql is in specql.sum and not in the folder");
    fs::rename(&hidden, folder.join("0003_note.sql")).unwrap();
    fs::write(folder.join("0007_more.sql"), "-- specql:transaction\n").unwrap();
    refused("there is no migration 0004 to 0006, though");
    refused("0007_more.sql is not in specql.sum");
    fs::rename(folder.join("0007_more.sql"), folder.join("0005_more.sql")).unwrap();
    refused("there is no migration 0004, though");
    fs::remove_file(folder.join("0005_more.sql")).unwrap();
    // Whoever numbers by dates reads one line, not twenty million.
    let by_date = folder.join("20241129_more.sql");
    fs::write(&by_date, "-- specql:transaction\n").unwrap();
    let said = refused("there is no migration 0004 to 20241128, though");
    assert!(said.lines().count() < 10, "{said}");
    fs::remove_file(&by_date).unwrap();
    let restore = edit("specql.sum", &|text| {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("0002_note.sql "));
        lines.flat_map(|line| [line, "\n"]).collect()
    });
    refused("0002_note.sql is not in specql.sum");
    restore();
    let restore = edit("snapshots/0003_note.json", &|text| {
        text.replace("note", "nota")
    });
    let said = shop.fails(1, &["verify"]);
    assert!(said.contains("snapshots/0003_note.json is not"), "{said}");
    restore();

    shop.psql("ALTER TABLE orders ALTER COLUMN total TYPE bigint");
    let said = refused("changed by hand");
    assert!(said.contains("orders.total"), "{said}");
    shop.psql("ALTER TABLE orders ALTER COLUMN total TYPE integer");

    shop.psql("INSERT INTO specql.migration VALUES (9, 'later', '', 'applied', 0, true, now(), now(), 'x', '9')");
    refused("the database has 0009_later, which the folder has not");
    let status = shop.fails(1, &["status", "--format", "json"]);
    assert!(
        status.contains("\"standing\": \"pending\"") && status.contains("0009_later"),
        "{status}"
    );
    shop.psql("DELETE FROM specql.migration WHERE number = 9");
    shop.psql("UPDATE specql.migration SET name = 'blog', checksum = 'x'");
    refused("another project's: its first migration is 0001_blog");
    // Specs that no migration leads to.
    shop.specs(WITH_STATE);
    let said = shop.fails(2, &["verify"]);
    assert!(
        said.contains("create table public.lines") && said.contains("do not lead"),
        "{said}"
    );
}

fn git(shop: &Shop, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(shop.project.path())
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn two_branches_that_took_a_number_are_told_apart() {
    let shop = Shop::new("branches");
    let committed = |message: &str| {
        for arguments in [&["add", "."][..], &["commit", "-q", "-m", message]] {
            let output = git(&shop, arguments);
            assert!(output.status.success(), "{}", said(&output));
        }
    };
    git(&shop, &["init", "-q", "-b", "main"]);
    shop.step("initial", SHOP, "");
    committed("initial");
    git(&shop, &["checkout", "-q", "-b", "feature"]);
    shop.step("note", WITH_NOTE, "");
    shop.good(&["new", "fill", "--data"]);
    committed("note");
    git(&shop, &["checkout", "-q", "main"]);
    let customers = "entity: Customer\nfields: {name: text}\n";
    shop.project
        .write("specs/customer.yaml", customers.as_bytes());
    shop.good(&["new", "customers"]);
    committed("customers");
    // Version control does not merge it unseen.
    let merge = git(&shop, &["merge", "feature"]);
    assert!(!merge.status.success(), "{}", said(&merge));
    for arguments in [&["apply"][..], &["verify"], &["new", "more"]] {
        let said = shop.fails(1, arguments);
        assert!(said.contains("merge conflict"), "{said}");
        assert!(
            said.contains("number 0002 was taken by customers and note"),
            "{said}"
        );
        assert!(said.contains("migrate rebase note"), "{said}");
    }
    shop.good(&["rebase", "note", "fill"]);
    committed("merged");
    let ups: Vec<String> = shop
        .names()
        .into_iter()
        .filter(|name| {
            let stem = name.strip_suffix(".sql");
            stem.is_some_and(|stem| stem.strip_suffix(".down").is_none())
        })
        .collect();
    assert_eq!(
        ups,
        [
            "0001_initial.sql",
            "0002_customers.sql",
            "0003_note.sql",
            "0004_note.sql",
            "0005_fill.data.sql"
        ]
    );
    shop.good(&["apply"]);
    shop.verify();
    assert_eq!(shop.good(&["new", "nothing"]), "");
}
