//! Carries a plan out: settle, execute, summary.
