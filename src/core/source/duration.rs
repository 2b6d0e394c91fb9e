//! Lengths of time as users write them.

use std::time::Duration;

/// Reads whole numbers, each with its unit: `500ms`, `90s`, `1h30m`, `2d`.
///
/// Returns `None` for anything else. A bare number does not say what it counts. (The friendly format of `jiff` also
/// has fractions, signs and words, and refuses days or many hours, depending on the type that is read.)
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = Some(text).filter(|text| !text.is_empty())?;
    let mut all = Duration::ZERO;
    while !rest.is_empty() {
        let number = rest.find(|one: char| !one.is_ascii_digit())?;
        let unit = rest[number..].find(|one: char| one.is_ascii_digit()).map_or(rest.len(), |unit| number + unit);
        let milliseconds: u64 = match &rest[number..unit] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let one = rest[..number].parse::<u64>().ok()?.checked_mul(milliseconds)?;
        all = all.checked_add(Duration::from_millis(one))?;
        rest = &rest[unit..];
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_units() {
        for (text, seconds) in [("90s", 90), ("20m", 1_200), ("1h30m", 5_400), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        let refused = ["", "20", "m", "-5m", "1.5h", "20 m", " 1s", "5w", "ms", "1m2"];
        for refused in refused.into_iter().chain(["99999999999999999999h", "9999999999999999h", "99999999999999d"]) {
            assert_eq!(parse_duration(refused), None, "{refused}");
        }
    }
}
