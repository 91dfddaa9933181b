//! Look-ups. A `Knowledge` answers for one oldest server version.
//!
//! In: names as the catalogs spell them. Out: rows of the catalogs. Must not know: how a call is
//! resolved among overloads, or what an expression is. A table is read when it is first asked for.

use std::cmp::Ordering;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::data::{self, Collation, TextSearchConfiguration};
use super::names;
use super::types::{
    AccessMethod, Cast, Extension, Function, Operator, OperatorClass, Type, TypeKind, Version,
};

/// Everything that holds on every supported server from `version` up.
pub struct Knowledge {
    version: Version,
}

impl Knowledge {
    /// The knowledge for output that must run on `version` and everything newer.
    ///
    /// ```
    /// use specqlc::pg::{Knowledge, Version, Volatility};
    ///
    /// let knowledge = Knowledge::since(Version::V15);
    /// assert_eq!(knowledge.functions("now")[0].volatility, Volatility::Stable);
    /// assert!(knowledge.functions("uuidv7").is_empty());
    /// assert_eq!(Knowledge::since(Version::V18).functions("uuidv7").len(), 2);
    /// ```
    pub fn since(version: Version) -> &'static Self {
        match version {
            Version::V15 => &Self {
                version: Version::V15,
            },
            Version::V16 => &Self {
                version: Version::V16,
            },
            Version::V17 => &Self {
                version: Version::V17,
            },
            Version::V18 => &Self {
                version: Version::V18,
            },
        }
    }

    /// The oldest server version that this answers for.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The type of that `typname`.
    /// <https://www.postgresql.org/docs/current/catalog-pg-type.html>
    pub fn type_named(&self, name: &str) -> Option<&'static Type> {
        let by_name = self.tables().types_by_name.get_or_init(|| {
            let types = self.types().iter();
            types.map(|row| (row.name, row)).collect()
        });
        by_name.get(name).copied()
    }

    /// The type that SQL text without modifiers or quotes names: `double precision`, `int`, `uuid`,
    /// `text[]`. <https://www.postgresql.org/docs/current/datatype.html>
    pub fn type_spelled(&self, spelling: &str) -> Option<&'static Type> {
        let (scalar, is_array) = names::split_array(spelling);
        let found = if let Some(name) = names::typname_of(scalar) {
            self.type_named(name)
        } else {
            self.type_named(&scalar.to_ascii_lowercase())
        };
        match found?.array {
            Some(array) if is_array => self.type_named(array),
            None if is_array => None,
            _ => found,
        }
    }

    /// All type names, for suggestions; no array types, no pseudo types.
    pub fn type_names(&self) -> &[&'static str] {
        self.tables().type_names.get_or_init(|| {
            self.types()
                .iter()
                .filter(|row| row.kind != TypeKind::Pseudo && row.element.is_none())
                .map(|row| row.name)
                .collect()
        })
    }

    /// All overloads of a function name (core and contrib extensions); empty when there is none.
    /// <https://www.postgresql.org/docs/current/catalog-pg-proc.html>
    pub fn functions(&self, name: &str) -> &[Function] {
        find_all(self.all_functions(), |row| row.name.cmp(name))
    }

    /// The overloads of a function name that a database with these extensions has.
    pub fn functions_with(
        &self,
        name: &str,
        enabled: &[String],
    ) -> impl Iterator<Item = &'static Function> {
        find_all(self.all_functions(), |row| row.name.cmp(name))
            .iter()
            .filter(|row| is_enabled(row.extension, enabled))
    }

    /// All function names, for suggestions.
    pub fn function_names(&self) -> &[&'static str] {
        self.tables().function_names.get_or_init(|| {
            let mut names: Vec<_> = self.all_functions().iter().map(|row| row.name).collect();
            names.dedup();
            names
        })
    }

    /// All overloads of an operator.
    /// <https://www.postgresql.org/docs/current/catalog-pg-operator.html>
    pub fn operators(&self, name: &str) -> &[Operator] {
        find_all(self.all_operators(), |row| row.name.cmp(name))
    }

    /// The overloads of an operator that a database with these extensions has.
    pub fn operators_with(
        &self,
        name: &str,
        enabled: &[String],
    ) -> impl Iterator<Item = &'static Operator> {
        find_all(self.all_operators(), |row| row.name.cmp(name))
            .iter()
            .filter(|row| is_enabled(row.extension, enabled))
    }

    /// The cast between two types, if `pg_cast` has one.
    /// <https://www.postgresql.org/docs/current/catalog-pg-cast.html>
    pub fn cast(&self, source: &str, target: &str) -> Option<&'static Cast> {
        let casts = self.tables().casts.get_or_init(|| data::load(self.version));
        find(casts, |row| (row.source, row.target).cmp(&(source, target)))
    }

    /// An access method by name.
    pub fn access_method(&self, name: &str) -> Option<&'static AccessMethod> {
        find(self.all_access_methods(), |row| row.name.cmp(name))
    }

    /// All access methods of the core, in alphabetical order.
    pub fn access_methods(&self) -> &[AccessMethod] {
        self.tables().core_access_methods.get_or_init(|| {
            let mut methods = self.all_access_methods().to_vec();
            methods.retain(|row| row.extension.is_none());
            methods
        })
    }

    /// All operator classes of an access method.
    /// <https://www.postgresql.org/docs/current/indexes-opclass.html>
    pub fn operator_classes(&self, method: &str) -> &[OperatorClass] {
        self.operator_classes_of(method)
    }

    /// The extensions whose objects are among the data, in alphabetical order: all come with the
    /// server. <https://www.postgresql.org/docs/current/contrib.html>
    pub fn extensions(&self) -> &[Extension] {
        self.tables()
            .extensions
            .get_or_init(|| data::load(self.version))
    }

    /// Whether the server brings a text search configuration of that name.
    /// <https://www.postgresql.org/docs/current/textsearch-intro.html>
    pub fn text_search_configuration(&self, name: &str) -> Option<&'static str> {
        find(self.configurations(), |row| row.0.cmp(name)).map(|row| row.0)
    }

    /// The text search configurations that the server brings, for suggestions.
    pub fn text_search_configurations(&self) -> impl Iterator<Item = &'static str> {
        self.configurations().iter().map(|row| row.0)
    }

    /// The collations that every server has, whatever the locales of its machine.
    /// <https://www.postgresql.org/docs/current/collation.html>
    pub fn collations(&self) -> impl Iterator<Item = &'static str> {
        let tables = self.tables();
        let collations: &'static [Collation] =
            tables.collations.get_or_init(|| data::load(self.version));
        collations.iter().map(|row| row.0)
    }

    pub(super) fn operator_classes_of(&self, method: &str) -> &'static [OperatorClass] {
        let classes = self
            .tables()
            .operator_classes
            .get_or_init(|| data::load(self.version));
        find_all(classes, |row| row.method.cmp(method))
    }

    fn types(&self) -> &'static [Type] {
        self.tables().types.get_or_init(|| data::load(self.version))
    }

    fn all_functions(&self) -> &'static [Function] {
        self.tables()
            .functions
            .get_or_init(|| data::load(self.version))
    }

    fn all_operators(&self) -> &'static [Operator] {
        self.tables()
            .operators
            .get_or_init(|| data::load(self.version))
    }

    fn all_access_methods(&self) -> &'static [AccessMethod] {
        self.tables()
            .access_methods
            .get_or_init(|| data::load(self.version))
    }

    fn configurations(&self) -> &'static [TextSearchConfiguration] {
        self.tables()
            .configurations
            .get_or_init(|| data::load(self.version))
    }

    fn tables(&self) -> &'static Tables {
        static SINCE_15: Tables = Tables::new();
        static SINCE_16: Tables = Tables::new();
        static SINCE_17: Tables = Tables::new();
        static SINCE_18: Tables = Tables::new();
        match self.version {
            Version::V15 => &SINCE_15,
            Version::V16 => &SINCE_16,
            Version::V17 => &SINCE_17,
            Version::V18 => &SINCE_18,
        }
    }
}

