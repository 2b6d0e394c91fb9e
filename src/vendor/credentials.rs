//! A customer's credentials: a client id and secret, exchanged for tokens, or one ready token.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::client_builder::ClientError;

/// The names of the environment variables for credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialVariables {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// A ready token.
    pub token: String,
}

impl Default for CredentialVariables {
    fn default() -> Self {
        Self {
            client_id: "VIDNOZ_CLIENT_ID".to_owned(),
            client_secret: "VIDNOZ_CLIENT_SECRET".to_owned(),
            token: "VIDNOZ_API_KEY".to_owned(),
        }
    }
}

/// A client id and secret. [Vidnoz exchanges it](https://vidnoz.com/authentication/usage.html) for tokens that live
/// about 98 minutes.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// Not a secret, but never shown either.
    pub id: SecretString,
    /// The secret.
    pub secret: SecretString,
}

/// A customer's credentials, from environment variables.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The pair or the token.
    pub(super) kind: CredentialKind,
    /// The variables that messages name.
    pub(super) variables: CredentialVariables,
}

/// The two kinds of credentials.
#[derive(Clone, Debug)]
pub(super) enum CredentialKind {
    /// A pair, exchanged for tokens.
    Pair(ClientCredentials),
    /// A ready token. It is never renewed.
    Token(SecretString),
}

/// The reason why the environment has no usable credentials.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CredentialsError {
    /// One half of the pair is missing.
    #[error("`{missing}` is not set, but `{set}` is; nothing was sent; set both, or unset `{set}`")]
    IncompletePair {
        /// The variable that is set.
        set: String,
        /// The variable that is not set.
        missing: String,
    },
    /// No variable is set.
    #[error(
        "no credentials: set `{client_id}` and `{client_secret}`, or a ready token in `{token}`; nothing was sent; `--env sandbox` needs none",
        client_id = .0.client_id, client_secret = .0.client_secret, token = .0.token
    )]
    Missing(CredentialVariables),
}

impl Credentials {
    /// Picks the credentials from the variables that `lookup` returns. A value that is empty or only whitespace counts
    /// as unset.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    pub fn from_variables<'a>(
        variables: &CredentialVariables,
        lookup: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, CredentialsError> {
        // A variable that is filled from a file often ends in a line break.
        let value = |name: &str| lookup(name).map(str::trim).filter(|value| !value.is_empty());
        let kind = match (value(&variables.client_id), value(&variables.client_secret)) {
            (Some(id), Some(secret)) => {
                CredentialKind::Pair(ClientCredentials { id: id.into(), secret: secret.into() })
            }
            (Some(_), None) => return Err(incomplete_pair(&variables.client_id, &variables.client_secret)),
            (None, Some(_)) => return Err(incomplete_pair(&variables.client_secret, &variables.client_id)),
            (None, None) => match value(&variables.token) {
                Some(token) => CredentialKind::Token(token.into()),
                None => return Err(CredentialsError::Missing(variables.clone())),
            },
        };
        Ok(Self { kind, variables: variables.clone() })
    }

    /// Returns the pair. `None` for a ready token.
    pub fn pair(&self) -> Option<&ClientCredentials> {
        match &self.kind {
            CredentialKind::Pair(pair) => Some(pair),
            CredentialKind::Token(_) => None,
        }
    }

    /// Returns the message for a refused token. `said` is the vendor's message, cleaned.
    pub(super) fn token_refused(&self, said: &str) -> String {
        let CredentialVariables { client_id, client_secret, token } = &self.variables;
        let said = in_brackets(said);
        match &self.kind {
            CredentialKind::Pair(_) => {
                format!("the vendor rejected a token that it had just issued{said}; check the account of `{client_id}`")
            }
            CredentialKind::Token(_) => format!(
                "the vendor rejected the token in `{token}`{said}; tokens expire after about 98 minutes: set a new \
                 one, or `{client_id}` and `{client_secret}`"
            ),
        }
    }

    /// Returns the message for a refused exchange of the pair. `said` is the vendor's message, cleaned.
    pub(super) fn pair_refused(&self, said: &str) -> String {
        let CredentialVariables { client_id, client_secret, .. } = &self.variables;
        let said = in_brackets(said);
        format!("the vendor rejected the client id and secret{said}; check `{client_id}` and `{client_secret}`")
    }
}

impl From<SecretString> for Credentials {
    fn from(token: SecretString) -> Self {
        Self { kind: CredentialKind::Token(token), variables: CredentialVariables::default() }
    }
}

fn incomplete_pair(set: &str, missing: &str) -> CredentialsError {
    CredentialsError::IncompletePair { set: set.to_owned(), missing: missing.to_owned() }
}

fn in_brackets(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" ({said})") }
}

/// Returns the header with a token, marked as sensitive so that no log contains it.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, ClientError> {
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Err(ClientError::Key("is empty"));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ClientError::Key("holds spaces or characters that a header cannot carry"));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| ClientError::Key("holds characters that a header cannot carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(set: &[(&str, &'static str)]) -> Result<Credentials, CredentialsError> {
        let lookup = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Credentials::from_variables(&CredentialVariables::default(), lookup)
    }

    #[test]
    fn the_pair_wins_over_a_token_and_half_of_it_names_the_other_half() {
        let (id, secret, key) =
            (("VIDNOZ_CLIENT_ID", "id-1"), ("VIDNOZ_CLIENT_SECRET", "s3cret\n"), ("VIDNOZ_API_KEY", "tok"));
        let both = chosen(&[id, secret, key]).unwrap();
        assert_eq!(both.pair().unwrap().secret.expose_secret(), "s3cret", "without the line break");
        assert!(chosen(&[key]).unwrap().pair().is_none());
        assert_eq!(chosen(&[id, key]).unwrap_err(), incomplete_pair("VIDNOZ_CLIENT_ID", "VIDNOZ_CLIENT_SECRET"));
        assert_eq!(chosen(&[secret]).unwrap_err(), incomplete_pair("VIDNOZ_CLIENT_SECRET", "VIDNOZ_CLIENT_ID"));
    }

    #[test]
    fn a_blank_value_counts_as_unset() {
        let blank = [("VIDNOZ_CLIENT_ID", " \n"), ("VIDNOZ_CLIENT_SECRET", ""), ("VIDNOZ_API_KEY", "tok")];
        assert!(chosen(&blank).unwrap().pair().is_none());
        let nothing = chosen(&blank[..2]).unwrap_err().to_string();
        for name in ["`VIDNOZ_CLIENT_ID`", "`VIDNOZ_CLIENT_SECRET`", "`VIDNOZ_API_KEY`", "`--env sandbox`"] {
            assert!(nothing.contains(name), "{nothing}");
        }
    }

    #[test]
    fn no_value_is_in_a_message_or_in_debug() {
        let both = chosen(&[("VIDNOZ_CLIENT_ID", "id-1234"), ("VIDNOZ_CLIENT_SECRET", "s3cret")]).unwrap();
        let shown = format!("{both:?} {} {}", both.pair_refused("no"), both.token_refused("no"));
        assert!(!shown.contains("id-1234") && !shown.contains("s3cret"), "{shown}");
    }
}
