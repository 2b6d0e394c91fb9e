//! Resolves plain scalars by YAML 1.2's core schema.

use super::Value;

/// Returns the value of a plain scalar, or `None` for a string.
///
/// # Errors
/// What is wrong with a number that a manifest cannot have, as text after the number.
pub(super) fn resolve(text: &str) -> Result<Option<Value>, &'static str> {
    let Some(first) = text.bytes().next() else { return Ok(Some(Value::Null)) };
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Ok(Some(Value::Null)),
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Ok(Some(Value::Bool(true))),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Ok(Some(Value::Bool(false))),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => Ok(None),
    }
}

fn number(text: &str) -> Result<Option<Value>, &'static str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err("is not a number that can be used");
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return integer(i64::from_str_radix(digits, radix));
        }
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return integer(text.parse());
    }
    if !is_decimal(unsigned) {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_infinite() => Err("is too large for a number"),
        Ok(value) if value == 0.0 && mantissa(unsigned).any(|digit| digit != b'0') => Err("is too small for a number"),
        Ok(value) => Ok(Some(Value::Float(value))),
        Err(_) => Ok(None),
    }
}

fn integer(parsed: Result<i64, std::num::ParseIntError>) -> Result<Option<Value>, &'static str> {
    // The digits are already checked, so only the size can fail.
    parsed.map(|value| Some(Value::Int(value))).map_err(|_| "does not fit into a 64-bit whole number")
}

fn mantissa(unsigned: &str) -> impl Iterator<Item = u8> {
    unsigned.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit)
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(unsigned: &str) -> bool {
    let (body, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let body_fits = match body.split_once('.') {
        Some(("", after)) => digits(after),
        Some((before, after)) => digits(before) && (after.is_empty() || digits(after)),
        None => digits(body),
    };
    body_fits && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::yaml::Value;

    #[test]
    fn words_of_yaml_1_1_are_strings() {
        for text in ["no", "yes", "on", "off", "y", "16:9", "2024-01-01", "1_000", "0b1", "-", "+", ".", "1e", "e5"] {
            assert!(matches!(resolve(text), Ok(None)), "{text}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_core_schema() {
        for (text, value) in [("0", 0), ("-12", -12), ("+3", 3), ("0x1F", 31), ("0o17", 15), ("007", 7)] {
            assert!(matches!(resolve(text), Ok(Some(Value::Int(found))) if found == value), "{text}");
        }
        for (text, value) in [("1.", 1.0), (".5", 0.5), ("-1.5e3", -1500.0), ("1e2", 100.0), ("0e-999", 0.0)] {
            assert!(matches!(resolve(text), Ok(Some(Value::Float(found))) if found.to_bits() == f64::to_bits(value)));
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        for (text, fault) in [
            ("9223372036854775808", "does not fit into a 64-bit whole number"),
            ("-9223372036854775809", "does not fit into a 64-bit whole number"),
            ("0xFFFFFFFFFFFFFFFF", "does not fit into a 64-bit whole number"),
            ("1e999", "is too large for a number"),
            ("1e-999", "is too small for a number"),
            ("-.inf", "is not a number that can be used"),
            (".NaN", "is not a number that can be used"),
        ] {
            assert_eq!(resolve(text).err(), Some(fault), "{text}");
        }
    }
}
