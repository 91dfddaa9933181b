//! Bad input of every kind: a clear error and exit 1, the old output as it was; and the same bytes from the same specs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use support::{Project, as_user, files_below, pin, said, unprivileged};

const GOOD: &str =
    "entity: Order\nfields: {total: integer, at: timestamptz}\nindexes: [{columns: [at]}]\n";

/// No refusal takes longer, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A project that was built once.
fn built() -> Project {
    let project = Project::of(GOOD);
    let output = project
        .specqlc()
        .args(["build", "-q", "--as-of", "2024-02-10"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    project
}

fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files_below(folder)
        .into_iter()
        .map(|file| (file.clone(), fs::read(folder.join(&file)).unwrap()))
        .collect()
}

/// Exit 1, a message that holds all of these words, no panic, the old output untouched.
fn refused(
    project: &Project,
    output: &Output,
    before: &BTreeMap<PathBuf, Vec<u8>>,
    words: &[&str],
) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    assert!(
        tree(&project.path().join("generated")) == *before,
        "the old output changed: {text}"
    );
}

/// A project that was built, then made worse.
fn refuses(worsen: impl FnOnce(&Project), arguments: &[&str], words: &[&str]) {
    let project = built();
    let before = tree(&project.path().join("generated"));
    worsen(&project);
    let start = Instant::now();
    let output = project
        .specqlc()
        .arg("build")
        .args(arguments)
        .output()
        .unwrap();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    refused(&project, &output, &before, words);
}

/// A spec file beside the good one.
fn refuses_file(content: &[u8], words: &[&str]) {
    refuses(
        |project| project.write("specs/bad.yaml", content),
        &[],
        words,
    );
}

#[test]
fn folders_that_are_missing_or_empty() {
    refuses(
        |p| fs::remove_dir_all(p.path().join("specs")).unwrap(),
        &[],
        &["specs", "specqlc init"],
    );
    refuses(
        |p| fs::remove_file(p.path().join("specs/spec.yaml")).unwrap(),
        &[],
        &["specs", "yaml"],
    );
    refuses(|_| (), &["--specs", "nowhere"], &["nowhere"]);
    refuses(|_| (), &["--specs", "specs/spec.yaml"], &["spec.yaml"]);
}

#[test]
fn files_that_are_no_yaml() {
    refuses_file(
        b"entity: Caf\xe9\nfields: {a: text}\n",
        &["bad.yaml", "UTF-8"],
    );
    refuses_file(
        b"entity: Item\nfields:\n\ta: text\n",
        &["invalid-yaml", "bad.yaml:3"],
    );
    refuses_file(
        b"entity: Item\nfields: {a: text\n",
        &["invalid-yaml", "bad.yaml"],
    );
    refuses_file(
        b"entity: Item\nfields: {a: text}\nfields: {b: text}\n",
        &["duplicate-key", "bad.yaml:3:1"],
    );
    refuses_file(b"\0\0\0\0", &["bad.yaml"]);
}

#[test]
fn files_that_are_too_much() {
    let large = "# a comment that says nothing at all, again and again\n".repeat(2_000_000);
    refuses_file(large.as_bytes(), &["document-too-large", "bad.yaml"]);
    let many = format!(
        "entity: Item\nfields:\n{}",
        (0..2_000_000).fold(String::new(), |mut text, n| {
            writeln!(text, "  field_{n}: text").unwrap();
            text
        })
    );
    refuses_file(many.as_bytes(), &["document-too-large", "bad.yaml"]);
    let mut bomb = String::from("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
        writeln!(bomb, "x-{n}: &a{n} [{aliases}]").unwrap();
    }
    bomb.push_str("entity: Item\nfields: {a: text}\n");
    refuses_file(bomb.as_bytes(), &["document-too-large", "bad.yaml"]);
    refuses_file("[".repeat(100_000).as_bytes(), &["bad.yaml"]);
    refuses_file(
        format!(
            "entity: Item\nfields: {{a: {}text{}}}\n",
            "list(".repeat(50_000),
            ")".repeat(50_000)
        )
        .as_bytes(),
        &["bad.yaml"],
    );
    let check = format!(
        "entity: Item\nfields: {{a: boolean}}\nconstraints: [{{type: check, condition: \"{}a{}\"}}]\n",
        "(".repeat(20_000),
        ")".repeat(20_000)
    );
    refuses_file(check.as_bytes(), &["invalid-expression", "bad.yaml:3"]);
}

#[test]
fn links_that_lead_round() {
    refuses(
        |p| symlink("..", p.path().join("specs/round")).unwrap(),
        &[],
        &["round", "symbolic link"],
    );
    refuses(
        |p| symlink("loop.yaml", p.path().join("specs/loop.yaml")).unwrap(),
        &[],
        &["loop.yaml"],
    );
}

#[test]
fn output_where_it_cannot_be() {
    refuses(|_| (), &["--out", "specs"], &["specs"]);
    refuses(|_| (), &["--out", "specs/generated"], &["specs"]);
    refuses(|_| (), &["--out", "."], &["specs"]);
    refuses(|p| p.write("file", b""), &["--out", "file"], &["file"]);
}

