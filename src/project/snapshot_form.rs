//! How a snapshot is laid out: an object or a column a line, so that a difference reads as one, and half the bytes and time of
//! JSON that breaks every line.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Levels whose elements stand on lines of their own: snapshot, catalog, tables, table, columns. What is deeper stands
/// on the line of its element.
const LINES: usize = 5;

/// Breaks lines in the upper levels only.
#[derive(Debug, Default)]
pub(super) struct Form {
    depth: usize,
    /// Whether the list or map that ends next has elements.
    filled: bool,
}

impl Form {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(&[bracket])
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth -= 1;
        if self.filled && self.depth < LINES {
            new_line(writer, self.depth)?;
        }
        self.filled = true;
        writer.write_all(&[bracket])
    }

    fn element<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        let breaks = self.depth <= LINES;
        if !first {
            writer.write_all(if breaks { b"," } else { b", " })?;
        }
        if breaks {
            new_line(writer, self.depth)?;
        }
        self.filled = true;
        Ok(())
    }
}

fn new_line<W: ?Sized + Write>(writer: &mut W, depth: usize) -> io::Result<()> {
    const INDENTED: &[u8] = b"\n          ";
    writer.write_all(INDENTED.get(..=2 * depth).unwrap_or(INDENTED))
}

impl Formatter for Form {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'[')
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b']')
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.element(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'{')
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b'}')
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.element(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::{Serializer, json};

    use super::Form;

    #[test]
    fn a_column_stands_on_a_line() {
        let value = json!({"catalog": {"views": {}, "tables": {"public.a": {"columns": [
            {"name": "id", "type": {"name": "uuid"}},
            {"name": "tags", "labels": ["a", "b"], "none": []},
        ]}}}});
        let mut text = Vec::new();
        value
            .serialize(&mut Serializer::with_formatter(&mut text, Form::default()))
            .unwrap();
        let expected = r#"{
  "catalog": {
    "views": {},
    "tables": {
      "public.a": {
        "columns": [
          {"name": "id", "type": {"name": "uuid"}},
          {"name": "tags", "labels": ["a", "b"], "none": []}
        ]
      }
    }
  }
}"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
