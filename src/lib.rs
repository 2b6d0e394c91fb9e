//! Avatar videos as code.
//!
//! Two pipelines meet in [`project`]: the first turns text into specs, the second turns specs into takes. They share
//! one value, [`spec`]. Imports point only downward (`tests/laws/house.rs` has the layers).
//!
//! | pipeline | modules |
//! |---|---|
//! | text to specs | [`source`] → [`yaml`] → [`schema`] → [`manifest`] → [`expand`] → [`spec`]; [`fields`] |
//! | specs to takes | [`spec`] → [`plan`] ← [`lockfile`]; [`apply`] → [`vendor`] ← [`results`]; [`apply`] → [`ledger`]; [`media`] |
//! | shared | [`diagnostic`], [`catalog`], [`sandbox`], [`output`], [`cli`] |

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod diagnostic;
pub mod expand;
pub mod fields;
pub mod ledger;
pub mod lockfile;
pub mod manifest;
pub mod media;
pub mod output;
pub mod plan;
pub mod preview;
pub mod project;
pub mod results;
pub mod sandbox;
pub mod schema;
pub mod source;
pub mod spec;
pub mod vendor;
pub mod yaml;
