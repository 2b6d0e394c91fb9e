//! The limits of a YAML text.

/// Maximum nesting depth. The root is level 1.
pub const MAX_DEPTH: usize = 64;

/// Maximum number of nodes that aliases may add to a file.
pub const MAX_NODES: usize = 200_000;

/// Maximum number of values in a manifest. Larger content belongs in data files.
pub const MAX_VALUES: usize = 1_000_000;
