//! Local media: inspected, hashed, uploaded once.
