//! Words for the vendor's numeric codes.

/// A word of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumWord {
    /// Text in manifests and specs.
    pub text: &'static str,
    /// The vendor's number.
    pub vendor_code: i64,
    /// One sentence for editors.
    pub meaning: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $word:literal $code:literal $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $meaning] $variant,)* }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }

        impl $name {
            /// All values, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The words of all values.
            pub const WORDS: &'static [EnumWord] =
                &[$(EnumWord { text: $word, vendor_code: $code, meaning: $meaning },)*];

            /// Returns the word in manifests and specs.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns the vendor's number.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Returns the value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// Returns the value of a vendor's number.
            pub fn from_number(number: i64) -> Option<Self> {
                match number { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Ratio of width to height.
    Aspect {
        Wide "16:9" 1 "Landscape, the default.",
        Tall "9:16" 2 "Portrait.",
        Square "1:1" 3 "Square.",
    }
}

words! {
    /// The framing of the avatar in the picture.
    Style {
        Full "full" 1 "Distant view, full body, the default.",
        Half "half" 2 "Close view, half body.",
        Round "round" 3 "Close view in a circle.",
    }
}

words! {
    /// How background media fill the picture.
    Fit {
        Contain "contain" 0 "Complete, with empty borders; the default.",
        Cover "cover" 1 "Filled, cut at the edges.",
    }
}
