//! Durations on the command line.

use std::time::Duration;

/// Parses a duration with units: `90s`, `20m`, `1h30m`, `2d`.
///
/// # Errors
///
/// Returns a message if the text is not a duration. A number without a unit is ambiguous, so it is an error too.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time with its unit, such as `90s`, `20m`, `1h30m` or `2d`".to_owned();
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|one: char| !one.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = match rest.as_bytes().get(digits) {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3_600,
            Some(b'd') => 86_400,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        rest = &rest[digits + 1..];
    }
    // Clocks cannot represent durations beyond a hundred years.
    if text.trim().is_empty() || seconds > 100 * 366 * 86_400 { Err(wrong()) } else { Ok(Duration::from_secs(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        for (text, seconds) in [("90s", 90), ("20m", 1_200), ("1h30m", 5_400), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "20", "m", "-5m", "1.5h", "20 m", "5w", "99999999999999d", "ms", "1m2"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }
}
