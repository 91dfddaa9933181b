//! The mutants of a file: bodies of functions that give a fixed value, operators that are another one, negations that are gone,
//! statements that are gone. Nothing of tests, constants, patterns, types and macros.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, BinOp, Block, Expr, ExprBinary, ExprUnary, ImplItemConst, ImplItemFn, Item,
    ItemConst, ItemFn, ItemStatic, Lit, Pat, Signature, Stmt, TraitItemConst, TraitItemFn, Type,
    UnOp, Variant,
};

use crate::body;
use crate::edit::{Mutant, NUMBER};

/// Those of a file, in the order of its text.
pub fn mutants(source: &str) -> syn::Result<Vec<Mutant>> {
    let mut finder = Finder {
        source,
        found: Vec::new(),
    };
    finder.visit_file(&syn::parse_file(source)?);
    finder.found.sort_by_key(|mutant| mutant.place);
    Ok(finder.found)
}

struct Finder<'s> {
    source: &'s str,
    found: Vec<Mutant>,
}

impl Finder<'_> {
    fn text(&self, span: Span) -> &str {
        self.source.get(span.byte_range()).unwrap_or_default()
    }

    fn bodies(&mut self, signature: &Signature, block: &Block) {
        if signature.constness.is_some() || signature.asyncness.is_some() {
            return;
        }
        let inside = block.brace_token.span.open().byte_range().end;
        for (end, value) in body::ends(&signature.output, block, self.text(block.span())) {
            self.found.push(Mutant {
                range: inside..inside,
                before: format!(" if crate::mutant({NUMBER}) {{ {end} }}"),
                after: "",
                place: place(signature.ident.span()),
                what: format!("`{}` gives {value}", signature.ident),
            });
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let Stmt::Expr(expr, Some(_)) = statement else {
            return;
        };
        let acts = match expr {
            Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) => true,
            Expr::Binary(binary) => assigns(&binary.op),
            _ => false,
        };
        if acts {
            let text: String = self
                .text(expr.span())
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let short: String = text.chars().take(60).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            self.found.push(Mutant {
                range: statement.span().byte_range(),
                before: format!("if !crate::mutant({NUMBER}) {{ "),
                after: " }",
                place: place(statement.span()),
                what: format!("without `{short}{more}`"),
            });
        }
    }

    fn binary(&mut self, binary: &ExprBinary) {
        let Some((old, new)) = other_operator(binary) else {
            return;
        };
        let mutated = format!(
            "({}) {new} ({})",
            self.text(binary.left.span()),
            self.text(binary.right.span())
        );
        let (range, at) = (binary.span().byte_range(), place(binary.op.span()));
        self.found.push(Mutant::instead(
            range,
            &mutated,
            at,
            format!("`{old}` is `{new}`"),
        ));
    }
}

fn place(span: Span) -> (usize, usize) {
    (span.start().line, span.start().column + 1)
}

fn assigns(op: &BinOp) -> bool {
    use BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign,
        SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | BitXorAssign(_)
    )
}

/// An operator, and the one that stands for it.
fn other_operator(binary: &ExprBinary) -> Option<(&'static str, &'static str)> {
    Some(match binary.op {
        BinOp::Eq(_) => ("==", "!="),
        BinOp::Ne(_) => ("!=", "=="),
        BinOp::Lt(_) => ("<", "<="),
        BinOp::Le(_) => ("<=", "<"),
        BinOp::Gt(_) => (">", ">="),
        BinOp::Ge(_) => (">=", ">"),
        // What a `let` of a chain binds is there only if all of it holds.
        BinOp::And(_) if !has_let(&binary.left) && !has_let(&binary.right) => ("&&", "||"),
        BinOp::Or(_) => ("||", "&&"),
        BinOp::Add(_) if is_number(&binary.left) || is_number(&binary.right) => ("+", "-"),
        BinOp::Sub(_) if is_number(&binary.left) || is_number(&binary.right) => ("-", "+"),
        _ => return None,
    })
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_)))
}

/// Whether something is there for tests only.
fn of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        _ => &[],
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !of_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'a ItemFn) {
        if function.sig.constness.is_none() {
            self.bodies(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a ImplItemFn) {
        if function.sig.constness.is_none() && !of_tests(&function.attrs) {
            self.bodies(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'a TraitItemFn) {
        if let Some(block) = &function.default {
            self.bodies(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.statement(statement);
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_binary(&mut self, binary: &'a ExprBinary) {
        self.binary(binary);
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a ExprUnary) {
        if matches!(unary.op, UnOp::Not(_)) {
            self.found.push(Mutant {
                range: unary.span().byte_range(),
                before: format!("(crate::mutant({NUMBER}) ^ "),
                after: ")",
                place: place(unary.span()),
                what: "`!` is gone".to_owned(),
            });
        }
        visit::visit_expr_unary(self, unary);
    }

    // What is worked out when the compiler is compiled has no environment.
    fn visit_item_const(&mut self, _: &'a ItemConst) {}
    fn visit_item_static(&mut self, _: &'a ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'a ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'a TraitItemConst) {}
    fn visit_variant(&mut self, _: &'a Variant) {}
    fn visit_type(&mut self, _: &'a Type) {}
    fn visit_pat(&mut self, _: &'a Pat) {}
    fn visit_attribute(&mut self, _: &'a Attribute) {}
}
