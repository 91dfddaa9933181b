//! What a function may give instead of what it does, by the type that it returns.

use syn::{Block, GenericArgument, PathArguments, ReturnType, Type, TypePath};

/// The statements that end a function at its beginning, each with what it gives in words; none where the type has no value
/// that is known without looking.
pub fn ends(output: &ReturnType, body: &Block, text: &str) -> Vec<(String, String)> {
    if body.stmts.is_empty() {
        return Vec::new();
    }
    let values = match output {
        ReturnType::Default => return vec![("return;".to_owned(), "nothing".to_owned())],
        ReturnType::Type(_, output) => values(output),
    };
    let text = text.trim_matches(['{', '}']).trim();
    values
        .into_iter()
        .filter(|value| !same(value, text))
        .map(|value| (format!("return {value};"), format!("`{value}`")))
        .collect()
}

/// Whether a body is that value already.
fn same(value: &str, body: &str) -> bool {
    value == body
        || value == "Default::default()"
            && body.ends_with("::new()")
            && !body.contains(char::is_whitespace)
}

fn values(output: &Type) -> Vec<String> {
    let fixed = |value: &str| vec![value.to_owned()];
    match output {
        Type::Path(path) => named(path),
        Type::Tuple(tuple) if tuple.elems.is_empty() => fixed("()"),
        Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => fixed("\"\""),
            Type::Slice(_) => fixed("&[]"),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn named(path: &TypePath) -> Vec<String> {
    let Some(last) = path.path.segments.last() else {
        return Vec::new();
    };
    let fixed = |value: &str| vec![value.to_owned()];
    match last.ident.to_string().as_str() {
        "bool" => vec!["true".to_owned(), "false".to_owned()],
        "Option" => fixed("None"),
        "Vec" | "String" | "BTreeMap" | "BTreeSet" | "HashMap" | "HashSet" | "IndexMap"
        | "IndexSet" | "VecDeque" => fixed("Default::default()"),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
            fixed("0")
        }
        "Result" => match &last.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                Some(GenericArgument::Type(good)) => values(good)
                    .into_iter()
                    .map(|value| format!("Ok({value})"))
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
