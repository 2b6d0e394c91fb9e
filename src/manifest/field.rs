//! A field as written: a literal of its type, or a template that will give one.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::pattern::TEMPLATE;
use crate::source::Origin;
use crate::spec::{Aspect, Fit, Style};
use crate::yaml::Text;

pub use super::pattern::has_template;

/// A declared value with its places.
#[derive(Clone, Debug)]
pub struct Field<T> {
    /// The value or its template.
    pub value: Expr<T>,
    /// The place of the value.
    pub origin: Origin,
    /// The place of its key.
    pub key_origin: Origin,
}

/// A literal, or a template.
#[derive(Clone, Debug)]
pub enum Expr<T> {
    /// The value itself.
    Literal(T),
    /// A minijinja template whose result must be of the type.
    Template(Text),
}

/// A type that a field may have: how its literal, or the template in its place, looks in the text.
pub trait Declared {
    /// The schema of a literal or a template, without words.
    fn shape() -> Schema;
}

impl<T: Declared> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::shape()
    }
}

impl Declared for Arc<str> {
    fn shape() -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Declared for f64 {
    fn shape() -> Schema {
        json_schema!({ "type": ["number", "string"], "pattern": TEMPLATE })
    }
}

impl Declared for i64 {
    fn shape() -> Schema {
        json_schema!({ "type": ["integer", "string"], "pattern": TEMPLATE })
    }
}

impl Declared for bool {
    fn shape() -> Schema {
        json_schema!({ "type": ["boolean", "string"], "pattern": TEMPLATE })
    }
}

impl Declared for Aspect {
    fn shape() -> Schema {
        word_shape(Self::ALL.iter().map(|one| (one.word(), one.meaning())))
    }
}

impl Declared for Style {
    fn shape() -> Schema {
        word_shape(Self::ALL.iter().map(|one| (one.word(), one.meaning())))
    }
}

impl Declared for Fit {
    fn shape() -> Schema {
        word_shape(Self::ALL.iter().map(|one| (one.word(), one.meaning())))
    }
}

/// One of some words, or a template. The words have no type of their own: for a number in their place editors would
/// tell of the type and of the words, two messages for one slip.
fn word_shape(words: impl Iterator<Item = (&'static str, &'static str)>) -> Schema {
    let (words, meanings): (Vec<&str>, Vec<&str>) = words.unzip();
    json_schema!({
        "anyOf": [
            { "enum": words, "enumDescriptions": meanings, "markdownEnumDescriptions": meanings },
            { "type": "string", "title": "template", "pattern": TEMPLATE },
        ],
    })
}
