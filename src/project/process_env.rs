//! The machine's state that a run depends on. It is an argument, so that a test is a function call.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::manifest::Manifest;

/// Environment variables and the clock.
#[derive(Clone, Debug)]
pub struct ProcessEnv {
    /// The environment variables that are valid UTF-8.
    pub env: BTreeMap<String, String>,
    /// The current time.
    pub now: Timestamp,
}

impl ProcessEnv {
    /// Reads the environment and the clock of this process.
    pub fn from_process() -> Self {
        let text = |name: std::ffi::OsString, value: std::ffi::OsString| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { env: std::env::vars_os().filter_map(|(name, value)| text(name, value)).collect(), now: Timestamp::now() }
    }

    /// Returns the comma-separated values of a variable.
    pub fn list(&self, name: &str) -> Vec<String> {
        let words = self.var(name).unwrap_or_default().split(',').map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Returns a variable if it is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the environment variables that templates may read: those in the manifest's `env` list that are set.
    pub(super) fn visible_variables(&self, manifest: &Manifest) -> BTreeMap<String, String> {
        manifest.env.iter().filter_map(|(name, _)| Some((name.to_string(), self.env.get(&**name)?.clone()))).collect()
    }
}
