//! What a field can hold: its type as a spec has it, defaults that it takes, and the values of its rows.

/// A type of fields.
pub struct Kind {
    /// As it stands in a spec.
    pub ty: &'static str,
    /// Whether an enum is a type of its own.
    pub native: bool,
    /// Defaults that it takes.
    pub defaults: &'static [&'static str],
    /// The value of a row, as SQL.
    pub value: fn(u32) -> String,
}

const fn kind(
    ty: &'static str,
    defaults: &'static [&'static str],
    value: fn(u32) -> String,
) -> Kind {
    Kind {
        ty,
        native: false,
        defaults,
        value,
    }
}

const fn native(ty: &'static str, value: fn(u32) -> String) -> Kind {
    Kind {
        native: true,
        ..kind(ty, &["draft"], value)
    }
}

fn text(n: u32) -> String {
    format!("'t{n}'")
}

fn number(n: u32) -> String {
    n.to_string()
}

fn label(n: u32) -> String {
    ["'draft'", "'live'"][n as usize % 2].to_owned()
}

fn draft(_: u32) -> String {
    "'draft'".to_owned()
}

/// Hours after the date that partitions are made for.
fn moment(n: u32) -> String {
    format!("timestamp '2024-02-10 00:30' + {n} * interval '5 hours'")
}

/// The simplest first. Their neighbours are those that they are likely to become.
pub const KINDS: [Kind; 66] = [
    kind("text", &["x", "it's", "lower('A')"], text),
    kind("text(20)", &["x", "yy"], text),
    kind("text(80)", &["x"], text),
    kind("text(1,40)", &["x"], text),
    kind("integer", &["0", "7", "1 + 1"], number),
    kind("bigint", &["0", "7"], number),
    kind("smallint", &["0"], number),
    kind("integer(0,100)", &["0", "7"], number),
    kind("integer(0,1000)", &["0"], number),
    kind("decimal(10,2)", &["0", "1.5"], number),
    kind("decimal(12,4)", &["0"], number),
    kind("decimal(8,2)", &["0"], number),
    kind("decimal(0..1000)", &["0"], number),
    kind("money", &["0"], number),
    kind("percentage", &["50"], number),
    kind("float", &["0", "1.25"], number),
    kind("real", &["0"], number),
    kind("boolean", &["true", "false"], |n| (n % 2 == 0).to_string()),
    kind("date", &["current_date", "2024-01-01"], moment),
    kind("datetime", &["now()", "2024-01-01 00:00:00+00"], moment),
    kind("timestamp", &["now()"], moment),
    kind("timestamptz(3)", &["now()"], moment),
    kind("time", &["12:00"], moment),
    kind("duration", &["1 day"], |n| format!("interval '{n} hours'")),
    kind("uuid", &["gen_random_uuid()"], |n| {
        format!("'00000000-0000-0000-0000-{n:012}'")
    }),
    kind("json", &["{}"], |n| format!("'{{\"a\": {n}}}'")),
    kind("jsonb", &["{}", "{\"a\": 1}"], |n| {
        format!("'{{\"a\": {n}}}'")
    }),
    kind("list(text)", &["{}"], |n| format!("'{{t{n}}}'")),
    kind("list(integer)", &["{}"], |n| format!("'{{{n}}}'")),
    kind("enum(draft, live)", &["draft", "live"], label),
    kind("enum(draft, live, gone)", &["draft"], label),
    kind("enum(live, new, draft)", &["draft"], label),
    kind("enum(draft)", &["draft"], draft),
    native("enum(draft, live)", label),
    native("enum(draft, live, gone)", label),
    native("enum(new, draft, live)", label),
    native("enum(live, draft)", label),
    native("enum(draft)", draft),
    kind("email", &["a@b.example"], |n| format!("'a{n}@b.example'")),
    kind("slug", &["x"], text),
    kind("currencyCode", &["EUR"], |_| "'EUR'".to_owned()),
    kind("coordinates", &["(1,2)"], |n| format!("'({n},2)'")),
    kind("ipAddress", &["10.0.0.1"], |n| {
        format!("'10.0.0.{}'", n % 256)
    }),
    kind("bytea", &[], |n| format!("'\\x{n:04}'")),
    kind("int4range", &["[1,2)"], |n| {
        format!("int4range({n}, {n} + 1)")
    }),
    kind("tstzrange", &[], |n| {
        format!(
            "tstzrange('2024-02-01'::timestamptz + {n} * interval '1 day', '2024-02-02'::timestamptz + {n} * interval '1 day')"
        )
    }),
    kind("char(3)", &["abc"], text),
    kind("numeric", &["0", "0.5"], number),
    kind("latitude", &["0"], number),
    kind("exchangeRate", &["1"], number),
    kind("timetz", &["12:00+00"], |n| {
        format!("'{:02}:00+00'", n % 24)
    }),
    kind("macAddress", &["08:00:2b:01:02:03"], |n| {
        format!("'08:00:2b:01:02:{:02x}'", n % 256)
    }),
    kind("cidr", &["10.0.0.0/24"], |n| {
        format!("'10.0.{}.0/24'", n % 256)
    }),
    kind("varbit(8)", &["B'101'"], |n| {
        format!("B'1'::varbit || ({}::bit(4))::varbit", n % 16)
    }),
    kind("point", &["(1,2)"], |n| format!("'({n},2)'")),
    kind("numrange", &["[1,2)"], |n| {
        format!("numrange({n}, {n} + 1)")
    }),
    kind("list(uuid)", &["{}"], |n| {
        format!("'{{00000000-0000-0000-0000-{n:012}}}'")
    }),
    kind("list(datetime)", &["{}"], |n| {
        format!("array[timestamp '2024-02-10 00:30' + {n} * interval '5 hours']")
    }),
    kind("list(decimal(8,2))", &["{}"], |n| format!("'{{{n}}}'")),
    kind("url", &["https://a.example"], |n| {
        format!("'https://a.example/{n}'")
    }),
    kind("markdown", &["# a"], text),
    kind("countryCode", &["DE"], |_| "'DE'".to_owned()),
    kind("color", &["#00ff00"], |n| format!("'#0000{:02x}'", n % 256)),
    kind("semver", &["1.0.0"], |n| format!("'1.0.{n}'")),
    kind("interval", &["1 day", "01:00"], |n| {
        format!("interval '{n} days'")
    }),
    kind("oid", &["0"], number),
];
