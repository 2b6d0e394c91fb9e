//! The vendor's avatars, voices and templates: `catalog sync` fetches them, and the project reads them offline.

mod entries;
mod store;
mod sync;

pub use entries::{AvatarEntry, Filter, TemplateEntry, VoiceEntry};
pub use store::{CATALOG_FILE, Catalog, CatalogError, OLD_DAYS};
pub use sync::{CatalogSync, SignedAddresses, sync};
