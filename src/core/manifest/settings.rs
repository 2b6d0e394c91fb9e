//! Environments and guards as declared. They contain no templates.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::pattern::{DURATION, PERCENT, VARIABLE};
use crate::source::Origin;

/// A setting with its location.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Its location.
    pub origin: Origin,
}

impl<T: JsonSchema> JsonSchema for Setting<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Where requests go, and how fast. Absent settings keep their built-in values.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(rename = "Environment", title = "environment", deny_unknown_fields)]
pub struct EnvironmentDecl {
    /// The vendor's address: `https://…`, or http on loopback.
    #[schemars(extend("minLength" = 1, "default" = "https://devapi.vidnoz.com"))]
    pub base_url: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client id of your Vidnoz account.
    #[schemars(extend("pattern" = VARIABLE, "default" = "VIDNOZ_CLIENT_ID"))]
    pub client_id_env: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client secret. A manifest never holds the secret itself.
    #[schemars(extend("pattern" = VARIABLE, "default" = "VIDNOZ_CLIENT_SECRET"))]
    pub client_secret_env: Option<Setting<Arc<str>>>,
    /// The environment variable with a token, used without client id and secret. It expires after about 98 minutes.
    #[schemars(extend("pattern" = VARIABLE, "default" = "VIDNOZ_API_KEY"))]
    pub key_env: Option<Setting<Arc<str>>>,
    /// Requests per second. 0 means unlimited.
    #[schemars(extend("minimum" = 0, "default" = 1))]
    pub rate: Option<Setting<f64>>,
    /// Maximum number of submissions in flight.
    #[schemars(with = "Option<i64>", extend("minimum" = 1, "maximum" = 1_000, "default" = 4))]
    pub concurrency: Option<Setting<u32>>,
    /// Time limit of one request, with its unit: `500ms`, `60s`, `2m`, `1h`.
    #[schemars(with = "Option<String>", extend("pattern" = DURATION, "default" = "60s"))]
    pub timeout: Option<Setting<Duration>>,
    /// Minimum time between an intent and a listing that proves absence, with its unit.
    #[schemars(with = "Option<String>", extend("pattern" = DURATION, "default" = "2m"))]
    pub settle_grace: Option<Setting<Duration>>,
    /// Maximum credits per calendar month in this environment, in place of `guards.max_credits_per_month`.
    #[schemars(extend("minimum" = 0, "examples" = [1000]))]
    pub max_credits_per_month: Option<Setting<f64>>,
    /// The location of the name. `None` for built-in environments.
    #[schemars(skip)]
    pub origin: Option<Origin>,
}

/// Limits on what one apply may spend. An absent guard means no limit.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(rename = "Guards", title = "guards", deny_unknown_fields)]
pub struct GuardsDecl {
    /// Maximum submissions of one apply, including those in doubt.
    #[schemars(with = "Option<i64>", extend("minimum" = 0, "maximum" = 1_000_000_000, "examples" = [50]))]
    pub max_submissions: Option<Setting<u64>>,
    /// Maximum credits of one apply, by the upper estimate.
    #[schemars(extend("minimum" = 0, "examples" = [200]))]
    pub max_credits: Option<Setting<f64>>,
    /// Maximum share of known videos that one apply may submit again: `30%` or `0.3`.
    #[schemars(default, schema_with = "share")]
    pub max_share: Option<Setting<f64>>,
    /// Maximum credits per calendar month (UTC), by the upper estimate of the takes in the lockfile.
    #[schemars(extend("minimum" = 0, "examples" = [1000]))]
    pub max_credits_per_month: Option<Setting<f64>>,
}

/// The shared ledger: a lockfile on a branch of the git remote, in which runs claim what they are about to send. It holds for every environment but the sandbox.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Ledger", title = "ledger", deny_unknown_fields)]
pub struct LedgerDecl {
    /// The branch that holds it. Exclude it from builds, and forbid its deletion and force pushes.
    #[schemars(with = "String", extend("minLength" = 1, "examples" = ["callsheet/ledger"]))]
    pub branch: Setting<Arc<str>>,
    /// The name of the git remote, never an address. Git's setting `callsheet.remote` overrides it.
    #[schemars(extend("minLength" = 1, "default" = "origin"))]
    pub remote: Option<Setting<Arc<str>>>,
    /// The directory of the project's lockfiles on the branch, by default the project's path in the repository.
    #[schemars(extend("minLength" = 1, "examples" = ["videos"]))]
    pub name: Option<Setting<Arc<str>>>,
}

/// How `pull` names files, and what it writes next to them. Flags override it.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(rename = "Pull", title = "pull", deny_unknown_fields)]
pub struct PullDecl {
    /// The file names, by fields in braces; `/` creates directories.
    #[schemars(with = "Option<String>", extend("minLength" = 1, "default" = "{key}.{ext}", "examples" = ["{matrix.locale}/{base}.{ext}"]))]
    pub name: Option<Setting<Arc<str>>>,
    /// The formats of subtitles that are written next to each video.
    #[schemars(default, schema_with = "subtitles")]
    pub subtitles: Vec<Arc<str>>,
}

fn subtitles(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "enum": ["srt", "vtt"] }, "examples": [["srt", "vtt"]] })
}

fn share(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": PERCENT, "examples": ["30%"] })
}
