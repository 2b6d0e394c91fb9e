//! The storyboard: a small self-contained page that loads only the frames next to it.

mod page;
#[cfg(test)]
mod tests;

pub use page::{Storyboard, write_storyboard};
