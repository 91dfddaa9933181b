//! Which of several functions or operators of one name a call means: `PostgreSQL`'s own rules.
//! <https://www.postgresql.org/docs/current/typeconv-func.html>,
//! <https://www.postgresql.org/docs/current/typeconv-oper.html>

use super::polymorphic::{Stand, is_polymorphic};
use super::types::{Ty, Types};
use crate::pg::{CastContext, Function, FunctionKind, Operator, Volatility};

/// One overload, its arguments laid out for the number of inputs of the call.
#[derive(Debug, Clone)]
struct Candidate<T> {
    arguments: Vec<Ty>,
    item: T,
}

/// What a call comes to.
#[derive(Debug, Clone)]
pub(super) struct Resolved<T> {
    /// The function or operator.
    pub item: T,
    /// The types that the inputs are turned into.
    pub arguments: Vec<Ty>,
    /// The type of the result.
    pub result: Ty,
    /// The worst that turning the inputs into the arguments costs.
    pub conversion: Volatility,
}

/// Why a call comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// No overload takes these types.
    NoMatch,
    /// Several do, and none is better.
    Ambiguous,
    /// The result type depends on an input whose type nothing says.
    Undetermined,
}

/// Finds the function that a call means.
pub(super) fn function<'f>(
    types: &Types<'_>,
    overloads: &'f [Function],
    inputs: &[Ty],
    variadic_array: bool,
) -> Result<Resolved<&'f Function>, Unresolved> {
    let mut candidates: Vec<Candidate<&Function>> = overloads
        .iter()
        .filter(|f| types.has(f.extension))
        .filter_map(|f| {
            let arguments = layout(types, f, inputs.len(), variadic_array)?;
            Some(Candidate { arguments, item: f })
        })
        .collect();
    drop_shadowed(&mut candidates, inputs.len());
    let chosen = match candidates.iter().find(|c| c.arguments == inputs) {
        Some(exact) => exact.clone(),
        None => select(types, candidates, inputs)?,
    };
    let result = Ty::core(chosen.item.returns);
    settle(types, chosen, inputs, &result)
}

/// Finds the operator that `left operator right` or `operator right` means.
pub(super) fn operator<'o>(
    types: &Types<'_>,
    overloads: &'o [Operator],
    inputs: &[Ty],
) -> Result<Resolved<&'o Operator>, Unresolved> {
    let declared = |o: &'o Operator| o.left.into_iter().chain([o.right]);
    let usable = overloads
        .iter()
        .filter(|o| types.has(o.extension) && declared(o).count() == inputs.len());
    let candidate = |o: &'o Operator| Candidate {
        arguments: declared(o).map(Ty::core).collect(),
        item: o,
    };
    // An untyped constant beside a typed operand is first tried as that type.
    let assumed: Vec<Ty> = match inputs {
        [Ty::Unknown, known] | [known, Ty::Unknown] if *known != Ty::Unknown => {
            vec![known.clone(), known.clone()]
        }
        _ => inputs.to_vec(),
    };
    let exact = |o: &&'o Operator| declared(o).zip(&assumed).all(|(name, ty)| ty.is(name));
    let chosen = match usable.clone().find(exact) {
        Some(exact) => candidate(exact),
        None => select(types, usable.map(candidate).collect(), inputs)?,
    };
    let result = Ty::core(chosen.item.result);
    settle(types, chosen, inputs, &result)
}

