//! The library's entry points: one function per operation, from a directory to specs, plans and takes.

mod catalog_check;
mod compile;
mod discover;
mod doctor;
mod environment;
mod error;
mod explain;
mod git;
mod modeline;
mod planning;
mod preview;
mod report_groups;
mod scaffold;
mod schema_file;
mod select;
mod shared_ledger;
mod snapshot;
mod statuses;

pub use crate::manifest::pattern::is_name as is_environment_name;
pub use catalog_check::{check_catalog, check_scene_counts};
pub use compile::{CompiledProject, LoadedProject, compile, load};
pub use doctor::{
    Check, CheckStatus, DOCTOR_KEY, Diagnosis, Examination, ExaminationContext, NameChange, ObservationEnd,
    Observations, SeenStatus, SilentVideo, SilentVideoError, VendorAnswers, ask_vendor, examine, observe,
    silent_second, silent_take, tenths,
};
pub use environment::{
    Environment, PRODUCTION, ProcessEnv, SANDBOX, SANDBOX_STATE, environment_name, file_hosts, lock_path, resolve,
    sandbox_state, trace_environment,
};
pub use error::ProjectError;
pub use explain::{ExplainTarget, explain, preset_names};
pub use git::{
    GitAnswer, GitError, GitVersion, StagedLockfile, foreign_git_dir, path_in_repository, staged_lockfiles,
    visit_git_version,
};
pub use modeline::{SCHEMA_FILE, modeline_of};
pub use planning::{
    PlanRequest, add_earlier_digests, apply_options, compile_to_plan, desired_videos, find_causes, first_expired_url,
    guards, open_lock, open_lock_to_read, plan_project, planned_submissions, rename_records, vendor,
};
pub use preview::{
    MEDIA_DIRECTORY, PREVIEW_DIRECTORY, PreviewRequest, fetch_backgrounds, fetch_catalog_pictures,
    find_finished_videos, name_shots, preview, shots,
};
pub use report_groups::{LocalePositions, PresetNames, submission_month};
pub use scaffold::{LOCK_ATTRIBUTES, Scaffolded, scaffold};
pub use schema_file::{project_names, refresh_schema, schema_text};
pub use select::{Selection, match_keys, select};
pub use shared_ledger::{has_forgotten_ledger, least_claim, ledger_setting, lock_name, open_ledger};
pub use snapshot::Snapshot;
pub use statuses::{
    NameValues, RESULTS_DIRECTORY, apply_lock_path, heard, lockfile_writer, name_values, project_statuses,
    pull_lock_path,
};
