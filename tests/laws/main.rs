//! Laws: what holds whatever the input.

mod digest;
mod house;
mod project;
