//! The library's front door: one function per use.
