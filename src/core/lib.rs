//! What callsheet computes without a network: manifests become specs, and specs are compared with what was submitted.
//!
//! A separate crate, because a release build optimizes it and little else (`[profile.release.package]`). The crate
//! `callsheet` re-exports every module: use that one.

pub mod diagnostic;
pub mod expand;
pub mod fields;
pub mod lockfile;
pub mod manifest;
pub mod media;
pub mod plan;
pub mod source;
pub mod spec;
pub mod yaml;
