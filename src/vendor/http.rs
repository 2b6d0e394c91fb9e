//! The vendor's API over HTTP. A request leaves at most once, and its outcome is never guessed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

use super::call_reply::{CallReply, call_reply};
use super::classify::{Exchange, HttpResponse};
use super::client_builder::{build_error, cause};
use super::clock_skew::ClockSkew;
use super::envelope::Envelope;
use super::file_body::FileBody;
use super::form::upload_form;
use super::pagination::{ListEntry as _, VendorList};
use super::{
    Backoff, BaseUrl, CallError, ClientError, Encoded, Form, HttpOptions, InDoubt, KeyRefused, ListedVideo,
    RateLimiter, RatePermit, Redactor, SubmitOutcome, TaskDetail, Tokens, Vendor, classify, detail_form, gzip,
};
use crate::spec::{LocalFile, MediaKind};

/// Maximum size of a response other than a list, in bytes.
pub(super) const MAX_RESPONSE_BYTES: usize = 1 << 20;
/// Maximum size of one page of a list, in bytes.
pub(super) const MAX_LIST_RESPONSE_BYTES: usize = 64 << 20;
/// Maximum tries of a call that costs nothing, including the first.
pub(super) const QUERY_TRIES: u32 = 6;
/// Minimum rate of an upload before it times out, in bytes per second.
const MIN_UPLOAD_RATE: u64 = 64 << 10;

/// The vendor's API over HTTP. Cheap to clone. Clones share the rate.
#[derive(Clone, Debug)]
pub struct HttpVendor {
    pub(super) base: BaseUrl,
    /// HTTP/1.1, with a new connection for every submission. The vendor may close an idle connection just as a request
    /// is written to it, which would put a video in doubt without need. hyper never replays a request on a new
    /// connection.
    submitter: Client,
    /// For all calls that cost nothing.
    pub(super) reader: Client,
    pub(super) rate: Arc<RateLimiter>,
    pub(super) tokens: Tokens,
    out_of_reach: Arc<AtomicBool>,
    skew: ClockSkew,
    pub(super) list_by_post: Arc<AtomicBool>,
    pub(super) timeout: Duration,
    /// Maximum tries of a call that costs nothing, including the first.
    pub(super) tries: u32,
    pub(super) clock: fn() -> std::time::SystemTime,
    pub(super) random: fn() -> u64,
}

impl HttpVendor {
    /// Creates a client. Sends nothing yet.
    ///
    /// # Errors
    /// [`ClientError`] if the URL is not usable, the host must not receive the credentials, the token cannot be sent,
    /// or no CA certificates are installed.
    pub fn new(options: &HttpOptions) -> Result<Self, ClientError> {
        let base = options.base()?;
        let headers = [(ACCEPT, HeaderValue::from_static("application/json"))].into_iter().collect();
        let client = || base.client(options.timeout).default_headers(HeaderMap::clone(&headers));
        Ok(Self {
            submitter: client().http1_only().pool_max_idle_per_host(0).build().map_err(build_error)?,
            reader: client().build().map_err(build_error)?,
            rate: Arc::new(RateLimiter::new(options.rate)),
            out_of_reach: Arc::default(),
            skew: ClockSkew::default(),
            list_by_post: Arc::default(),
            tokens: options.tokens.clone(),
            timeout: options.timeout,
            tries: QUERY_TRIES,
            clock: options.clock,
            random: options.random,
            base,
        })
    }

    /// Returns the same client with at most two tries per call, for commands whose user waits for the answer.
    #[must_use]
    pub fn with_few_tries(mut self) -> Self {
        self.tries = 2;
        self
    }

    /// Returns the host that identifies takes, without a port.
    pub fn host(&self) -> &str {
        &self.base.host
    }

    /// Returns the lifetime of the current token. `None` before the first exchange, and for a ready token.
    pub fn token_life(&self) -> Option<Duration> {
        self.tokens.current()?.life
    }

    /// Whether the client has a pair, which it exchanges for tokens.
    pub fn exchanges(&self) -> bool {
        self.tokens.credentials().pair().is_some()
    }

    /// Returns what removes the secret and the tokens from text.
    pub(super) fn redactor(&self) -> &Redactor {
        self.tokens.redactor()
    }