/// Whether an object may be used: the core's always, an extension's when it is enabled.
pub(super) fn is_enabled(extension: Option<&str>, enabled: &[String]) -> bool {
    extension.is_none_or(|name| enabled.iter().any(|one| one == name))
}

/// The tables of one oldest version, each read on first use.
struct Tables {
    types: OnceLock<Vec<Type>>,
    /// Types are looked up more often than all else: for each column, default, index key and operand.
    types_by_name: OnceLock<IndexMap<&'static str, &'static Type, RandomState>>,
    type_names: OnceLock<Vec<&'static str>>,
    functions: OnceLock<Vec<Function>>,
    function_names: OnceLock<Vec<&'static str>>,
    operators: OnceLock<Vec<Operator>>,
    casts: OnceLock<Vec<Cast>>,
    access_methods: OnceLock<Vec<AccessMethod>>,
    core_access_methods: OnceLock<Vec<AccessMethod>>,
    operator_classes: OnceLock<Vec<OperatorClass>>,
    extensions: OnceLock<Vec<Extension>>,
    configurations: OnceLock<Vec<TextSearchConfiguration>>,
    collations: OnceLock<Vec<Collation>>,
}

impl Tables {
    const fn new() -> Self {
        Self {
            types: OnceLock::new(),
            types_by_name: OnceLock::new(),
            type_names: OnceLock::new(),
            functions: OnceLock::new(),
            function_names: OnceLock::new(),
            operators: OnceLock::new(),
            casts: OnceLock::new(),
            access_methods: OnceLock::new(),
            core_access_methods: OnceLock::new(),
            operator_classes: OnceLock::new(),
            extensions: OnceLock::new(),
            configurations: OnceLock::new(),
            collations: OnceLock::new(),
        }
    }
}