/// The declared arguments of a function, repeated and cut to the number of inputs.
fn layout(types: &Types<'_>, f: &Function, inputs: usize, variadic_array: bool) -> Option<Vec<Ty>> {
    let mut arguments: Vec<Ty> = f.arguments.iter().copied().map(Ty::core).collect();
    if f.variadic {
        let last = arguments.pop()?;
        if variadic_array {
            // `VARIADIC array`: the array stands for all of them.
            arguments.push(match &last {
                Ty::Core(n) if n == "any" => last,
                Ty::Core(n) if n == "anyelement" => Ty::core("anyarray"),
                Ty::Core(n) if n == "anycompatible" => Ty::core("anycompatiblearray"),
                _ => types.array_over(&last)?,
            });
            return (arguments.len() == inputs).then_some(arguments);
        }
        // A variadic argument takes one value or more, unless it has a default.
        let repeats = inputs.checked_sub(arguments.len())?;
        if repeats == 0 && f.defaults == 0 {
            return None;
        }
        arguments.extend(std::iter::repeat_n(last, repeats));
        return Some(arguments);
    }
    if variadic_array || inputs > arguments.len() || inputs + f.defaults < arguments.len() {
        return None;
    }
    arguments.truncate(inputs);
    Some(arguments)
}

/// Of overloads that look the same to the call, one that needs no repetition and fewest defaults is meant.
fn drop_shadowed(candidates: &mut Vec<Candidate<&Function>>, inputs: usize) {
    let rank = |c: &Candidate<&Function>| {
        (
            c.item.variadic,
            c.item.arguments.len().saturating_sub(inputs),
        )
    };
    let mut kept: Vec<Candidate<&Function>> = Vec::with_capacity(candidates.len());
    for candidate in candidates.drain(..) {
        match kept.iter_mut().find(|k| k.arguments == candidate.arguments) {
            Some(same) if rank(&candidate) < rank(same) => *same = candidate,
            Some(_) => {}
            None => kept.push(candidate),
        }
    }
    *candidates = kept;
}

/// `func_match_argtypes` and `func_select_candidate` of the server.
fn select<T: Clone>(
    types: &Types<'_>,
    candidates: Vec<Candidate<T>>,
    inputs: &[Ty],
) -> Result<Candidate<T>, Unresolved> {
    let mut left: Vec<Candidate<T>> = candidates
        .into_iter()
        .filter(|c| fits(types, &c.arguments, inputs))
        .collect();
    if left.is_empty() {
        return Err(Unresolved::NoMatch);
    }
    if let Some(only) = sole(&left) {
        return Ok(only);
    }
    let exact = |argument: &Ty, input: &Ty| *input != Ty::Unknown && argument == input;
    keep_best(&mut left, inputs, exact);
    if let Some(only) = sole(&left) {
        return Ok(only);
    }
    keep_best(&mut left, inputs, |argument, input| {
        *input != Ty::Unknown
            && (argument == input
                || (types.preferred(argument) && types.category(argument) == types.category(input)))
    });
    if let Some(only) = sole(&left) {
        return Ok(only);
    }
    if !inputs.contains(&Ty::Unknown) {
        return Err(Unresolved::Ambiguous);
    }
    keep_category(types, &mut left, inputs);
    if let Some(only) = sole(&left) {
        return Ok(only);
    }
    // If all typed inputs are of one type, the untyped ones are taken to be of it too.
    let mut known = inputs.iter().filter(|i| **i != Ty::Unknown);
    if let Some(first) = known.next()
        && known.all(|other| other == first)
    {
        let assumed = vec![first.clone(); inputs.len()];
        left.retain(|c| fits(types, &c.arguments, &assumed));
        if let Some(only) = sole(&left) {
            return Ok(only);
        }
    }
    Err(Unresolved::Ambiguous)
}

