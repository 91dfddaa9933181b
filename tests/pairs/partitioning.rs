//! How a table is partitioned.

use serde_json::{Value, json};

use super::project::Entity;

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

impl Partitioning {
    pub fn spec(&self, of: &Entity) -> Value {
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
            16 => list(lists(["draft", "live", "gone", "new"].map(Value::from))),
            17 => with(
                json!({ "strategy": "HASH", "column": "id", "partitions": 2 }),
                "partitioning",
                json!({ "strategy": "HASH", "column": column, "partitions": hashes(2) }),
            ),
            18 => with(
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
