//! The colors of a screen. Without color, every text stays unchanged.

use anstyle::{AnsiColor, Style};

use crate::plan::Action;

/// Successful or added.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// Rejected or removed.
pub const RED: Style = AnsiColor::Red.on_default();
/// Changed, or worth checking.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Only moved.
pub const CYAN: Style = AnsiColor::Cyan.on_default();
/// Unknown.
pub const MAGENTA: Style = AnsiColor::Magenta.on_default();
/// Less important.
pub const DIM: Style = Style::new().dimmed();
/// Errors and emphasis.
pub const BOLD: Style = Style::new().bold();

/// The properties of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// `true` for ANSI colors.
    pub color: bool,
    /// Number of columns. Longer lines are truncated.
    pub width: usize,
    /// `true` to show everything in full.
    pub verbose: bool,
}

/// Applies styles if color is enabled.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    color: bool,
}

impl Theme {
    /// Creates a theme with or without color.
    pub const fn new(color: bool) -> Self {
        Self { color }
    }

    /// Returns the text in a style.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Returns the symbol of an action in its color.
    pub fn symbol(self, action: Action) -> String {
        let style = match action {
            Action::Add => GREEN,
            Action::Change => YELLOW,
            Action::Move => CYAN,
            Action::Retry => RED,
            Action::Resolve => MAGENTA,
            Action::Orphan => DIM,
        };
        self.paint(style, action.symbol().encode_utf8(&mut [0; 4]))
    }
}
