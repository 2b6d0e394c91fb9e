//! The separators of a table's cells.

/// A delimiter of CSV and TSV.
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
    /// All delimiters, the most common first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// Returns the delimiter as a file contains it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    /// Returns its name in messages: `comma`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        }
    }

    /// Returns its setting in a manifest.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Comma => r#"delimiter: ",""#,
            Self::Semicolon => r#"delimiter: ";""#,
            Self::Tab => r#"delimiter: "\t""#,
            Self::Bar => r#"delimiter: "|""#,
        }
    }

    /// Returns the delimiter that a text represents.
    pub fn from_setting(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| text.as_bytes() == [one.byte()])
    }
}
