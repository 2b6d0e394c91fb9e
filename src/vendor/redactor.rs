//! Removes secrets and URL signatures from all text that leaves the process, and control characters from the vendor's
//! text.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

use crate::source::sanitize;
use crate::spec::{REDACTED, redact_signatures};

/// Minimum length of a secret. Redacting a shorter one would mangle ordinary words.
const MIN_SECRET_CHARS: usize = 4;

/// Minimum length of a secret that cannot occur in an id by chance.
const LONG_SECRET_CHARS: usize = 16;

/// Maximum length of a vendor's message that is shown, in characters.
pub(super) const MAX_MESSAGE_CHARS: usize = 300;

/// The known secrets, removed from any text. Clones share what they learn.
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Arc<RwLock<Vec<SecretString>>>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} forms)", self.forms().len())
    }
}

impl Redactor {
    /// Adds a secret, for all clones.
    pub fn add_secret(&self, secret: &SecretString) {
        let secret = secret.expose_secret().trim();
        if secret.len() < MIN_SECRET_CHARS {
            return;
        }
        let in_json = serde_json::Value::from(secret).to_string();
        let in_json = &in_json[1..in_json.len() - 1];
        let dresses: [String; 6] = [
            secret.to_owned(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            in_json.to_owned(),
            // PHP writes `/` in JSON as `\/`.
            in_json.replace('/', "\\/"),
        ];
        let mut forms = self.forms.write().unwrap_or_else(PoisonError::into_inner);
        forms.extend(dresses.map(SecretString::from));
        // Longest first, so that no form is broken by a shorter one that it contains.
        forms.sort_by(|one, other| {
            let (one, other) = (one.expose_secret(), other.expose_secret());
            other.len().cmp(&one.len()).then_with(|| one.cmp(other))
        });
        forms.dedup_by(|one, other| one.expose_secret() == other.expose_secret());
    }

    /// Returns a redactor with one more value. Secrets that it learns later stay its own.
    pub(super) fn with(&self, value: &SecretString) -> Self {
        let redactor = Self { forms: Arc::new(RwLock::new(self.forms().clone())) };
        redactor.add_secret(value);
        redactor
    }

    fn forms(&self) -> RwLockReadGuard<'_, Vec<SecretString>> {
        // A panic elsewhere leaves the list complete, but perhaps unsorted.
        self.forms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the text without the secrets.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.forms().iter() {
            if text.contains(form.expose_secret()) {
                text = text.replace(form.expose_secret(), REDACTED);
            }
        }
        text
    }

    /// Whether an id contains a secret. Such a value is not used as an id, because ids are written to the lockfile. A
    /// short secret may occur in an id by chance, and must not put a response in doubt.
    pub fn contains_secret(&self, id: &str) -> bool {
        let held = |form: &SecretString| {
            let form = form.expose_secret();
            form.len() >= LONG_SECRET_CHARS && id.contains(form)
        };
        self.forms().iter().any(held)
    }

