//! Two maps by name at once.

use std::cmp::Ordering;

/// Every name of two maps in order, with what each has of it. One comparison a name: to look each up in the other map takes
/// a dozen, each of which reads a text from somewhere else in memory.
pub(crate) fn joined<'a, K: Ord + 'a, L, R>(
    left: impl IntoIterator<Item = (&'a K, L)>,
    right: impl IntoIterator<Item = (&'a K, R)>,
) -> impl Iterator<Item = (&'a K, Option<L>, Option<R>)> {
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let of_left = left.next_if(|_| order.is_le());
        let of_right = right.next_if(|_| order.is_ge());
        let name = match (&of_left, &of_right) {
            (Some((name, _)), _) | (None, Some((name, _))) => *name,
            (None, None) => return None,
        };
        Some((name, of_left.map(|(_, l)| l), of_right.map(|(_, r)| r)))
    })
}

/// What both maps have.
pub(crate) fn shared<'a, K: Ord + 'a, L, R>(
    left: impl IntoIterator<Item = (&'a K, L)>,
    right: impl IntoIterator<Item = (&'a K, R)>,
) -> impl Iterator<Item = (&'a K, L, R)> {
    joined(left, right).filter_map(|(name, left, right)| Some((name, left?, right?)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::joined;

    #[test]
    fn every_name_comes_once_in_order() {
        let left = BTreeMap::from([(1, 'a'), (2, 'b'), (4, 'd')]);
        let right = BTreeMap::from([(0, 'z'), (2, 'y'), (3, 'x'), (4, 'w'), (5, 'v')]);
        let found: Vec<_> = joined(&left, &right)
            .map(|(name, left, right)| (*name, left.copied(), right.copied()))
            .collect();
        assert_eq!(
            found,
            [
                (0, None, Some('z')),
                (1, Some('a'), None),
                (2, Some('b'), Some('y')),
                (3, None, Some('x')),
                (4, Some('d'), Some('w')),
                (5, None, Some('v')),
            ]
        );
    }
}
