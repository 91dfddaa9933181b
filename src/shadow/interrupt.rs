//! Whether the user has had enough.
//!
//! What is on a foreign server has to be taken away from there before this process ends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::ShadowError;

static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Once for the process: a second set of handlers would take the first signal for the second.
static NOTED: LazyLock<io::Result<()>> = LazyLock::new(|| {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&INTERRUPTED))?;
        flag::register(signal, Arc::clone(&INTERRUPTED))?;
    }
    Ok(())
});

/// From now on the first signal that would end this process is only noted; a second one ends it.
pub(super) fn note() -> Result<(), ShadowError> {
    let noted = NOTED.as_ref();
    noted.map_err(|error| ShadowError::Signals(error.to_string()))?;
    check()
}

/// An error once a signal has been noted.
pub(super) fn check() -> Result<(), ShadowError> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err(ShadowError::Interrupted);
    }
    Ok(())
}