    /// Sends one request, at most once.
    pub(super) async fn exchange(&self, request: RequestBuilder, limit: usize, timeout: Duration) -> Exchange {
        let asked_at = (self.clock)();
        let sent = request.timeout(timeout).send().await;
        if let Ok(response) = &sent {
            self.out_of_reach.store(false, Ordering::Relaxed);
            self.skew.measure(response.headers(), (asked_at, (self.clock)()));
        }
        match sent {
            Ok(response) => match self.read(response, limit, timeout).await {
                Ok(answer) => Exchange::Answered(answer),
                Err(reason) => Exchange::Broken(reason),
            },
            // Only hyper's connector reports this: name, TCP, TLS and the tunnel of a proxy all precede the first byte
            // of the request. Any other timeout does not prove it.
            Err(error) if error.is_connect() => {
                Exchange::NeverConnected(format!("no connection to `{}`: {}", self.base.authority(), cause(error)))
            }
            Err(error) => Exchange::Broken(self.broken(error, timeout)),
        }
    }

    /// Reads a response to its end. The error is the reason: the response exceeds the limit, broke off, or has an
    /// encoding that callsheet cannot unpack.
    async fn read(&self, mut response: Response, limit: usize, timeout: Duration) -> Result<HttpResponse, String> {
        let status = response.status().as_u16();
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = wait.and_then(|text| classify::retry_after(text, (self.clock)()));
        let encoding = gzip::encoding(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(error, timeout))? {
            if body.len() + chunk.len() > limit {
                return Err(format!("the answer is larger than {limit} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        let body = gzip::unpack(body, encoding.as_deref(), limit)?;
        Ok(HttpResponse { status, retry_after, body })
    }

    fn broken(&self, error: reqwest::Error, timeout: Duration) -> String {
        if error.is_timeout() {
            return format!("the answer did not come within {timeout:?}");
        }
        format!("the connection to `{}` broke before the answer was read: {}", self.base.host, cause(error))
    }

    /// Makes one try of a call that costs nothing, and adapts the rate to its result.
    pub(super) async fn try_once(
        &self,
        leave: RatePermit,
        request: RequestBuilder,
        (limit, timeout): (usize, Duration),
        redactor: &Redactor,
    ) -> CallReply {
        let reply = call_reply(self.exchange(request, limit, timeout).await, redactor);
        match &reply {
            CallReply::Served(_) => self.rate.speed_up(),
            CallReply::TooFast(_, wait) => self.rate.slow_down(leave, *wait),
            _ => {}
        }
        reply
    }

    /// Waits before the next try. Returns the error if no try is left.
    pub(super) async fn wait_before_retry(
        backoff: &mut Backoff,
        error: CallError,
        asked: Option<Duration>,
    ) -> Result<(), CallError> {
        let Some(wait) = backoff.step(asked) else { return Err(error) };
        tracing::debug!(%error, ?wait, "waiting, then querying the vendor again");
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Makes a call that costs nothing, and retries while that may help. Each try gets a new request.
    pub(super) async fn query(
        &self,
        request: impl Fn() -> RequestBuilder,
        limit: usize,
        timeout: Duration,
        repeat: RetryPolicy,
    ) -> Result<Envelope, CallError> {
        let mut backoff = Backoff::new(self.tries, self.random);
        let mut renewed = false;
        loop {
            let (leave, token) = self.wait_for_token().await?;
            let once = request().header(AUTHORIZATION, token.header);
            let (error, wait) = match self.try_once(leave, once, (limit, timeout), self.redactor()).await {
                CallReply::Served(envelope) => return Ok(*envelope),
                CallReply::Failed(CallError::Key(message)) => {
                    let credentials = self.tokens.credentials();
                    if renewed || credentials.pair().is_none() {
                        return Err(CallError::Key(credentials.token_refused(&message)));
                    }
                    tracing::debug!(message, "token refused");
                    self.tokens.expire(token.generation);
                    renewed = true;
                    continue;
                }
                CallReply::TooFast(error, wait) => (error, wait),
                CallReply::NotDelivered(error) => (error, None),
                CallReply::Transient(error) if repeat == RetryPolicy::Idempotent => (error, None),
                CallReply::Transient(error) | CallReply::Failed(error) => return Err(error),
            };
            Self::wait_before_retry(&mut backoff, error, wait).await.inspect_err(|error| {
                self.out_of_reach.store(matches!(error, CallError::Unreachable(_)), Ordering::Relaxed);
            })?;
        }
    }
}

/// The condition for sending a request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryPolicy {
    /// A query, which is always safe to repeat.
    Idempotent,
    /// A call with side effects: repeated only if it certainly did not arrive.
    OnlyUndelivered,
}

impl Vendor for HttpVendor {
    async fn wait_for_rate(&self) -> Result<(), CallError> {
        self.wait_for_token().await.map(drop)
    }

    async fn renew_token(&self, refused: &KeyRefused) -> Result<(), CallError> {
        if self.tokens.credentials().pair().is_none() {
            return Err(CallError::Key(refused.message.clone()));
        }
        self.renew_from(refused.generation, &mut None).await.map(drop)
    }

    fn is_unreachable(&self) -> bool {
        self.out_of_reach.load(Ordering::Relaxed)
    }

    fn clock_offset(&self) -> Option<SignedDuration> {
        self.skew.offset()
    }

    async fn submit(&self, form: &Form) -> SubmitOutcome {
        // The permit was granted with a token. Without one nothing is sent, and the caller gets one as after a refusal.
        let credentials = self.tokens.credentials();
        let Some(token) = self.tokens.current() else {
            return SubmitOutcome::KeyRefused(KeyRefused::new(credentials.token_refused("")));
        };
        let encoded = form.encode_with(self.random);
        let request = post(&self.submitter, self.base.endpoint(form.endpoint), encoded);
        let request = request.header(AUTHORIZATION, token.header);
        let leave = self.rate.permit_now();
        let exchange = self.exchange(request, MAX_RESPONSE_BYTES, self.timeout).await;
        let mut verdict = classify::submission(&exchange, self.redactor());
        match &mut verdict {
            SubmitOutcome::Accepted { .. } => self.rate.speed_up(),
            SubmitOutcome::NotAccepted(why) if why.too_fast => self.rate.slow_down(leave, why.retry_after),
            SubmitOutcome::KeyRefused(refused) => {
                refused.message = credentials.token_refused(&refused.message);
                refused.generation = Some(token.generation);
                // Before the next await, so that no other submission starts with this token.
                self.tokens.expire(token.generation);
            }
            SubmitOutcome::InDoubt(InDoubt { unauthorized: Some(message), .. }) => {
                *message = credentials.token_refused(message);
            }
            _ => {}
        }
        verdict
    }

    async fn list_videos(&self) -> Result<Vec<ListedVideo>, CallError> {
        self.list_all(VendorList::Videos).await
    }

    async fn task_detail(&self, task: &str) -> Result<TaskDetail, CallError> {
        let form = detail_form(task);
        let encoded = form.encode_with(self.random);
        let request = || post(&self.reader, self.base.endpoint(form.endpoint), encoded.clone());
        let envelope = self.query(request, MAX_RESPONSE_BYTES, self.timeout, RetryPolicy::Idempotent).await?;
        TaskDetail::parse(&envelope.data, self.redactor())
            .ok_or_else(|| CallError::InvalidResponse("the vendor's answer has no state of the task".to_owned()))
    }

    async fn upload(&self, file: &LocalFile) -> Result<String, CallError> {
        let form = upload_form(file);
        let body = FileBody::new(file, form.encode_with(self.random));
        // Large files take their time: the timeout grows with them.
        let timeout = self.timeout + Duration::from_secs(body.length() / MIN_UPLOAD_RATE);
        let request = || {
            let request = self.reader.post(self.base.endpoint(form.endpoint));
            let request = request.header(CONTENT_TYPE, &body.content_type).header(CONTENT_LENGTH, body.length());
            request.body(reqwest::Body::wrap_stream(body.stream()))
        };
        let asked = self.query(request, MAX_RESPONSE_BYTES, timeout, RetryPolicy::OnlyUndelivered).await;
        let envelope = match (asked, body.failure()) {
            (Ok(envelope), _) => envelope,
            (Err(_), Some(failure)) => return Err(failure),
            (Err(error), None) => return Err(error),
        };
        let id = String::read(&envelope.data).filter(|id| !self.redactor().contains_secret(id));
        id.ok_or_else(|| CallError::InvalidResponse("the vendor's answer to the upload holds no asset id".to_owned()))
    }

    async fn list_assets(&self, kind: MediaKind) -> Result<HashSet<String>, CallError> {
        Ok(self.list_all(VendorList::Assets(kind)).await?.into_iter().collect())
    }
}

fn post(client: &Client, url: Url, encoded: Encoded) -> RequestBuilder {
    client.post(url).header(CONTENT_TYPE, encoded.content_type).body(encoded.body)
}

#[cfg(test)]
pub(super) mod tests;
