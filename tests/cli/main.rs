//! The real binary, whole screens.

mod doubt;
mod examples;
mod faults;
mod readme;
mod scene;
mod schemas;
mod server;
