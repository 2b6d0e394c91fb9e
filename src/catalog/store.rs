//! `.callsheet/catalog.json`: the vendor's lists by host. Written atomically, and read offline.
//!
//! The file is a cache. It contains no API key and no signature, and `catalog sync` writes it again.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{AvatarEntry, TemplateEntry, VoiceEntry};
use crate::source::{check_inside, if_exists, open_regular, parent_directory, read_regular, write_atomically};
use crate::vendor::is_this_machine;

/// The path of the catalog, relative to the project root.
pub const CATALOG_FILE: &str = ".callsheet/catalog.json";

/// Age in days from which a catalog is reported as old.
pub const OLD_DAYS: i64 = 30;

/// The format version that this program writes.
const VERSION: u32 = 1;

/// Maximum size in bytes. callsheet never writes a larger file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// The lists of one host, each sorted by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The vendor's host, without port. In the file, it is the key of the lists.
    #[serde(skip)]
    pub host: String,
    /// The time of the sync.
    pub synced: Timestamp,
    /// Avatars.
    pub avatars: Vec<AvatarEntry>,
    /// Voices.
    pub voices: Vec<VoiceEntry>,
    /// Templates.
    pub templates: Vec<TemplateEntry>,
}

/// The reason why the catalog cannot be read or written.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// The file is not in the format of `catalog sync`.
    #[error("`{}` is not a catalog: {reason}; `callsheet catalog sync` writes it again", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A later callsheet wrote the file.
    #[error("`{}` has format_version {version}, but this callsheet reads {VERSION}; `callsheet catalog sync` writes it again", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format version.
        version: u64,
    },
    /// A system error.
    #[error("cannot {action} `{}`: {source}", .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The file, format version 1.
#[derive(Debug, Serialize, Deserialize)]
struct FileV1 {
    format_version: u32,
    hosts: BTreeMap<String, Catalog>,
}

impl Catalog {
    /// Returns the catalog for editors: the latest one of a vendor's host, or else the one of this machine's sandbox.
    /// Returns `None` before the first `catalog sync`.
    ///
    /// # Errors
    /// If the file exists but cannot be read.
    pub fn load(root: &Path) -> Result<Option<Self>, CatalogError> {
        let all = load_all(root)?;
        Ok(all.into_iter().max_by_key(|one| (!is_this_machine(&one.host), one.synced)))
    }

    /// Returns the catalog of one host. Returns `None` if it was never fetched.
    ///
    /// # Errors
    /// If the file exists but cannot be read.
    pub fn load_for(root: &Path, host: &str) -> Result<Option<Self>, CatalogError> {
        Ok(load_all(root)?.into_iter().find(|one| one.host == host))
    }

