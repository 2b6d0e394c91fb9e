//! A declared value: a literal, or a template that makes one.

use std::sync::Arc;

use crate::fields::Value;
use crate::source::Origin;
use crate::yaml::Text;

pub use super::pattern::has_template;

/// A declared value with its places.
#[derive(Clone, Debug)]
pub struct Field {
    /// The value, or the template that makes it.
    pub value: Expr,
    /// Where the value is written.
    pub origin: Origin,
    /// Where its key is written.
    pub key_origin: Origin,
}

/// The value of a field as declared.
#[derive(Clone, Debug)]
pub enum Expr {
    /// The value in its stored form, checked. A file is its path.
    Literal(Value),
    /// A minijinja template. Its result must be of the field's type.
    Template(Text),
    /// A literal that breaks a rule of its type. The report says why.
    Rejected,
}

impl Field {
    /// Returns the text of a literal.
    pub fn literal(&self) -> Option<&Arc<str>> {
        match &self.value {
            Expr::Literal(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the template.
    pub fn template(&self) -> Option<&Text> {
        match &self.value {
            Expr::Template(text) => Some(text),
            _ => None,
        }
    }
}

/// Returns a text to be spoken as every editor and every system writes it: without byte order mark and final newlines,
/// each line break as one character.
pub fn normalize_speech(text: &Arc<str>) -> Arc<str> {
    let marked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ended = marked.trim_end_matches(['\n', '\r']);
    if ended.contains("\r\n") {
        return ended.replace("\r\n", "\n").into();
    }
    if ended.len() == text.len() { Arc::clone(text) } else { ended.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_the_same_in_every_editor() {
        let plain: Arc<str> = "one\ntwo".into();
        for same in ["\u{feff}one\r\ntwo\r\n", "one\ntwo\n\n\n", "one\r\ntwo", "\u{feff}one\ntwo\r\n\r\n"] {
            assert_eq!(normalize_speech(&same.into()), plain, "{same:?}");
        }
        assert_eq!(&*normalize_speech(&" a \n\nb ".into()), " a \n\nb ");
        assert!(Arc::ptr_eq(&normalize_speech(&plain), &plain), "an unchanged text is shared");
    }
}
