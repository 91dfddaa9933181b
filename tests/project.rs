//! The folder on disk: what is read, what is written, what is left alone.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::fs;
use std::path::Path;

use jiff::civil::date;
use specqlc::catalog::Catalog;
use specqlc::pg::Version;
use specqlc::project::{Output, Previous, ProjectOptions, compare, generate, load, write};

fn everything() -> Catalog {
    serde_json::from_str(include_str!("support/everything.json")).unwrap()
}

fn output(catalog: &Catalog) -> Output {
    generate(catalog, Version::V15, date(2024, 2, 10)).unwrap()
}

fn previous(output: &Output) -> Previous {
    Previous {
        as_of: date(2024, 2, 10),
        files: output
            .keys()
            .filter(|path| path.starts_with("schema/"))
            .cloned()
            .collect(),
    }
}

fn put(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn refusal(root: &Path) -> String {
    let options = ProjectOptions {
        root: Some(root.to_path_buf()),
        ..ProjectOptions::default()
    };
    let error = load(&options).unwrap_err().to_string();
    error.replace(&root.display().to_string(), "ROOT")
}

#[test]
fn review_files_hold_what_belongs_to_their_owner() {
    let output = output(&everything());
    let names: Vec<&str> = output.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "schema.sql",
            "schema/catalog/products.sql",
            "schema/public/a_sales.sql",
            "schema/public/authors.sql",
            "schema/public/books.sql",
            "schema/public/offers.sql",
            "schema/public/order_totals.sql",
            "schema/public/orders.sql",
            "schema/public/rooms.sql",
            "schema/public/sessions.sql",
            "schema/public/unused.sql",
            "schema/specql/constants.sql",
            "schema/specql/create_subpartitions.sql",
            "schema/specql/maintain_partitions.sql",
            "schema/specql/mark_projections.sql",
            "schema/specql/partition_by.sql",
            "schema/specql/partition_name.sql",
            "schema/specql/partition_period.sql",
            "schema/specql/partition_policy.sql",
            "schema/specql/partition_ranges.sql",
            "schema/specql/partition_report.sql",
            "schema/specql/partition_status.sql",
            "schema/specql/plan_partition_policy.sql",
            "schema/specql/plan_partitions.sql",
            "schema/specql/queue_refresh.sql",
            "schema/specql/refresh%20%24function%24.sql",
            "schema/specql/refresh_now.sql",
            "schema/specql/refresh_order_totals.sql",
            "schema/specql/refresh_projection.sql",
            "schema/specql/refresh_projections.sql",
            "schema/specql/refresh_request.sql",
            "schema/specql/refresh_requested.sql",
            "schema/specql/request_refresh.sql",
            "schema/specql/run_partition_step.sql",
            "schema/specql/set_updated_at.sql",
            "schema/weird%20%53chema/select.sql",
            "snapshot.json",
        ]
    );
    let orders = String::from_utf8_lossy(&output["schema/public/orders.sql"]);
    for part in [
        "CREATE TYPE public.orders_status",
        "PARTITION OF public.orders_2024_01",
    ] {
        assert!(orders.contains(part), "{part}");
    }
}

#[test]
fn a_second_write_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = output(&everything());
    let first = write(&output, None, folder.path()).unwrap();
    assert_eq!((first.written.len(), first.unchanged), (output.len(), 0));
    let file = folder.path().join("schema/public/orders.sql");
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let second = write(&output, Some(&previous(&output)), folder.path()).unwrap();
    assert_eq!((second.written.len(), second.unchanged), (0, output.len()));
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    assert_eq!(
        compare(&output, Some(&previous(&output)), folder.path()).unwrap(),
        ""
    );
}

#[test]
fn only_our_own_stale_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let full = everything();
    let old = output(&full);
    write(&old, None, folder.path()).unwrap();
    put(&path("schema/public/mine.sql"), "-- mine\n");
    put(&path("schema/public/offers.sql"), "-- replaced by hand\n");
    put(&path("migrations/0001_init.sql"), "-- Generated\n");
    let mut smaller = full;
    smaller
        .tables
        .retain(|name, _| !["rooms", "offers", "select"].contains(&name.name.as_str()));
    smaller.views.clear();
    let new = output(&smaller);
    let mut listed = previous(&old);
    let outside = folder.path().with_extension("outside.sql");
    let header = &old["schema/public/rooms.sql"];
    fs::write(&outside, header).unwrap();
    listed.files.extend([
        "schema/public/mine.sql".to_owned(),
        "migrations/0001_init.sql".to_owned(),
        format!("../{}", outside.file_name().unwrap().to_str().unwrap()),
    ]);
    let shown = compare(&new, Some(&listed), folder.path()).unwrap();
    assert!(shown.contains("+++ /dev/null\n"));
    let written = write(&new, Some(&listed), folder.path()).unwrap();
    assert_eq!(
        written.removed,
        [
            "schema/public/a_sales.sql",
            "schema/public/order_totals.sql",
            "schema/public/rooms.sql",
            "schema/specql/constants.sql",
            "schema/specql/partition_status.sql",
            "schema/weird%20%53chema/select.sql",
        ]
    );
    assert!(!path("schema/weird%20%53chema").exists());
    for kept in [
        "schema/public/mine.sql",
        "schema/public/offers.sql",
        "migrations/0001_init.sql",
    ] {
        assert!(path(kept).exists(), "{kept}");
    }
    assert!(outside.exists());
    fs::remove_file(outside).unwrap();
}

