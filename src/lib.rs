//! Avatar videos as code.
//!
//! Two pipelines meet in [`project`]: the first turns text into specs, the second turns specs into takes. They share
//! one value, [`spec`]. Imports point only downward (`tests/properties/layering.rs` has the layers). The modules that need neither
//! a network nor a screen are in the crate `callsheet_core`; a release build optimizes that crate and little else.
//!
//! | pipeline | modules |
//! |---|---|
//! | text to specs | [`source`] → [`yaml`] → [`schema`] → [`manifest`] → [`expand`] → [`spec`]; [`fields`] |
//! | specs to takes | [`spec`] → [`plan`] ← [`lockfile`]; [`apply`] → [`vendor`] ← [`results`]; [`apply`] → [`ledger`]; [`media`] |
//! | shared | [`diagnostic`], [`catalog`], [`sandbox`], [`output`], [`cli`] |

pub use callsheet_core::{diagnostic, expand, fields, lockfile, manifest, media, plan, source, spec, yaml};

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod ledger;
pub mod output;
pub mod preview;
pub mod project;
pub mod results;
pub mod sandbox;
pub mod schema;
pub mod vendor;
