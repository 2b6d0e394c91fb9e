//! Reporting of the events of a run.

/// Reports the events of a run, as they happen.
pub trait ProgressReporter<E>: Send + Sync {
    /// Something happened; must not block.
    fn event(&self, event: &E);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl<E> ProgressReporter<E> for Silent {
    fn event(&self, _event: &E) {}
}
