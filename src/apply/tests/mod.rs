//! Tests of apply with a fake vendor, an in-memory journal and tokio's paused clock.

mod claims;
mod claims_properties;
mod claims_steps;
mod claims_world;
mod fakes;
mod manual_edit;
mod permits;
mod properties;
mod reconcile;
mod records;
mod responses;
mod submit;
mod submit_rounds;
mod tokens;
mod upload;
