//! Laws: what holds whatever the input.

mod digest;
mod project;
