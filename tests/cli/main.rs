//! The real binary, whole screens.

mod apply;
mod doubt;
mod examples;
mod faults;
mod hosts;
mod readme;
mod scene;
mod schemas;
mod server;
