//! What partitions of a table are made and removed at run time.

use serde::{Deserialize, Serialize};

use super::{Bound, PartitionKey};

/// The rows of `specql.partition_policy` for one table: one for each level that is partitioned by range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionPolicy {
    /// From the table down.
    pub levels: Vec<PolicyLevel>,
}

/// One level of partitions by range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLevel {
    /// 0 for the partitions of the table itself, 1 for theirs.
    pub level: u32,
    /// What periods are counted in.
    pub unit: PeriodUnit,
    /// How many units a period has.
    pub units: i64,
    /// How many periods are kept ready ahead.
    pub premake: u32,
    /// Where the first period lies; `None` for that of the day on which the first one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// How long a period is kept after its end, as an interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    /// Whether a period past retention is dropped instead of detached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drop_expired: bool,
    /// How a new partition is partitioned itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subpartitions: Option<Subpartitions>,
}

/// What periods are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodUnit {
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
    /// Quarters.
    Quarter,
    /// Years.
    Year,
    /// Whole numbers.
    Number,
}

/// The partitions that each new partition gets; those by range come by the policy of their own level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subpartitions {
    /// PARTITION BY.
    pub key: PartitionKey,
    /// In order.
    pub partitions: Vec<Subpartition>,
    /// How each of them is partitioned itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Box<Subpartitions>>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subpartition {
    /// The end of its name.
    pub suffix: String,
    /// FOR VALUES.
    pub bound: Bound,
}
