//! The apply room under a played vendor, a paper journal and a turned clock.

mod answers;
mod by_hand;
mod executing;
mod laws;
mod lines;
mod permits;
mod running;
mod settling;
mod tokens;
mod uploading;
mod world;
