//! Types as authors write them → types as `PostgreSQL` has them, and what their values are restricted to.

use super::rich_types::{RICH_TYPES, RichType};
use super::suggest;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::{self, Knowledge};
use crate::sql::{Ident, TypeName};
use crate::syntax::TypeSpec;

/// What a column's values (of an array: its elements) are restricted to, beyond the type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// Nothing.
    Any,
    /// One of these texts, by CHECK.
    OneOf(Vec<String>),
    /// An enumerated type of the project has these labels.
    Enum(Vec<String>),
    /// Text that matches this regular expression, which begins with `^` and ends with `$`.
    Pattern(&'static str),
    /// A number between two bounds, both included.
    Between(Box<Bounds>),
    /// Text of so many characters.
    Length(Option<u32>, Option<u32>),
    /// A point (latitude, longitude).
    Coordinates,
}

/// The least and the greatest number, where there is one.
pub type Bounds = (Option<String>, Option<String>);

/// A type that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedType {
    /// The type; for [`Domain::Enum`] the caller names it.
    pub ty: TypeName,
    /// What restricts it.
    pub domain: Domain,
    /// `serial` and its like: the column is an identity column.
    pub identity: bool,
}

impl ResolvedType {
    fn plain(ty: TypeName) -> Self {
        Self {
            ty,
            domain: Domain::Any,
            identity: false,
        }
    }
}

/// Looks types up.
#[derive(Clone, Copy)]
pub struct Types<'a> {
    /// What the server knows.
    pub knowledge: &'static Knowledge,
    /// Extensions of the project.
    pub extensions: &'a [String],
    /// Whether an enum is a type of its own unless a field says otherwise.
    pub native_enums: bool,
}

