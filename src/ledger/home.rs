//! The identity of a ledger: the remote that holds it, as host and path, however its address is written.

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
