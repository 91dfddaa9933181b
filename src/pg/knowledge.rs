//! Look-ups. A `Knowledge` answers for one oldest server version.

use super::types::{AccessMethod, Cast, Function, Operator, OperatorClass, Type, Version};

/// Everything that holds on every supported server from `version` up.
pub struct Knowledge {
    version: Version,
}

impl Knowledge {
    /// The knowledge for output that must run on `version` and everything newer.
    pub fn since(version: Version) -> &'static Self {
        let _ = version;
        todo!()
    }

    /// The oldest server version that this answers for.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The type of that `typname`.
    pub fn type_named(&self, _name: &str) -> Option<&'static Type> {
        todo!()
    }

    /// All type names, for suggestions; no array types, no pseudo types.
    pub fn type_names(&self) -> &[&'static str] {
        todo!()
    }

    /// All overloads of a function name (core and contrib extensions); empty when there is none.
    pub fn functions(&self, _name: &str) -> &[Function] {
        todo!()
    }

    /// All function names, for suggestions.
    pub fn function_names(&self) -> &[&'static str] {
        todo!()
    }

    /// All overloads of an operator.
    pub fn operators(&self, _name: &str) -> &[Operator] {
        todo!()
    }

    /// The cast between two types, if `pg_cast` has one.
    pub fn cast(&self, _source: &str, _target: &str) -> Option<&'static Cast> {
        todo!()
    }

    /// An access method by name.
    pub fn access_method(&self, _name: &str) -> Option<&'static AccessMethod> {
        todo!()
    }

    /// All access methods of the core, in alphabetical order.
    pub fn access_methods(&self) -> &[AccessMethod] {
        todo!()
    }

    /// All operator classes of an access method.
    pub fn operator_classes(&self, _method: &str) -> &[OperatorClass] {
        todo!()
    }
}
