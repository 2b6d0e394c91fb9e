//! The vendor's local double.
