//! Who a run is: an id made for this process, words for the ledger's readers, the identity of the ledger, and whose claims
//! the run may judge.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::lockfile::{Lockfile, Take, TakeState};

/// The length of ids, in characters.
const RUN_ID_CHARS: usize = 10;

/// Returns ten random characters, different at each call.
///
/// An id is never stored for reuse: a copied folder or a cache would carry it to a machine where another run lives.
pub fn run_id() -> String {
    // The keys come from the system's source of random numbers.
    let bits = RandomState::new().hash_one(Timestamp::now().as_nanosecond());
    let mut id = data_encoding::BASE32_NOPAD.encode(&bits.to_be_bytes()).to_ascii_lowercase();
    id.truncate(RUN_ID_CHARS);
    id
}

/// A name without control characters; never empty.
pub(super) fn printable_name(who: &str) -> String {
    let who: String = who.chars().filter(|one| !one.is_control()).take(100).collect();
    if who.trim().is_empty() { "unknown".to_owned() } else { who.trim().to_owned() }
}

/// Returns host and path of a remote's address: `github.com/acme/videos` for https, ssh and the short form of ssh. Of a
/// path on this machine, the path.
pub fn home_of(address: &str) -> String {
    let (host, path) = match address.split_once("://") {
        Some(("file", path)) => ("", path),
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => match address.split_once(':') {
            // A drive of Windows is a path.
            Some((host, path)) if host.len() > 1 && !host.contains('/') => (host, path),
            _ => ("", address),
        },
    };
    let host = host.rsplit('@').next().unwrap_or_default();
    // The port belongs to the way, not to the repository.
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    if host.is_empty() { path.to_owned() } else { format!("{}/{}", host.to_lowercase(), path.trim_start_matches('/')) }
}

/// Returns `true` for an open claim of another run whose time has not passed. No run and no user may judge it.
pub fn is_elsewhere(take: &Take, run: Option<&str>, now: Timestamp) -> bool {
    take.state == TakeState::Intent
        && take.run.as_deref().is_some_and(|claimant| Some(claimant) != run)
        && take.until.is_some_and(|until| now <= until)
}

/// The open claims of a run, in file order. Its lines are read directly: what another run paid answers none of them.
pub fn open_claims<'a>(known: &'a Lockfile, run: &'a str) -> impl Iterator<Item = &'a Take> {
    let mut answered = std::collections::HashSet::new();
    for line in known.lines().filter(|line| line.run.as_deref() == Some(run) && line.state != TakeState::Intent) {
        answered.insert((Arc::clone(&line.host), line.digest, line.attempt));
    }
    let open = move |line: &&Take| {
        line.run.as_deref() == Some(run)
            && line.state == TakeState::Intent
            && !answered.contains(&(Arc::clone(&line.host), line.digest, line.attempt))
    };
    known.lines().filter(open)
}

/// Returns `true` if the clocks of two runs differ by so little that one may judge the other's claims: both were
/// measured against the vendor's, and they differ by less than half the grace.
///
/// The vendor's clock may be wrong by hours: only the difference counts.
pub fn can_prove(known: &Lockfile, run: &str, claimant: &str, grace: Duration) -> bool {
    if run == claimant {
        return true;
    }
    let clock = |id: &str| known.run(id).and_then(|run| run.clock);
    match (clock(run), clock(claimant)) {
        (Some(one), Some(other)) => (one - other).abs() < grace.as_secs_f64() / 2.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::home_of;

    #[test]
    fn one_repository_has_one_home() {
        for address in [
            "https://github.com/acme/videos.git",
            "https://user:secret@GitHub.com/acme/videos",
            "ssh://git@github.com:22/acme/videos.git",
            "git@github.com:acme/videos.git",
            "github.com:acme/videos/",
        ] {
            assert_eq!(home_of(address), "github.com/acme/videos", "{address}");
        }
        assert_eq!(home_of("/srv/videos.git"), "/srv/videos");
        assert_eq!(home_of("file:///srv/videos.git"), "/srv/videos");
        assert_eq!(home_of("C:\\git\\videos"), "C:\\git\\videos");
    }
}
