//! Two dumps of schemas, compared by their lines: the order of columns is not looked at.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Lines, each as often as it is there.
pub type Lines = BTreeMap<String, usize>;

/// What a dump says of the schema, without comments, settings and the commas between columns.
pub fn lines(dump: &str) -> impl Iterator<Item = &str> {
    let noise = ["--", "SET ", "SELECT pg_catalog.set_config", "\\"];
    dump.lines()
        .map(|line| line.trim().trim_end_matches(','))
        .filter(move |line| !line.is_empty() && !noise.iter().any(|start| line.starts_with(start)))
}

/// Counts them.
pub fn counted(lines: impl Iterator<Item = String>) -> Lines {
    let mut counted = Lines::new();
    for line in lines {
        *counted.entry(line).or_default() += 1;
    }
    counted
}

/// Whether two dumps have the same lines.
pub fn same(one: &Lines, two: &Lines) -> Result<(), String> {
    if one == two {
        return Ok(());
    }
    let mut text = String::from("the schema is not that of a fresh build\n");
    for (name, this, other) in [("only here", one, two), ("only fresh", two, one)] {
        writeln!(text, "  {name}").unwrap();
        for (line, _) in this.iter().filter(|(line, n)| other.get(*line) != Some(n)) {
            writeln!(text, "    {line}").unwrap();
        }
    }
    Err(text)
}
