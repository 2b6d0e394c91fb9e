//! The library's entry points: one function per operation, from a directory to specs, plans and takes.

mod anchors;
mod catalog;
mod compile;
mod deploy;
mod discover;
mod doctor;
mod environment;
mod error;
mod explain;
mod groups;
mod modeline;
mod names;
mod plan_causes;
mod preview;
mod pulling;
mod repository;
mod scaffold;
mod schema_file;
mod select;
mod shared;
mod shot_details;
mod snapshot;
mod standings;
mod trace;
mod world;

pub use catalog::{check_catalog, check_scene_counts};
pub use compile::{Compiled, Loaded, compile, load};
pub use deploy::{
    Ask, apply_options, expired, guards, know_earlier, open_lock, plan_project, renames, vendor, wanted, work,
};
pub use doctor::{
    Answers, Check, CheckStatus, DOCTOR_KEY, Diagnosis, Examination, Measured, MeasuredEnd, NameChange, SeenStatus,
    Silence, SilenceError, Surroundings, ask_vendor, examine, measure, silent_second, silent_take, tenths,
};
pub use environment::{
    Environment, PRODUCTION, SANDBOX, SANDBOX_STATE, environment_name, file_hosts, is_environment_name, lock_path,
    resolve, sandbox_state,
};
pub use error::ProjectError;
pub use explain::{Subject, explain, preset_words};
pub use groups::{LocalePlaces, PresetNames, month};
pub use modeline::{SCHEMA_FILE, modeline_of};
pub use names::project_names;
pub use plan_causes::find_causes;
pub use preview::{MEDIA_FOLDER, PREVIEW_FOLDER, PreviewAsk, Previewed, fetch_backgrounds, preview, shots};
pub use pulling::{NameValues, heard, name_values, pull_name, pull_subtitles};
pub use repository::{
    Answer, GitError, Kept, Staged, folder_in_repository, foreign_git_dir, staged_lockfiles, visit_in_git,
};
pub use scaffold::{LOCK_ATTRIBUTES, Scaffolded, scaffold};
pub use schema_file::{keep_schema, schema_text};
pub use select::{Selection, match_keys, match_selection, select, select_keys};
pub use shared::{has_forgotten_ledger, least_claim, ledger_setting, lock_name, open_ledger};
pub use shot_details::{fetch_catalog_pictures, find_finished_videos, name_shots};
pub use snapshot::Snapshot;
pub use standings::{RESULTS, apply_guard, ledger, pull_guard, standings};
pub use trace::trace_environment;
pub use world::World;
