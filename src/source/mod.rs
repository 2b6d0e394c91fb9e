//! The source of text: files, byte spans in them, and human-readable locations.

mod cores;
mod discover;
mod duration;
mod file;
mod format;
mod git;
mod origin;
mod path;
mod safe_file;
mod shown;

pub use cores::{cores, share_out};
pub use discover::{MAX_FILE_BYTES, OWN_DIRECTORY, ROOT_MANIFEST, ReadError, find_root, read_text};
pub use duration::parse_duration;
pub use file::{Location, LocationRange, Position, SourceFile, Sources};
pub use format::{clock, count, percent_encoded};
pub use git::{STEERING, conflict_line, conflict_range, is_lfs_pointer, opens_conflict};
pub use origin::{FileId, Origin, RowPlace, Span};
pub use path::{ConfineError, confine, has_hidden_part};
pub use safe_file::{
    Access, check_inside, check_one_name, folder_of, hash, make_directory, open_in_place, open_output, open_regular,
    read_regular, replace_file, sync_folder, temporary_file, write_in_place, write_output,
};
pub use shown::{clean, clean_json, clean_lines, drawn, truncate};
