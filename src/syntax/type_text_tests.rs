use super::*;

fn show(ty: &TypeSpec) -> String {
    match ty {
        TypeSpec::Named { name, arguments } if arguments.is_empty() => name.clone(),
        TypeSpec::Named { name, arguments } => format!("{name}<{}>", arguments.join("|")),
        TypeSpec::List(element) => format!("list of {}", show(element)),
        TypeSpec::Enum(labels) => format!("enum {labels:?}"),
        TypeSpec::Raw(text) => format!("raw {text}"),
        TypeSpec::Reference(r) => format!(
            "ref {:?}.{} {:?} {:?} {} {:?}",
            r.schema, r.entity, r.on_delete, r.on_update, r.enforce, r.with
        ),
    }
}

fn shown(text: &str) -> String {
    match parse(text) {
        Ok(field) => {
            let mut words = vec![show(&field.ty), format!("<{}>", &text[field.ty_range])];
            for (flag, word) in [
                (field.required, "required"),
                (field.unique, "unique"),
                (field.indexed, "indexed"),
            ] {
                if flag {
                    words.push(word.into());
                }
            }
            if let Some((offset, default)) = field.default {
                assert_eq!(&text[offset..offset + default.len()], default);
                words.push(format!("= {default} at {offset}"));
            }
            words.join(" ")
        }
        Err(error) => {
            let at = text
                .get(error.range.clone())
                .expect("a range on boundaries");
            let code = error.code.name();
            let hint = error.hint.map_or(String::new(), |hint| format!("; {hint}"));
            format!("{code} <{at}>: {}{hint}", error.message)
        }
    }
}

fn all(texts: &[&str]) -> String {
    let lines: Vec<_> = texts
        .iter()
        .map(|text| format!("{text}  =>  {}", shown(text)))
        .collect();
    lines.join("\n")
}

#[test]
fn what_is_accepted() {
    insta::assert_snapshot!(all(&[
        "text",
        " text! ",
        "text(80)! unique",
        "text unique!",
        "text ! unique",
        "text unique indexed",
        "integer! = 3",
        "decimal(10,2) = 0",
        "decimal(10..20)",
        "integer(0, 10)",
        "text = 'a = b'",
        "text = ''",
        "jsonb = '{\"a\": [1]}'",
        "timestamp with time zone",
        "timestamp(3) with  time zone! = now()",
        "double precision",
        "timestamptz = now() - interval '1 day'",
        "text[]",
        "text(3)[]! = '{}'",
        "integer[3][3]",
        "list(text)",
        "list(enum(read, write))!",
        "list(decimal(5,2))",
        "enum(draft, live) = draft",
        "enum(a, \"b'c\", 'd e')",
        "enum[one, \"two words\"]",
        "enum('it''s', \"q\"\"\")",
        "enum(a)[]",
        "enum(é, 1, -)",
        "ref(Customer)",
        "ref(Customer, on_delete=cascade)!",
        "ref(shop.Customer, on_delete: set_null, on_update=SET NULL)",
        "ref(\"My Schema\".Customer)",
        "ref(Order, with=created_at, enforce=false)",
        "ref(Order, with=(a, b))",
        "ref(Self)",
        "pg(ltree)",
        "pg(geometry(Point, 4326))!",
        "boolean = true",
        "unique",
        "text = a!",
        "text = 'x' || (y",
    ]));
}

#[test]
fn what_is_refused() {
    insta::assert_snapshot!(all(&[
        "",
        "  ",
        "!",
        "= 3",
        "text =",
        "decimal(10",
        "decimal(10))",
        "text]",
        "enum(a, 'b",
        "enum()",
        "enum(a, a)",
        "enum(a,,b)",
        "enum(a,)",
        "enum('')",
        "enum('a'b)",
        "text!!",
        "text unique unique",
        "text! foo",
        "text not null",
        "integer default 3",
        "text(,3)",
        "text()",
        "(3)",
        "list()",
        "list[text]",
        "text[a]",
        "ref()",
        "ref(on_delete=cascade)",
        "ref(X, on_delete)",
        "ref(X, on_delte=cascade)",
        "ref(X, on_delete=explode)",
        "ref(X, enforce=maybe)",
        "ref(X,)",
        "ref(.X)",
        "pg()",
        "enum(a) b",
        "ref(X) primary key",
        "é(",
    ]));
}
