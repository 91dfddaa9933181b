//! A project as data. Its parts refer to each other by number, so that a name can change.

use serde_json::{Value, json};

use super::kind::KINDS;

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

#[derive(Debug, Clone)]
pub struct Partitioning {
    pub field: usize,
    pub sub_field: usize,
    pub shape: u8,
    /// How many periods are made ahead.
    pub premake: u8,
    pub default: bool,
    /// How rows are spread over partitions by list and by hash, or how long periods are.
    pub spread: u8,
}

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
fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
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
    fn name_of(&self, number: usize) -> String {
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
            _ => check(format!("({qa} IS NULL) = ({qa} IS NULL)")),
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
                let (ty, expression) = match how % 5 {
                    0 => ("text", format!("upper({name})")),
                    1 => ("text", format!("{name} || '!'")),
                    2 => ("integer", format!("length({name})")),
                    3 => ("integer", format!("{name} + 1")),
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

impl Partitioning {
    fn spec(&self, of: &Entity) -> Value {
        let (column, sub) = (of.name_of(self.field), of.name_of(self.sub_field));
        let range = |intervals: Value| json!({ "strategy": "RANGE", "column": column, "intervals": intervals, "premake": self.premake, "default": self.default });
        let list = |intervals: Value| json!({ "strategy": "LIST", "column": column, "intervals": intervals, "default": self.default });
        let with = |mut spec: Value, key: &str, value: Value| {
            spec[key] = value;
            spec
        };
        let hashes = |least: u8| json!(least + self.spread % 3);
        let lists = |values: [Value; 4]| self.lists(values);
        let period = |periods: [&'static str; 3]| periods[usize::from(self.spread % 3)];
        match self.shape {
            0 => range(json!(period(["monthly", "2 months", "weekly"]))),
            1 => with(range(json!("daily")), "retention", json!("30 days")),
            2 => range(json!(period(["10 days", "5 days", "20 days"]))),
            3 => with(
                range(json!([1000, 500, 2000][usize::from(self.spread % 3)])),
                "start",
                json!(0),
            ),
            4 => list(lists(["t1", "t2", "t3", "t4"].map(Value::from))),
            5 => list(json!({ "few": ["t1", "t2"], "many": ["t3", "it's"] })),
            6 => list(lists([1, 2, 3, 4].map(Value::from))),
            7 => json!({ "strategy": "HASH", "column": "id", "partitions": hashes(2) }),
            8 => json!({ "strategy": "HASH", "column": column, "partitions": hashes(1) }),
            9 => with(
                range(json!("monthly")),
                "partitioning",
                json!({ "strategy": "HASH", "column": "id", "partitions": hashes(2) }),
            ),
            10 => with(
                range(json!("yearly")),
                "partitioning",
                json!({ "strategy": "LIST", "column": sub, "intervals": lists(["t1", "t2", "t3", "t5"].map(Value::from)) }),
            ),
            11 => with(
                list(json!(["t1", "t2"])),
                "partitioning",
                json!({ "strategy": "RANGE", "column": sub, "intervals": "monthly", "premake": 1, "default": true }),
            ),
            12 => with(
                with(range(json!("weekly")), "retention", json!("1 year")),
                "retention_action",
                json!("drop"),
            ),
            13 => with(range(json!("monthly")), "start", json!("2023-12-01")),
            14 => range(json!("quarterly")),
            15 => with(range(json!("weekly")), "retention", json!("8 weeks")),
            16 => with(
                json!({ "strategy": "HASH", "column": "id", "partitions": 2 }),
                "partitioning",
                json!({ "strategy": "HASH", "column": column, "partitions": hashes(2) }),
            ),
            17 => with(
                json!({ "strategy": "HASH", "column": column, "partitions": hashes(1) }),
                "partitioning",
                json!({ "strategy": "LIST", "column": sub, "intervals": ["t1", "t2"] }),
            ),
            _ => with(
                list(json!([1, 2, 3])),
                "partitioning",
                json!({ "strategy": "LIST", "column": sub, "intervals": { "first": ["t1"], "others": ["t2", "t3"] }, "default": false }),
            ),
        }
    }
}

impl Partitioning {
    /// One partition a value, or some in one.
    fn lists(&self, [a, b, c, d]: [Value; 4]) -> Value {
        let name = |value: &Value| value.as_str().map_or_else(|| value.to_string(), Into::into);
        let groups = |groups: &[(&Value, &[&Value])]| {
            let groups = groups.iter().map(|(of, values)| (name(of), json!(values)));
            Value::Object(groups.collect())
        };
        match self.spread {
            0 => json!([a, b, c]),
            1 => json!([a, b, c, d]),
            2 => groups(&[(&a, &[&a, &d]), (&b, &[&b]), (&c, &[&c])]),
            3 => groups(&[(&a, &[&a, &b]), (&c, &[&c])]),
            4 => json!([c, a]),
            _ => groups(&[(&a, &[&b]), (&b, &[&a]), (&c, &[&d, &c])]),
        }
    }
}

impl Projection {
    /// Its mode's name.
    pub fn mode(&self) -> &'static str {
        MODES[self.mode as usize % MODES.len()]
    }

    fn spec(&self, project: &Project) -> Option<Value> {
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
