//! Values of parts, read strictly: what curl would send, and nothing looser.

use std::sync::Arc;

use url::Url;

use crate::preview::Colour;

/// The longest id that is believed.
const LONGEST_ID: usize = 256;
/// The longest emotion that is believed.
const LONGEST_EMOTION: usize = 64;

/// A whole number between two.
pub fn integer(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = plain.then(|| text.parse::<i64>().ok()).flatten();
    let value = value.ok_or_else(|| format!("must be a whole number, not `{}`{}", shown(text), quoted(text)))?;
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(format!("must be from {least} to {most}, not {value}"))
    }
}

/// A number with or without a fraction; no exponent, no sign but minus.
pub fn decimal(text: &str) -> Result<f64, String> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let value = (digits(whole) && digits(fraction)).then(|| text.parse::<f64>().ok()).flatten();
    value
        .filter(|value| value.is_finite())
        .ok_or_else(|| format!("must be a number such as 1.0, not `{}`{}", shown(text), quoted(text)))
}

/// `true` or `false`.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("must be true or false, not `{}`{}", shown(text), quoted(text))),
    }
}

/// `#rrggbb`, given back in lower case.
pub fn colour(text: &str) -> Result<Arc<str>, String> {
    match Colour::parse(text) {
        Some(_) => Ok(text.to_ascii_lowercase().into()),
        None => Err(format!("must be a colour such as #ffeecc, not `{}`{}", shown(text), quoted(text))),
    }
}

/// An opaque id: visible ASCII without quotes.
pub fn id(text: &str) -> Result<Arc<str>, String> {
    let visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`');
    if text.is_empty() {
        Err("is empty".to_owned())
    } else if text.len() > LONGEST_ID || !text.bytes().all(visible) {
        Err(format!("is no id: `{}`{}", shown(text), quoted(text)))
    } else {
        Ok(text.into())
    }
}

/// A web address.
pub fn web(text: &str) -> Result<Arc<str>, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        Some(_) if !text.chars().any(char::is_whitespace) => Ok(text.into()),
        // The text itself is left out: it may be presigned, and then holds a secret.
        _ => Err("must be an http or https address".to_owned()),
    }
}

/// One of an open list of words.
pub fn emotion(text: &str) -> Result<Arc<str>, String> {
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ' ');
    if text.is_empty() || text.chars().count() > LONGEST_EMOTION || !text.chars().all(plain) {
        return Err(format!("must be a word such as cheerful, not `{}`{}", shown(text), quoted(text)));
    }
    Ok(text.into())
}

/// A value as messages show it: short, and without what would break a line.
fn shown(text: &str) -> String {
    let plain = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut shown: String = text.chars().take(40).map(plain).collect();
    if text.chars().nth(40).is_some() {
        shown.push('…');
    }
    shown
}

fn quoted(text: &str) -> &'static str {
    if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        "; the quotes in the vendor's example are curl's and are not sent"
    } else {
        ""
    }
}
