//! Ctrl-C, SIGTERM and a closed terminal. The first signal requests a stop, another Ctrl-C or SIGTERM ends the
//! process.

use std::future::Future;
use std::io;

use crate::vendor::{StopSource, StopToken};

/// Returns a token that the first signal stops. The second signal ends the process.
///
/// # Errors
///
/// Returns an error if the system rejects the signal handlers.
pub fn stop() -> io::Result<StopToken> {
    let (switch, stop) = StopSource::pair();
    let first = first()?;
    tokio::spawn(async move {
        first.await;
        switch.request_stop();
    });
    Ok(stop)
}

/// Returns a future that completes at the first signal. The next signal ends the process with exit code 130.
///
/// A hangup never counts as the second signal, because shell and system both send it for one closed terminal, often
/// twice.
///
/// The handlers are installed when this function returns, so that no signal is missed.
///
/// # Errors
///
/// Returns an error if the system rejects the signal handlers.
pub fn first() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = Signals::new()?;
    Ok(async move {
        signals.first().await;
        tokio::spawn(async move {
            signals.order().await;
            // Clean up nothing here: the intents on disk record what is unfinished.
            std::process::exit(130);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` if the parent process wants this process to outlive its terminal, as `nohup` does.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Check before a handler is installed, because that changes the answer.
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
        // Biased: if a SIGTERM and a hangup arrive together, the hangup must not count as the first signal and the
        // SIGTERM as the second. A pipeline's shell passes its signal on as a hangup, and this process may have
        // received the signal too.
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

/// Returns `true` if this process was started with SIGHUP ignored, where the system reports it. Elsewhere a closed
/// terminal stops the run even under `nohup`, and the next run continues it.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| names_hangup(&status))
}

/// Returns `true` if the mask of ignored signals in a Linux status contains SIGHUP, which is number 1.
#[cfg(unix)]
fn names_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the same interface as on Unix")]
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
