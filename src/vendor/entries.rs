//! The vendor's lists of avatars, voices and templates: no client agrees on their shape, so entries are given as they
//! came, in whatever place the list lies.

use std::collections::HashSet;

use serde_json::Value;

use super::envelope::{integer, text};
use super::{CallError, HttpVendor, Redactor, wire};

/// Entries asked for in one page of templates (vendor's limit: 10,000).
const PAGE_SIZE: &str = "10000";
/// More pages than this are a fault.
const MOST_PAGES: usize = 1_000;

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryList {
    /// Avatars.
    Avatars,
    /// Voices.
    Voices,
    /// Templates that everybody has.
    Templates,
    /// Templates of this account.
    OwnTemplates,
}

/// What came of one list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries {
    /// The entries as they came, without the key.
    pub values: Vec<Value>,
    /// How many the vendor says there are, where that is more than came.
    pub of: Option<usize>,
}

impl EntryList {
    fn path(self) -> &'static str {
        match self {
            Self::Avatars => wire::AVATAR_LIST,
            Self::Voices => wire::VOICE_LIST,
            Self::Templates | Self::OwnTemplates => wire::TEMPLATE_LIST,
        }
    }

    /// What clients of the API send; avatars and voices take no parameter that is known.
    fn query(self) -> Vec<(&'static str, String)> {
        let personal = match self {
            Self::Avatars | Self::Voices => return Vec::new(),
            Self::Templates => "false",
            Self::OwnTemplates => "true",
        };
        vec![("personal", personal.to_owned()), ("limit", PAGE_SIZE.to_owned())]
    }

    /// The name of the array, and what it is called in words.
    fn word(self) -> &'static str {
        match self {
            Self::Avatars => "avatars",
            Self::Voices => "voices",
            Self::Templates | Self::OwnTemplates => "templates",
        }
    }
}

impl HttpVendor {
    /// All entries of a list, paged through where there are pages; retried when the vendor is busy.
    ///
    /// # Errors
    /// [`CallError`] when the vendor refuses or gives no usable answer.
    pub async fn entries(&self, list: EntryList) -> Result<Entries, CallError> {
        let mut gathered = Entries::default();
        let mut cursors: HashSet<String> = HashSet::new();
        let mut query = list.query();
        let mut total = None;
        for _ in 0..MOST_PAGES {
            let envelope = self.get(list.path(), &query).await?;
            let mut page = entries(&envelope.data, list.word())
                .ok_or_else(|| CallError::Unusable(format!("the list holds no `{}`", list.word())))?;
            for entry in &mut page {
                redact(entry, self.redactor());
            }
            let came = page.len();
            gathered.values.append(&mut page);
            total = total.or_else(|| envelope.data.get("total").and_then(integer));
            let cursor = envelope.data.get("end_cursor").and_then(text);
            let Some(cursor) = cursor.filter(|_| came > 0).filter(|cursor| cursors.insert(cursor.clone())) else {
                break;
            };
            query.retain(|(name, _)| *name != "end_cursor");
            query.push(("end_cursor", cursor));
        }
        gathered.of =
            total.and_then(|total| usize::try_from(total).ok()).filter(|total| *total > gathered.values.len());
        Ok(gathered)
    }
}

/// The entries of a page: under the list's own name, `list`, `items`, or `data` itself.
fn entries(data: &Value, word: &str) -> Option<Vec<Value>> {
    let list = [word, "list", "items"].into_iter().find_map(|name| data.get(name)).unwrap_or(data);
    match list {
        Value::Array(entries) => Some(entries.clone()),
        // PHP writes an empty list as null now and then.
        Value::Null if data.is_object() => Some(Vec::new()),
        _ => None,
    }
}

/// A vendor that echoes the key must not get it into a file.
fn redact(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.redact(text),
        Value::Array(parts) => parts.iter_mut().for_each(|part| redact(part, redactor)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact(field, redactor)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_may_lie_in_several_places() {
        for data in [
            json!([{"id": 1}]),
            json!({"voices": [{"id": 1}]}),
            json!({"list": [{"id": 1}]}),
            json!({"items": [{"id": 1}], "total": 1}),
        ] {
            assert_eq!(entries(&data, "voices"), Some(vec![json!({"id": 1})]), "{data}");
        }
        assert_eq!(entries(&json!({"voices": null}), "voices"), Some(Vec::new()));
        for data in [json!(null), json!("x"), json!({}), json!({"voices": "none"})] {
            assert_eq!(entries(&data, "voices"), None, "{data}");
        }
    }

    #[test]
    fn an_echoed_key_is_taken_out_wherever_it_stands() {
        let key = SecretString::from("sk-0123456789");
        let mut value = json!({"id": "a", "urls": ["https://p.example/?key=sk-0123456789", 3, null]});
        redact(&mut value, &Redactor::new([&key]));
        assert_eq!(value, json!({"id": "a", "urls": ["https://p.example/?key=[redacted]", 3, null]}));
    }
}
