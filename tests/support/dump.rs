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

/// The same; but where a server has numbered the indexes of a partition, which number is whose is not looked at: that is
/// the order in which they came.
pub fn same_but_for_numbers(one: &Lines, two: &Lines) -> Result<(), String> {
    let numbered = |(_, own): &(&str, &str)| {
        let name = own.trim_end_matches('"');
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        stem != name && (stem.ends_with("_idx") || stem.ends_with("_key"))
    };
    if [one, two]
        .iter()
        .any(|lines| attached(lines).any(|pair| numbered(&pair)))
    {
        return same(&by_whole(one), &by_whole(two));
    }
    same(one, two)
}

/// Indexes, each with one of its partitions'.
fn attached(lines: &Lines) -> impl Iterator<Item = (&str, &str)> {
    lines.keys().filter_map(|line| {
        let pair = line.strip_prefix("ALTER INDEX ")?.strip_suffix(';')?;
        pair.split_once(" ATTACH PARTITION ")
    })
}

/// The lines with partitions' indexes called as those that they are parts of, up to the top.
fn by_whole(lines: &Lines) -> Lines {
    let wholes: BTreeMap<&str, &str> = attached(lines).map(|(whole, own)| (own, whole)).collect();
    let top = |own: &str| {
        let mut above = std::iter::successors(wholes.get(own), |whole| wholes.get(**whole));
        let first = above.next().copied().unwrap_or_default();
        above.last().map_or(first, |top| *top)
    };
    let mut called = Lines::new();
    for (line, count) in lines {
        let mut line = line.clone();
        for own in wholes.keys() {
            let (_, bare) = own.split_once('.').unwrap_or(("", own));
            for name in [*own, bare] {
                for end in [" ", ";"] {
                    let other = format!(" part of {}{end}", top(own));
                    line = line.replace(&format!(" {name}{end}"), &other);
                }
            }
        }
        *called.entry(line).or_default() += count;
    }
    called
}

#[test]
fn what_a_server_has_numbered_is_called_as_the_whole_that_it_is_a_part_of() {
    let dump = |mid: &str, leaf: &str| {
        let index = format!("CREATE INDEX {leaf} ON s.leaf USING btree (a);");
        let attached = [("s.top", mid), (mid, leaf)]
            .map(|(whole, own)| format!("ALTER INDEX {whole} ATTACH PARTITION {own};"));
        counted(attached.into_iter().chain([index]))
    };
    let (one, two) = (
        dump("s.mid_hash", "s.leaf_hash"),
        dump("s.mid_idx1", "s.\"é_idx2\""),
    );
    assert_eq!(same_but_for_numbers(&one, &two), Ok(()));
    assert!(same_but_for_numbers(&one, &dump("s.mid_idx", "s.leaf_hash")).is_err());
}
