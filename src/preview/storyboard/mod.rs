//! The storyboard: one light page that needs nothing but itself and the frames beside it.

mod data;
mod page;
#[cfg(test)]
mod tests;

pub use page::{Board, write_storyboard};