impl Types<'_> {
    /// The type of a field that is no reference. `None`: reported.
    pub fn resolve(
        &self,
        spec: &TypeSpec,
        native: Option<bool>,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<ResolvedType> {
        match spec {
            TypeSpec::Named { name, arguments } => self.named(name, arguments, at, diagnostics),
            TypeSpec::List(element) => {
                let resolved = self.resolve(element, native, at, diagnostics)?;
                if resolved.ty.array {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidType,
                            at,
                            "a list of lists is no type of its own in PostgreSQL",
                        )
                        .hint(
                            "an array column takes any number of dimensions: write `list(…)` once",
                        ),
                    );
                    return None;
                }
                if resolved.domain == Domain::Coordinates || uncountable(&resolved.domain) {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidType,
                            at,
                            "no CHECK can hold each element of this list to its bounds",
                        )
                        .hint("use a list of the plain type (`list(point)`, `list(text)`), or an entity for the elements"),
                    );
                    return None;
                }
                Some(ResolvedType {
                    ty: resolved.ty.array_of(),
                    identity: false,
                    ..resolved
                })
            }
            TypeSpec::Enum(labels) => {
                let native = native.unwrap_or(self.native_enums);
                let long = labels.iter().find(|l| l.len() > Ident::MAX_BYTES);
                if let Some(label) = long.filter(|_| native) {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidType,
                            at,
                            format!(
                                "the label `{label}` has {} bytes, and those of a native enum have at most {}",
                                label.len(),
                                Ident::MAX_BYTES
                            ),
                        )
                        .hint("shorten it, or write `native: false`"),
                    );
                    return None;
                }
                let domain = if native {
                    Domain::Enum(labels.clone())
                } else {
                    Domain::OneOf(labels.clone())
                };
                Some(ResolvedType {
                    domain,
                    ..ResolvedType::plain(TypeName::core("text"))
                })
            }
            TypeSpec::Raw(name) => {
                if let Some(ty) = TypeName::parse(name) {
                    if let Some(extension) = self.not_enabled(&ty) {
                        diagnostics.push(unknown_type(name, at).hint(enable(extension)));
                        return None;
                    }
                    if let Some(fault) = self.bad_raw(&ty, name) {
                        diagnostics.push(
                            Diagnostic::error(Code::InvalidType, at, fault.message)
                                .hint(fault.hint),
                        );
                        return None;
                    }
                    return Some(ResolvedType::plain(ty));
                }
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidType,
                        at,
                        format!("`{name}` cannot be read as the name of a type"),
                    )
                    .hint("write the type's name and its numbers, as in `pg(vector(3))`"),
                );
                None
            }
            TypeSpec::Reference(_) => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidType,
                        at,
                        "a list of references has no column that a foreign key could stand on",
                    )
                    .hint("make an entity of the pairs, with one `ref(…)` to each side"),
                );
                None
            }
        }
    }

    fn named(
        &self,
        name: &str,
        arguments: &[String],
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<ResolvedType> {
        let mut fail = |fault: Fault| {
            diagnostics
                .push(Diagnostic::error(Code::InvalidType, at, fault.message).hint(fault.hint));
            None
        };
        // `float` is one of SQL's names as well, with a precision.
        let rich = RICH_TYPES.iter().find(|r| r.name == name);
        if let Some(rich) = rich.filter(|r| arguments.is_empty() || r.name != "float") {
            if !arguments.is_empty() {
                return fail(Fault::new(
                    format!("`{name}` takes no arguments"),
                    "remove the parentheses and what is in them",
                ));
            }
            return Some(rich.resolved());
        }
        let folded = name.to_ascii_lowercase();
        // In another case it would silently be the server's type, which has another precision and depends on the locale.
        if folded == "money" {
            diagnostics.push(unknown_type(name, at).hint(
                "did you mean `money`? The server's type of that name is written `pg(money)`",
            ));
            return None;
        }
        match of_the_language(&folded, arguments, || written(name, arguments)) {
            Some(Ok(ty)) => return Some(ty),
            Some(Err(fault)) => return fail(fault),
            None => {}
        }
        let Some(typname) = self.typname(name, &folded) else {
            diagnostics.push(self.unknown(name, at));
            return None;
        };
        let Some(modifiers) = whole_numbers(arguments) else {
            return fail(Fault::new(
                format!(
                    "`{}` has an argument that is no whole number",
                    written(name, arguments)
                ),
                "write numbers, as in `decimal(10,2)`",
            ));
        };
        if let Some(message) = self.bad_modifiers(typname, &modifiers, &written(name, arguments)) {
            return fail(Fault::new(message, WHAT_EACH_TAKES));
        }
        Some(ResolvedType::plain(
            TypeName::core(typname).with_modifiers(&modifiers),
        ))
    }

    /// The `typname` that a column can have under this spelling.
    fn typname(&self, name: &str, folded: &str) -> Option<&'static str> {
        let typname = pg::names::typname_of(folded).unwrap_or(folded);
        let ty = self
            .knowledge
            .type_named(typname)
            .or_else(|| self.knowledge.type_named(name))?;
        let enabled = ty
            .extension
            .is_none_or(|e| self.extensions.iter().any(|x| x == e));
        (enabled && ty.category != 'P' && ty.category != 'X' && !ty.name.starts_with('_'))
            .then_some(ty.name)
    }

    /// The extension that would bring the type and that the project does not have.
    fn not_enabled(&self, ty: &TypeName) -> Option<&'static str> {
        let row = self.knowledge.type_named(ty.name.as_str())?;
        let extension = row.extension.filter(|_| ty.schema.is_none())?;
        (!self.extensions.iter().any(|x| x == extension)).then_some(extension)
    }

    /// What is wrong with a type that is named as the server names it, as far as the server's types are known.
    fn bad_raw(&self, ty: &TypeName, written: &str) -> Option<Fault> {
        let row = self
            .knowledge
            .type_named(ty.name.as_str())
            .filter(|_| ty.schema.is_none())?;
        if row.category == 'P' || row.category == 'X' {
            return Some(Fault::new(
                format!("no column can have the type `{written}`: only functions can"),
                "name a type that has values",
            ));
        }
        let message = self.bad_modifiers(row.name, &ty.modifiers, written)?;
        Some(Fault::new(message, WHAT_EACH_TAKES))
    }

    fn bad_modifiers(&self, typname: &str, modifiers: &[i32], written: &str) -> Option<String> {
        if modifiers.is_empty() {
            return None;
        }
        if !self
            .knowledge
            .type_named(typname)
            .is_some_and(|t| t.takes_modifiers)
        {
            return Some(format!("`{written}`: this type takes no arguments"));
        }
        match (typname, modifiers) {
            ("numeric", [p]) if !(1..=1000).contains(p) => Some(format!(
                "the precision in `{written}` must be from 1 to 1000"
            )),
            ("numeric", [p, s]) if !(1..=1000).contains(p) || !(-1000..=1000).contains(s) => {
                Some(format!(
                    "precision and scale in `{written}` must be from 1 to 1000 and from -1000 to 1000"
                ))
            }
            ("varchar" | "bpchar", [n]) if !(1..=10_485_760).contains(n) => Some(format!(
                "the length in `{written}` must be from 1 to 10485760"
            )),
            ("bit" | "varbit", [n]) if !(1..=83_886_080).contains(n) => Some(format!(
                "the length in `{written}` must be from 1 to 83886080"
            )),
            ("timestamp" | "timestamptz" | "time" | "timetz" | "interval", [n])
                if !(0..=6).contains(n) =>
            {
                Some(format!(
                    "the digits of a second in `{written}` must be from 0 to 6"
                ))
            }
            ("numeric", [_, _, _, ..]) => Some(format!(
                "`{written}` has too many arguments: it takes a precision and a scale"
            )),
            (_, [_]) | ("numeric", _) => None,
            _ => Some(format!("`{written}` has too many arguments: it takes one")),
        }
    }

    fn unknown(&self, name: &str, at: &Place) -> Diagnostic {
        let diagnostic = unknown_type(name, at);
        let folded = name.to_ascii_lowercase();
        if let Some(extension) = self.not_enabled(&TypeName::core(&folded)) {
            return diagnostic.hint(enable(extension));
        }
        if let Some(meant) = elsewhere(&folded) {
            return diagnostic.hint(format!("did you mean `{meant}`?"));
        }
        let known = RICH_TYPES
            .iter()
            .map(|r| r.name)
            .chain([
                "integer",
                "bigint",
                "smallint",
                "boolean",
                "decimal",
                "double precision",
                "enum",
                "list",
                "ref",
                "datetime",
            ])
            .chain(self.knowledge.type_names().iter().copied());
        match suggest(name, known) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint(
                "a type of an extension that the project installs itself is written `pg(name)`",
            ),
        }
    }
}

