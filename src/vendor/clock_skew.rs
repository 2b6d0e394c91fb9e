//! The offset of the vendor's clock from this machine's, from the `Date` header of its responses.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use jiff::SignedDuration;
use reqwest::header::{AGE, DATE, HeaderMap};

/// The resolution of a `Date` header.
const DATE_STEP: Duration = Duration::from_secs(1);

/// The offset by the first response with a `Date`. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockSkew(Arc<OnceLock<SignedDuration>>);

impl ClockSkew {
    /// Measures the offset with a response whose headers arrived between two times of our clock. Only the first one
    /// counts.
    pub fn measure(&self, headers: &HeaderMap, (asked, answered): (SystemTime, SystemTime)) {
        // A cached response has the date at which the vendor made it.
        let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE));
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let Some(date) = date.filter(|_| self.0.get().is_none()) else { return };
        let offset = offset(date, (asked, answered));
        tracing::debug!(offset_seconds = offset.as_secs(), "the vendor's clock against ours");
        // Another response may have been first.
        let _later = self.0.set(offset);
    }

    /// Returns the offset. Positive if the vendor's clock is ahead.
    pub fn offset(&self) -> Option<SignedDuration> {
        self.0.get().copied()
    }
}

/// Returns the distance of a date from the interval in which it was written. Zero if it is within.
fn offset(date: SystemTime, (asked, answered): (SystemTime, SystemTime)) -> SignedDuration {
    let span = |from: SystemTime, to: SystemTime| {
        SignedDuration::try_from(to.duration_since(from).unwrap_or_default()).unwrap_or(SignedDuration::MAX)
    };
    let end = date.checked_add(DATE_STEP).unwrap_or(date);
    if date > answered {
        span(answered, date)
    } else if end < asked {
        -span(end, asked)
    } else {
        SignedDuration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_time_of_the_exchange_itself_is_no_offset() {
        for date in [99, 100, 130, 160] {
            assert_eq!(offset(at(date), (at(100), at(160))), SignedDuration::ZERO, "{date}");
        }
        assert_eq!(offset(at(200), (at(100), at(160))), SignedDuration::from_secs(40));
        assert_eq!(offset(at(59), (at(100), at(160))), SignedDuration::from_secs(-40));
        assert_eq!(
            offset(at(100), (at(160), at(90))),
            SignedDuration::from_secs(10),
            "our clock was set back meanwhile"
        );
    }

    #[test]
    fn the_first_date_counts_and_a_cached_one_does_not() {
        let skew = ClockSkew::default();
        let headers = |date: &str, age: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, date.parse().unwrap());
            if age {
                headers.insert(AGE, "7200".parse().unwrap());
            }
            headers
        };
        let moment = (at(7200), at(7200));
        skew.measure(&HeaderMap::new(), moment);
        skew.measure(&headers("yesterday", false), moment);
        skew.measure(&headers("Thu, 01 Jan 1970 00:00:00 GMT", true), moment);
        assert_eq!(skew.offset(), None);
        skew.measure(&headers("Thu, 01 Jan 1970 03:00:00 GMT", false), moment);
        skew.measure(&headers("Thu, 01 Jan 1970 02:00:00 GMT", false), moment);
        assert_eq!(skew.offset(), Some(SignedDuration::from_hours(1)));
    }
}
