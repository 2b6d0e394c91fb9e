//! What separates the cells of a table.

/// A delimiter of csv and tsv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
}

impl Delimiter {
    /// All of them, the usual one first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The delimiter as a file holds it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    /// The word for it: `comma`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        }
    }

    /// The setting that a manifest has for it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Comma => r#"delimiter: ",""#,
            Self::Semicolon => r#"delimiter: ";""#,
            Self::Tab => r#"delimiter: "\t""#,
            Self::Bar => r#"delimiter: "|""#,
        }
    }

    /// Returns the delimiter that a text is.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| text.as_bytes() == [one.byte()])
    }
}
