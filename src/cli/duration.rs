//! Durations on the command line.

use std::time::Duration;

use crate::source::parse_duration;

/// Clocks do not calculate with longer spans.
const MAX_DURATION: Duration = Duration::from_hours(100 * 366 * 24);

/// A span in whole seconds with its units: `90s`, `20m`, `1h30m`, `2d`.
///
/// # Errors
/// The message for anything else.
pub fn parse_duration_argument(text: &str) -> Result<Duration, String> {
    parse_duration(text.trim())
        .filter(|span| !text.contains("ms") && *span <= MAX_DURATION)
        .ok_or_else(|| "write a time with its unit, such as `90s`, `20m`, `1h30m` or `2d`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_whole_seconds_and_an_end() {
        assert_eq!(parse_duration_argument(" 1h30m "), Ok(Duration::from_mins(90)));
        for wrong in ["", "20", "-5m", "1000ms", "36601d", "99999999999999d"] {
            assert!(parse_duration_argument(wrong).is_err(), "{wrong}");
        }
    }
}
