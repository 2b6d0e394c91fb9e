//! Results of whole-string templates as values of a field's type.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Origin;
use crate::spec::{Aspect, Fit, Style};

/// A type that a template's trimmed result can be read as.
pub(super) trait Typed: Copy {
    /// The value, or what is wrong.
    fn parse(text: &str) -> Result<Self, Wrong>;
}

/// Why a result is not of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    code: Code,
    /// What is wanted: `a number`.
    wanted: String,
    /// The word for a vendor's number, or the nearest word.
    meant: Option<&'static str>,
}

impl Wrong {
    fn result(wanted: &str) -> Self {
        Self { code: Code::WrongResult, wanted: wanted.to_owned(), meant: None }
    }

    /// The message for a field; the text is cut.
    pub(super) fn diagnostic(self, path: &str, text: &str, origin: Origin) -> Diagnostic {
        let shown = super::key::shown(text);
        if self.code == Code::VendorNumber {
            let word = self.meant.unwrap_or_default();
            let message = format!("the template gives `{shown}`, the vendor's number, for `{path}`");
            return Diagnostic::new(self.code, message, origin).label(format!("write `{word}`"));
        }
        let message = format!("the template gives `{shown}`, but `{path}` wants {}", self.wanted);
        let fault = Diagnostic::new(self.code, message, origin);
        match self.meant {
            Some(word) => fault.label(format!("did you mean `{word}`?")),
            None => fault,
        }
    }
}

impl Typed for f64 {
    fn parse(text: &str) -> Result<Self, Wrong> {
        let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        let value = text.parse::<f64>().ok().filter(|value| plain && value.is_finite());
        value.ok_or_else(|| Wrong::result("a number"))
    }
}

impl Typed for i64 {
    fn parse(text: &str) -> Result<Self, Wrong> {
        text.parse().map_err(|_| Wrong::result("a whole number"))
    }
}

impl Typed for bool {
    fn parse(text: &str) -> Result<Self, Wrong> {
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Wrong::result("`true` or `false`")),
        }
    }
}

fn wrong_word(text: &str, words: &[&'static str], by_number: Option<&'static str>) -> Wrong {
    let wanted = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match by_number {
        Some(word) => Wrong { code: Code::VendorNumber, wanted, meant: Some(word) },
        None => Wrong { code: Code::WrongResult, wanted: format!("one of {wanted}"), meant: find(text, words) },
    }
}

fn find(text: &str, words: &[&'static str]) -> Option<&'static str> {
    nearest(text, words.iter().copied())
}

macro_rules! word_type {
    ($($name:ident)*) => {$(
        impl Typed for $name {
            fn parse(text: &str) -> Result<Self, Wrong> {
                $name::from_word(text).ok_or_else(|| {
                    let words: Vec<_> = $name::ALL.iter().map(|one| one.word()).collect();
                    let number = text.parse().ok().and_then($name::from_number).map(Self::word);
                    wrong_word(text, &words, number)
                })
            }
        }
    )*};
}

word_type! { Aspect Style Fit }

/// `when`: true for true, yes, 1; false for false, no, 0 and empty, in any case.
pub(super) fn parse_when(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_and_plain() {
        assert_eq!(f64::parse("1.05"), Ok(1.05));
        assert_eq!(f64::parse("-2"), Ok(-2.0));
        for bad in ["", "inf", "NaN", "1,5", "1e999", "1 2", "0x1", "infinity"] {
            assert!(f64::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(i64::parse("-240"), Ok(-240));
        for bad in ["", "1.0", "9223372036854775808", "one"] {
            assert!(i64::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_vendors_number_names_the_word() {
        let origin = Origin::new(crate::source::FileId(0), 0, 1);
        let fault = Aspect::parse("2").unwrap_err().diagnostic("aspect", "2", origin);
        assert_eq!(fault.code, Code::VendorNumber);
        assert_eq!(fault.primary.unwrap().text, "write `9:16`");
        let fault = Style::parse("haff").unwrap_err().diagnostic("avatar.style", "haff", origin);
        assert_eq!(fault.code, Code::WrongResult);
        assert_eq!(fault.message, "the template gives `haff`, but `avatar.style` wants one of `full`, `half`, `round`");
        assert_eq!(fault.primary.unwrap().text, "did you mean `half`?");
        assert_eq!(Fit::parse("cover"), Ok(Fit::Cover));
    }

    #[test]
    fn when_is_generous_but_not_guessing() {
        for yes in ["true", "YES", " 1 ", "True"] {
            assert_eq!(parse_when(yes), Some(true), "{yes}");
        }
        for no in ["false", "No", "0", "", "  "] {
            assert_eq!(parse_when(no), Some(false), "{no}");
        }
        for neither in ["maybe", "2", "on", "y", "ja"] {
            assert_eq!(parse_when(neither), None, "{neither}");
        }
    }
}
