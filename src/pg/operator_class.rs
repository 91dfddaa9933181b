//! Which operator class an index on a type uses.
//!
//! In: access method, type, enabled extensions. Out: the class that the server would take, the ones
//! it would accept, or the ones that an extension would bring. Follows `GetDefaultOpClass` and
//! `IsBinaryCoercible` of the server.
//! <https://www.postgresql.org/docs/current/indexes-opclass.html>
//!
//! A type of the user's own is passed as the pseudo type that stands for it: an enum as `anyenum`, an
//! array of one as `anyarray`, a range as `anyrange`, a composite type as `record`; a domain as its
//! base type.

use super::Knowledge;
use super::knowledge::is_enabled;
use super::types::{CastContext, CastMethod, OperatorClass, TypeKind};

impl Knowledge {
    /// The class that an index of this method on a column of this type gets when none is named;
    /// `None` when the server would refuse it (no class, or several that fit equally well) or
    /// the first row (an array whose elements have no order).
    pub fn default_operator_class(
        &self,
        method: &str,
        typname: &str,
        enabled: &[String],
    ) -> Option<&'static OperatorClass> {
        let typname = self.base_type(typname);
        let class = self.only_default(method, typname, enabled)?;
        let usable = class.input != "anyarray" || self.elements_compare(method, typname, enabled);
        usable.then_some(class)
    }

    /// A class by its name, among the core's and those of the enabled extensions.
    pub fn operator_class(
        &self,
        method: &str,
        name: &str,
        enabled: &[String],
    ) -> Option<&'static OperatorClass> {
        self.operator_classes_of(method)
            .iter()
            .find(|class| class.name == name && is_enabled(class.extension, enabled))
    }

    /// Whether the server accepts this class, named explicitly, for a column of this type.
    pub fn operator_class_accepts(&self, class: &OperatorClass, typname: &str) -> bool {
        self.is_binary_coercible(self.base_type(typname), class.input)
    }

    /// Whether an exclusion constraint may compare a column of this class with this operator: the
    /// class's family has it, and it is its own commutator. The access method must be able to
    /// exclude at all. <https://www.postgresql.org/docs/current/sql-createtable.html>
    pub fn operator_class_excludes_with(&self, class: &OperatorClass, operator: &str) -> bool {
        class.operators.contains(&operator)
            && self.operators(operator).iter().any(|row| {
                row.left == Some(class.input) && row.right == class.input && row.self_commutative
            })
    }

    /// The classes of a method that accept a type, whatever is enabled: what to suggest when there
    /// is no default, with the extension to enable. First those that would be the default, the best fit
    /// before `bpchar` classes, which take `text` too.
    pub fn operator_class_hint(&self, method: &str, typname: &str) -> Vec<&'static OperatorClass> {
        let mut classes: Vec<_> = self
            .operator_classes_of(method)
            .iter()
            .filter(|class| self.operator_class_accepts(class, typname))
            .collect();
        classes.sort_by_key(|class| {
            let distance = self.distance(typname, class.input);
            (!class.default, distance, class.extension.is_some())
        });
        classes
    }

    /// Whether a value of one type is one of the other without conversion.
    pub fn is_binary_coercible(&self, source: &str, target: &str) -> bool {
        if source == target {
            return true;
        }
        let kind = self.type_named(source).map(|row| row.kind);
        let is_array = || {
            source == "anyarray"
                || self
                    .type_named(source)
                    .is_some_and(|row| row.element.is_some())
        };
        match target {
            "any" | "anyelement" | "anycompatible" => true,
            "anyarray" | "anycompatiblearray" => is_array(),
            "anynonarray" | "anycompatiblenonarray" => !is_array(),
            "anyrange" | "anycompatiblerange" => kind == Some(TypeKind::Range),
            "anymultirange" | "anycompatiblemultirange" => kind == Some(TypeKind::Multirange),
            _ => self.cast(source, target).is_some_and(|cast| {
                cast.method == CastMethod::Binary && cast.context == CastContext::Implicit
            }),
        }
    }

    fn only_default(
        &self,
        method: &str,
        typname: &str,
        enabled: &[String],
    ) -> Option<&'static OperatorClass> {
        let defaults = self
            .operator_classes_of(method)
            .iter()
            .filter(|class| class.default && is_enabled(class.extension, enabled));
        let mut exact = defaults.clone().filter(|class| class.input == typname);
        if let Some(class) = exact.next() {
            return exact.next().is_none().then_some(class);
        }
        let (preferred, others): (Vec<_>, Vec<_>) = defaults
            .filter(|class| self.is_binary_coercible(typname, class.input))
            .partition(|class| self.is_preferred(typname, class.input));
        match (preferred.as_slice(), others.as_slice()) {
            ([class], _) | ([], [class]) => Some(class),
            _ => None,
        }
    }

    /// The classes on `anyarray` look up how to compare, or to hash, elements: gin when the index is
    /// built, btree and hash when the first row comes. An index on `json[]` is of no use to anybody.
    fn elements_compare(&self, method: &str, typname: &str, enabled: &[String]) -> bool {
        let method = if method == "hash" { "hash" } else { "btree" };
        self.type_named(typname)
            .and_then(|row| row.element)
            .is_none_or(|element| {
                self.default_operator_class(method, element, enabled)
                    .is_some()
            })
    }

    /// The type under a domain, and any other type itself.
    fn base_type<'a>(&self, typname: &'a str) -> &'a str {
        self.type_named(typname)
            .and_then(|row| row.base)
            .unwrap_or(typname)
    }

    /// How far a class's input type is from a type that it accepts.
    fn distance(&self, typname: &str, input: &str) -> u8 {
        let typname = self.base_type(typname);
        match typname == input {
            true => 0,
            false if self.is_preferred(typname, input) => 1,
            false => 2,
        }
    }

    /// Whether `target` is the preferred type of `source`'s category.
    fn is_preferred(&self, source: &str, target: &str) -> bool {
        self.type_named(source)
            .zip(self.type_named(target))
            .is_some_and(|(source, target)| target.preferred && source.category == target.category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::Version;

    fn default(method: &str, typname: &str, enabled: &[&str]) -> Option<&'static str> {
        let enabled: Vec<_> = enabled.iter().map(|&name| name.to_owned()).collect();
        Knowledge::since(Version::V15)
            .default_operator_class(method, typname, &enabled)
            .map(|class| class.name)
    }

    #[test]
    fn defaults_are_the_server_s() {
        for (method, typname, class) in [
            ("btree", "int4", Some("int4_ops")),
            ("btree", "varchar", Some("text_ops")),
            ("btree", "cidr", Some("inet_ops")),
            ("btree", "bpchar", Some("bpchar_ops")),
            ("btree", "_text", Some("array_ops")),
            ("btree", "anyenum", Some("enum_ops")),
            ("btree", "anyarray", Some("array_ops")),
            ("btree", "int4range", Some("range_ops")),
            ("btree", "int4multirange", Some("multirange_ops")),
            ("btree", "record", Some("record_ops")),
            ("btree", "regclass", Some("oid_ops")),
            ("btree", "point", None),
            ("btree", "json", None),
            ("btree", "xml", None),
            ("btree", "_json", None),
            ("gin", "_point", None),
            ("hash", "_uuid", Some("array_ops")),
            ("hash", "_money", None),
            ("hash", "jsonb", Some("jsonb_ops")),
            ("gin", "jsonb", Some("jsonb_ops")),
            ("gin", "_int4", Some("array_ops")),
            ("gin", "tsvector", Some("tsvector_ops")),
            ("gin", "text", None),
            ("gin", "int4", None),
            ("gist", "text", None),
            ("gist", "int4", None),
            ("gist", "point", Some("point_ops")),
            ("gist", "inet", None),
            ("gist", "tstzrange", Some("range_ops")),
            ("spgist", "text", Some("text_ops")),
            ("spgist", "inet", Some("inet_ops")),
            ("brin", "timestamptz", Some("timestamptz_minmax_ops")),
            ("brin", "json", None),
            ("no_such_method", "int4", None),
            ("btree", "no_such_type", None),
        ] {
            assert_eq!(
                default(method, typname, &[]),
                class,
                "{method} on {typname}"
            );
        }
    }

    #[test]
    fn extensions_bring_defaults_once_enabled() {
        assert_eq!(
            default("gist", "text", &["btree_gist"]),
            Some("gist_text_ops")
        );
        assert_eq!(
            default("gist", "varchar", &["btree_gist"]),
            Some("gist_text_ops")
        );
        assert_eq!(
            default("gist", "int4", &["btree_gist"]),
            Some("gist_int4_ops")
        );
        assert_eq!(default("gin", "text", &["pg_trgm"]), None);
        assert_eq!(default("gin", "int4", &["btree_gin"]), Some("int4_ops"));
        assert_eq!(default("btree", "citext", &["citext"]), Some("citext_ops"));
        assert_eq!(default("btree", "lo", &["lo"]), Some("oid_ops"));
        assert_eq!(default("gist", "earth", &["cube"]), Some("gist_cube_ops"));
        assert_eq!(default("gist", "ltree", &["ltree"]), Some("gist_ltree_ops"));
    }

    #[test]
    fn hints_name_the_extension() {
        let hint = |method, typname| {
            let classes = Knowledge::since(Version::V15).operator_class_hint(method, typname);
            let pairs = classes.iter().map(|class| (class.name, class.extension));
            pairs.collect::<Vec<_>>()
        };
        assert_eq!(
            hint("gist", "text"),
            [
                ("gist_text_ops", Some("btree_gist")),
                ("gist_bpchar_ops", Some("btree_gist")),
                ("gist_trgm_ops", Some("pg_trgm"))
            ]
        );
        assert_eq!(
            hint("gin", "text"),
            [
                ("text_ops", Some("btree_gin")),
                ("bpchar_ops", Some("btree_gin")),
                ("varchar_ops", Some("btree_gin")),
                ("gin_trgm_ops", Some("pg_trgm"))
            ]
        );
        assert_eq!(
            hint("gin", "jsonb"),
            [("jsonb_ops", None), ("jsonb_path_ops", None)]
        );
        assert!(hint("btree", "point").is_empty());
    }

    #[test]
    fn explicit_classes_are_checked_against_the_type() {
        let knowledge = Knowledge::since(Version::V15);
        let enabled = ["pg_trgm".to_owned()];
        assert!(
            knowledge
                .operator_class("gin", "gin_trgm_ops", &[])
                .is_none()
        );
        let class = knowledge
            .operator_class("gin", "gin_trgm_ops", &enabled)
            .unwrap();
        assert!(knowledge.operator_class_accepts(class, "varchar"));
        assert!(!knowledge.operator_class_accepts(class, "int4"));
    }

    #[test]
    fn exclusion_constraints_take_commutative_operators_of_the_class() {
        let knowledge = Knowledge::since(Version::V15);
        let takes = |method, name, operator| {
            let class = knowledge.operator_class(method, name, &["btree_gist".to_owned()]);
            knowledge.operator_class_excludes_with(class.unwrap(), operator)
        };
        assert!(takes("gist", "range_ops", "&&"));
        assert!(takes("gist", "range_ops", "="));
        assert!(!takes("gist", "range_ops", "@>"));
        assert!(takes("gist", "gist_int4_ops", "<>"));
        assert!(takes("gist", "gist_uuid_ops", "="));
        assert!(!takes("gist", "point_ops", "="));
        assert!(takes("btree", "int4_ops", "="));
        assert!(!takes("btree", "int4_ops", "<>"));
    }
}
