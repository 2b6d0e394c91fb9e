//! Colors and planes of pixels, as H.264 stores them.

use resvg::tiny_skia::Pixmap;

use crate::spec::Aspect;

/// The size of a video in pixels. Width and height are multiples of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameSize {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl FrameSize {
    /// Returns the 720p size of an aspect.
    pub fn fitting(aspect: Aspect) -> FrameSize {
        match aspect {
            Aspect::Wide => FrameSize { width: 1280, height: 720 },
            Aspect::Tall => FrameSize { width: 720, height: 1280 },
            Aspect::Square => FrameSize { width: 720, height: 720 },
        }
    }

    /// Returns the number of macroblocks per row and per column.
    pub fn macroblocks(self) -> (u32, u32) {
        (u32::from(self.width) / 16, u32::from(self.height) / 16)
    }
}

/// The planes of a picture, in BT.709 with limited range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes {
    /// Width in pixels.
    pub width: usize,
    /// Brightness, row by row.
    pub luma: Vec<u8>,
    /// Blue difference, at half the size.
    pub blue: Vec<u8>,
    /// Red difference, at half the size.
    pub red: Vec<u8>,
}

/// Bytes per pixel.
const PIXEL: usize = 4;
/// Bytes of the 16 pixels that are compared together. Rows have a multiple of them.
const STEP: usize = 16 * PIXEL;

/// The samples of one macroblock: 16 × 16, 8 × 8, 8 × 8.
pub type Block = ([u8; 256], [u8; 64], [u8; 64]);

impl Planes {
    /// Converts opaque pixels of this size.
    ///
    /// Most of a picture repeats itself, so equal pixels are converted once: a frame in a third of the time.
    pub fn from_pixels(pixels: &Pixmap, picture: FrameSize) -> Self {
        let (width, size) = (usize::from(picture.width), usize::from(picture.width) * usize::from(picture.height));
        let data = pixels.data();
        let mut luma = Vec::with_capacity(size);
        for at in (0..size * PIXEL).step_by(STEP) {
            if repeats(data, at) {
                luma.extend_from_within(luma.len() - STEP / PIXEL..);
                continue;
            }
            for pixel in data[at..at + STEP].chunks_exact(PIXEL) {
                let (red, green, blue) = (i32::from(pixel[0]), i32::from(pixel[1]), i32::from(pixel[2]));
                luma.push(byte(16, 11_966 * red + 40_254 * green + 4_064 * blue));
            }
        }
        let (mut blues, mut reds) = (Vec::with_capacity(size / 4), Vec::with_capacity(size / 4));
        for rows in data.chunks_exact(2 * width * PIXEL) {
            let (above, below) = rows.split_at(width * PIXEL);
            for at in (0..above.len()).step_by(STEP) {
                if repeats(above, at) && repeats(below, at) {
                    blues.extend_from_within(blues.len() - STEP / PIXEL / 2..);
                    reds.extend_from_within(reds.len() - STEP / PIXEL / 2..);
                    continue;
                }
                for at in (at..at + STEP).step_by(2 * PIXEL) {
                    let sum = |channel: usize| {
                        let (left, right) = (at + channel, at + PIXEL + channel);
                        let above = i32::from(above[left]) + i32::from(above[right]);
                        above + i32::from(below[left]) + i32::from(below[right])
                    };
                    let (red, green, blue) = (sum(0), sum(1), sum(2));
                    blues.push(byte(128, (-6_596 * red - 22_189 * green + 28_785 * blue) / 4));
                    reds.push(byte(128, (28_784 * red - 26_145 * green - 2_639 * blue) / 4));
                }
            }
        }
        Self { width, luma, blue: blues, red: reds }
    }

    /// Returns the planes of a single color.
    pub fn flat(color: Color, picture: FrameSize) -> Self {
        let [luma, blue, red] = color.ycbcr();
        let (width, size) = (usize::from(picture.width), usize::from(picture.width) * usize::from(picture.height));
        Self { width, luma: vec![luma; size], blue: vec![blue; size / 4], red: vec![red; size / 4] }
    }

    /// Returns the number of macroblocks per row.
    pub fn across(&self) -> usize {
        self.width / 16
    }

    /// Returns the number of macroblocks.
    pub fn blocks(&self) -> usize {
        self.luma.len() / 256
    }

    /// Returns the samples of a macroblock. `place` counts row by row.
    pub fn block(&self, place: usize) -> Block {
        let (x, y) = (place % self.across(), place / self.across());
        let mut block = ([0; 256], [0; 64], [0; 64]);
        for row in 0..16 {
            let at = (y * 16 + row) * self.width + x * 16;
            block.0[row * 16..row * 16 + 16].copy_from_slice(&self.luma[at..at + 16]);
        }
        for row in 0..8 {
            let at = (y * 8 + row) * self.width / 2 + x * 8;
            block.1[row * 8..row * 8 + 8].copy_from_slice(&self.blue[at..at + 8]);
            block.2[row * 8..row * 8 + 8].copy_from_slice(&self.red[at..at + 8]);
        }
        block
    }
}

/// Returns whether the pixels at a position equal those of the previous step.
fn repeats(data: &[u8], at: usize) -> bool {
    at > 0 && data[at..at + STEP] == data[at - STEP..at]
}

fn byte(middle: i32, scaled: i32) -> u8 {
    (middle + ((scaled + (1 << 15)) >> 16)).clamp(16, 240) as u8
}

/// Returns the values of the planes if each plane of a macroblock has a single value.
pub fn flat((luma, blue, red): &Block) -> Option<[u8; 3]> {
    let one = |samples: &[u8]| samples.iter().all(|sample| *sample == samples[0]).then_some(samples[0]);
    Some([one(luma)?, one(blue)?, one(red)?])
}

/// Returns whether the last column or row of a macroblock has these values in its planes.
pub fn edge_is((luma, blue, red): &Block, values: [u8; 3], column: bool) -> bool {
    let edge = |samples: &[u8], side: usize, value: u8| {
        (0..side).all(|at| samples[if column { at * side + side - 1 } else { (side - 1) * side + at }] == value)
    };
    edge(luma, 16, values[0]) && edge(blue, 8, values[1]) && edge(red, 8, values[2])
}

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
