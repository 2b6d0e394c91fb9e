//! The real binary, whole screens.

mod apply;
mod branches;
mod doubt;
mod examples;
mod faults;
mod hosts;
mod locks;
mod readme;
mod scene;
mod schemas;
mod server;
