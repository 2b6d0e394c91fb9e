//! The source of text: files, byte spans in them, and human-readable locations.

mod discover;
mod duration;
mod file;
mod format;
mod git;
mod origin;
mod parallel;
mod path;
mod safe_file;
mod sanitize;

pub use discover::{MAX_FILE_BYTES, OWN_DIRECTORY, ROOT_MANIFEST, ReadError, find_root, read_text};
pub use duration::parse_duration;
pub use file::{Location, LocationRange, Position, SourceFile, Sources};
pub use format::{format_length, percent_encoded, pluralize, quoted};
pub use git::{
    REDIRECTING_VARIABLES, conflict_line, conflict_range, is_lfs_pointer, leftover_conflict_range, opens_conflict,
};
pub use origin::{FileId, Origin, RowLocation, Span};
pub use parallel::{available_cores, parallel_map};
pub use path::{ConfineError, confine, has_hidden_part};
pub use safe_file::{
    Access, check_inside, check_no_hard_links, create_directories, hash, if_exists, make_directory, open_in_place,
    open_output, open_regular, parent_directory, read_regular, sync_directory, temporary_file, write_atomically,
    write_in_place, write_output,
};
pub use sanitize::{sanitize, sanitize_json, sanitize_lines, truncate, visible_char};