fn find<T>(rows: &'static [T], compare: impl Fn(&T) -> Ordering) -> Option<&'static T> {
    let at = rows.binary_search_by(compare).ok()?;
    rows.get(at)
}

fn find_all<T>(rows: &'static [T], compare: impl Fn(&T) -> Ordering) -> &'static [T] {
    let start = rows.partition_point(|row| compare(row) == Ordering::Less);
    let rest = rows.get(start..).unwrap_or_default();
    let count = rest.partition_point(|row| compare(row) == Ordering::Equal);
    rest.get(..count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::Volatility::{Immutable, Stable, Volatile};
    use crate::pg::{CastContext, CastMethod, FunctionKind, Volatility};

    fn volatility(version: Version, name: &str, arguments: &[&str]) -> Option<Volatility> {
        Knowledge::since(version)
            .functions(name)
            .iter()
            .find(|function| function.arguments == arguments)
            .map(|function| function.volatility)
    }

    #[test]
    fn functions_are_as_volatile_as_the_server_says() {
        for (name, arguments, expected) in [
            ("now", vec![], Stable),
            ("clock_timestamp", vec![], Volatile),
            ("random", vec![], Volatile),
            ("gen_random_uuid", vec![], Volatile),
            ("concat", vec!["any"], Stable),
            ("concat_ws", vec!["text", "any"], Stable),
            ("array_to_string", vec!["anyarray", "text"], Stable),
            ("lower", vec!["text"], Immutable),
            ("to_char", vec!["timestamptz", "text"], Stable),
            ("to_char", vec!["numeric", "text"], Stable),
            ("date_trunc", vec!["text", "timestamp"], Immutable),
            ("date_trunc", vec!["text", "timestamptz"], Stable),
            ("to_tsvector", vec!["text"], Stable),
            ("to_tsvector", vec!["regconfig", "text"], Immutable),
            ("array_to_tsvector", vec!["_text"], Immutable),
            ("timezone", vec!["text", "timestamptz"], Immutable),
            ("timezone", vec!["text", "timestamp"], Immutable),
            ("jsonb_to_tsvector", vec!["jsonb", "jsonb"], Stable),
            ("unaccent", vec!["text"], Stable),
        ] {
            let found = volatility(Version::V15, name, &arguments);
            assert_eq!(found, Some(expected), "{name}({arguments:?})");
        }
        let with_configuration = ["regconfig", "jsonb", "jsonb"];
        assert_eq!(
            volatility(Version::V18, "jsonb_to_tsvector", &with_configuration),
            Some(Immutable)
        );
    }

    #[test]
    fn what_a_version_changed_counts_from_that_version_on() {
        let arguments = ["text", "timestamptz", "text"];
        assert_eq!(
            volatility(Version::V15, "date_trunc", &arguments),
            Some(Stable)
        );
        assert_eq!(
            volatility(Version::V16, "date_trunc", &arguments),
            Some(Immutable)
        );
        // Immutable before 18, volatile in 18: no server range is better than volatile.
        for version in [Version::V15, Version::V18] {
            assert_eq!(volatility(version, "isn_weak", &["bool"]), Some(Volatile));
        }
        assert_eq!(volatility(Version::V17, "uuidv7", &[]), None);
        assert_eq!(volatility(Version::V18, "uuidv7", &[]), Some(Volatile));
        assert_eq!(
            volatility(Version::V15, "interval_accum", &["_interval", "interval"]),
            None
        );
    }

    #[test]
    fn an_argument_that_a_version_added_does_not_hide_the_function() {
        let find = |version| Knowledge::since(version).functions("jsonb_strip_nulls");
        let [old] = find(Version::V15) else {
            panic!("one overload")
        };
        assert_eq!(
            (old.arguments.as_slice(), old.defaults),
            (["jsonb"].as_slice(), 0)
        );
        let [new] = find(Version::V18) else {
            panic!("one overload")
        };
        assert_eq!(
            (new.arguments.as_slice(), new.defaults),
            (["jsonb", "bool"].as_slice(), 1)
        );
    }

    #[test]
    fn functions_tell_kind_set_and_variadic() {
        let knowledge = Knowledge::since(Version::V15);
        assert!(
            knowledge
                .functions("count")
                .iter()
                .all(|f| f.kind == FunctionKind::Aggregate)
        );
        assert!(
            knowledge
                .functions("row_number")
                .iter()
                .all(|f| f.kind == FunctionKind::Window)
        );
        assert!(
            knowledge
                .functions("generate_series")
                .iter()
                .all(|f| f.returns_set)
        );
        assert!(knowledge.functions("concat").iter().all(|f| f.variadic));
        assert!(
            knowledge
                .functions("make_interval")
                .iter()
                .all(|f| f.defaults == 7)
        );
        assert!(knowledge.functions("no_such_function").is_empty());
        assert!(!knowledge.function_names().contains(&"coalesce"));
        assert!(knowledge.function_names().contains(&"similarity"));
    }

    #[test]
    fn extension_functions_need_the_extension() {
        let knowledge = Knowledge::since(Version::V15);
        let enabled = ["pg_trgm".to_owned()];
        assert_eq!(knowledge.functions_with("similarity", &[]).count(), 0);
        assert_eq!(knowledge.functions_with("similarity", &enabled).count(), 1);
        assert_eq!(
            knowledge
                .operators_with("<->", &[])
                .filter(|o| o.right == "text")
                .count(),
            0
        );
        assert!(
            knowledge
                .operators_with("<->", &enabled)
                .any(|o| o.right == "text")
        );
    }

    #[test]
    fn types_have_their_forms() {
        let knowledge = Knowledge::since(Version::V15);
        let named = |name| knowledge.type_named(name).unwrap();
        assert_eq!(named("int4").array, Some("_int4"));
        assert_eq!(named("_int4").element, Some("int4"));
        assert_eq!(named("name").element, None);
        assert_eq!(named("int4range").subtype, Some("int4"));
        assert_eq!(named("int4multirange").kind, TypeKind::Multirange);
        assert_eq!(named("lo").base, Some("oid"));
        assert_eq!(
            (named("timestamptz").input, named("timestamptz").output),
            (Stable, Stable)
        );
        assert_eq!(
            (named("numeric").input, named("numeric").output),
            (Immutable, Immutable)
        );
        assert!(named("varchar").takes_modifiers && !named("text").takes_modifiers);
        assert!(named("text").preferred);
        assert_eq!(named("_citext").extension, Some("citext"));
        assert!(knowledge.type_named("integer").is_none());
        assert!(!knowledge.type_names().contains(&"_int4"));
        assert!(!knowledge.type_names().contains(&"anyelement"));
    }

    #[test]
    fn types_are_found_by_their_sql_spelling() {
        let knowledge = Knowledge::since(Version::V15);
        for (spelling, name) in [
            ("Double  Precision", "float8"),
            ("int", "int4"),
            ("char", "bpchar"),
            ("\"char\"", "char"),
            ("UUID", "uuid"),
            ("text[]", "_text"),
            ("timestamp with time zone [] []", "_timestamptz"),
        ] {
            assert_eq!(
                knowledge.type_spelled(spelling).map(|t| t.name),
                Some(name),
                "{spelling}"
            );
        }
        assert!(knowledge.type_spelled("strnig").is_none());
        assert!(knowledge.type_spelled("anyelement[]").is_none());
    }

    #[test]
    fn casts_say_when_and_how() {
        let knowledge = Knowledge::since(Version::V15);
        let cast = knowledge.cast("varchar", "text").unwrap();
        assert_eq!(
            (cast.context, cast.method),
            (CastContext::Implicit, CastMethod::Binary)
        );
        let cast = knowledge.cast("timestamptz", "date").unwrap();
        assert_eq!(
            (cast.context, cast.volatility),
            (CastContext::Assignment, Stable)
        );
        let cast = knowledge.cast("json", "jsonb").unwrap();
        assert_eq!(
            (cast.context, cast.method),
            (CastContext::Assignment, CastMethod::InOut)
        );
        assert!(knowledge.cast("bool", "date").is_none());
        assert!(knowledge.cast("bytea", "int4").is_none());
        assert!(
            Knowledge::since(Version::V18)
                .cast("bytea", "int4")
                .is_some()
        );
    }

    #[test]
    fn operators_say_whether_an_exclusion_constraint_takes_them() {
        let knowledge = Knowledge::since(Version::V15);
        let commutes = |name, operand| {
            let mut operators = knowledge.operators(name).iter();
            operators
                .find(|o| o.left == Some(operand) && o.right == operand)
                .map(|o| o.self_commutative)
        };
        assert_eq!(commutes("&&", "anyrange"), Some(true));
        assert_eq!(commutes("=", "int4"), Some(true));
        assert_eq!(commutes("<", "int4"), Some(false));
        assert_eq!(commutes("&&", "int4"), None);
    }

    #[test]
    fn access_methods_take_what_the_server_takes() {
        let knowledge = Knowledge::since(Version::V15);
        let names: Vec<_> = knowledge.access_methods().iter().map(|m| m.name).collect();
        assert_eq!(names, ["brin", "btree", "gin", "gist", "hash", "spgist"]);
        let letters = |name| {
            let m = knowledge.access_method(name).unwrap();
            [
                m.can_order,
                m.can_unique,
                m.can_multi_column,
                m.can_include,
                m.can_exclude,
            ]
        };
        assert_eq!(letters("btree"), [true; 5]);
        assert_eq!(letters("hash"), [false, false, false, false, true]);
        assert_eq!(letters("gin"), [false, false, true, false, false]);
        assert_eq!(letters("brin"), [false, false, true, false, false]);
        assert_eq!(letters("gist"), [false, false, true, true, true]);
        assert_eq!(letters("spgist"), [false, false, false, true, true]);
        assert_eq!(
            knowledge.access_method("bloom").unwrap().extension,
            Some("bloom")
        );
    }

    #[test]
    fn names_of_configurations_collations_and_extensions() {
        let knowledge = Knowledge::since(Version::V15);
        assert_eq!(
            knowledge.text_search_configuration("english"),
            Some("english")
        );
        assert_eq!(knowledge.text_search_configuration("klingon"), None);
        assert_eq!(knowledge.text_search_configuration("estonian"), None);
        let collations: Vec<_> = knowledge.collations().collect();
        assert_eq!(collations, ["C", "POSIX", "default", "ucs_basic"]);
        let mut extensions = knowledge.extensions().iter();
        let earthdistance = extensions.find(|e| e.name == "earthdistance").unwrap();
        assert_eq!(earthdistance.requires, ["cube"]);
    }
}
