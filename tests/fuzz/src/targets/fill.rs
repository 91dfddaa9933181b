//! Any value that can be deserialised, made of bytes: the catalog's own description of itself says what can be in it, so
//! that no part of it is forgotten here.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::source::Source;
use super::texts;

/// Deeper values are the smallest that there are.
const MAX_DEPTH: usize = 32;

/// The value was refused by what it was made for.
#[derive(Debug)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

impl serde::de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Makes a value out of bytes. What is `sound` could have been printed by a server.
pub fn fill<T: serde::de::DeserializeOwned>(bytes: &[u8], sound: bool) -> Option<T> {
    let mut source = Source::new(bytes);
    T::deserialize(Filler {
        source: &mut source,
        within: "",
        field: "",
        sound,
        depth: 0,
    })
    .ok()
}

/// What kind of text a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Name,
    Any,
    Qualified,
    Type,
    Expression,
    Operator,
    Arguments,
    Query,
    Routine,
}

struct Filler<'s, 'b> {
    source: &'s mut Source<'b>,
    /// The struct, or the enum's variant, that is being filled.
    within: &'static str,
    field: &'static str,
    sound: bool,
    depth: usize,
}

impl<'b> Filler<'_, 'b> {
    fn below(&mut self, within: &'static str, field: &'static str) -> Filler<'_, 'b> {
        Filler {
            source: &mut *self.source,
            within,
            field,
            sound: self.sound,
            depth: self.depth + 1,
        }
    }

    fn length(&mut self) -> usize {
        let most = match self.field {
            _ if self.depth > MAX_DEPTH => 1,
            "tables" | "columns" => 6,
            "constraints" | "indexes" | "labels" => 4,
            _ => 3,
        };
        self.source.below(most)
    }

    fn text(&mut self, kind: Text) -> String {
        let source = &mut *self.source;
        if !self.sound && kind != Text::Qualified && source.byte() > 200 {
            return texts::any(source);
        }
        match kind {
            Text::Any if source.seldom() => texts::any(source).replace('\0', ""),
            Text::Any | Text::Name => texts::name(source),
            Text::Qualified => texts::qualified(source),
            Text::Type => texts::type_name(source),
            Text::Expression => texts::expression(source, 3),
            Text::Operator => texts::operator(source),
            Text::Arguments => texts::arguments(source),
            Text::Query => texts::query(source),
            Text::Routine => texts::routine(source),
        }
    }

    fn of_value(&self) -> Text {
        if self.is_qualified() {
            return Text::Qualified;
        }
        match (self.within, self.field) {
            ("TypeName", "name") => Text::Type,
            ("RoutineDefinition", "arguments") => Text::Arguments,
            ("RoutineDefinition", "text") => Text::Routine,
            ("ViewDefinition", "text") => Text::Query,
            ("IndexTarget", "expression") => Text::Expression,
            ("IndexTarget", _) => Text::Name,
            (_, "operator") => Text::Operator,
            (
                _,
                "comment" | "labels" | "from" | "to" | "arguments" | "starts_at" | "retention"
                | "schedule",
            ) => Text::Any,
            (
                _,
                "condition" | "predicate" | "default" | "using" | "check" | "expression" | "filter"
                | "group_by" | "on" | "passed" | "rows",
            ) => Text::Expression,
            _ => Text::Name,
        }
    }

    fn is_qualified(&self) -> bool {
        matches!(
            (self.within, self.field),
            ("Source" | "IdentitySequence", "name")
                | ("Dependency", _)
                | ("Renames", "tables")
                | (
                    _,
                    "collation"
                        | "references"
                        | "function"
                        | "when_marked"
                        | "view"
                        | "sources"
                        | "table"
                        | "projection"
                        | "notes"
                        | "write"
                        | "write_many"
                        | "rebuild"
                        | "keyed"
                        | "definition"
                        | "watched_by"
                        | "of"
                        | "inherits"
                        | "referenced"
                        | "incremental"
                        | "readers"
                        | "projections"
                )
        )
    }

    fn of_key(&self) -> Text {
        match (self.within, self.field) {
            ("Catalog", "schemas" | "extensions") => Text::Name,
            ("Catalog" | "Renames", _)
            | (_, "incremental" | "sources" | "projections" | "readers") => Text::Qualified,
            (_, "overloads") => Text::Arguments,
            _ => Text::Name,
        }
    }
}

