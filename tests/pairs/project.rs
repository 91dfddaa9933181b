//! A project as data. Its parts refer to each other by number, so that a name can change.

use serde_json::{Value, json};

use super::kind::KINDS;
use super::partitioning::Partitioning;
use super::projection::Projection;

/// Entities and projections.
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub entities: Vec<Entity>,
    pub projections: Vec<Projection>,
    /// How many numbers have been given.
    pub numbers: usize,
}

#[derive(Debug, Clone)]
pub struct Entity {
    pub number: usize,
    pub name: String,
    pub renamed_from: Option<String>,
    pub table: Option<&'static str>,
    pub schema: Option<&'static str>,
    pub comment: Option<&'static str>,
    pub key: u8,
    /// `audit_trail`, `soft_delete`, both or none of them.
    pub patterns: u8,
    pub hierarchical: bool,
    pub fields: Vec<Field>,
    pub indexes: Vec<Part>,
    pub constraints: Vec<Part>,
    pub search: u8,
    pub search_field: usize,
    pub partitioning: Option<Partitioning>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub number: usize,
    pub name: String,
    pub renamed_from: Option<String>,
    pub ty: Type,
    pub required: bool,
    pub unique: bool,
    pub indexed: bool,
    /// Which of its kind's defaults; none for 0.
    pub default: u8,
    pub comment: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub enum Type {
    /// One of [`KINDS`].
    Plain(usize),
    /// A reference to an entity.
    Reference { entity: usize, options: u8 },
    /// An expression over a field.
    Generated { of: usize, how: u8 },
}

/// An index or a constraint: one of some shapes, over one or two fields.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: Option<String>,
    pub renamed_from: Option<String>,
    pub shape: u8,
    pub fields: [usize; 2],
    pub comment: Option<&'static str>,
}

impl Project {
    /// A number that nothing else has.
    pub fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    pub fn entity(&self, number: usize) -> Option<&Entity> {
        self.entities.iter().find(|e| e.number == number)
    }

    /// The same without memory of former names.
    pub fn settled(&self) -> Self {
        let mut settled = self.clone();
        for entity in &mut settled.entities {
            entity.renamed_from = None;
            entity.fields.iter_mut().for_each(|f| f.renamed_from = None);
            let parts = entity.indexes.iter_mut().chain(&mut entity.constraints);
            parts.for_each(|part| part.renamed_from = None);
        }
        settled
    }

    /// Its spec file. JSON is YAML, and can quote anything.
    pub fn specs(&self) -> String {
        let mut documents: Vec<Value> = self.entities.iter().map(|e| e.spec(self)).collect();
        let projections: Vec<Value> = self
            .projections
            .iter()
            .filter_map(|projection| projection.spec(self))
            .collect();
        if !projections.is_empty() {
            documents.push(json!({ "projections": projections }));
        }
        let documents: Vec<String> = documents
            .iter()
            .map(|document| serde_json::to_string_pretty(document).unwrap())
            .collect();
        documents.join("\n---\n")
    }
}

