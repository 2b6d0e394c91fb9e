//! A field as written: a literal of its type, or a template that will give one.

use crate::source::Origin;
use crate::yaml::Text;

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

/// Whether a string holds template markers and so must be rendered.
pub fn has_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}
