//! The vendor's table: every parameter once, with its type, bounds, default, allowed values and name on the wire.

mod field_path;
mod key;
mod media;
pub mod pattern;
mod presigned;
mod read_value;
mod row;
mod row_set;
mod secret_params;
mod table;
mod table_build;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod value_error;
mod vendor_enums;
mod vendor_table;
mod write_value;

pub use field_path::FieldPath;
pub use key::{Key, ReadValue};
pub use media::{MediaFormat, MediaKind};
pub use presigned::{SCHEMES_REVISION, expiry, without_signature, without_signature_at};
pub use row::{Condition, Field, Group, Kind, Literal, Wire, field, group};
pub use row_set::{RowId, RowSet};
pub use secret_params::{REDACTED, redact_signatures, signature_ranges};
pub use table::{FieldRow, GroupRow, KindRows, Missing, Row, RowBody, Step, Table};
pub use types::{List, MAX_SCRIPT_CHARS, Range, Type};
pub use value::{LocalFile, Record, Value, ValueError, truncated};
pub use value_error::LiteralOrTemplate;
pub use vendor_enums::{Aspect, EnumWord, Fit, Style};
pub use vendor_table::{FIELDS, GROUPS, KINDS, NOT_IN_SCENE, VENDOR};
