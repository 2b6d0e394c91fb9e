//! Avatar videos as code.
//!
//! Two wings meet in [`project`]: the front wing turns text into specs, the back wing turns specs into takes.
//! They share one value, [`spec`]. Imports run only downwards (`tests/laws/house.rs` holds the map).
//!
//! | wing | rooms |
//! |---|---|
//! | text to specs | [`source`] → [`yaml`] → [`schema`] → [`manifest`] → [`expand`] → [`spec`] |
//! | specs to takes | [`spec`] → [`plan`] ← [`lockfile`]; [`apply`] → [`vendor`] ← [`results`]; [`media`] |
//! | around them | [`diagnostic`], [`catalog`], [`sandbox`], [`output`], [`cli`] |

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod diagnostic;
pub mod expand;
pub mod fields;
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
