//! Polymorphic arguments: what `anyelement` and its relatives stand for in one call.
//! <https://www.postgresql.org/docs/current/extend-type-system.html#EXTEND-TYPES-POLYMORPHIC>

use super::types::{Ty, Types};

/// What the polymorphic types of one call stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Stand {
    element: Option<Ty>,
    array: Option<Ty>,
    range: Option<Ty>,
    multirange: Option<Ty>,
    compatible: Option<Ty>,
    compatible_range: Option<Ty>,
}

/// Whether a declared type is polymorphic.
pub(super) fn is_polymorphic(declared: &Ty) -> bool {
    matches!(declared, Ty::Core(name) if matches!(name.as_str(),
        "anyelement" | "anyarray" | "anynonarray" | "anyenum" | "anyrange" | "anymultirange"
        | "anycompatible" | "anycompatiblearray" | "anycompatiblenonarray"
        | "anycompatiblerange" | "anycompatiblemultirange"))
}

impl Stand {
    /// Works out what the declared types stand for; `None` when the inputs do not agree.
    pub(super) fn of(types: &Types<'_>, declared: &[Ty], inputs: &[Ty]) -> Option<Self> {
        let mut stand = Self::default();
        let mut compatible = Vec::new();
        let mut wanted = Vec::new();
        for (declared, input) in declared.iter().zip(inputs) {
            let Ty::Core(name) = declared else { continue };
            wanted.push(name.as_str());
            if *input == Ty::Unknown {
                continue;
            }
            match name.as_str() {
                "anyelement" | "anynonarray" | "anyenum" => agree(&mut stand.element, input)?,
                "anyarray" => agree(&mut stand.array, input)?,
                "anyrange" => agree(&mut stand.range, input)?,
                "anymultirange" => agree(&mut stand.multirange, input)?,
                "anycompatible" | "anycompatiblenonarray" => compatible.push(input.clone()),
                "anycompatiblearray" => compatible.push(types.element(input)?),
                "anycompatiblerange" => agree(&mut stand.compatible_range, input)?,
                "anycompatiblemultirange" => {
                    let range = range_of_multirange(types, input)?;
                    agree(&mut stand.compatible_range, &range)?;
                }
                _ => {}
            }
        }
        stand.simple_family(types)?;
        stand.compatible_family(types, &compatible, &wanted)?;
        let array_refused = |name: &str, ty: &Option<Ty>| {
            wanted.contains(&name) && ty.as_ref().is_some_and(|t| types.element(t).is_some())
        };
        if array_refused("anynonarray", &stand.element)
            || array_refused("anycompatiblenonarray", &stand.compatible)
            || (wanted.contains(&"anyenum")
                && stand.element.as_ref().is_some_and(|t| !types.is_enum(t)))
        {
            return None;
        }
        Some(stand)
    }

    fn simple_family(&mut self, types: &Types<'_>) -> Option<()> {
        if let Some(multirange) = self.multirange.clone() {
            agree(&mut self.range, &range_of_multirange(types, &multirange)?)?;
        }
        if let Some(range) = self.range.clone() {
            if matches!(&range, Ty::Core(name) if name.ends_with("multirange")) {
                return None;
            }
            agree(&mut self.element, &types.subtype(&range)?)?;
        }
        if let Some(array) = self.array.clone() {
            agree(&mut self.element, &types.element(&array)?)?;
        }
        Some(())
    }

    fn compatible_family(
        &mut self,
        types: &Types<'_>,
        inputs: &[Ty],
        wanted: &[&str],
    ) -> Option<()> {
        if let Some(range) = &self.compatible_range {
            multirange_of_range(types, range)?;
            // The range fixes the type; the others must turn into it.
            let subtype = types.subtype(range)?;
            let mut all = inputs.to_vec();
            all.push(subtype.clone());
            if types.common(&all)? != subtype {
                return None;
            }
            self.compatible = Some(subtype);
        } else if wanted.iter().any(|name| name.starts_with("anycompatible")) {
            self.compatible = Some(types.common(inputs)?);
        }
        Some(())
    }

    /// The type that a declared type stands for; `None` when nothing in the call says so.
    pub(super) fn actual(&self, types: &Types<'_>, declared: &Ty) -> Option<Ty> {
        let Ty::Core(name) = declared else {
            return Some(declared.clone());
        };
        match name.as_str() {
            "anyelement" | "anynonarray" | "anyenum" => self.element.clone(),
            "anyarray" => match &self.array {
                Some(array) => Some(array.clone()),
                None => types.array_over(self.element.as_ref()?),
            },
            "anyrange" => self
                .range
                .clone()
                .or_else(|| range_of_multirange(types, self.multirange.as_ref()?)),
            "anymultirange" => self
                .multirange
                .clone()
                .or_else(|| multirange_of_range(types, self.range.as_ref()?)),
            "anycompatible" | "anycompatiblenonarray" => self.compatible.clone(),
            "anycompatiblearray" => types.array_over(self.compatible.as_ref()?),
            "anycompatiblerange" => self.compatible_range.clone(),
            "anycompatiblemultirange" => {
                multirange_of_range(types, self.compatible_range.as_ref()?)
            }
            _ => Some(declared.clone()),
        }
    }
}

fn agree(slot: &mut Option<Ty>, with: &Ty) -> Option<()> {
    match slot {
        None => {
            *slot = Some(with.clone());
            Some(())
        }
        Some(known) => (known == with).then_some(()),
    }
}

/// `int4multirange` → `int4range`: the catalogs name the pairs alike.
fn range_of_multirange(types: &Types<'_>, ty: &Ty) -> Option<Ty> {
    renamed(types, ty, "multirange", "range")
}

fn multirange_of_range(types: &Types<'_>, ty: &Ty) -> Option<Ty> {
    if matches!(ty, Ty::Core(name) if name.ends_with("multirange")) {
        return None;
    }
    renamed(types, ty, "range", "multirange")
}

fn renamed(types: &Types<'_>, ty: &Ty, from: &str, to: &str) -> Option<Ty> {
    let Ty::Core(name) = ty else { return None };
    let other = Ty::Core(format!("{}{to}", name.strip_suffix(from)?));
    types.row(&other).map(|_| other)
}
