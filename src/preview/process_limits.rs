//! Limits that a drawing process sets for itself before it reads any input.

/// Address space of a drawing process, in bytes. A picture of 60 million pixels needs half of it.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 2 << 30;

/// Limits memory and processor time of this process, disables core dumps, and ends it when its parent ends.
///
/// # Errors
/// If the system rejects a limit. The caller must not draw without it.
#[cfg(target_os = "linux")]
pub(super) fn limit_this_process() -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};
    // The parent kills a child that is late. This limit covers a child whose parent was killed.
    let seconds = super::image_process::DEADLINE.as_secs() + 1;
    let set = |(resource, most): (Resource, u64)| {
        let most = getrlimit(resource).maximum.map_or(most, |present| present.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    let limits = [(Resource::As, MOST_MEMORY), (Resource::Cpu, seconds), (Resource::Core, 0)];
    let limited = limits.into_iter().try_for_each(set);
    let limited = limited.and_then(|()| set_parent_process_death_signal(Some(Signal::KILL)));
    limited.map_err(|error| format!("the drawing process cannot be limited: {error}"))
}

/// Does nothing: on this system the parent's deadline is the only limit.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit_this_process() -> Result<(), String> {
    Ok(())
}
