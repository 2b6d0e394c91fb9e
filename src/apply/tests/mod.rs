//! Tests of apply with a fake vendor, an in-memory journal and tokio's paused clock.

mod answers;
mod by_hand;
mod claims;
mod executing;
mod laws;
mod lines;
mod permits;
mod running;
mod settling;
mod tokens;
mod uploading;
mod world;
