//! A field as written: a literal of its type, or a template that will give one.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::pattern::TEMPLATE;
use crate::source::Origin;
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

impl JsonSchema for Field<Arc<str>> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl JsonSchema for Field<bool> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["boolean", "string"], "pattern": TEMPLATE })
    }
}
