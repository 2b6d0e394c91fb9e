//! Ctrl-C, SIGTERM and a terminal that is closed: the first one asks to stop; another Ctrl-C or SIGTERM leaves at once.

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
/// A hangup is no order to leave: shell and system both send it when one terminal is closed, and often twice.
///
/// Handlers are in place when this returns, so that no signal is missed.
///
/// # Errors
/// When the system refuses handlers.
pub fn first() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = Signals::new()?;
    Ok(async move {
        signals.first().await;
        tokio::spawn(async move {
            signals.order().await;
            // Nothing may be cleaned up here: intents on disk tell the rest.
            std::process::exit(130);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where whoever started this wants it to outlive its terminal, as `nohup` does.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Asked before a handler takes the place of the answer.
        let hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hangup })
    }

    async fn first(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        // Biased: if a SIGTERM and a hangup arrive together, the hangup must not count as the first signal and the SIGTERM as
        // the second. A pipeline's shell passes its signal on as a hangup, and this process may have received the signal too.
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }

    async fn order(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Whether this process was started with SIGHUP ignored, as far as the system tells; where it does not, a closed
/// terminal stops the run softly even under `nohup`, and the next run goes on.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| names_hangup(&status))
}

/// Whether the mask of ignored signals in a status of Linux holds SIGHUP, which is number 1.
#[cfg(unix)]
fn names_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the same face as on unix")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn first(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn order(&mut self) {
        self.first().await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::names_hangup;

    #[test]
    fn a_mask_of_ignored_signals_is_read() {
        let status = |mask: &str| format!("Name:\tcallsheet\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(names_hangup(&status("0000000000000001")) && names_hangup(&status("0000000000001001")));
        assert!(!names_hangup(&status("0000000000001000")) && !names_hangup(&status("?")) && !names_hangup(""));
    }
}