/// An object of those values that there are.
pub fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let entries = entries.into_iter().filter(|(_, value)| {
        !matches!(value, Value::Null | Value::Bool(false))
            && value.as_array().is_none_or(|list| !list.is_empty())
    });
    Value::Object(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Entity {
    /// Its table's name.
    pub fn table(&self) -> String {
        self.table
            .map_or_else(|| format!("{}s", self.name.to_lowercase()), str::to_owned)
    }

    pub fn schema(&self) -> &'static str {
        self.schema.unwrap_or("public")
    }

    /// Its name, after that of its schema.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema(), self.name)
    }

    pub fn field(&self, number: usize) -> Option<&Field> {
        self.fields.iter().find(|f| f.number == number)
    }

    /// The name of a field that may be gone.
    pub fn name_of(&self, number: usize) -> String {
        self.field(number)
            .map_or_else(|| "gone".to_owned(), Field::column)
    }

    fn spec(&self, project: &Project) -> Value {
        let mut fields = serde_json::Map::new();
        match self.key {
            1 => drop(fields.insert("id".to_owned(), json!("integer!"))),
            2 => drop(fields.insert("id".to_owned(), json!("text(40)!"))),
            _ => {}
        }
        for field in &self.fields {
            fields.insert(field.name.clone(), field.spec(self, project));
        }
        object([
            ("entity", json!(self.name)),
            ("renamed_from", json!(self.renamed_from)),
            ("table", json!(self.table)),
            ("schema", json!(self.schema)),
            ("description", json!(self.comment)),
            (
                "patterns",
                json!(match self.patterns {
                    0 => vec![],
                    1 => vec!["audit_trail"],
                    2 => vec!["soft_delete"],
                    _ => vec!["soft_delete", "audit_trail"],
                }),
            ),
            ("hierarchical", json!(self.hierarchical)),
            ("fields", Value::Object(fields)),
            (
                "constraints",
                self.constraints
                    .iter()
                    .map(|part| self.constraint(part, project))
                    .collect(),
            ),
            (
                "indexes",
                self.indexes.iter().map(|part| self.index(part)).collect(),
            ),
            ("search", self.search()),
            (
                "partitioning",
                self.partitioning
                    .as_ref()
                    .map_or(Value::Null, |p| p.spec(self)),
            ),
        ])
    }

    fn search(&self) -> Value {
        let name = self.name_of(self.search_field);
        match self.search {
            0 => Value::Null,
            1 => json!({ "fields": [name] }),
            2 => json!({ "fields": { name: "B" } }),
            3 => json!({ "fields": [name], "language": "german" }),
            4 => json!({ "fields": [name], "index": "gist" }),
            5 => json!({ "fields": [name], "column": "search text", "index": "none" }),
            _ => json!({ "fields": [name], "index": "none" }),
        }
    }

    fn index(&self, part: &Part) -> Value {
        let [a, b] = part.fields.map(|field| self.name_of(field));
        let (qa, qb) = (quoted(&a), quoted(&b));
        let columns = |columns: &[String]| json!({ "columns": columns });
        let with = |mut index: Value, key: &str, value: Value| {
            index[key] = value;
            index
        };
        let one = columns(std::slice::from_ref(&qa));
        let typed = |method: &str| with(one.clone(), "type", json!(method));
        let mut index = match part.shape {
            0 => one,
            1 => columns(&[qa, format!("{qb} DESC")]),
            2 => with(columns(&[qa]), "unique", json!(true)),
            3 => with(one, "condition", json!(format!("{qb} IS NOT NULL"))),
            4 => with(one, "include", json!([b])),
            5 => columns(&[format!("lower({qa})")]),
            6 => columns(&[format!("{qa} DESC NULLS LAST"), format!("{qb} NULLS FIRST")]),
            7 => typed("gin"),
            8 => typed("gist"),
            9 => typed("brin"),
            10 => typed("hash"),
            11 => typed("spgist"),
            12 => columns(&[format!("{qa} COLLATE \"C\" DESC")]),
            13 => columns(&[format!("{qa} text_pattern_ops")]),
            14 => with(one, "with", json!({ "fillfactor": 70 })),
            15 => {
                let index = with(columns(&[qa, qb]), "unique", json!(true));
                with(index, "nulls_distinct", json!(false))
            }
            16 => with(
                columns(&[format!("coalesce({qa}, {qa})")]),
                "condition",
                json!(format!("{qa} IN ('x', 'y') OR {qb} IS NULL")),
            ),
            17 => with(
                columns(&[format!("({qa} + 1)")]),
                "condition",
                json!(format!("{qa} BETWEEN 1 AND 5")),
            ),
            18 => with(typed("gin"), "with", json!({ "fastupdate": false })),
            19 => with(typed("brin"), "with", json!({ "pages_per_range": 16 })),
            20 => with(typed("gist"), "include", json!([b])),
            21 => {
                let index = with(one, "unique", json!(true));
                with(index, "condition", json!(format!("{qb} IS NOT NULL")))
            }
            22 => with(
                columns(&[format!("lower({qa})"), format!("{qb} DESC")]),
                "unique",
                json!(true),
            ),
            23 => {
                let index = with(one, "unique", json!(true));
                with(index, "include", json!([b]))
            }
            24 => columns(&[format!("{qa} jsonb_path_ops")]),
            25 => with(
                columns(&[qb]),
                "condition",
                json!(format!("{qa} = 'draft'")),
            ),
            26 => columns(&[format!("({qa} = 'draft')")]),
            27 => with(
                with(columns(&[qb]), "unique", json!(true)),
                "condition",
                json!(format!("{qa} IN ('draft', 'live')")),
            ),
            _ => with(
                columns(&[format!("(({qa} ->> 'a'))")]),
                "condition",
                json!(format!("{qa} ? 'a'")),
            ),
        };
        label(&mut index, part, "description");
        index
    }

    fn constraint(&self, part: &Part, project: &Project) -> Value {
        let [a, b] = part.fields.map(|field| self.name_of(field));
        let (qa, qb) = (quoted(&a), quoted(&b));
        let check = |condition: String| json!({ "type": "check", "condition": condition });
        let mut constraint = match part.shape {
            0 => check(format!("{qa} IS NOT NULL OR {qb} IS NOT NULL OR true")),
            1 => check(format!("length({qa}) < 100")),
            2 => check(format!("{qa} BETWEEN -5 AND 50000")),
            3 => check(format!(
                "{qa} IN ('x', 'y', 't1') OR {qb} IS NULL OR NOT ({qa} = 'z')"
            )),
            4 => json!({ "type": "unique", "fields": [a] }),
            5 => json!({ "type": "unique", "fields": [a, b] }),
            6 => json!({ "type": "unique", "fields": [a, b], "nulls_distinct": false }),
            7 => json!({ "type": "unique", "fields": [a], "deferrable": true }),
            8 => json!({ "type": "primary_key", "fields": [a] }),
            9 => json!({ "type": "primary_key", "fields": [a, b] }),
            10 => json!({ "type": "exclude", "elements": [{ "field": a, "with": "&&" }] }),
            11 => {
                json!({ "type": "exclude", "elements": [{ "field": a, "with": "&&" }], "condition": format!("{qb} IS NOT NULL") })
            }
            12 | 13 => {
                // To the first entity whose key has as many columns.
                let fields = if part.shape == 12 {
                    vec![a]
                } else {
                    vec![a, b]
                };
                let target = project.entities.iter().find(|e| e.number != self.number);
                let target = target.map_or("Self", |entity| &entity.name);
                json!({ "type": "foreign_key", "fields": fields, "ref": target, "deferrable": true })
            }
            14 => check(format!("({qa} IS NULL) = ({qa} IS NULL)")),
            15 => check(format!("{qa} <> 'draft' OR {qb} IS NOT NULL OR true")),
            16 => json!({
                "type": "exclude", "using": "btree", "elements": [{ "field": b, "with": "=" }],
                "condition": format!("{qa} = 'live' AND false")
            }),
            _ => check(format!("{qa} > 'draft' OR {qa} <= 'draft'")),
        };
        label(&mut constraint, part, "error_message");
        constraint
    }
}

