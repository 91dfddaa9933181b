//! Names that nobody chose: tables from entities, and `PostgreSQL`'s own defaults for what belongs to a table.
//!
//! These rules may never change: another plural would be another table.

use heck::ToSnakeCase;

use crate::sql::Ident;
use crate::syntax::Naming;

/// The table of an entity that names none.
pub fn table_name(entity: &str, naming: Naming) -> String {
    let snake = entity.to_snake_case();
    match naming {
        Naming::Plain => plural(&snake),
        Naming::Trinity => format!("tb_{snake}"),
    }
}

/// Plural of the last word of a `snake_case` name.
pub fn plural(snake: &str) -> String {
    let (head, word) = match snake.rsplit_once('_') {
        Some((head, word)) if !word.is_empty() => (format!("{head}_"), word),
        _ => (String::new(), snake),
    };
    format!("{head}{}", plural_word(word))
}

fn plural_word(word: &str) -> String {
    if UNCHANGED.contains(&word) {
        return word.into();
    }
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).into();
    }
    if let Some(stem) = word.strip_suffix("sis") {
        return format!("{stem}ses");
    }
    let hisses = ["ss", "us", "is", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| word.ends_with(end));
    if hisses || SINGULAR_IN_S.contains(&word) {
        return format!("{word}es");
    }
    // A word that ends in a single s is a plural already: `Settings`, `Sales`.
    if word.ends_with('s') {
        return word.into();
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) && !stem.is_empty() => {
            format!("{stem}ies")
        }
        _ => format!("{word}s"),
    }
}

/// Words that no rule of spelling gives the plural of.
const IRREGULAR: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("mouse", "mice"),
    ("index", "indexes"),
    ("quiz", "quizzes"),
    ("leaf", "leaves"),
    ("life", "lives"),
    ("half", "halves"),
    ("shelf", "shelves"),
    ("hero", "heroes"),
    ("photo", "photos"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("echo", "echoes"),
    ("veto", "vetoes"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("wolf", "wolves"),
    ("thief", "thieves"),
    ("loaf", "loaves"),
    ("calf", "calves"),
    ("goose", "geese"),
    ("ox", "oxen"),
    ("axis", "axes"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("datum", "data"),
    ("medium", "media"),
    ("alumnus", "alumni"),
    ("epoch", "epochs"),
    ("stomach", "stomachs"),
    ("monarch", "monarchs"),
    ("tech", "techs"),
];

/// One of them, though they end as several do.
const SINGULAR_IN_S: &[&str] = &[
    "alias",
    "atlas",
    "bias",
    "canvas",
    "christmas",
    "cosmos",
    "gas",
    "lens",
    "pancreas",
    "rhinoceros",
    "summons",
    "thermos",
];

/// The plural of these is the word itself.
const UNCHANGED: &[&str] = &[
    "data",
    "equipment",
    "information",
    "metadata",
    "money",
    "news",
    "series",
    "species",
    "staff",
    "people",
    "children",
    "feedback",
    "media",
    "men",
    "women",
    "feet",
    "teeth",
    "mice",
    "geese",
    "oxen",
    "criteria",
    "phenomena",
    "alumni",
    "menus",
    "gurus",
    "aircraft",
    "spacecraft",
    "sheep",
    "fish",
    "deer",
    "offspring",
    "software",
    "hardware",
    "firmware",
    "furniture",
    "luggage",
    "chassis",
    "corps",
    "kudos",
];

/// `parts` joined by `_`, at most [`Ident::MAX_BYTES`] bytes long: a longer name is cut and ends in a hash of the whole.
pub fn joined(parts: &[&str]) -> Ident {
    Ident::new(shortened(&parts.join("_"), Ident::MAX_BYTES))
}

/// The first of `candidate(0)`, `candidate(1)`, … that is not taken.
pub fn first_free(candidate: impl Fn(u32) -> Ident, taken: impl Fn(&Ident) -> bool) -> Ident {
    let mut n = 0;
    loop {
        let name = candidate(n);
        if !taken(&name) {
            return name;
        }
        n += 1;
    }
}

/// The name itself, or as much of it as fits before a hash that tells it from others with the same beginning.
pub fn shortened(name: &str, bytes: usize) -> String {
    const HASH: usize = 8;
    if name.len() <= bytes {
        return name.into();
    }
    let mut end = bytes.saturating_sub(HASH + 1);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let hash = fnv1a(name.as_bytes()) & 0xffff_ffff;
    format!("{}_{hash:08x}", name.get(..end).unwrap_or_default())
}

/// FNV-1a, 64 bits: stable over versions and machines, which the standard library's hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_plural_snake_case() {
        for (entity, table) in [
            ("Order", "orders"),
            ("Category", "categories"),
            ("OrderItem", "order_items"),
            ("Address", "addresses"),
            ("Status", "statuses"),
            ("Settings", "settings"),
            ("Day", "days"),
            ("Analysis", "analyses"),
            ("Person", "people"),
            ("Box", "boxes"),
            ("Currency", "currencies"),
            ("Alias", "aliases"),
            ("DomainAlias", "domain_aliases"),
            ("Canvas", "canvases"),
            ("Atlas", "atlases"),
            ("Bias", "biases"),
            ("Gas", "gases"),
            ("Lens", "lenses"),
            ("Bus", "buses"),
            ("Process", "processes"),
            ("Campus", "campuses"),
            ("Class", "classes"),
            ("Axis", "axes"),
            ("Basis", "bases"),
            ("Criterion", "criteria"),
            ("Quiz", "quizzes"),
            ("Branch", "branches"),
            ("Epoch", "epochs"),
            ("Knife", "knives"),
            ("Video", "videos"),
            ("Survey", "surveys"),
            ("Camera", "cameras"),
            ("Cameras", "cameras"),
            ("Sales", "sales"),
            ("Series", "series"),
            ("News", "news"),
            ("Men", "men"),
        ] {
            assert_eq!(table_name(entity, Naming::Plain), table, "{entity}");
        }
        assert_eq!(table_name("OrderItem", Naming::Trinity), "tb_order_item");
    }

    #[test]
    fn long_names_keep_their_beginning_and_stay_apart() {
        let one = joined(&[&"é".repeat(40), "one"]);
        let two = joined(&[&"é".repeat(40), "two"]);
        assert!(one.as_str().len() <= Ident::MAX_BYTES && two.as_str().len() <= Ident::MAX_BYTES);
        assert_ne!(one, two);
        assert!(one.as_str().starts_with("éé"));
        assert_eq!(joined(&["a", "b"]).as_str(), "a_b");
    }
}
