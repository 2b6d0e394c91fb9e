//! Ctrl-C and SIGTERM: the first one asks to stop, the second one leaves at once.

use std::future::Future;
use std::io;

use crate::vendor::{Stop, StopSwitch};

/// What the first signal stops softly; the second one ends the process.
///
/// # Errors
/// When the system refuses handlers.
pub fn stop() -> io::Result<Stop> {
    let (switch, stop) = StopSwitch::pair();
    let first = first()?;
    tokio::spawn(async move {
        first.await;
        switch.finish();
    });
    Ok(stop)
}

/// A future that ends at the first signal; from then on the next one ends the process with 130.
///
/// Handlers are in place when this returns, so that no signal is missed.
///
/// # Errors
/// When the system refuses handlers.
pub fn first() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = Signals::new()?;
    Ok(async move {
        signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            // Nothing may be cleaned up here: intents on disk tell the rest.
            std::process::exit(130);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the same face as on unix")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
