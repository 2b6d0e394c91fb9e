//! The vendor's avatars, voices and templates: fetched by `catalog sync`, kept in the project, read offline.

mod book;
mod entry;
mod find;
mod sync;

pub use book::{CATALOG_FILE, Catalog, CatalogError, OLD_DAYS};
pub use entry::{AvatarEntry, TemplateEntry, VoiceEntry};
pub use find::Filter;
pub use sync::{Synced, sync};
