//! The real binary, whole screens.

mod examples;
mod hostile;
mod readme;
mod scene;
