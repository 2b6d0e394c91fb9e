//! The settings of a sandbox.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::preview::DrawProcess;
use crate::sandbox::fault::Fault;

/// The settings of a sandbox.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The state directory, created if missing. Usually `.callsheet/sandbox`.
    pub state_dir: PathBuf,
    /// Requests per second for one key. `None` and 0 mean no limit.
    pub rate: Option<f64>,
    /// How long a task is queued, 200 ms by default.
    pub queue: Duration,
    /// How long a task then runs, 500 ms by default.
    pub render: Duration,
    /// The faults to inject.
    pub faults: Vec<Fault>,
    /// The only key that is accepted. `None` accepts any non-empty key.
    pub key: Option<String>,
    /// The only client id that is exchanged for tokens. `None` accepts any non-empty id.
    pub client_id: Option<String>,
    /// The only client secret that is exchanged for tokens. `None` accepts any non-empty secret.
    pub client_secret: Option<String>,
    /// The total credits over the life of the state directory. `None` means no limit.
    pub credits: Option<f64>,
    /// Determines ids and shares. Used only when the state directory is created; `None` takes the seed from the clock.
    pub seed: Option<u64>,
    /// Whether to allow addresses that other machines can reach.
    pub allow_remote: bool,
    /// Where the pictures of clips are drawn.
    pub draw_in: DrawProcess,
    /// The clock of the sandbox.
    pub clock: SandboxClock,
}

impl SandboxOptions {
    /// Returns the defaults for a state directory.
    pub fn new(state_dir: impl Into<PathBuf>, draw_in: DrawProcess) -> SandboxOptions {
        SandboxOptions {
            state_dir: state_dir.into(),
            rate: None,
            queue: Duration::from_millis(200),
            render: Duration::from_millis(500),
            faults: Vec::new(),
            key: None,
            client_id: None,
            client_secret: None,
            credits: None,
            seed: None,
            allow_remote: false,
            draw_in,
            clock: SandboxClock::system(),
        }
    }
}

/// A source of the current time.
#[derive(Clone)]
pub struct SandboxClock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl SandboxClock {
    /// Returns the clock of the machine.
    pub fn system() -> SandboxClock {
        SandboxClock::new(Timestamp::now)
    }

    /// Creates a clock from a function.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> SandboxClock {
        SandboxClock(Arc::new(now))
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for SandboxClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Clock")
    }
}
