//! Decodes environments and guards from their mappings. They contain no templates.

use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use super::decoder::{DecodeLiteral, Decoder};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{EnvironmentDecl, GuardsDecl, PullDecl, Setting};
use crate::source::parse_duration;
use crate::yaml::{Entry, Mapping, Value};

/// Maximum duration of a setting.
const MAX_DURATION: Duration = Duration::from_hours(24);

/// The built-in environment, which a manifest cannot declare.
const BUILT_IN: &str = "sandbox";

/// Decodes one entry under `environments`.
pub(super) fn environment(reader: &mut Decoder<'_>, entry: &Entry) -> Option<EnvironmentDecl> {
    if &*entry.key == BUILT_IN {
        let fault = Diagnostic::new(Code::BadEnvironment, "`sandbox` cannot be declared", entry.key_origin)
            .help("it is built in: `--env sandbox` starts it; choose another name");
        reader.report_error(fault);
        return None;
    }
    let map = reader.map(&entry.value)?;
    let concurrency: Option<Setting<i64>> = setting(reader, map, "concurrency");
    Some(EnvironmentDecl {
        base_url: base_url(reader, map),
        client_id_env: setting(reader, map, "client_id_env"),
        client_secret_env: setting(reader, map, "client_secret_env"),
        key_env: setting(reader, map, "key_env"),
        rate: setting(reader, map, "rate"),
        concurrency: concurrency
            .and_then(|one| u32::try_from(one.value).ok().map(|value| Setting { value, origin: one.origin })),
        timeout: duration(reader, map, "timeout").and_then(|one| {
            if one.value.is_zero() {
                let fault = Diagnostic::new(
                    Code::BadEnvironment,
                    "`timeout` is zero: no request could ever succeed",
                    one.origin,
                )
                .help("write a length such as `60s`, or leave it out");
                reader.report_error(fault);
                return None;
            }
            Some(one)
        }),
        settle_grace: duration(reader, map, "settle_grace"),
        max_credits_per_month: setting(reader, map, "max_credits_per_month"),
        origin: Some(entry.key_origin),
    })
}

/// Decodes the guards.
pub(super) fn guards(reader: &mut Decoder<'_>, entry: &Entry) -> Option<GuardsDecl> {
    let map = reader.map(&entry.value)?;
    let submissions: Option<Setting<i64>> = setting(reader, map, "max_submissions");
    Some(GuardsDecl {
        max_submissions: submissions
            .and_then(|one| u64::try_from(one.value).ok().map(|value| Setting { value, origin: one.origin })),
        max_credits: setting(reader, map, "max_credits"),
        max_share: map.get("max_share").and_then(|entry| share(reader, entry)),
        max_credits_per_month: setting(reader, map, "max_credits_per_month"),
    })
}

/// Decodes how results are saved.
pub(super) fn pull(reader: &mut Decoder<'_>, entry: &Entry) -> Option<PullDecl> {
    let map = reader.map(&entry.value)?;
    let formats = map.get("subtitles").map(|entry| reader.strings(entry).map(|(word, _)| word).collect());
    Some(PullDecl { name: setting(reader, map, "name"), subtitles: formats.unwrap_or_default() })
}

pub(super) fn setting<T: DecodeLiteral>(reader: &mut Decoder<'_>, map: &Mapping, key: &str) -> Option<Setting<T>> {
    let entry = map.get(key)?;
    Some(Setting { value: reader.plain(entry)?, origin: entry.value.origin })
}

fn base_url(reader: &mut Decoder<'_>, map: &Mapping) -> Option<Setting<Arc<str>>> {
    let made: Setting<Arc<str>> = setting(reader, map, "base_url")?;
    if let Err(reason) = check_base_url(&made.value) {
        let fault = Diagnostic::new(Code::BadEnvironment, format!("`base_url` {reason}"), made.origin)
            .help("write `https://HOST`, or `http://127.0.0.1:PORT` for a server on this machine");
        reader.report_error(fault);
        return None;
    }
    Some(made)
}

/// Checks that an address may receive requests, and with them the API key. It must use https, or http on loopback,
/// and have no user, query or fragment.
///
/// # Errors
///
/// Returns the problem. Its text continues a message after the name of the address.
pub fn check_base_url(text: &str) -> Result<(), &'static str> {
    let Ok(url) = Url::parse(text) else { return Err("is not a URL") };
    let Some(host) = url.host() else { return Err("names no host") };
    let loopback = match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("is not https, so the credentials would be sent unencrypted"),
        _ => return Err("is neither https nor http"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("holds a query or a fragment");
    }
    Ok(())
}

fn duration(reader: &mut Decoder<'_>, map: &Mapping, key: &str) -> Option<Setting<Duration>> {
    let made: Setting<Arc<str>> = setting(reader, map, key)?;
    // The schema takes one number, without days.
    let Some(value) = parse_duration(&made.value) else { return reader.omit() };
    if value > MAX_DURATION {
        let message = format!("`{key}` is `{}`, longer than a day", made.value);
        reader.report_error(Diagnostic::new(Code::BadEnvironment, message, made.origin).help("`24h` is the maximum"));
        return None;
    }
    Some(Setting { value, origin: made.origin })
}

fn share(reader: &mut Decoder<'_>, entry: &Entry) -> Option<Setting<f64>> {
    if reader.has_error(entry) {
        return reader.omit();
    }
    let value = match &entry.value.value {
        Value::String(text) => {
            text.text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok()).map(|n| n / 100.0)
        }
        _ => f64::literal(&entry.value),
    };
    match value {
        Some(value) => Some(Setting { value, origin: entry.value.origin }),
        None => reader.omit(),
    }
}
