//! How a sandbox is to behave.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::preview::DrawIn;
use crate::sandbox::fault::Fault;

/// How a sandbox is to behave.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Where its state lies; made if absent. Usually `.callsheet/sandbox`.
    pub state_dir: PathBuf,
    /// Requests per second for one key; None or 0 is without limit.
    pub rate: Option<f64>,
    /// How long a task waits, default 200 ms.
    pub queue: Duration,
    /// How long it runs then, default 500 ms.
    pub render: Duration,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The only key that is accepted; None accepts any that is not empty.
    pub key: Option<String>,
    /// The only client id that is exchanged for tokens; None accepts any that is not empty.
    pub client_id: Option<String>,
    /// The only client secret that is exchanged for tokens; None accepts any that is not empty.
    pub client_secret: Option<String>,
    /// All the credits there are, over the life of the state folder; None is without end.
    pub credits: Option<f64>,
    /// Ids and shares follow from it. Only used when the state folder is made; None takes one from the clock.
    pub seed: Option<u64>,
    /// True to listen on addresses that other machines can reach.
    pub allow_remote: bool,
    /// Where the pictures of films are drawn.
    pub draw_in: DrawIn,
    /// What time it is.
    pub clock: Clock,
}

impl SandboxOptions {
    /// The defaults, on a state folder.
    pub fn new(state_dir: impl Into<PathBuf>, draw_in: DrawIn) -> SandboxOptions {
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
            clock: Clock::system(),
        }
    }
}

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's.
    pub fn system() -> Clock {
        Clock::new(Timestamp::now)
    }

    /// Another.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Clock")
    }
}
