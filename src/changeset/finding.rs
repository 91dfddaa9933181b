//! A changeset as findings, for formats that know rules, levels and places: one for each hazard, and one for each change
//! without any.

use super::{Change, Changeset};
use crate::diagnose::Severity;

/// What is to be told.
pub(super) struct Finding<'c> {
    /// The hazard, or what else it is.
    pub rule: &'c str,
    /// An error is refused; a warning is allowed, or cannot be changed; a note harms nobody.
    pub severity: Severity,
    pub message: String,
    /// Of which change.
    pub change: Option<&'c Change>,
}

/// All of them in the order of the changes.
pub(super) fn findings(changeset: &Changeset) -> Vec<Finding<'_>> {
    let mut findings = Vec::new();
    for change in &changeset.changes {
        let what = format!("{} {}", change.action, change.object);
        if change.hazards.is_empty() {
            findings.push(Finding {
                rule: "schema-change",
                severity: Severity::Note,
                message: what.clone(),
                change: Some(change),
            });
        }
        for hazard in &change.hazards {
            let safer = hazard.safer.map(|way| format!("\nsafer: {way}"));
            findings.push(Finding {
                rule: hazard.name,
                severity: if hazard.allowed {
                    Severity::Warning
                } else {
                    Severity::Error
                },
                message: format!("{what}: {}{}", hazard.reason, safer.unwrap_or_default()),
                change: Some(change),
            });
        }
    }
    let warning = |rule, message| Finding {
        rule,
        severity: Severity::Warning,
        message,
        change: None,
    };
    let unchanged = changeset.unchanged.iter();
    findings.extend(unchanged.map(|u| warning("schema-drift", format!("{}: {}", u.object, u.why))));
    let verified = changeset.verified.iter();
    let unexpected = verified.flat_map(|verified| &verified.unexpected);
    findings.extend(unexpected.map(|cost| warning("unexpected-cost", cost.clone())));
    findings
}
