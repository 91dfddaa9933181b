//! Whether the user has had enough.
//!
//! In: signals that would end this process. Out: whether one came. What is on a server has to be ended there first.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// How soon a signal is noticed.
pub const INTERVAL: Duration = Duration::from_millis(50);

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
///
/// # Errors
/// Why signals cannot be noted: one ends this process as ever.
pub fn note() -> Result<(), String> {
    match &*NOTED {
        Ok(()) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether one was noted.
pub fn came() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Sleeps, unless one comes.
pub fn sleep(duration: Duration) {
    let begun = Instant::now();
    while !came() {
        let left = duration.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(INTERVAL));
    }
}