#[test]
fn arguments_that_make_no_sense() {
    refuses(|_| (), &["--as-of", "2024-02-30"], &["--as-of"]);
    refuses(|_| (), &["--as-of", "tomorrow"], &["--as-of"]);
    refuses(|_| (), &["--frobnicate"], &["--frobnicate"]);
    refuses(
        |p| p.write("specql.yaml", b"postgres: 9\n"),
        &[],
        &["specql.yaml:1:11"],
    );
    refuses(
        |p| p.write("specql.yaml", b"\xff\xfe"),
        &[],
        &["specql.yaml", "UTF-8"],
    );
}

#[test]
fn a_snapshot_that_somebody_spoilt() {
    let project = built();
    project.write("generated/snapshot.json", b"{ not json");
    let before = tree(&project.path().join("generated"));
    let output = project.specqlc().arg("build").output().unwrap();
    refused(&project, &output, &before, &["snapshot.json"]);
}

/// The program as a user without root's rights, in a folder of that user.
fn as_somebody(project: &Project) -> Command {
    let program = project.path().join("specqlc");
    fs::copy(env!("CARGO_BIN_EXE_specqlc"), &program).unwrap();
    let mut command = if let Some(user) = unprivileged() {
        fs::set_permissions(project.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let owner = Command::new("chown")
            .arg("-R")
            .arg(user)
            .arg(project.path())
            .status()
            .unwrap();
        assert!(owner.success());
        as_user(user, &program)
    } else {
        Command::new(&program)
    };
    pin(&mut command);
    command.arg("build").current_dir(project.path());
    command
}

#[test]
fn what_may_not_be_read_or_written() {
    for (path, mode, words) in [
        ("specs/secret", 0o000, ["secret", "Permission denied"]),
        ("specs/spec.yaml", 0o000, ["spec.yaml", "Permission denied"]),
        ("generated", 0o555, ["generated", "Permission denied"]),
    ] {
        let project = built();
        fs::create_dir_all(project.path().join("specs/secret")).unwrap();
        let before = tree(&project.path().join("generated"));
        let mut command = as_somebody(&project);
        // A change, so that there is something to write.
        project.write("specs/more.yaml", b"entity: Item\nfields: {a: text}\n");
        let path = project.path().join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let output = command.output().unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        refused(&project, &output, &before, &words);
    }
}

#[test]
fn a_disk_that_fills_up() {
    let project = built();
    let disk = project.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("NOT TESTED: a full disk, since mounting a small one takes root's rights");
        return;
    }
    let build = |project: &Project| {
        project
            .specqlc()
            .args(["build", "--out", "disk/generated"])
            .output()
            .unwrap()
    };
    let first = build(&project);
    let before = tree(&disk);
    for number in 0..200 {
        project.write(
            &format!("specs/many_{number}.yaml"),
            format!("entity: Many{number}\nfields: {{a: text, b: email}}\n").as_bytes(),
        );
    }
    let full = build(&project);
    let after = tree(&disk);
    let unmounted = Command::new("umount").arg(&disk).status().unwrap();
    assert!(unmounted.success());
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(full.status.code(), Some(1), "{}", said(&full));
    assert!(said(&full).contains("No space left"), "{}", said(&full));
    assert!(
        before == after,
        "the old output changed, or something was left behind"
    );
}

#[test]
fn byte_order_marks_and_line_ends_make_no_difference() {
    let plain = built();
    let windows = Project::empty();
    let text = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    windows.write("specs/spec.yaml", text.as_bytes());
    let output = windows
        .specqlc()
        .args(["build", "-q", "--as-of", "2024-02-10"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(tree(&plain.path().join("generated")) == tree(&windows.path().join("generated")));
}

#[test]
fn the_same_specs_give_the_same_bytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    for file in files_below(&root.join("specs")) {
        let text = fs::read_to_string(root.join("specs").join(file)).unwrap();
        documents.extend(
            text.split("\n---\n")
                .map(|document| format!("{document}\n")),
        );
    }
    let settings = fs::read(root.join("specql.yaml")).unwrap();
    // (how many files, from the last document to the first, threads, time zone, locale)
    let ways = [
        (1, false, "1", "UTC", "C"),
        (1, true, "2", "Pacific/Auckland", "C.UTF-8"),
        (7, true, "2", "America/Caracas", "tr_TR.UTF-8"),
        (documents.len(), false, "1", "Asia/Kathmandu", "de_DE.UTF-8"),
        (documents.len(), true, "8", "Europe/London", "POSIX"),
    ];
    let mut first: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
    for (files, backwards, threads, zone, locale) in ways {
        let project = Project::empty();
        project.write("specql.yaml", &settings);
        let mut texts = vec![Vec::new(); files];
        for (number, document) in documents.iter().enumerate() {
            texts[number % files].push(document.clone());
        }
        for (number, mut text) in texts.into_iter().enumerate() {
            if backwards {
                text.reverse();
            }
            let name = if backwards { files - number } else { number };
            project.write(
                &format!("specs/f{name:03}.yaml"),
                text.join("---\n").as_bytes(),
            );
        }
        let output = project
            .specqlc()
            .args(["build", "-q", "--as-of", "2024-02-10"])
            .env("RAYON_NUM_THREADS", threads)
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let made = tree(&project.path().join("generated"));
        assert!(made.len() > 20);
        match &first {
            None => first = Some(made),
            Some(first) => {
                for (path, bytes) in first {
                    assert!(
                        made.get(path) == Some(bytes),
                        "{} differs with {files} files, {threads} threads, {zone}, {locale}",
                        path.display()
                    );
                }
                assert_eq!(first.len(), made.len());
            }
        }
    }
}
