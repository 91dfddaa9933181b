//! Types while an expression is being bound, and what turns into what.
//! <https://www.postgresql.org/docs/current/typeconv.html>

use super::TypeName;
use crate::pg::{CastContext, CastMethod, Knowledge, Type, Volatility};

/// The type of a part of an expression, without modifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ty {
    /// A constant in quotes or NULL, which takes the type that its surroundings ask for.
    Unknown,
    /// A type of the core or of an extension, by `typname`; an array type is `_text`.
    Core(String),
    /// An enum type of the project, or the array over it; never with modifiers.
    Project(TypeName),
    /// A row of parts.
    Row(Vec<Ty>),
}

impl Ty {
    /// A type by `typname`.
    pub(super) fn core(name: &str) -> Self {
        Self::Core(name.to_owned())
    }

    /// Whether this is the type of that `typname`.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Core(n) if n == name)
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Core(name) => Some(name),
            _ => None,
        }
    }
}

/// The types that are in sight.
#[derive(Clone, Copy)]
pub(super) struct Types<'a> {
    /// What `PostgreSQL` knows.
    pub knowledge: &'a Knowledge,
    /// The extensions that the project has.
    pub extensions: &'a [String],
}

impl<'a> Types<'a> {
    /// Whether something that an extension brings can be used.
    pub(super) fn has(&self, extension: Option<&str>) -> bool {
        extension.is_none_or(|name| self.extensions.iter().any(|e| e == name))
    }

