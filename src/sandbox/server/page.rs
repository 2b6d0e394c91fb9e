//! Pages of lists: `limit` and `end_cursor` in the query of a request.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The vendor's default and maximum page size.
const LIMITS: (usize, usize) = (100, 10_000);

/// Returns the names and values of a query. The first of several equal names counts.
pub fn query(text: Option<&str>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
        values.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    values
}

/// One requested page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Maximum number of items.
    pub limit: usize,
    /// Only items with numbers below this one.
    pub before: u64,
}

impl Page {
    /// Reads limit and cursor.
    ///
    /// # Errors
    /// A message, if the limit is out of range or the cursor was not issued by the sandbox.
    pub fn read(query: &BTreeMap<String, String>) -> Result<Page, String> {
        let limit = match query.get("limit") {
            None => LIMITS.0,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LIMITS.1).contains(limit))
                .ok_or_else(|| format!("`limit` must be a whole number from 1 to {}", LIMITS.1))?,
        };
        let before = match query.get("end_cursor").filter(|cursor| !cursor.is_empty()) {
            None => u64::MAX,
            Some(cursor) => uncursor(cursor).ok_or("`end_cursor` is none of ours")?,
        };
        Ok(Page { limit, before })
    }
}

/// Returns the cursor of the items after the one with this number.
pub fn cursor(number: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("before {number}"))
}

fn uncursor(cursor: &str) -> Option<u64> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    std::str::from_utf8(&text).ok()?.strip_prefix("before ")?.parse().ok()
}