#[test]
fn what_cannot_be_written_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = output(&everything());
    write(&output, None, folder.path()).unwrap();
    let before = fs::read(folder.path().join("schema.sql")).unwrap();
    output.insert("schema.sql".into(), b"other".to_vec());
    // A file where a folder has to be.
    output.insert("schema.sql/x/y.sql".into(), b"x".to_vec());
    let error = write(&output, None, folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("cannot "), "{error}");
    assert_eq!(fs::read(folder.path().join("schema.sql")).unwrap(), before);
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with(".specqlc"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn specs_are_found_in_order_and_hidden_ones_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in [
        "b.yaml",
        "a/z.yml",
        "a.yaml",
        ".hidden.yaml",
        ".git/x.yaml",
        "notes.txt",
    ] {
        put(&root.join("specs").join(name), "entity: X\n");
    }
    let options = ProjectOptions {
        root: Some(root.to_path_buf()),
        ..ProjectOptions::default()
    };
    let project = load(&options).unwrap();
    let names: Vec<&str> = project
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(names, ["specs/a.yaml", "specs/a/z.yml", "specs/b.yaml"]);
    assert_eq!(project.specs().first().map(|(number, _)| *number), Some(0));
    put(&root.join("specql.yaml"), "postgres: 16\n");
    let project = load(&options).unwrap();
    assert_eq!(project.config.postgres, Version::V16);
    assert_eq!(project.specs().first().map(|(number, _)| *number), Some(1));
}

#[test]
fn folders_that_cannot_be_compiled_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(
        refusal(root),
        "ROOT/specs is not there: write specs into it, or start with `specqlc init`"
    );
    fs::create_dir(root.join("specs")).unwrap();
    assert_eq!(
        refusal(root),
        "ROOT/specs has no *.yaml or *.yml file: write a spec into it, or start with `specqlc init`"
    );
    put(&root.join("specs/a.yaml"), "entity: X\n");
    for out in ["specs", "specs/generated", ".", "./specs/../specs"] {
        put(&root.join("specql.yaml"), format!("out: {out}\n"));
        assert!(
            refusal(root).contains("must not lie in one another"),
            "{out}"
        );
    }
    put(&root.join("specql.yaml"), "out: file\n");
    put(&root.join("file"), "");
    assert_eq!(refusal(root), "ROOT/file is not a folder");
    put(&root.join("specql.yaml"), b"\xff");
    assert_eq!(
        refusal(root),
        "ROOT/specql.yaml: this file is not UTF-8: the byte at offset 0 is not"
    );
    assert_eq!(refusal(&root.join("nowhere")), "ROOT is not a folder");
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_round_and_not_out() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    let outside = tempfile::tempdir().unwrap();
    put(&outside.path().join("x.yaml"), "entity: X\n");
    put(&root.join("shared/a.yaml"), "entity: A\n");
    fs::create_dir_all(root.join("specs/deep")).unwrap();
    symlink(root.join("shared"), root.join("specs/shared")).unwrap();
    let options = ProjectOptions {
        root: Some(root.clone()),
        ..ProjectOptions::default()
    };
    let project = load(&options).unwrap();
    assert_eq!(project.files[0].path, "specs/shared/a.yaml");
    let link = root.join("specs/deep/up");
    symlink("..", &link).unwrap();
    assert_eq!(
        refusal(&root),
        "ROOT/specs/deep/up is a symbolic link to ROOT/specs, which leads back to it"
    );
    fs::remove_file(&link).unwrap();
    symlink(root.join("specs/deep"), root.join("shared/back")).unwrap();
    symlink(root.join("shared"), root.join("specs/deep/forth")).unwrap();
    assert!(refusal(&root).contains("which leads back to it"));
    fs::remove_file(root.join("shared/back")).unwrap();
    symlink(outside.path(), root.join("shared/out")).unwrap();
    assert!(refusal(&root).contains("which is outside of the project"));
    fs::remove_file(root.join("shared/out")).unwrap();
    symlink("nothing", root.join("specs/broken.yaml")).unwrap();
    assert!(refusal(&root).starts_with("cannot follow the symbolic link ROOT/specs/broken.yaml"));
}

#[test]
fn files_that_are_no_text_are_all_reported() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("specs/a.yaml"), b"entity: \xff\n");
    put(&root.join("specs/b.yaml"), vec![b'#'; 4 * 1024 * 1024 + 1]);
    put(&root.join("specs/c.yaml"), "entity: C\n");
    let options = ProjectOptions {
        root: Some(root.to_path_buf()),
        ..ProjectOptions::default()
    };
    let project = load(&options).unwrap();
    let found: Vec<_> = project
        .diagnostics
        .iter()
        .map(|d| {
            (
                d.code.name(),
                d.place.as_ref().unwrap().origin().file,
                d.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "invalid-yaml",
                0,
                "this file is not UTF-8: the byte at offset 8 is not"
            ),
            (
                "document-too-large",
                1,
                "this file has 4194305 bytes; the most that is read is 4194304"
            ),
        ]
    );
}
