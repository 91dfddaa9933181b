//! The same findings in every format.

use specqlc::diagnose::{Code, Diagnostic, Diagnostics, Files, Format, Origin, Place, report};

struct Two;

impl Files for Two {
    fn path(&self, file: u32) -> &'static str {
        match file {
            0 => "specs/a b,c.yaml",
            _ => "specs/order.yaml",
        }
    }
    fn text(&self, file: u32) -> &'static str {
        match file {
            0 => "entity: A\n",
            _ => "entity: Order\nfields:\n  é: \"text\\n = 'x'\"\n",
        }
    }
}

fn findings() -> Diagnostics {
    let root = |file| Place::document(Origin { file, document: 0 });
    let mut diagnostics = Diagnostics::default();
    let field = root(1).key("fields").key("é");
    let error = Diagnostic::error(
        Code::UnknownField,
        &field.within(8..11),
        "100% \"wrong\":\nyes",
    )
    .hint("did you mean `y`?")
    .related(&root(0).key("entity").the_key(), "first defined here");
    diagnostics.push(error.clone());
    diagnostics.push(Diagnostic::note(
        Code::RedundantIndex,
        &field.the_key(),
        "a note",
    ));
    diagnostics.push(Diagnostic::warning(
        Code::NotCompiled,
        &root(0).key("entity"),
        "a warning",
    ));
    diagnostics.push(error);
    let mut nowhere = Diagnostic::error(Code::InvalidValue, &root(0), "of no file");
    nowhere.place = None;
    diagnostics.push(nowhere);
    diagnostics
}

#[test]
fn text() {
    insta::assert_snapshot!(report(&findings(), &Two, Format::Text, false));
}

#[test]
fn colour_is_for_those_who_ask() {
    assert!(report(&findings(), &Two, Format::Text, true).contains('\u{1b}'));
    assert!(!report(&findings(), &Two, Format::Json, true).contains('\u{1b}'));
}

#[test]
fn json() {
    insta::assert_snapshot!(report(&findings(), &Two, Format::Json, false));
    assert_eq!(
        report(&Diagnostics::default(), &Two, Format::Json, false),
        "[]\n"
    );
}

#[test]
fn sarif() {
    let text = report(&findings(), &Two, Format::Sarif, false);
    let mut log: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Each rule carries what `specqlc explain` says, which `tests/explanations.rs` checks.
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .unwrap();
    assert_eq!(rules.len(), 4);
    for rule in rules {
        let code = Code::named(rule["id"].as_str().unwrap()).unwrap();
        let explanation = code.explanation();
        assert_eq!(rule["shortDescription"]["text"], explanation.summary());
        assert_eq!(rule["fullDescription"]["text"], explanation.cause);
        for format in ["text", "markdown"] {
            let help = rule["help"][format].as_str().unwrap();
            assert!(
                help.contains(explanation.failing.trim_end())
                    && help.contains(explanation.working.trim_end())
            );
        }
        *rule = serde_json::json!({"id": code.name()});
    }
    let text = format!("{log:#}\n");
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn github() {
    insta::assert_snapshot!(report(&findings(), &Two, Format::Github, false));
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(
        report(&Diagnostics::default(), &Two, Format::Text, false),
        ""
    );
    assert_eq!(
        report(&Diagnostics::default(), &Two, Format::Github, false),
        ""
    );
}
