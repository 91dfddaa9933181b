//! The names of diagnostics: one row each, with what `specqlc explain` prints.

/// What `specqlc explain NAME` prints.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// Why it is reported, and what would go wrong otherwise.
    pub cause: &'static str,
    /// A spec that gets it.
    pub failing: &'static str,
    /// The same, mended.
    pub working: &'static str,
}

impl Explanation {
    /// The first sentence of the cause, on one line.
    pub fn summary(&self) -> String {
        let paragraph = self.cause.split("\n\n").next().unwrap_or_default();
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.split_once(". ") {
            Some((first, _)) => format!("{first}."),
            None => line,
        }
    }

    /// Reads a file of `explanations/`: the cause, then a block of YAML that fails, then one that works.
    fn read(text: &'static str) -> Self {
        let mut parts = text
            .split("```")
            .map(|part| part.strip_prefix("yaml\n").unwrap_or(part));
        let mut next = || parts.next().unwrap_or_default();
        let (cause, failing) = (next(), next());
        next();
        Self {
            cause: cause.trim_end().trim_end_matches("Fails:").trim(),
            failing,
            working: next(),
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal)*) => {
        /// The name of a diagnostic. Names never change once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each variant's explanation is its documentation")]
        pub enum Code {
            $($variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The kebab-case name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The diagnostic of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// What `specqlc explain` prints.
            pub fn explanation(self) -> Explanation {
                Explanation::read(match self {
                    $(Self::$variant => include_str!(concat!("explanations/", $name, ".md")),)*
                })
            }
        }
    };
}

codes! {
    InvalidYaml "invalid-yaml"
    DuplicateKey "duplicate-key"
    DocumentTooLarge "document-too-large"
    UnknownKey "unknown-key"
    InvalidValue "invalid-value"
    InvalidName "invalid-name"
    ReservedName "reserved-name"
    NameTooLong "name-too-long"
    NotCompiled "not-compiled"
    UnknownEntity "unknown-entity"
    UnknownField "unknown-field"
    DuplicateEntity "duplicate-entity"
    DuplicateName "duplicate-name"
    MultiplePrimaryKeys "multiple-primary-keys"
    ForeignKeyMismatch "foreign-key-mismatch"
    InheritanceCycle "inheritance-cycle"
    RefToPartitionedEntity "ref-to-partitioned-entity"
    UnknownType "unknown-type"
    InvalidType "invalid-type"
    InvalidExpression "invalid-expression"
    UnknownFunction "unknown-function"
    ExpressionNotImmutable "expression-not-immutable"
    UnknownIndexMethod "unknown-index-method"
    IndexMethodUnsupported "index-method-unsupported"
    MissingOperatorClass "missing-operator-class"
    RedundantIndex "redundant-index"
    UnknownPartitionStrategy "unknown-partition-strategy"
    PartitionColumnType "partition-column-type"
    PartitionKeyNotInKey "partition-key-not-in-key"
    PartitionKeyAdded "partition-key-added"
    InvalidInterval "invalid-interval"
    InvalidPartitionValue "invalid-partition-value"
    DuplicatePartitionValue "duplicate-partition-value"
    AmbiguousJoin "ambiguous-join"
    NoJoin "no-join"
    ProjectionKeyMissing "projection-key-missing"
    ProjectionSourceNotWatched "projection-source-not-watched"
    UnknownEvent "unknown-event"
    CannotMaintainIncrementally "cannot-maintain-incrementally"
}