/// Numbers are small, or the largest there are.
macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            let byte = self.source.byte();
            let value = match byte {
                255 => <$type>::MAX,
                254 => <$type>::MIN,
                _ => <$type>::try_from(byte % 64).unwrap_or_default(),
            };
            visitor.$visit(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Filler<'_, '_> {
    type Error = Refused;

    numbers!(deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64);

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(Refused)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_bool(self.source.seldom())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let kind = self.of_value();
        visitor.visit_string(self.text(kind))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let often = matches!(
            self.field,
            "comment" | "partition_key" | "partition" | "materialized"
        );
        let byte = self.source.byte();
        if self.depth < MAX_DEPTH && (byte % 4 == 1 || often && byte % 2 == 1) {
            visitor.visit_some(self)
        } else {
            visitor.visit_none()
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let left = self.length();
        visitor.visit_seq(Parts { left, filler: self })
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let left = self.length();
        visitor.visit_map(Parts { left, filler: self })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let mut filler = self;
        filler.within = name;
        visitor.visit_map(Fields { fields, filler })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let mut filler = self;
        filler.within = name;
        let variant = filler.source.pick(variants);
        visitor.visit_enum(Variant { variant, filler })
    }

    forward_to_deserialize_any! {
        f32 f64 i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The elements of a list or a map.
struct Parts<'s, 'b> {
    left: usize,
    filler: Filler<'s, 'b>,
}

impl<'de> SeqAccess<'de> for Parts<'_, '_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (within, field) = (self.filler.within, self.filler.field);
        seed.deserialize(self.filler.below(within, field)).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, '_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let kind = self.filler.of_key();
        let key = self.filler.text(kind);
        seed.deserialize(IntoDeserializer::<Refused>::into_deserializer(key))
            .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refused> {
        let (within, field) = (self.filler.within, self.filler.field);
        seed.deserialize(self.filler.below(within, field))
    }
}

/// All fields of a struct.
struct Fields<'s, 'b> {
    fields: &'static [&'static str],
    filler: Filler<'s, 'b>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        let Some((field, rest)) = self.fields.split_first() else {
            return Ok(None);
        };
        self.fields = rest;
        self.filler.field = field;
        seed.deserialize(StrDeserializer::<Refused>::new(field))
            .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refused> {
        let (within, field) = (self.filler.within, self.filler.field);
        seed.deserialize(self.filler.below(within, field))
    }
}

/// One variant of an enum.
struct Variant<'s, 'b> {
    variant: &'static str,
    filler: Filler<'s, 'b>,
}

impl<'s, 'de, 'b> EnumAccess<'de> for Variant<'s, 'b> {
    type Error = Refused;
    type Variant = Filler<'s, 'b>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Filler<'s, 'b>), Refused> {
        let mut filler = self.filler;
        if filler.within != "Dependency" {
            filler.field = self.variant;
        }
        Ok((
            seed.deserialize(StrDeserializer::<Refused>::new(self.variant))?,
            filler,
        ))
    }
}

impl<'de> VariantAccess<'de> for Filler<'_, '_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        mut self,
        seed: T,
    ) -> Result<T::Value, Refused> {
        let (within, field) = (self.within, self.field);
        seed.deserialize(self.below(within, field))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Refused> {
        Err(Refused::custom("no enum of the catalog has one"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_map(Fields {
            fields,
            filler: self,
        })
    }
}
