//! The vendor's avatars, voices and templates: `catalog sync` fetches them, and the project reads them offline.

mod book;
mod entry;
mod find;
mod sync;

pub use book::{CATALOG_FILE, Catalog, CatalogError, OLD_DAYS};
pub use entry::{AvatarEntry, TemplateEntry, VoiceEntry};
pub use find::Filter;
pub use sync::{Signed, Synced, sync};
