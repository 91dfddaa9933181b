//! The language's own types: a `PostgreSQL` type and what restricts its values.
//!
//! Patterns are `PostgreSQL`'s advanced regular expressions. They refuse what cannot be meant, not all that is not in use:
//! a CHECK that is too strict loses rows. None of them takes a line end or an empty text: the check of a list relies on it.

use super::types::Domain;

/// One of the language's own types.
#[derive(Debug)]
pub struct RichType {
    /// Its name, case-sensitive.
    pub name: &'static str,
    /// `typname` of the type it is stored as.
    pub base: &'static str,
    /// That type's modifiers.
    pub modifiers: &'static [i32],
    restriction: Restriction,
}

#[derive(Debug)]
enum Restriction {
    None,
    Pattern(&'static str),
    Between(&'static str, &'static str),
    Coordinates,
}

impl RichType {
    /// What restricts its values.
    pub fn domain(&self) -> Domain {
        match self.restriction {
            Restriction::None => Domain::Any,
            Restriction::Pattern(pattern) => Domain::Pattern(pattern),
            Restriction::Between(low, high) => {
                Domain::Between(Box::new((Some(low.into()), Some(high.into()))))
            }
            Restriction::Coordinates => Domain::Coordinates,
        }
    }
}

const fn plain(name: &'static str, base: &'static str, modifiers: &'static [i32]) -> RichType {
    RichType {
        name,
        base,
        modifiers,
        restriction: Restriction::None,
    }
}

const fn text(name: &'static str, pattern: &'static str) -> RichType {
    RichType {
        name,
        base: "text",
        modifiers: &[],
        restriction: Restriction::Pattern(pattern),
    }
}

const fn number(
    name: &'static str,
    modifiers: &'static [i32],
    low: &'static str,
    high: &'static str,
) -> RichType {
    RichType {
        name,
        base: "numeric",
        modifiers,
        restriction: Restriction::Between(low, high),
    }
}

const fn coordinates(name: &'static str) -> RichType {
    RichType {
        name,
        base: "point",
        modifiers: &[],
        restriction: Restriction::Coordinates,
    }
}

/// All of them.
pub const RICH_TYPES: &[RichType] = &[
    plain("datetime", "timestamptz", &[]),
    plain("float", "float8", &[]),
    plain("duration", "interval", &[]),
    plain("ipAddress", "inet", &[]),
    plain("macAddress", "macaddr", &[]),
    plain("money", "numeric", &[19, 4]),
    plain("exchangeRate", "numeric", &[19, 8]),
    plain("markdown", "text", &[]),
    plain("html", "text", &[]),
    plain("image", "text", &[]),
    plain("file", "text", &[]),
    number("percentage", &[5, 2], "0", "100"),
    number("latitude", &[], "-90", "90"),
    number("longitude", &[], "-180", "180"),
    coordinates("geoPoint"),
    coordinates("coordinates"),
    text("email", r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    text("url", r"^https?://\S+$"),
    text("phone", PHONE),
    text("phoneNumber", PHONE),
    text("slug", r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    text(
        "color",
        r"^#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$",
    ),
    text(
        "domainName",
        r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$",
    ),
    text("timezone", r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"),
    text("languageCode", r"^[a-z]{2,3}$"),
    text(
        "localeCode",
        r"^[a-z]{2,3}([-_][A-Z][a-z]{3})?([-_]([A-Z]{2}|[0-9]{3}))?$",
    ),
    text("countryCode", r"^[A-Z]{2}$"),
    text("currencyCode", r"^[A-Z]{3}$"),
    text("postalCode", r"^[A-Za-z0-9][A-Za-z0-9 -]{0,10}[A-Za-z0-9]$"),
    text(
        "mimeType",
        r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*([ \t]*;[^\r\n]*)?$",
    ),
    text("semanticVersion", SEMVER),
    text("semver", SEMVER),
    text("iban", r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
    text("swiftCode", r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"),
    text("isbn", r"^(97[89][- ]?)?([0-9][- ]?){9}[0-9X]$"),
    text("ean13", r"^[0-9]{13}$"),
    text("stockSymbol", r"^[A-Z0-9]{1,6}([.-][A-Z0-9]{1,4})?$"),
    text("isin", r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$"),
    text("cusip", r"^[A-Z0-9*@#]{8}[0-9]$"),
    text("sedol", r"^[B-DF-HJ-NP-TV-Z0-9]{6}[0-9]$"),
    text("lei", r"^[A-Z0-9]{18}[0-9]{2}$"),
    text("mic", r"^[A-Z0-9]{4}$"),
    text("exchangeCode", r"^[A-Z0-9]{1,10}$"),
    text("trackingNumber", r"^[A-Z0-9][A-Z0-9 -]{4,38}[A-Z0-9]$"),
    text("containerNumber", r"^[A-Z]{3}[UJZ][0-9]{7}$"),
    text("licensePlate", r"^[A-Z0-9][A-Z0-9 .-]{0,13}[A-Z0-9]$"),
    text("vin", r"^[A-HJ-NPR-Z0-9]{17}$"),
    text("flightNumber", r"^[A-Z0-9]{2}[A-Z]? ?[0-9]{1,4}[A-Z]?$"),
    text("portCode", r"^[A-Z]{2} ?[A-Z2-9]{3}$"),
    text("airportCode", r"^[A-Z]{3}[A-Z0-9]?$"),
    text("apiKey", r"^[A-Za-z0-9_.~+/=-]{16,}$"),
];

const PHONE: &str = r"^\+?[0-9(][0-9 ()./-]{3,30}$";

/// <https://semver.org>, without the look-aheads that tell leading zeros of pre-releases apart.
const SEMVER: &str = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pattern_takes_an_empty_text_or_is_beyond_reading_here() {
        for rich in RICH_TYPES {
            if let Domain::Pattern(pattern) = rich.domain() {
                let read = regex_lite::Regex::new(pattern).expect(rich.name);
                assert!(!read.is_match(""), "{}", rich.name);
            }
        }
    }
}
