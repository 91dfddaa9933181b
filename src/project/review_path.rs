//! Names of review files: safe on every file system, different for different objects.

use std::fmt::Write as _;

use crate::sql::{Ident, QualifiedName};

/// Longest file or folder name; file systems allow 255 bytes, and a temporary name needs some.
const MAX_BYTES: usize = 200;

/// Names that Windows keeps for devices, whatever the extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// `schema/SCHEMA/NAME.sql`.
pub(super) fn review_path(name: &QualifiedName) -> String {
    format!("schema/{}/{}.sql", safe(&name.schema), safe(&name.name))
}

/// Whether a path is one that [`review_path`] makes.
pub(super) fn is_review_path(path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some("schema"), Some(folder), Some(file), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_safe = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| is_plain(c) || matches!(c, '%' | '~' | 'A'..='F'))
    };
    is_safe(folder) && file.strip_suffix(".sql").is_some_and(is_safe)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'
}

/// Lower-case letters, digits, `_` and `-` stay; every other byte becomes `%XX`, so that names that differ only by
/// case still differ where the file system ignores it.
fn safe(name: &Ident) -> String {
    let name = name.as_str();
    let mut text = String::with_capacity(name.len());
    let device = DEVICES.contains(&name) || is_port(name);
    for (position, byte) in name.bytes().enumerate() {
        if is_plain(char::from(byte)) && !(device && position == 0) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    if text.len() > MAX_BYTES {
        text.truncate(MAX_BYTES - 17);
        let _ = write!(text, "~{:016x}", stable_hash(name.as_bytes()));
    }
    text
}

/// `com1`, `lpt9`.
fn is_port(name: &str) -> bool {
    let number = name
        .strip_prefix("com")
        .or_else(|| name.strip_prefix("lpt"));
    number.is_some_and(|number| number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// FNV-1a, which is the same on every machine and in every release.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> String {
        review_path(&QualifiedName::new("public", name))
    }

    #[test]
    fn plain_names_stay() {
        assert_eq!(path("order_items"), "schema/public/order_items.sql");
    }

    #[test]
    fn names_that_a_file_system_would_mistake_are_encoded() {
        assert_eq!(path(".."), "schema/public/%2E%2E.sql");
        assert_eq!(path("a/b"), "schema/public/a%2Fb.sql");
        assert_eq!(path("Order"), "schema/public/%4Frder.sql");
        assert_eq!(path("é"), "schema/public/%C3%A9.sql");
        assert_eq!(path("50%"), "schema/public/50%25.sql");
        assert_eq!(path("con"), "schema/public/%63on.sql");
        assert_eq!(path("com1"), "schema/public/%63om1.sql");
        assert_eq!(path("comb"), "schema/public/comb.sql");
    }

    #[test]
    fn long_names_are_shortened_and_still_differ() {
        let (one, other) = ("Ä".repeat(63), format!("{}Ö", "Ä".repeat(62)));
        let (one, other) = (path(&one), path(&other));
        assert_ne!(one, other);
        assert!(one.len() <= "schema/public/.sql".len() + MAX_BYTES);
        assert!(is_review_path(&one));
    }

    #[test]
    fn only_our_own_paths_are_recognised() {
        for name in ["a", "..", "A/B", "con", "weird name"] {
            assert!(is_review_path(&path(name)), "{name}");
        }
        for path in [
            "schema.sql",
            "schema/../x.sql",
            "../schema/a/b.sql",
            "schema/a/b.txt",
            "schema/a/b/c.sql",
            "/schema/a/b.sql",
            "schema//b.sql",
            "schema/a/.sql",
            "schema/a/b\0.sql",
        ] {
            assert!(!is_review_path(path), "{path}");
        }
    }
}
