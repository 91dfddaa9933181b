//! What each hazard means, for `specqlc explain`.

use crate::plan::HazardKind;

/// What happens, and what to do about it.
pub fn explanation(hazard: HazardKind) -> &'static str {
    match hazard {
        HazardKind::DeletesData => {
            "Rows or values are gone after this step: a table, a column or a partition is dropped, or a type is\n\
             narrowed. Nothing brings them back but a backup.\n\n\
             Safer: let the application stop using it first, keep a copy (`CREATE TABLE … AS`), and drop it in a\n\
             later release."
        }
        HazardKind::MayFailOnData => {
            "A new rule is checked against the rows that are there, and the step fails where one breaks it. Nothing\n\
             is changed by a step that fails, and new rows are held to the rule already.\n\n\
             Safer: find the rows first (the reason of the hazard says what to look for), mend them, then run the\n\
             plan. Rules come as NOT VALID and are validated under a lock that stops nobody."
        }
        HazardKind::RewritesTable => {
            "The server writes each row of the table anew, and all its indexes. That takes as long as copying it, the\n\
             room of a second copy, and an ACCESS EXCLUSIVE lock for all that time.\n\n\
             Safer: a new column beside the old one, a trigger that keeps both alike, a fill in batches, and a swap of\n\
             the names; or a time at which nobody uses the table."
        }
        HazardKind::BlocksReads => {
            "Nobody can read the table for longer than a change of the system catalogs takes.\n\n\
             Safer: the way that the hazard names, where there is one; else a time at which nobody uses the table."
        }
        HazardKind::BlocksWrites => {
            "Nobody can write to the table for longer than a change of the system catalogs takes; readers go on.\n\n\
             Safer: the way that the hazard names, where there is one; else a time at which nobody writes."
        }
        HazardKind::ScansTable => {
            "A large table is read as a whole, while others read and write. That takes time and input/output, and no lock\n\
             that stops anybody.\n\n\
             Safer: run it when the disks are idle."
        }
        HazardKind::BreaksOldCode => {
            "Code that was written for the schema before fails from this step on: something that it names is gone, has\n\
             another name, or takes less.\n\n\
             Safer: release code that works with both first, and run the steps of the phase `contract` when the old\n\
             code no longer runs."
        }
        HazardKind::DropsIndex => {
            "An index goes and none takes its place: queries that used it become scans.\n\n\
             Safer: look at `idx_scan` in `pg_stat_user_indexes` over a whole period of business first."
        }
        HazardKind::NotReversible => {
            "No plan leads back to the same structure, or only by way of a copy: `--reverse` has no equal.\n\n\
             Safer: a backup, or a rehearsal on a copy with `--verify`."
        }
        HazardKind::StaleProjection => {
            "A materialized view lacks what was written since it was filled, until its next refresh.\n\n\
             Safer: run the plan when little is written; the last step of the plan refreshes it."
        }
    }
}
