//! The log of all modules on stderr: always warnings, and with `--verbose` the trace of every decision.

use std::fmt::{self, Write as _};

use anstyle::AnsiColor;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::theme::{DIM, Theme};
use super::view::{View, label};
use crate::source::sanitize;
use crate::vendor::redact_signatures;

/// Starts the log for this program only. Events of libraries are omitted, because they may contain data that was sent
/// to them.
pub fn start_log(view: &View) {
    let level = if view.shape.verbose { Level::DEBUG } else { Level::WARN };
    let filter = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // If the process already has a log, as tests do, that one stays.
    drop(tracing_subscriber::registry().with(LogLayer(view.clone())).with(filter).try_init());
}

/// Writes each event as one line: `debug: unchanged key=welcome attempt=1`.
struct LogLayer(View);

impl LogLayer {
    fn head(&self, level: Level) -> String {
        let color = self.0.shape.color_err;
        match level {
            Level::ERROR => label("error", AnsiColor::Red, color),
            Level::WARN => label("warning", AnsiColor::Yellow, color),
            _ => Theme::new(color).paint(DIM, "debug"),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut words = FieldVisitor::default();
        attributes.record(&mut words);
        span.extensions_mut().insert(words);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut words = FieldVisitor::default();
        event.record(&mut words);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(of_span) = span.extensions().get::<FieldVisitor>() {
                words.fields.push_str(&of_span.fields);
            }
        }
        let head = self.head(*event.metadata().level());
        // A closed stream must not stop a run that spends money.
        drop(self.0.notice(&format!("{head}: {}{}\n", words.message, words.fields)));
    }
}

/// The message and the fields of an event.
#[derive(Debug, Default)]
struct FieldVisitor {
    message: String,
    /// The fields, each after a space.
    fields: String,
}

impl FieldVisitor {
    fn add(&mut self, field: &Field, text: &str) {
        // Redact signatures and escape control characters in every event, whichever module writes it.
        let text = sanitize(&redact_signatures(text)).into_owned();
        if field.name() == "message" {
            self.message = text;
            return;
        }
        let bare = !text.is_empty() && !text.contains([' ', '"', '=']);
        let _infallible = if bare {
            write!(self.fields, " {}={text}", field.name())
        } else {
            write!(self.fields, " {}={text:?}", field.name())
        };
    }
}

impl Visit for FieldVisitor {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::output::ViewOptions;

    fn noted(err: io::PipeWriter, work: impl FnOnce()) {
        let view = View::new(Box::new(io::sink()), Box::new(err), ViewOptions::default());
        let all = tracing_subscriber::registry().with(LogLayer(view));
        tracing::subscriber::with_default(all, work);
    }

    #[test]
    fn a_note_is_one_line_without_signatures_that_steers_no_terminal() {
        let (reader, writer) = io::pipe().unwrap();
        noted(writer, || {
            let span = tracing::debug_span!("submission", key = "wel come");
            let _inside = span.enter();
            let none: Option<&str> = None;
            tracing::debug!(attempt = 2, none, at = %"https://a.example/?sig=abc", empty = "", "two\nlines\u{1b}[2J");
            tracing::warn!("bad");
        });
        assert_eq!(
            io::read_to_string(reader).unwrap(),
            "debug: two↵lines␛[2J attempt=2 at=\"https://a.example/?sig=[redacted]\" empty=\"\" key=\"wel come\"\n\
             warning: bad key=\"wel come\"\n"
        );
    }

    #[test]
    fn a_stream_that_nobody_reads_stops_nothing() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        noted(writer, || tracing::debug!("unheard"));
    }
}