    /// What `pg_type` says of a type.
    pub(super) fn row(&self, ty: &Ty) -> Option<&'a Type> {
        self.knowledge.type_named(ty.name()?)
    }

    /// A type as a column has it.
    pub(super) fn of(&self, name: &TypeName) -> Ty {
        let bare = TypeName {
            modifiers: Vec::new(),
            ..name.clone()
        };
        if name.schema.is_some() {
            return Ty::Project(bare);
        }
        let element = Ty::core(name.name.as_str());
        if name.array {
            self.array_over(&element).unwrap_or(Ty::Project(bare))
        } else {
            element
        }
    }

    /// A type as a column has it; `None` for the unknown type and for rows.
    pub(super) fn name_of(&self, ty: &Ty, modifiers: &[i32]) -> Option<TypeName> {
        match ty {
            Ty::Unknown => None,
            Ty::Row(_) => Some(TypeName::core("record")),
            Ty::Project(name) => Some(name.clone()),
            Ty::Core(name) => Some(match self.element(ty) {
                Some(Ty::Core(element)) => TypeName::core(&element).array_of(),
                _ => TypeName::core(name),
            })
            .map(|t| t.with_modifiers(modifiers)),
        }
    }

    /// How a type is called in a message.
    pub(super) fn spell(&self, ty: &Ty) -> String {
        match self.name_of(ty, &[]) {
            Some(name) => name.to_string(),
            None => "unknown".to_owned(),
        }
    }

    /// The type under a domain.
    fn base(&self, ty: &Ty) -> Option<Ty> {
        self.row(ty)?.base.map(Ty::core)
    }

    /// The element type of a true array type.
    pub(super) fn element(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Core(name) => {
                let element = self.row(ty)?.element?;
                let over = self.knowledge.type_named(element)?.array?;
                // `name` and `point` have element types too, and are no arrays.
                (over == name).then(|| Ty::core(element))
            }
            Ty::Project(name) if name.array => Some(Ty::Project(TypeName {
                array: false,
                ..name.clone()
            })),
            _ => None,
        }
    }

    /// What a subscript takes out of a value: points and boxes have them too.
    pub(super) fn subscripted(&self, ty: &Ty) -> Option<Ty> {
        let fixed = match ty.name() {
            // `typelem` of types of a fixed length whose `typsubscript` is `raw_array_subscript_handler`.
            Some("point" | "line") => Some("float8"),
            Some("box" | "lseg") => Some("point"),
            Some("int2vector") => Some("int2"),
            Some("oidvector") => Some("oid"),
            _ => None,
        };
        fixed.map(Ty::core).or_else(|| self.element(ty))
    }

    /// The array type over a type.
    pub(super) fn array_over(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Core(_) => self.row(ty)?.array.map(Ty::core),
            Ty::Project(name) if !name.array => Some(Ty::Project(name.clone().array_of())),
            _ => None,
        }
    }

    /// The subtype of a range or multirange type.
    pub(super) fn subtype(&self, ty: &Ty) -> Option<Ty> {
        self.row(ty)?.subtype.map(Ty::core)
    }

    /// Whether it is an enum type.
    pub(super) fn is_enum(&self, ty: &Ty) -> bool {
        self.category(ty) == 'E'
    }

    /// `typcategory`.
    pub(super) fn category(&self, ty: &Ty) -> char {
        match ty {
            Ty::Unknown => 'X',
            Ty::Row(_) => 'P',
            Ty::Project(name) if name.array => 'A',
            Ty::Project(_) => 'E',
            Ty::Core(_) => self.row(ty).map_or('U', |t| t.category),
        }
    }

    /// `typispreferred`.
    pub(super) fn preferred(&self, ty: &Ty) -> bool {
        self.row(ty).is_some_and(|t| t.preferred)
    }

    /// Whether `PostgreSQL` gives values of it a collation.
    pub(super) fn collatable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Unknown => true,
            _ => match self.element(ty) {
                Some(element) => self.collatable(&element),
                None => ["text", "varchar", "bpchar", "name", "citext"]
                    .iter()
                    .any(|t| ty.is(t)),
            },
        }
    }

    /// What turning text into it costs.
    fn input(&self, ty: &Ty) -> Volatility {
        self.row(ty).map_or(Volatility::Stable, |t| t.input)
    }

    /// What turning it into text costs.
    fn output(&self, ty: &Ty) -> Volatility {
        self.row(ty).map_or(Volatility::Stable, |t| t.output)
    }

    /// Whether and at what cost `from` turns into `to`, neither of them polymorphic.
    pub(super) fn conversion(
        &self,
        from: &Ty,
        to: &Ty,
        context: CastContext,
    ) -> Option<Volatility> {
        if from == to || *from == Ty::Unknown || to.is("any") {
            return Some(Volatility::Immutable);
        }
        // A domain is its base type with a check, which is only run.
        let (from_base, to_base) = (self.base(from), self.base(to));
        if from_base.is_some() || to_base.is_some() {
            let from = from_base.as_ref().unwrap_or(from);
            return self.conversion(from, to_base.as_ref().unwrap_or(to), context);
        }
        if let (Ty::Row(_), Ty::Core(name)) = (from, to)
            && name == "record"
        {
            return Some(Volatility::Immutable);
        }
        if let (Some(source), Some(target)) = (from.name(), to.name())
            && let Some(cast) = self.knowledge.cast(source, target)
            && self.has(cast.extension)
        {
            // CastContext is ordered from "only when written" to "anywhere".
            if cast.context < context {
                return None;
            }
            return Some(match cast.method {
                CastMethod::Function => cast.volatility,
                CastMethod::Binary => Volatility::Immutable,
                CastMethod::InOut => self.output(from).max(self.input(to)),
            });
        }
        if let (Some(source), Some(target)) = (self.element(from), self.element(to))
            && let Some(cost) = self.conversion(&source, &target, context)
        {
            return Some(cost);
        }
        let through_text = match context {
            CastContext::Implicit => false,
            CastContext::Assignment => self.category(to) == 'S',
            CastContext::Explicit => self.category(to) == 'S' || self.category(from) == 'S',
        };
        (through_text && !matches!(from, Ty::Row(_))).then(|| self.output(from).max(self.input(to)))
    }

    /// The type that values of several types take together, in CASE, COALESCE, ARRAY and their like; `None` when there
    /// is none. <https://www.postgresql.org/docs/current/typeconv-union-case.html>
    pub(super) fn common(&self, parts: &[Ty]) -> Option<Ty> {
        let mut common = Ty::Unknown;
        for part in parts {
            if *part == Ty::Unknown || *part == common {
                continue;
            }
            if common == Ty::Unknown {
                common = part.clone();
            } else if self.category(&common) != self.category(part) {
                return None;
            } else if !self.preferred(&common)
                && self
                    .conversion(&common, part, CastContext::Implicit)
                    .is_some()
                && self
                    .conversion(part, &common, CastContext::Implicit)
                    .is_none()
            {
                common = part.clone();
            }
        }
        if common == Ty::Unknown {
            common = Ty::core("text");
        }
        parts
            .iter()
            .all(|part| {
                self.conversion(part, &common, CastContext::Implicit)
                    .is_some()
            })
            .then_some(common)
    }
}