fn unknown_type(name: &str, at: &Place) -> Diagnostic {
    Diagnostic::error(Code::UnknownType, at, format!("there is no type `{name}`"))
}

fn enable(extension: &str) -> String {
    format!("it comes with the extension `{extension}`: add that to `extensions:` in specql.yaml")
}

/// What types of other databases and of programming languages are called here.
fn elsewhere(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "string" | "str" | "nvarchar" | "varchar2" | "nvarchar2" | "clob" | "nclob" | "ntext"
        | "longtext" | "mediumtext" | "tinytext" => "text",
        "int64" | "uint32" | "uint64" | "long" => "bigint",
        "int32" | "uint16" | "mediumint" => "integer",
        "int16" | "uint8" | "tinyint" | "byte" | "short" => "smallint",
        "number" | "bignumeric" | "bigdecimal" | "smallmoney" => "decimal",
        "double" | "float64" => "double precision",
        "float32" | "single" => "real",
        "blob" | "binary" | "varbinary" | "longblob" | "mediumblob" | "tinyblob" | "raw"
        | "bytes" | "buffer" => "bytea",
        "datetime2" | "datetimeoffset" | "smalldatetime" | "timestamp_tz" | "timestamp_ntz"
        | "datetimetz" | "instant" => "datetime",
        "guid" | "uniqueidentifier" => "uuid",
        "object" | "dict" | "map" | "variant" | "hash" => "jsonb",
        "array" => "list(text)",
        "autoincrement" | "auto_increment" => "serial",
        "ip" => "ipAddress",
        "tel" => "phone",
        "uri" => "url",
        "country" => "countryCode",
        "currency" => "currencyCode",
        "timedelta" => "duration",
        _ => return None,
    })
}

/// A length that the server's regular expressions, which count to 255, cannot hold elements to.
fn uncountable(domain: &Domain) -> bool {
    matches!(domain, Domain::Length(low, high) if low.unwrap_or(0) > 255 || high.unwrap_or(0) > 255)
}

