//! The vendor's magic numbers as words.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $(#[doc = $meaning:literal] $variant:ident $word:literal $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $meaning] $variant,)* }

        impl $name {
            /// All values, the default first where the vendor has one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in manifests and specs.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What the word stands for: a sentence for editors.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }.trim_start()
            }

            /// The vendor's number.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// The value of a vendor's number.
            pub fn from_number(number: i64) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Width to height of the picture.
    Aspect {
        /// Landscape, the default.
        Wide "16:9" 1,
        /// Portrait.
        Tall "9:16" 2,
        /// Square.
        Square "1:1" 3,
    }
}

words! {
    /// How the avatar stands in the picture.
    Style {
        /// Distant view, full body, the default.
        Full "full" 1,
        /// Close view, half body.
        Half "half" 2,
        /// Close view in a circle.
        Round "round" 3,
    }
}

words! {
    /// How background media fill the picture.
    Fit {
        /// Whole, with blank borders; the default.
        Contain "contain" 0,
        /// Filled, cut at the edges.
        Cover "cover" 1,
    }
}
