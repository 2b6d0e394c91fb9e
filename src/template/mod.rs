//! Templates, matrices and rows: from declarations to concrete videos.

mod expand;

pub use expand::{Expansion, Inputs, expand};
