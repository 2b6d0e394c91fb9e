//! Progress events of an operation.

/// Receives the events of an operation as they happen.
pub trait ProgressReporter<E>: Send + Sync {
    /// Reports one event. Must not block.
    fn event(&self, event: &E);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl<E> ProgressReporter<E> for NoProgress {
    fn event(&self, _event: &E) {}
}
