//! Others are in the way, and may not be next time.

use std::time::Duration;

use postgres::Error;
use postgres::error::SqlState;

use super::run::Event;
use crate::connect::chain;
use crate::interrupt;

/// How often something is tried that gets no lock.
const ATTEMPTS: u32 = 10;

/// Tries again, as long as it is only a lock that is missing. Who has queued up behind an attempt goes first meanwhile.
pub(super) fn patiently(
    tell: &(dyn Fn(Event<'_>) + Sync),
    mut work: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let mut pause = Duration::from_millis(500);
    for _ in 1..ATTEMPTS {
        match work() {
            Err(error) if is_contention(&error) && !interrupt::came() => {
                // Two runs on two databases of one server do not meet again and again.
                let jittered = pause.mul_f64(0.5 + fastrand::f64());
                tell(Event::Retry {
                    problem: &chain(&error),
                    pause: jittered,
                });
                interrupt::sleep(jittered);
                pause = (pause * 2).min(Duration::from_secs(30));
            }
            result => return result,
        }
    }
    work()
}

/// Whether something failed because the user has had enough, or would have been tried again otherwise.
pub(super) fn is_interrupted(error: &Error) -> bool {
    let ended = error.code() == Some(&SqlState::QUERY_CANCELED);
    interrupt::came() && (ended || is_contention(error))
}

fn is_contention(error: &postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(
            &SqlState::LOCK_NOT_AVAILABLE
                | &SqlState::T_R_DEADLOCK_DETECTED
                | &SqlState::T_R_SERIALIZATION_FAILURE
        )
    )
}
