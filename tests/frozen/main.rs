//! The frozen corpus: the output for known inputs, compared byte for byte.
//!
//! `projects` runs every project of `examples/`, every valid case of `tests/cases/` and `tests/frozen/project/` through
//! `render`, `explain`, `plan`, `apply --env sandbox` and `status`, and compares the output with `tests/frozen/golden/`.
//! `specs` reads 3,000 random specs from `specs.jsonl` and compares digest, canonical text, explicit form, parts of the
//! form and estimate. A digest, a marker or a part that changes here bills users again: `CALLSHEET_UPDATE=1` rewrites only
//! `golden/`, never `specs.jsonl`. Read the diff before you commit it.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue panics")]

mod one_more_row;
mod projects;
mod specs;
