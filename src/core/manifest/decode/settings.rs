//! Decodes environments, guards, the ledger and `pull` from their mappings. They contain no templates.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use super::decoder::{DecodeLiteral, Decoder};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{EnvironmentDecl, GuardsDecl, LedgerDecl, PullDecl, Setting};
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
    let address = "write `https://HOST`, or `http://127.0.0.1:PORT` for a server on this machine";
    let concurrency: Option<Setting<i64>> = setting(reader, map, "concurrency");
    Some(EnvironmentDecl {
        base_url: checked(reader, (map, "base_url"), check_base_url, (Code::BadEnvironment, address)),
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
    let formats = map.get("subtitles").map(|entry| reader.strings(entry).into_iter().map(|(word, _)| word).collect());
    Some(PullDecl { name: setting(reader, map, "name"), subtitles: formats.unwrap_or_default() })
}

fn setting<T: DecodeLiteral>(reader: &mut Decoder<'_>, map: &Mapping, key: &str) -> Option<Setting<T>> {
    let entry = map.get(key)?;
    Some(Setting { value: reader.plain(entry)?, origin: entry.value.origin })
}

/// Decodes a text. Reports what a check says about it.
fn checked<E: Display>(
    reader: &mut Decoder<'_>,
    (map, key): (&Mapping, &str),
    check: fn(&str) -> Result<(), E>,
    (code, help): (Code, &str),
) -> Option<Setting<Arc<str>>> {
    let made: Setting<Arc<str>> = setting(reader, map, key)?;
    let Err(reason) = check(&made.value) else { return Some(made) };
    reader.report_error(Diagnostic::new(code, format!("`{key}` {reason}"), made.origin).help(help));
    None
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

/// Decodes the ledger. A merged manifest must not send anything elsewhere, so a remote is a name. Reports each value that git or the ledger cannot use.
pub(super) fn ledger(reader: &mut Decoder<'_>, entry: &Entry) -> Option<LedgerDecl> {
    let map = reader.map(&entry.value)?;
    let mut checked = |key, check, help| checked(reader, (map, key), check, (Code::BadLedger, help));
    let branch = checked("branch", branch, "write a name such as `callsheet/ledger`");
    let remote = checked("remote", remote, "write the name of a remote, as `git remote` lists it: `origin`");
    let name = checked("name", folder, "write the directory of the project on the branch, such as `videos`");
    let is_lost = (map.get("remote").is_some() && remote.is_none()) || (map.get("name").is_some() && name.is_none());
    Some(LedgerDecl { branch: branch.filter(|_| !is_lost)?, remote, name })
}

fn branch(text: &str) -> Result<(), String> {
    if text.starts_with('-') {
        return Err(format!("must not begin with `-`, as `{text}` does"));
    }
    if !text.starts_with("refs/") && text == "HEAD" {
        return Err("must be a branch, not `HEAD`".to_owned());
    }
    reference(text).map_err(|why| format!("must be a valid branch name, but `{text}` {why}"))
}

fn remote(text: &str) -> Result<(), String> {
    if text.contains("://") || text.contains('@') || text.contains(':') || text.starts_with(['/', '.', '-']) {
        return Err("must be the name of a remote, not an address".to_owned());
    }
    reference(text).map_err(|why| format!("must be the name of a remote, and `{text}` {why}"))
}

fn folder(text: &str) -> Result<(), String> {
    let part = |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git");
    if text.chars().any(|one| one.is_control() || one == '\\') || text.trim_matches('/').split('/').any(part) {
        return Err(format!("must be a directory on the branch, not `{text}`"));
    }
    Ok(())
}

/// The rules of `git check-ref-format --branch`, or of a full ref.
fn reference(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        return Err("has an empty part");
    }
    if text.contains("..") || text.contains("@{") || text == "@" || text.ends_with('.') {
        return Err("has `..`, `@{`, or a `.` at its end");
    }
    if text.chars().any(|one| one.is_control() || " ~^:?*[\\".contains(one)) {
        return Err("has a character that git does not allow");
    }
    if text.split('/').any(|part| part.starts_with('.') || part.strip_suffix(".lock").is_some()) {
        return Err("has a part that begins with `.` or ends with `.lock`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_refuses_is_refused() {
        for good in ["callsheet/ledger", "refs/callsheet/ledger", "übersicht", "a-b_c.d"] {
            assert_eq!(branch(good), Ok(()), "{good}");
        }
        for bad in [
            "", "-f", "HEAD", "a..b", "a b", "a:b", "a.lock", "a/.b", "/a", "a/", "a//b", "@", "a@{1}", "a.", "a\tb",
            "a*",
        ] {
            assert!(branch(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_remote_is_a_name() {
        assert_eq!(remote("upstream"), Ok(()));
        for bad in ["https://evil.example/x", "git@evil.example:x", "/tmp/x", "../x", "-x", "file:x", "evil:x"] {
            assert!(remote(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_stays_on_the_branch() {
        assert_eq!(folder("a b/ü"), Ok(()));
        for bad in ["..", "a/../b", ".git/x", "/", "a//b", "a\nb", "a\\b"] {
            assert!(folder(bad).is_err(), "{bad}");
        }
    }
}