/// `(0, 10)` or `(0..10)`, either side of the dots possibly empty; numbers only, the smaller first.
fn bounds(arguments: &[String]) -> Option<(Option<String>, Option<String>)> {
    let (low, high) = match arguments {
        [both] => both.split_once("..").map(|(l, h)| (l.trim(), h.trim()))?,
        [low, high] => (low.as_str(), high.as_str()),
        _ => return None,
    };
    let number = |text: &str| {
        let valid = !text.is_empty()
            && text
                .trim_start_matches('-')
                .chars()
                .all(|c| c.is_ascii_digit() || c == '.')
            && text.parse::<f64>().is_ok_and(f64::is_finite);
        valid.then(|| text.to_owned())
    };
    match (low, high) {
        ("", "") => None,
        ("", high) => Some((None, Some(number(high)?))),
        (low, "") => Some((Some(number(low)?), None)),
        (low, high) => {
            let (low, high) = (number(low)?, number(high)?);
            (low.parse::<f64>().ok()? <= high.parse::<f64>().ok()?)
                .then_some((Some(low), Some(high)))
        }
    }
}

const WHAT_EACH_TAKES: &str =
    "what each type takes: https://www.postgresql.org/docs/current/datatype.html";

/// What is wrong with a type, and what to write instead.
struct Fault {
    message: String,
    hint: &'static str,
}

impl Fault {
    fn new(message: String, hint: &'static str) -> Self {
        Self { message, hint }
    }
}

fn whole_numbers(arguments: &[String]) -> Option<Vec<i32>> {
    arguments.iter().map(|a| a.parse().ok()).collect()
}

/// Spellings that mean more, or something else, than the server's type of that name; `None` for all others.
fn of_the_language(
    folded: &str,
    arguments: &[String],
    written: impl Fn() -> String,
) -> Option<Result<ResolvedType, Fault>> {
    let plain = |ty| Some(Ok(ResolvedType::plain(ty)));
    let fail = |message, hint| Some(Err(Fault::new(message, hint)));
    match (folded, arguments) {
        ("text", [_]) => match whole_numbers(arguments).as_deref() {
            Some([n]) if (1..=10_485_760).contains(n) => {
                plain(TypeName::core("varchar").with_modifiers(&[*n]))
            }
            _ => fail(
                format!(
                    "the length in `{}` must be a whole number from 1 to 10485760",
                    written()
                ),
                "write it as in `text(80)`",
            ),
        },
        ("text", [low, high]) => match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) if low <= high => Some(Ok(ResolvedType {
                domain: Domain::Length(Some(low), Some(high)),
                ..ResolvedType::plain(TypeName::core("text"))
            })),
            _ => fail(
                format!(
                    "`{}` must name the least and the greatest length",
                    written()
                ),
                "write it as in `text(2, 50)`",
            ),
        },
        ("smallint" | "integer" | "int" | "bigint" | "int2" | "int4" | "int8", [_, ..])
        | ("decimal" | "numeric" | "dec" | "float" | "real" | "double precision", [_])
            if arguments.len() == 2 || arguments.iter().any(|a| a.contains("..")) =>
        {
            let Some((low, high)) = bounds(arguments) else {
                return fail(
                    format!("`{}` must name the least and the greatest value", written()),
                    "write it as in `integer(0, 10)` or `decimal(0..1)`",
                );
            };
            Some(Ok(ResolvedType {
                domain: Domain::Between(Box::new((low, high))),
                ..ResolvedType::plain(TypeName::core(pg::names::typname_of(folded)?))
            }))
        }
        ("serial" | "serial4" | "bigserial" | "serial8" | "smallserial" | "serial2", []) => {
            let base = match folded {
                "serial" | "serial4" => "int4",
                "bigserial" | "serial8" => "int8",
                _ => "int2",
            };
            Some(Ok(ResolvedType {
                identity: true,
                ..ResolvedType::plain(TypeName::core(base))
            }))
        }
        ("float", [_]) => match whole_numbers(arguments).as_deref() {
            Some([1..=24]) => plain(TypeName::core("float4")),
            Some([25..=53]) => plain(TypeName::core("float8")),
            _ => fail(
                format!("the precision in `{}` must be from 1 to 53", written()),
                "write `float`",
            ),
        },
        // The standard's default length is 1, and the bare name would print as another type.
        ("char" | "character", []) => plain(TypeName::core("bpchar").with_modifiers(&[1])),
        ("bit", []) => plain(TypeName::core("bit").with_modifiers(&[1])),
        _ => None,
    }
}

fn written(name: &str, arguments: &[String]) -> String {
    format!("{name}({})", arguments.join(", "))
}

impl RichType {
    fn resolved(&self) -> ResolvedType {
        ResolvedType {
            domain: self.domain(),
            ..ResolvedType::plain(TypeName::core(self.base).with_modifiers(self.modifiers))
        }
    }
}
