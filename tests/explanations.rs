//! What `specqlc explain` says of each diagnostic is true: its failing example gets it and its working one does not.

use specqlc::compile::{SourceFile, compile};
use specqlc::diagnose::{Code, Diagnostics, Explanation, Severity};
use specqlc::syntax::Config;

/// Diagnostics that let the build go on, so that their failing example gets no error.
const NO_ERRORS: &[(Code, Severity, &str)] = &[
    (
        Code::NotCompiled,
        Severity::Warning,
        "keys of other tools are accepted",
    ),
    (
        Code::RedundantIndex,
        Severity::Warning,
        "a second index costs time and spoils nothing",
    ),
    (
        Code::PartitionKeyAdded,
        Severity::Note,
        "it tells of what the compiler has done",
    ),
    (
        Code::ProjectionSourceNotWatched,
        Severity::Note,
        "a source may be left unwatched on purpose",
    ),
];

fn compiled(text: &str) -> Diagnostics {
    let file = SourceFile {
        path: "specs/example.yaml".into(),
        text: text.into(),
    };
    let as_of = jiff::civil::date(2024, 2, 10);
    compile(&[(0, &file)], &Config::default(), as_of).diagnostics
}

fn errors(diagnostics: &Diagnostics) -> Vec<Code> {
    let mut codes: Vec<Code> = diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| d.code)
        .collect();
    codes.dedup();
    codes
}

fn listed(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| format!("{:?}[{}]: {}\n", d.severity, d.code.name(), d.message))
        .collect()
}

#[test]
fn failing_examples_get_their_diagnostic_and_no_other_error() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let found = compiled(code.explanation().failing);
        let milder = NO_ERRORS.iter().find(|(mild, ..)| mild == code);
        let as_said = match milder {
            None => errors(&found) == [*code],
            Some((_, severity, _)) => {
                errors(&found).is_empty()
                    && found
                        .iter()
                        .any(|d| d.code == *code && d.severity == *severity)
            }
        };
        if !as_said {
            wrong.push(format!("{}:\n{}", code.name(), listed(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn working_examples_get_no_error_and_not_their_diagnostic() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let found = compiled(code.explanation().working);
        if !errors(&found).is_empty() || found.iter().any(|d| d.code == *code) {
            wrong.push(format!("{}:\n{}", code.name(), listed(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_text_is_empty_or_misread() {
    for code in Code::ALL {
        let Explanation {
            cause,
            failing,
            working,
        } = code.explanation();
        let name = code.name();
        let sentences = cause.matches(['.', '!', '?']).count();
        assert!(cause.len() > 150 && sentences >= 2, "{name}: {cause}");
        assert!(!cause.contains("Fails:"), "{name}: {cause}");
        for example in [failing, working] {
            assert!(
                example.ends_with('\n') && example.contains(": "),
                "{name}: {example}"
            );
            assert!(!example.contains("Works:"), "{name}: {example}");
        }
        assert_ne!(failing, working, "{name}");
    }
}

#[test]
fn the_first_sentence_says_what_is_wrong() {
    for code in Code::ALL {
        let summary = code.explanation().summary();
        let name = code.name();
        assert!(
            (25..=250).contains(&summary.len()) && summary.ends_with('.'),
            "{name}: {summary}"
        );
        assert!(!summary.contains('\n'), "{name}: {summary}");
    }
}

#[test]
fn texts_fit_a_terminal() {
    for code in Code::ALL {
        let explanation = code.explanation();
        let texts = [explanation.cause, explanation.failing, explanation.working];
        for line in texts.iter().flat_map(|text| text.lines()) {
            // A URL cannot be broken.
            assert!(
                line.chars().count() <= 80 || line.starts_with("See https://"),
                "{}: {line}",
                code.name()
            );
        }
    }
}
