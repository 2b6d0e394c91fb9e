//! The rules that hold for the strings of specs.

use std::sync::Arc;

use crate::diagnostic::Code;
use crate::spec::{TEXT_LIMIT, without_signature};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub code: Code,
    pub message: String,
    pub help: Option<&'static str>,
}

impl Wrong {
    fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None }
    }

    fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }
}

/// An id or a word: not empty, without control characters.
pub(super) fn id(text: &Arc<str>, path: &str) -> Result<Arc<str>, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::new(Code::WrongResult, format!("`{path}` is empty")));
    }
    if text.chars().any(char::is_control) {
        let message = format!("`{path}` has a line break or another control character");
        return Err(Wrong::new(Code::WrongResult, message));
    }
    Ok(Arc::clone(text))
}

/// A label: not empty, without control characters.
pub(super) fn name(text: &Arc<str>, path: &str) -> Result<Arc<str>, Wrong> {
    id(text, path).map_err(|wrong| Wrong { code: Code::BadKey, ..wrong })
}

/// `#rrggbb`, in lower case.
pub(super) fn color(text: &Arc<str>, path: &str) -> Result<Arc<str>, Wrong> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    if !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        let message = format!("`{path}` is `{}`, not a colour", super::key::shown(text));
        return Err(Wrong::new(Code::BadColor, message).help("write a colour as `#rrggbb`"));
    }
    Ok(if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        Arc::clone(text)
    })
}

/// What is spoken: 1 to [`TEXT_LIMIT`] characters after trimming.
pub(super) fn text(text: &Arc<str>) -> Result<Arc<str>, Wrong> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Wrong::new(Code::TextLength, "the text to be spoken is empty".to_owned()));
    }
    // Bytes are never fewer than characters, so most texts need no counting.
    let count = if trimmed.len() > TEXT_LIMIT { trimmed.chars().count() } else { 0 };
    if count > TEXT_LIMIT {
        let message = format!("the text has {count} characters, more than the 4999 that the vendor speaks");
        return Err(Wrong::new(Code::TextLength, message).help("cut it into several videos"));
    }
    if !text.contains(|one: char| one.is_control() && one != '\n') {
        return Ok(Arc::clone(text));
    }
    // A cell of a table from another system must not cost a second take.
    let unix = text.replace("\r\n", "\n");
    match unix.chars().find(|one| one.is_control() && !matches!(one, '\n' | '\t')) {
        Some(one) => {
            let message = format!("the text holds the control character U+{:04X}", u32::from(one));
            Err(Wrong::new(Code::NulByte, message).help("remove it: nobody can speak it"))
        }
        None => Ok(unix.into()),
    }
}

/// A URL that the vendor can fetch.
pub(super) fn url(text: &Arc<str>, path: &str) -> Result<Arc<str>, Wrong> {
    let wrong = |why: &str| {
        let shown = super::key::shown(&without_signature(text));
        Wrong::new(Code::BadUrl, format!("`{path}` is `{shown}`, {why}"))
    };
    if text.chars().any(|one| one.is_control() || one.is_whitespace()) {
        return Err(wrong("which has a blank or a control character"));
    }
    let parsed = url::Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            wrong("which is not a URL").help("begin it with `https://`, or name a file of the project by `path`")
        }
        error => wrong(&format!("which is not a URL: {error}")),
    })?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong("whose scheme is neither http nor https"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        let wrong = Wrong::new(Code::BadUrl, format!("`{path}` holds a user name or password"));
        return Err(wrong.help("a manifest must not hold a password"));
    }
    Ok(Arc::clone(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(text: &str) -> Arc<str> {
        text.into()
    }

    #[test]
    fn colours_are_stored_in_lower_case() {
        assert_eq!(&*color(&arc("#FFeeCC"), "background.color").unwrap(), "#ffeecc");
        for bad in ["", "#fff", "ffeecc", "#ffeecg", "#ffeecc ", "red", "#ffeecc00", "#ßßß"] {
            assert_eq!(color(&arc(bad), "background.color").unwrap_err().code, Code::BadColor, "{bad}");
        }
    }

    #[test]
    fn a_text_is_counted_in_characters_after_trimming() {
        let most = format!("  {}\n", "ü".repeat(TEXT_LIMIT));
        assert_eq!(*text(&arc(&most)).unwrap(), *most, "it is kept as written");
        assert_eq!(&*text(&arc("a\r\n\tb")).unwrap(), "a\n\tb");
        assert_eq!(text(&arc("a\u{1b}[2J")).unwrap_err().code, Code::NulByte);
        let wrong = text(&arc(&format!("{most}ü"))).unwrap_err();
        assert_eq!(wrong.code, Code::TextLength);
        assert!(wrong.message.starts_with("the text has 5001 characters"), "{}", wrong.message);
        assert_eq!(text(&arc(" \n\t")).unwrap_err().message, "the text to be spoken is empty");
    }

    #[test]
    fn a_url_is_one_that_the_vendor_can_fetch() {
        assert!(url(&arc("https://cdn.example.com/a.jpg?x=1"), "u").is_ok());
        assert!(url(&arc("http://example.com"), "u").is_ok());
        for bad in [
            "",
            "cdn.example.com/a.jpg",
            "ftp://x.y/z",
            "file:///etc/passwd",
            "https://",
            "https://a b/c",
            "https://a/\n",
        ] {
            assert_eq!(url(&arc(bad), "u").unwrap_err().code, Code::BadUrl, "{bad:?}");
        }
        assert!(!url(&arc("https://me:secret@x.y/"), "u").unwrap_err().message.contains("secret"));
    }

    #[test]
    fn ids_and_names_are_one_line() {
        assert!(id(&arc("Rk1nN=="), "avatar.id").is_ok());
        assert_eq!(id(&arc(" "), "avatar.id").unwrap_err().message, "`avatar.id` is empty");
        assert_eq!(id(&arc("a\nb"), "avatar.id").unwrap_err().code, Code::WrongResult);
        assert_eq!(name(&arc("a\u{1b}[0m"), "name").unwrap_err().code, Code::BadKey);
    }
}
