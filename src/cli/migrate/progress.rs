//! How far something has come that takes long: a bar where somebody looks on, a line now and then elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::super::output::message;

/// How often a line is written where nobody looks on.
const INTERVAL: Duration = Duration::from_secs(5);

/// What is shown of the work in hand.
pub(super) struct Progress {
    terminal: bool,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    bar: Option<ProgressBar>,
    told: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            shown: Mutex::default(),
        }
    }

    /// Shows how much is done, of how much; 0 where that is not known.
    pub(super) fn show(&self, what: &str, done: u64, total: u64) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if self.terminal {
            let bar = shown.bar.get_or_insert_with(ProgressBar::no_length);
            bar.set_style(style(total > 0));
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(what.to_owned());
        } else if shown.told.is_none_or(|told| told.elapsed() >= INTERVAL) {
            shown.told = Some(Instant::now());
            message(&line(what, done, total));
        }
    }

    /// Shows what somebody says of it.
    pub(super) fn say(&self, what: &str) {
        self.show(what, 0, 0);
    }

    /// The work is done, or another one begins.
    pub(super) fn clear(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = shown.bar.take() {
            bar.finish_and_clear();
        }
        shown.told = None;
    }

    /// A message above the bar.
    pub(super) fn message(&self, text: &str) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &shown.bar {
            Some(bar) => bar.suspend(|| message(text)),
            None => message(text),
        }
    }
}

fn style(has_length: bool) -> ProgressStyle {
    let template = if has_length {
        "{msg} [{bar:30}] {percent} %, {elapsed}"
    } else {
        "{msg}, {elapsed}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn line(what: &str, done: u64, total: u64) -> String {
    let percent = done.saturating_mul(100).checked_div(total);
    let percent = percent.map_or_else(String::new, |percent| format!(", {percent} %"));
    format!("{what}{percent}")
}
