//! What a mutant is, and the text of a file with all of its mutants.

use std::ops::Range;

/// Stands for a mutant's number in what is put before it.
pub const NUMBER: &str = "\0";

/// One change that the tests should notice.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// Where in the file's bytes; empty where text is only put in.
    pub range: Range<usize>,
    /// What stands before it: a text with [`NUMBER`] in it.
    pub before: String,
    /// What stands after it.
    pub after: &'static str,
    /// The line and the column.
    pub place: (usize, usize),
    /// What is changed, in words.
    pub what: String,
}

impl Mutant {
    /// `mutated` stands for what is in the range.
    pub fn instead(
        range: Range<usize>,
        mutated: &str,
        place: (usize, usize),
        what: String,
    ) -> Self {
        Self {
            range,
            before: format!("(if crate::mutant({NUMBER}) {{ {mutated} }} else {{ "),
            after: " })",
            place,
            what,
        }
    }
}

/// A file's text with some mutants, and the range of each in it, in their order.
pub fn with_mutants(
    source: &str,
    mutants: &[(usize, &Mutant)],
) -> (String, Vec<(usize, Range<usize>)>) {
    let mut pieces = Vec::new();
    for (order, (number, mutant)) in mutants.iter().enumerate() {
        let Range { start, end } = mutant.range;
        let (length, order) = (end - start, isize::try_from(order).unwrap_or(isize::MAX));
        let before = mutant.before.replace(NUMBER, &number.to_string());
        // What ends comes before what begins; of what ends at one place the shorter is inside, of what begins the longer outside.
        if length == 0 {
            pieces.push(((start, 1, 0, order), before, *number));
        } else {
            pieces.push(((start, 2, -signed(length), order), before, *number));
            pieces.push((
                (end, 0, signed(length), -order),
                mutant.after.to_owned(),
                *number,
            ));
        }
    }
    pieces.sort();
    let (mut text, mut copied) = (String::new(), 0);
    let mut ranges: Vec<(usize, Range<usize>)> = Vec::new();
    for ((at, ..), piece, number) in pieces {
        text.push_str(&source[copied..at]);
        copied = at;
        let begun = text.len();
        text.push_str(&piece);
        match ranges.iter_mut().find(|(known, _)| *known == number) {
            Some((_, range)) => range.end = text.len(),
            None => ranges.push((number, begun..text.len())),
        }
    }
    text.push_str(&source[copied..]);
    (text, ranges)
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}