fn sole<T: Clone>(candidates: &[Candidate<T>]) -> Option<Candidate<T>> {
    match candidates {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Keeps the candidates with the most arguments that match.
fn keep_best<T>(
    candidates: &mut Vec<Candidate<T>>,
    inputs: &[Ty],
    matches: impl Fn(&Ty, &Ty) -> bool,
) {
    let score = |c: &Candidate<T>| {
        c.arguments
            .iter()
            .zip(inputs)
            .filter(|(argument, input)| matches(argument, input))
            .count()
    };
    let best = candidates.iter().map(score).max().unwrap_or(0);
    candidates.retain(|c| score(c) == best);
}

/// For each untyped input, decides on a category (strings win), and keeps the candidates that take it.
fn keep_category<T: Clone>(types: &Types<'_>, left: &mut Vec<Candidate<T>>, inputs: &[Ty]) {
    let mut slots: Vec<Option<(char, bool)>> = vec![None; inputs.len()];
    for (index, input) in inputs.iter().enumerate() {
        if *input != Ty::Unknown {
            continue;
        }
        let mut slot: Option<(char, bool)> = None;
        let mut conflict = false;
        for argument in left.iter().filter_map(|c| c.arguments.get(index)) {
            let (category, preferred) = (types.category(argument), types.preferred(argument));
            match &mut slot {
                None => slot = Some((category, preferred)),
                Some((known, has_preferred)) if *known == category => *has_preferred |= preferred,
                Some(_) if category == 'S' => slot = Some((category, preferred)),
                Some(_) => conflict = true,
            }
        }
        if conflict && slot.is_none_or(|(category, _)| category != 'S') {
            return;
        }
        if let Some(place) = slots.get_mut(index) {
            *place = slot;
        }
    }
    let kept: Vec<Candidate<T>> = left
        .iter()
        .filter(|c| {
            c.arguments
                .iter()
                .zip(&slots)
                .all(|(argument, slot)| match slot {
                    None => true,
                    Some((category, has_preferred)) => {
                        types.category(argument) == *category
                            && (!has_preferred || types.preferred(argument))
                    }
                })
        })
        .cloned()
        .collect();
    if !kept.is_empty() {
        *left = kept;
    }
}

/// Whether all inputs turn into the declared arguments by themselves.
fn fits(types: &Types<'_>, arguments: &[Ty], inputs: &[Ty]) -> bool {
    let plain = arguments.iter().zip(inputs).all(|(argument, input)| {
        is_polymorphic(argument)
            || types
                .conversion(input, argument, CastContext::Implicit)
                .is_some()
    });
    plain
        && (!arguments.iter().any(is_polymorphic) || Stand::of(types, arguments, inputs).is_some())
}

/// Replaces what is polymorphic, and adds up what the conversions cost.
fn settle<T>(
    types: &Types<'_>,
    chosen: Candidate<T>,
    inputs: &[Ty],
    result: &Ty,
) -> Result<Resolved<T>, Unresolved> {
    let stand = Stand::of(types, &chosen.arguments, inputs).ok_or(Unresolved::NoMatch)?;
    let mut arguments = Vec::with_capacity(inputs.len());
    let mut conversion = Volatility::Immutable;
    for (declared, input) in chosen.arguments.iter().zip(inputs) {
        let actual = stand
            .actual(types, declared)
            .ok_or(Unresolved::Undetermined)?;
        conversion = conversion.max(
            types
                .conversion(input, &actual, CastContext::Implicit)
                .ok_or(Unresolved::NoMatch)?,
        );
        arguments.push(actual);
    }
    let result = stand
        .actual(types, result)
        .ok_or(Unresolved::Undetermined)?;
    Ok(Resolved {
        item: chosen.item,
        arguments,
        result,
        conversion,
    })
}

/// `lower(text), lower(anyrange)`: what there is under a name, for a message.
pub(super) fn signatures(types: &Types<'_>, overloads: &[Function]) -> Vec<String> {
    overloads
        .iter()
        .filter(|f| types.has(f.extension) && f.kind != FunctionKind::Window)
        .map(|f| {
            let last = f.arguments.len().saturating_sub(1);
            let arguments: Vec<String> = f
                .arguments
                .iter()
                .enumerate()
                .map(|(i, a)| {
                    let spelled = types.spell(&Ty::core(a));
                    if f.variadic && i == last {
                        format!("VARIADIC {spelled}")
                    } else {
                        spelled
                    }
                })
                .collect();
            format!("{}({})", f.name, arguments.join(", "))
        })
        .collect()
}
