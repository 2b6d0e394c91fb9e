//! Lists over HTTP, page by page, by the method that the vendor serves.

use std::sync::atomic::Ordering;

use reqwest::Method;
use url::Url;

use super::envelope::Envelope;
use super::http::{LARGE_ANSWER, Repeat};
use super::listing::{Listed, Listing, PAGE_SIZE, Page, Step};
use super::{CallError, HttpVendor};

impl HttpVendor {
    /// Whether the vendor serves its list of videos by POST: it answered GET with 404 or 405.
    pub fn lists_by_post(&self) -> bool {
        self.list_by_post.load(Ordering::Relaxed)
    }

    /// All pages of a list.
    pub(super) async fn list<T: Listed>(&self, first: Url) -> Result<Vec<T>, CallError> {
        let mut listing = Listing::default();
        let mut cursor: Option<String> = None;
        loop {
            let mut url = first.clone();
            url.query_pairs_mut().append_pair("limit", &PAGE_SIZE.to_string());
            if let Some(cursor) = &cursor {
                url.query_pairs_mut().append_pair("end_cursor", cursor);
            }
            let envelope = self.page::<T>(&url).await?;
            let page: Page<T> = Page::parse(&envelope.data).map_err(CallError::Unusable)?;
            if page.entries.iter().any(|entry| self.redactor().finds_in(entry.id())) {
                return Err(CallError::Unusable(format!(
                    "an `id` in the vendor's list of {} holds a secret",
                    T::UNDER
                )));
            }
            tracing::debug!(of = T::UNDER, first = cursor.is_none(), "page of a list read");
            match listing.add(page) {
                Step::Next(next) => cursor = Some(next),
                Step::Done(entries) => return Ok(entries),
                Step::Incomplete { came, total } => {
                    let of = total.map_or_else(|| "an unknown number".to_owned(), |total| total.to_string());
                    let words = format!("the vendor's list of {} ended after {came} of {of}", T::UNDER);
                    return Err(CallError::Unusable(words));
                }
            }
        }
    }

    /// One page of a list.
    ///
    /// The vendor's page on the list of videos is headed GET, and its example says POST. So a GET that is answered with
    /// 404 or 405 is followed by one POST; if that is served, the client stays with POST.
    async fn page<T: Listed>(&self, url: &Url) -> Result<Envelope, CallError> {
        let ask = async |method| {
            let request = self.reader.request(method, url.clone());
            self.ask(&request, LARGE_ANSWER, self.timeout, Repeat::Anything).await
        };
        if T::MAY_BE_POST && self.lists_by_post() {
            return ask(Method::POST).await;
        }
        let refused = match ask(Method::GET).await {
            Err(error @ CallError::Refused { code: 404 | 405, .. }) if T::MAY_BE_POST => error,
            asked => return asked,
        };
        tracing::debug!(%refused, of = T::UNDER, "the list is not served by GET: asking by POST");
        match ask(Method::POST).await {
            Ok(envelope) => {
                self.list_by_post.store(true, Ordering::Relaxed);
                Ok(envelope)
            }
            Err(error @ CallError::Key(_)) => Err(error),
            // The documented method failed first, so its answer says more.
            Err(_) => Err(refused),
        }
    }
}
