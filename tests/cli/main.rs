//! The real binary, whole screens.

mod examples;
mod readme;
mod scene;
mod schemas;
mod server;
