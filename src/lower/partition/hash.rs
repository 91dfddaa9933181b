//! HASH: so many partitions, evenly.

use super::{Suffixed, refuse};
use crate::catalog::Bound;
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::syntax::PartitioningSpec;

/// HASH: so many partitions.
pub(super) fn hash(
    spec: &PartitioningSpec,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Suffixed>> {
    refuse(
        spec.intervals
            .as_ref()
            .map(|_| &spec.at)
            .map(|at| at.key("intervals"))
            .as_ref(),
        "`intervals:` is for RANGE and LIST",
        "HASH has `partitions: 8`",
        diagnostics,
    )?;
    refuse(
        spec.retention.as_ref().map(|r| &r.at),
        "`retention:` is for RANGE",
        "the partitions of HASH have no age",
        diagnostics,
    )?;
    refuse(
        spec.default.as_ref().filter(|d| d.value).map(|d| &d.at),
        "HASH has no default partition",
        "every value already has its partition: remove `default:`",
        diagnostics,
    )?;
    let Some(count) = &spec.partitions else {
        diagnostics.push(
            Diagnostic::error(Code::InvalidValue, &spec.at, "HASH needs `partitions:`")
                .hint("write how many, as in `partitions: 8`"),
        );
        return None;
    };
    if !(1..=1024).contains(&count.value) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &count.at,
                format!("{} partitions are not from 1 to 1024", count.value),
            )
            .hint("a few per processor core are enough; 8 to 64 are usual"),
        );
        return None;
    }
    Some(
        (0..count.value)
            .map(|n| {
                (
                    n.to_string(),
                    Bound::Hash {
                        modulus: count.value,
                        remainder: n,
                    },
                )
            })
            .collect(),
    )
}
