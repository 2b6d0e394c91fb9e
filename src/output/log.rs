//! What the rooms note while they work: warnings always, the rest with `--verbose`, on stderr.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::view::Shape;

/// Shows the notes of this program, and of no library: theirs may hold what they were sent.
pub fn start_log(shape: Shape) {
    let level = if shape.verbose { Level::DEBUG } else { Level::WARN };
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(shape.color_err)
        .with_target(false)
        .without_time();
    let filter = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // In a process that has one already, a test's, that one stays.
    drop(tracing_subscriber::registry().with(layer).with(filter).try_init());
}