    /// Saves this host's lists in the project's file, and keeps those of other hosts. Returns `true` if the file
    /// changed.
    ///
    /// Replaces an invalid file, because it is only a cache.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn save(&self, root: &Path) -> Result<bool, CatalogError> {
        let path = root.join(CATALOG_FILE);
        let others = match load_all(root) {
            Ok(all) => all,
            Err(CatalogError::Broken { .. } | CatalogError::Version { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let all = others.into_iter().filter(|one| one.host != self.host).chain([self.clone()]);
        let file = FileV1 { format_version: VERSION, hosts: all.map(|one| (one.host.clone(), one)).collect() };
        let mut text = serde_json::to_string_pretty(&file)
            .map_err(|error| CatalogError::Broken { path: path.clone(), reason: error.to_string() })?;
        text.push('\n');
        if read_regular(&path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(false);
        }
        write_atomically(root, &path, text.as_bytes()).map_err(|source| CatalogError::Io {
            action: "write",
            path,
            source,
        })?;
        Ok(true)
    }

    /// Returns the avatar with an id.
    pub fn avatar(&self, id: &str) -> Option<&AvatarEntry> {
        self.avatars.binary_search_by(|one| one.id.as_str().cmp(id)).ok().map(|place| &self.avatars[place])
    }

    /// Returns the vendor template with an id.
    pub fn template(&self, id: &str) -> Option<&TemplateEntry> {
        self.templates.binary_search_by(|one| one.id.as_str().cmp(id)).ok().map(|place| &self.templates[place])
    }

    /// Returns the voice with an id.
    pub fn voice(&self, id: &str) -> Option<&VoiceEntry> {
        self.voices.binary_search_by(|one| one.id.as_str().cmp(id)).ok().map(|place| &self.voices[place])
    }
}

fn load_all(root: &Path) -> Result<Vec<Catalog>, CatalogError> {
    let path = &root.join(CATALOG_FILE);
    let broken = |reason: String| CatalogError::Broken { path: path.to_owned(), reason };
    let refused = |source| CatalogError::Io { action: "read", path: path.to_owned(), source };
    let opened = check_inside(root, parent_directory(path)).and_then(|()| open_regular(path));
    let Some(file) = if_exists(opened).map_err(refused)? else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(broken(format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    let file: FileV1 = match serde_json::from_slice(&bytes) {
        Ok(file) => file,
        Err(error) => return Err(version_error(&bytes, path).unwrap_or_else(|| broken(error.to_string()))),
    };
    if file.format_version != VERSION {
        return Err(CatalogError::Version { path: path.to_owned(), version: file.format_version.into() });
    }
    let named = file.hosts.into_iter().map(|(host, lists)| {
        let mut one = Catalog { host, ..lists };
        // The user may have edited the file, and lookups need sorted lists.
        one.avatars.sort_by(|one, other| one.id.cmp(&other.id));
        one.voices.sort_by(|one, other| one.id.cmp(&other.id));
        one.templates.sort_by(|one, other| one.id.cmp(&other.id));
        one
    });
    Ok(named.collect())
}

/// Returns the version error if an unreadable file has a later version.
fn version_error(bytes: &[u8], path: &Path) -> Option<CatalogError> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let version = value.get("format_version")?.as_u64().filter(|version| *version > VERSION.into())?;
    Some(CatalogError::Version { path: path.to_owned(), version })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn catalog(host: &str, synced: &str) -> Catalog {
        let voice =
            |id: &str| VoiceEntry { id: id.to_owned(), emotions: vec!["sad".to_owned()], ..VoiceEntry::default() };
        Catalog {
            host: host.to_owned(),
            synced: synced.parse().unwrap(),
            avatars: vec![AvatarEntry { id: "a".to_owned(), ..AvatarEntry::default() }],
            voices: vec![voice("v"), voice("w")],
            templates: Vec::new(),
        }
    }

    #[test]
    fn hosts_live_side_by_side_and_an_equal_file_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Catalog::load(root.path()).unwrap(), None);
        let sandbox = catalog("127.0.0.1", "2026-11-22T11:00:00Z");
        assert!(sandbox.save(root.path()).unwrap());
        assert_eq!(Catalog::load(root.path()).unwrap(), Some(sandbox.clone()));
        let vendor = catalog("devapi.vidnoz.com", "2026-11-20T11:00:00Z");
        assert!(vendor.save(root.path()).unwrap());
        assert!(!vendor.save(root.path()).unwrap());
        // The vendor's catalog wins over this machine's, whatever its age.
        assert_eq!(Catalog::load(root.path()).unwrap(), Some(vendor.clone()));
        assert_eq!(Catalog::load_for(root.path(), "127.0.0.1").unwrap(), Some(sandbox));
        assert_eq!(Catalog::load_for(root.path(), "elsewhere").unwrap(), None);
        assert_eq!(vendor.voice("w").unwrap().id, "w");
        assert_eq!((vendor.voice("x"), vendor.avatar("b")), (None, None));
    }

    #[test]
    fn what_cannot_be_read_is_told_and_replaced_by_the_next_sync() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(CATALOG_FILE);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for (text, words) in [
            ("{", "is not a catalog: EOF"),
            ("[]", "is not a catalog"),
            ("{\"format_version\":1}", "missing field `hosts`"),
            ("{\"format_version\":7,\"books\":[]}", "has format_version 7, but this callsheet reads 1"),
            ("{\"format_version\":0,\"hosts\":{}}", "has format_version 0"),
        ] {
            fs::write(&path, text).unwrap();
            let error = Catalog::load(root.path()).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("`callsheet catalog sync` writes it again"), "{error}");
        }
        assert!(catalog("h", "2026-11-22T11:00:00Z").save(root.path()).unwrap());
        assert!(Catalog::load(root.path()).unwrap().is_some());
    }

    #[test]
    fn a_folder_in_its_place_is_no_reason_to_hang_or_to_write() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(CATALOG_FILE)).unwrap();
        assert!(Catalog::load(root.path()).unwrap_err().to_string().contains("not a regular file"));
        assert!(catalog("h", "2026-11-22T11:00:00Z").save(root.path()).is_err());
    }
}
