//! The real binary, whole screens.

mod apply;
mod bombs;
mod branches;
mod doubt;
mod examples;
mod faults;
mod hostile;
mod hosts;
mod locks;
mod media;
mod readme;
mod scene;
mod schemas;
mod server;
mod streams;