    /// Returns a message from outside in a form that is safe to show. It has no secrets, signatures or control
    /// characters, and at most 300 characters.
    pub fn sanitize_message(&self, text: &str) -> String {
        let text = sanitize(&redact_signatures(&self.redact(text.trim()))).into_owned();
        if text.chars().count() <= MAX_MESSAGE_CHARS {
            return text;
        }
        let head: String = text.chars().take(MAX_MESSAGE_CHARS - 1).collect();
        format!("{}…", head.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Redactor {
        /// Creates a redactor of these secrets, verbatim, percent-encoded, in base64 and as JSON strings.
        pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
            let redactor = Self::default();
            secrets.into_iter().for_each(|secret| redactor.add_secret(secret));
            redactor
        }
    }

    const KEY: &str = "sk/live+0123456789?abc";

    fn redactor() -> Redactor {
        Redactor::new(&[SecretString::from(KEY.to_owned())])
    }

    #[test]
    fn the_key_goes_in_every_dress() {
        let percent: String = url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
        let dresses = [
            KEY.to_owned(),
            percent,
            base64::engine::general_purpose::STANDARD.encode(KEY),
            base64::engine::general_purpose::URL_SAFE.encode(KEY),
            KEY.replace('/', "\\/"),
        ];
        for dress in dresses {
            let text = redactor().redact(&format!("invalid key {dress} given"));
            assert!(!text.contains(&dress[..dress.len() - 2]), "{text}");
            assert!(text.starts_with("invalid key [redacted]") && text.ends_with(" given"), "{text}");
        }
    }

    /// The pair is sent as JSON, and a vendor may echo the body in a message.
    #[test]
    fn a_secret_with_quotes_goes_as_json_writes_it() {
        let secret = r#"s3/c"re\t"#;
        let body = serde_json::json!({ "client_secret": secret }).to_string();
        let redactor = Redactor::new(&[SecretString::from(secret.to_owned())]);
        for text in [body.clone(), body.replace('/', "\\/"), secret.to_owned()] {
            assert!(!redactor.redact(&text).contains("re\\"), "{text}");
        }
    }

    #[test]
    fn neither_an_empty_nor_a_tiny_key_tears_words_apart() {
        let tiny = Redactor::new(&[SecretString::from(String::new()), SecretString::from("a".to_owned())]);
        assert_eq!(tiny.redact("a banana"), "a banana");
    }

    #[test]
    fn what_is_learned_later_is_known_to_all_clones_but_not_to_others() {
        let redactor = redactor();
        let (clone, other) = (redactor.clone(), redactor.with(&SecretString::from("client-id-1")));
        clone.add_secret(&SecretString::from("tok-0123456789abcdef"));
        let text = "tok-0123456789abcdef of client-id-1";
        assert_eq!(redactor.redact(text), "[redacted] of client-id-1");
        assert!(redactor.contains_secret("tok-0123456789abcdef"));
        assert_eq!(other.redact(text), "tok-0123456789abcdef of [redacted]");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", redactor());
        assert!(shown.starts_with("Redactor(") && !shown.contains("sk/live"), "{shown}");
    }

    #[test]
    fn an_id_that_holds_a_secret_is_known() {
        assert!(redactor().contains_secret(&format!("task {KEY}")) && !redactor().contains_secret("OFZ2bWc9PQ=="));
        let short = Redactor::new(&[SecretString::from("test".to_owned())]);
        assert!(!short.contains_secret("test-1"), "by chance");
    }

    #[test]
    fn a_key_among_controls_is_found() {
        let text = redactor().sanitize_message(&format!("bad {KEY}\u{7}\nand {KEY}"));
        assert_eq!(text, "bad [redacted]␇↵and [redacted]");
    }

    #[test]
    fn signatures_go_and_the_rest_of_the_url_stays() {
        let cases = [
            (
                "cannot fetch https://b.example/a.jpg?X-Amz-Date=1&X-Amz-Signature=abc123&x=1 now",
                "cannot fetch https://b.example/a.jpg?X-Amz-Date=1&X-Amz-Signature=[redacted]&x=1 now",
            ),
            ("\"u?x-amz-signature=ab\"", "\"u?x-amz-signature=[redacted]\""),
            ("u?X-Goog-Signature%3Dab%26c", "u?X-Goog-Signature%3D[redacted]"),
            ("u?sv=1&sig=a%2Fb%3D&se=2", "u?sv=1&sig=[redacted]&se=2"),
            ("u?Expires=1&Signature=ab~&Key-Pair-Id=K", "u?Expires=1&Signature=[redacted]&Key-Pair-Id=K"),
            ("u?sig=one&sig=two", "u?sig=[redacted]&sig=[redacted]"),
            ("the design=plain, assigned=2", "the design=plain, assigned=2"),
            ("sig=", "sig="),
            ("ä?sig=ö", "ä?sig=[redacted]"),
        ];
        for (text, meant) in cases {
            assert_eq!(redact_signatures(text), meant);
        }
    }

    #[test]
    fn a_message_is_cut_at_three_hundred_characters() {
        let text = Redactor::default().sanitize_message(&"ü".repeat(1000));
        assert_eq!(text.chars().count(), MAX_MESSAGE_CHARS);
        assert!(text.ends_with("ü…"));
        assert_eq!(Redactor::default().sanitize_message(&"ü".repeat(300)), "ü".repeat(300));
    }

    #[test]
    fn nothing_that_moves_a_terminal_gets_through() {
        assert_eq!(Redactor::default().sanitize_message("no\u{1b}[2J\u{202e}\n"), "no␛[2J\\u{202e}");
    }
}
