//! Shares of random cases, of which a few may all be of one kind.

/// Whether cases of which a half or fewer are of a kind may well be as these are: no more of them than four standard deviations above
/// the half. Of sixteen cases or fewer that is any number, of a thousand it is 563.
pub fn at_most_half(of_a_kind: u32, cases: u32) -> bool {
    let above = u64::from(of_a_kind * 2).saturating_sub(u64::from(cases));
    above * above <= 16 * u64::from(cases)
}

#[test]
fn a_few_cases_prove_nothing_and_many_do() {
    for cases in 0..=16 {
        assert!(at_most_half(cases, cases));
    }
    for (most, cases) in [(32, 40), (563, 1000)] {
        assert!(at_most_half(most, cases) && !at_most_half(most + 1, cases));
    }
}
