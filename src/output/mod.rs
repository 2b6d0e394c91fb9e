//! Shows, decides nothing.
