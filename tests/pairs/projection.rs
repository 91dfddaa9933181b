//! Views and what they are made of.

use serde_json::{Value, json};

use super::project::{Field, Project, object, quoted};

#[derive(Debug, Clone)]
pub struct Projection {
    pub name: String,
    pub root: usize,
    pub fields: Vec<usize>,
    pub other: Option<(usize, u8)>,
    pub mode: u8,
    pub filter: u8,
    pub index: u8,
    pub comment: Option<&'static str>,
}

/// Modes of a projection; the first is a plain view.
const MODES: [&str; 5] = ["view", "commit", "statement", "queued", "incremental"];

impl Projection {
    /// Its mode's name.
    pub fn mode(&self) -> &'static str {
        MODES[self.mode as usize % MODES.len()]
    }

    pub fn spec(&self, project: &Project) -> Option<Value> {
        let root = project.entity(self.root)?;
        let names: Vec<String> = self
            .fields
            .iter()
            .filter_map(|number| Some(root.field(*number)?.column()))
            .collect();
        let mut columns = vec!["id".to_owned()];
        // The key of a partitioned table has its partition column in it.
        let also = root.partitioning.as_ref();
        let also = also.map_or(Vec::new(), |p| {
            vec![root.name_of(p.field), root.name_of(p.sub_field)]
        });
        for name in also.iter().chain(&names) {
            let name = quoted(name);
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        let mut includes = vec![json!({ root.full_name(): columns })];
        if let Some((number, how)) = self.other
            && let Some(other) = project.entity(number)
        {
            let field = other.fields.first().map(Field::column).unwrap_or_default();
            let field = quoted(&field);
            let columns = match how % 6 {
                0 => json!(["COUNT(*) as n"]),
                1 => json!(["COUNT(*) as n", format!("MAX({field}) as hi")]),
                2 => json!([format!("{field} as \"Of Other\"")]),
                3 => json!([
                    format!("MIN({field}) as lo"),
                    format!("COUNT(DISTINCT {field}) as d")
                ]),
                4 => {
                    json!({ "fields": [format!("string_agg({field}::text, ',' ORDER BY {field}) as all_of")], "as": "o" })
                }
                _ => {
                    json!({ "fields": ["COUNT(*) as n"], "filter": format!("{field} IS NOT NULL") })
                }
            };
            includes.push(json!({ other.full_name(): columns }));
        }
        let first = names
            .first()
            .map_or_else(|| "id".to_owned(), |name| quoted(name));
        let filter = match self.filter {
            0 => Value::Null,
            1 => json!([{ "condition": format!("{first} IS NOT NULL") }]),
            2 => json!([{ "condition": format!("{first}::text <> 't1'") }]),
            3 => json!([{ "condition": format!("{first} > now() - interval '90 days'") }]),
            _ => {
                json!([{ "condition": format!("{first} IS NOT NULL OR true") }, { "condition": "id IS NOT NULL" }])
            }
        };
        let indexes = match self.index {
            0 => Value::Null,
            1 => json!([{ "columns": [first] }]),
            2 => json!([{ "columns": [first], "condition": format!("{first} IS NOT NULL") }]),
            3 => {
                json!([{ "columns": [first], "type": "hash" }, { "columns": ["id", first], "unique": true, "description": "one" }])
            }
            _ => json!([{ "columns": [format!("{first} DESC"), "id"], "name": "of projection" }]),
        };
        let refresh = match self.mode() {
            "view" => Value::Null,
            "incremental" => json!({ "materialized": true, "mode": "incremental" }),
            mode => json!({ "materialized": true, "mode": mode, "on": "all" }),
        };
        Some(object([
            ("name", json!(self.name)),
            ("description", json!(self.comment)),
            ("includes", Value::Array(includes)),
            ("filters", filter),
            ("indexes", indexes),
            ("refresh", refresh),
        ]))
    }
}
