//! The templates, and the rule that no bare string is printed.

use std::sync::LazyLock;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
};

use super::Sql;

macro_rules! templates {
    ($($name:literal)*) => {
        /// All templates by their paths under `templates/`.
        pub(super) const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name))),)*];
    };
}

templates! {
    "add_constraint.sql.j2"
    "alter_table.sql.j2"
    "attach_index.sql.j2"
    "attach_once.sql.j2"
    "backfill.sql.j2"
    "bound.sql.j2"
    "comment.sql.j2"
    "composite_type.sql.j2"
    "continue_identity.sql.j2"
    "copy_rows.sql.j2"
    "database.sql.j2"
    "definition.sql.j2"
    "domain.sql.j2"
    "drop.sql.j2"
    "drop_database.sql.j2"
    "drop_partition_policy.sql.j2"
    "empty.sql.j2"
    "enum_label.sql.j2"
    "enum_type.sql.j2"
    "extension.sql.j2"
    "fill.sql.j2"
    "functions/expire_rows.sql.j2"
    "functions/maintain_projection.sql.j2"
    "functions/note_changes.sql.j2"
    "functions/partitions/maintain.sql.j2"
    "functions/partitions/mark_projections.sql.j2"
    "functions/partitions/move_rows.sql.j2"
    "functions/partitions/name.sql.j2"
    "functions/partitions/partition_by.sql.j2"
    "functions/partitions/period.sql.j2"
    "functions/partitions/plan.sql.j2"
    "functions/partitions/plan_policy.sql.j2"
    "functions/partitions/ranges.sql.j2"
    "functions/partitions/run_step.sql.j2"
    "functions/partitions/status.sql.j2"
    "functions/partitions/subpartitions.sql.j2"
    "functions/queue_refresh.sql.j2"
    "functions/rebuild_projection.sql.j2"
    "functions/rebuild_stored.sql.j2"
    "functions/refresh_now.sql.j2"
    "functions/refresh_projection.sql.j2"
    "functions/refresh_projections.sql.j2"
    "functions/refresh_requested.sql.j2"
    "functions/refresh_view.sql.j2"
    "functions/request_refresh.sql.j2"
    "functions/set_updated_at.sql.j2"
    "functions/take_projection.sql.j2"
    "functions/upsert_projection.sql.j2"
    "functions/verify_projection.sql.j2"
    "functions/verify_stored.sql.j2"
    "functions/write_projection.sql.j2"
    "give_privileges.sql.j2"
    "index.sql.j2"
    "index_marks.sql.j2"
    "keep_out.sql.j2"
    "lock_tables.sql.j2"
    "materialized_view.sql.j2"
    "move_aside.sql.j2"
    "move_waiting.sql.j2"
    "note_privileges.sql.j2"
    "note_query.sql.j2"
    "noted_view.sql.j2"
    "partition.sql.j2"
    "partition_like.sql.j2"
    "partition_policy.sql.j2"
    "policy.sql.j2"
    "query.sql.j2"
    "refresh.sql.j2"
    "rename.sql.j2"
    "rename_partition_policy.sql.j2"
    "rename_type.sql.j2"
    "role.sql.j2"
    "schema.sql.j2"
    "schema_aside.sql.j2"
    "sequence.sql.j2"
    "sequence_owner.sql.j2"
    "source.sql.j2"
    "table.sql.j2"
    "table_options.sql.j2"
    "table_settings.sql.j2"
    "tablespace.sql.j2"
    "trigger.sql.j2"
    "validate_where_it_holds.sql.j2"
    "view.sql.j2"
}

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(environment);

/// The environment, which is made once.
pub(super) fn get() -> Result<&'static Environment<'static>, Error> {
    ENVIRONMENT
        .as_ref()
        .map_err(|error| Error::new(error.kind(), error.to_string()))
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(print);
    environment.add_global("quote", Value::from_object(Sql::body_quote()));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Prints pieces of SQL and integers, and refuses all else: a string that got this far was never quoted.
fn print(output: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(sql) = value.downcast_object_ref::<Sql>() {
        return Ok(output.write_str(sql.as_str())?);
    }
    if value.is_integer() {
        return Ok(write!(output, "{value}")?);
    }
    Err(Error::new(
        ErrorKind::InvalidOperation,
        format!("a template may not print a bare {}", value.kind()),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use minijinja::context;

    use super::*;
    use crate::render::value::sql;
    use crate::sql::Ident;

    #[test]
    fn a_bare_string_is_refused() {
        let refused = |template: &str| {
            let context = context! { name => "orders", object => sql(&Ident::new("orders")) };
            get()
                .unwrap()
                .render_str(template, context)
                .unwrap_err()
                .to_string()
        };
        assert!(refused("{{ name }}").contains("may not print a bare string"));
        assert!(refused("{{ 'x' }}").contains("may not print a bare string"));
        assert!(refused("{{ object ~ '' }}").contains("may not print a bare string"));
        assert!(refused("{{ object|upper }}").contains("may not print a bare string"));
        assert!(refused("{{ name|safe }}").contains("may not print a bare string"));
        assert!(refused("{{ none }}").contains("may not print a bare none"));
        assert!(refused("{{ [object] }}").contains("may not print a bare sequence"));
        assert!(refused("{{ missing }}").contains("undefined"));
    }

    #[test]
    fn values_print_themselves() {
        let context = context! { name => sql(&Ident::new("weird Name")), count => 3 };
        let text = get().unwrap().render_str("{{ name }} {{ count }}", context);
        assert_eq!(text.unwrap(), "\"weird Name\" 3");
    }

    #[test]
    fn every_template_of_the_folder_is_registered() {
        fn collect(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    collect(&entry.path(), &format!("{name}/"), found);
                } else {
                    found.insert(name);
                }
            }
        }
        let mut found = BTreeSet::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        collect(&folder, "", &mut found);
        let registered = TEMPLATES
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(found, registered);
    }
}
