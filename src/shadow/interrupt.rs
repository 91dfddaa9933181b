//! What is on a foreign server has to be taken away from there before this process ends.

use super::ShadowError;
use crate::interrupt;

/// From now on the first signal that would end this process is only noted; a second one ends it.
pub(super) fn note() -> Result<(), ShadowError> {
    interrupt::note().map_err(ShadowError::Signals)?;
    check()
}

/// An error once a signal has been noted.
pub(super) fn check() -> Result<(), ShadowError> {
    if interrupt::came() {
        return Err(ShadowError::Interrupted);
    }
    Ok(())
}
