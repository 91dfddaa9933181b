//! Functions.

use minijinja::Value;

use super::RenderError;
use super::environment::TEMPLATES;
use super::value::{record, sql};
use crate::sql::QualifiedName;

/// The template of a function that the project brings.
pub(super) fn template(name: &str) -> Result<&'static str, RenderError> {
    TEMPLATES
        .iter()
        .map(|(path, _)| *path)
        .find(|path| {
            path.strip_prefix("functions/")
                .and_then(|file| file.strip_suffix(".sql.j2"))
                == Some(name)
        })
        .ok_or_else(|| RenderError::UnknownFunction {
            template: name.to_owned(),
        })
}

pub(super) fn context(name: &QualifiedName) -> Value {
    record! { name => sql(name) }
}
