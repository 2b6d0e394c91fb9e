//! Lists over HTTP, page by page, with the method that the vendor serves.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::envelope::Envelope;
use super::http::{MAX_LIST_RESPONSE_BYTES, RetryPolicy};
use super::pagination::{ListEntry, ListPage, ListedEntries, Paginator, VendorList};
use super::{CallError, HttpVendor, Redactor};

impl HttpVendor {
    /// Whether the vendor serves its list of videos by POST: it responded to GET with 404 or 405.
    pub fn lists_by_post(&self) -> bool {
        self.list_by_post.load(Ordering::Relaxed)
    }

    /// Returns the entries of a list as the vendor sends them, without secrets. Some may be missing: see
    /// [`ListedEntries::total`].
    ///
    /// # Errors
    /// [`CallError`] if the vendor refuses or sends no usable response.
    pub async fn entries(&self, list: VendorList) -> Result<ListedEntries<Value>, CallError> {
        let mut gathered: ListedEntries<Value> = self.gather(list).await?;
        gathered.entries.iter_mut().for_each(|entry| redact(entry, self.redactor()));
        Ok(gathered)
    }

    /// Returns all entries of a list. A gap is an error.
    pub(super) async fn list_all<T: ListEntry>(&self, list: VendorList) -> Result<Vec<T>, CallError> {
        let ListedEntries { entries, total, complete } = self.gather::<T>(list).await?;
        let name = list.name();
        if entries.iter().filter_map(T::id).any(|id| self.redactor().contains_secret(id)) {
            return Err(CallError::InvalidResponse(format!("an `id` in the vendor's list of {name} holds a secret")));
        }
        if !complete {
            let (came, of) = (entries.len(), total.map_or("an unknown number".to_owned(), |total| total.to_string()));
            return Err(CallError::InvalidResponse(format!("the vendor's list of {name} ended after {came} of {of}")));
        }
        Ok(entries)
    }

    /// Collects the entries of all pages of a list.
    async fn gather<T: ListEntry>(&self, list: VendorList) -> Result<ListedEntries<T>, CallError> {
        let mut listing = Paginator::default();
        let mut cursor: Option<String> = None;
        loop {
            let mut url = self.base.endpoint(list.path());
            let query = list.query().into_iter().chain(cursor.clone().map(|cursor| ("end_cursor", cursor)));
            for (name, value) in query {
                url.query_pairs_mut().append_pair(name, &value);
            }
            let envelope = self.page(list, &url).await?;
            let page = ListPage::parse(list, &envelope.data).map_err(CallError::InvalidResponse)?;
            tracing::debug!(of = list.name(), first = cursor.is_none(), "page of a list read");
            cursor = listing.add(page);
            if cursor.is_none() {
                return Ok(listing.gathered);
            }
        }
    }

    /// Requests one page of a list.
    ///
    /// The vendor's documentation of the list of videos is headed GET, but its example says POST. So after a 404 or 405
    /// to GET, the client sends one POST. If that succeeds, the client stays with POST.
    async fn page(&self, list: VendorList, url: &Url) -> Result<Envelope, CallError> {
        let ask = async |method: Method| {
            let request = || self.reader.request(method.clone(), url.clone());
            self.query(request, MAX_LIST_RESPONSE_BYTES, self.timeout, RetryPolicy::Idempotent).await
        };
        if list == VendorList::Videos && self.lists_by_post() {
            return ask(Method::POST).await;
        }
        let refused = match ask(Method::GET).await {
            Err(error @ CallError::Refused { code: 404 | 405, .. }) if list == VendorList::Videos => error,
            asked => return asked,
        };
        tracing::debug!(%refused, of = list.name(), "the list is not served by GET: trying POST");
        match ask(Method::POST).await {
            Ok(envelope) => {
                self.list_by_post.store(true, Ordering::Relaxed);
                Ok(envelope)
            }
            Err(error @ CallError::Key(_)) => Err(error),
            // The documented method failed first, so its error says more.
            Err(_) => Err(refused),
        }
    }
}

/// Removes secrets, in case the vendor echoes the credentials into a file that callsheet writes.
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
    fn an_echoed_key_is_taken_out_wherever_it_stands() {
        let key = SecretString::from("sk-0123456789");
        let mut value = json!({"id": "a", "urls": ["https://p.example/?key=sk-0123456789", 3, null]});
        redact(&mut value, &Redactor::new([&key]));
        assert_eq!(value, json!({"id": "a", "urls": ["https://p.example/?key=[redacted]", 3, null]}));
    }
}
