//! The real binary, with complete screens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod apply;
mod branches;
mod budget;
mod catalog;
mod causes;
mod checkouts;
mod commands_in_messages;
mod completions;
mod credentials;
mod doc_screens;
mod doctor;
mod doctor_spend;
mod documents;
mod downloads;
mod editor;
mod examples;
mod expiry;
mod explain;
mod failures;
mod faults;
mod fixture;
mod help;
mod hostile;
#[cfg(unix)]
mod hostile_files;
#[cfg(unix)]
mod hostile_texts;
mod hosts;
mod in_doubt;
mod installer;
mod json_into;
mod ledger;
#[cfg(target_os = "linux")]
mod ledger_clocks;
#[cfg(target_os = "linux")]
mod ledger_git;
#[cfg(target_os = "linux")]
mod ledger_process;
#[cfg(target_os = "linux")]
mod ledger_prompts;
#[cfg(target_os = "linux")]
mod ledger_race;
#[cfg(target_os = "linux")]
mod ledger_stops;
mod locks;
mod manifest_page;
mod media;
#[cfg(target_os = "linux")]
mod memory;
mod missing_lockfile;
mod network;
mod pictures;
mod pipeline;
mod pipeline_cancel;
mod pipeline_comment;
mod pipeline_ledger;
mod pipeline_results;
mod pipeline_unrecorded;
mod plan_picture;
mod preview;
mod read_only;
mod reference;
mod renames;
mod results;
mod runner;
mod sarif;
mod saved;
mod schemas;
mod server;
#[cfg(target_os = "linux")]
mod shells;
mod signed;
mod statuses;
mod streams;
mod subtitles;
mod trace;
mod typos;
mod vendor_templates;
mod watch;
