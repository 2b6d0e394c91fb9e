//! A color as authors write it, and as video stores it.

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Color {
    /// White, the vendor's default.
    pub const WHITE: Color = Color { red: 255, green: 255, blue: 255 };

    /// Parses `#rrggbb`, in upper or lower case.
    pub fn parse(text: &str) -> Option<Color> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        Some(Color { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }

    /// Returns Y, Cb, Cr of BT.709 in limited range (16 to 235, 16 to 240), rounded.
    pub fn ycbcr(self) -> [u8; 3] {
        let [red, green, blue] = [self.red, self.green, self.blue].map(|channel| f64::from(channel) / 255.0);
        let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let byte = |value: f64| value.round().clamp(16.0, 240.0) as u8;
        [
            byte(16.0 + 219.0 * luma),
            byte(128.0 + 224.0 * (blue - luma) / 1.8556),
            byte(128.0 + 224.0 * (red - luma) / 1.5748),
        ]
    }
}
