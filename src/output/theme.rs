//! The colours of a screen; without colour every text stands as it is.

use anstyle::{AnsiColor, Style};

use crate::plan::Action;

const fn of(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// What is wanted or added.
pub const GREEN: Style = of(AnsiColor::Green);
/// What is refused or taken away.
pub const RED: Style = of(AnsiColor::Red);
/// What is changed or worth a look.
pub const YELLOW: Style = of(AnsiColor::Yellow);
/// What is only moved.
pub const CYAN: Style = of(AnsiColor::Cyan);
/// What is not known.
pub const MAGENTA: Style = of(AnsiColor::Magenta);
/// What may be skipped.
pub const DIM: Style = Style::new().dimmed();
/// What must not be.
pub const BOLD: Style = Style::new().bold();

/// Paints, or does not.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    color: bool,
}

impl Theme {
    /// A theme with or without colour.
    pub const fn new(color: bool) -> Self {
        Self { color }
    }

    /// Whether it paints.
    pub const fn has_color(self) -> bool {
        self.color
    }

    /// The text in a style.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The sign of an action in its colour.
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