fn label(entry: &mut Value, part: &Part, comment: &str) {
    let said = [
        ("name", &part.name),
        ("renamed_from", &part.renamed_from),
        (comment, &part.comment.map(str::to_owned)),
    ];
    for (key, value) in said {
        if let Some(value) = value {
            entry[key] = json!(value);
        }
    }
}

impl Field {
    /// The name of its column.
    pub fn column(&self) -> String {
        match self.ty {
            Type::Reference { .. } => format!("{}_id", self.name),
            Type::Plain(_) | Type::Generated { .. } => self.name.clone(),
        }
    }

    fn spec(&self, of: &Entity, project: &Project) -> Value {
        let (ty, native, default, generated) = match self.ty {
            Type::Plain(kind) => {
                let kind = &KINDS[kind];
                let default = (self.default as usize)
                    .checked_sub(1)
                    .and_then(|n| kind.defaults.get(n % kind.defaults.len().max(1)));
                (json!(kind.ty), kind.native, json!(default), Value::Null)
            }
            Type::Reference { entity, options } => {
                let target = project.entity(entity).map_or("Gone", |e| &e.name);
                let target = if entity == of.number { "Self" } else { target };
                let options = [
                    "",
                    ", on_delete=cascade",
                    ", on_delete=set_null",
                    ", on_delete=restrict, on_update=cascade",
                    ", enforce=false",
                ][options as usize % 5];
                let schema = project.entity(entity).map_or("public", Entity::schema);
                let target = match target {
                    "Self" => target.to_owned(),
                    _ => format!("{schema}.{target}"),
                };
                (
                    json!(format!("ref({target}{options})")),
                    false,
                    Value::Null,
                    Value::Null,
                )
            }
            Type::Generated { of: field, how } => {
                let name = quoted(&of.name_of(field));
                let (ty, expression) = match how % 7 {
                    0 => ("text", format!("upper({name})")),
                    1 => ("text", format!("{name} || '!'")),
                    2 => ("integer", format!("length({name})")),
                    3 => ("integer", format!("{name} + 1")),
                    4 => ("boolean", format!("{name} = 'draft'")),
                    5 => (
                        "text",
                        format!("CASE {name} WHEN 'draft' THEN 'no' ELSE 'yes' END"),
                    ),
                    _ => ("integer", format!("coalesce({name}, 0) * 2")),
                };
                (json!(ty), false, Value::Null, json!(expression))
            }
        };
        object([
            ("type", ty),
            ("native", json!(native)),
            ("required", json!(self.required)),
            ("unique", json!(self.unique)),
            ("indexed", json!(self.indexed)),
            ("default", default),
            ("generated", generated),
            ("description", json!(self.comment)),
            ("renamed_from", json!(self.renamed_from)),
        ])
    }
}
