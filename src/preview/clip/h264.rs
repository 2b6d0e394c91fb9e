//! A minimal H.264 encoder (baseline, CAVLC) for drawn, mostly static pictures: small, fast and lossless.
//!
//! A macroblock whose neighbors have the same single color predicts their mean (`Intra16x16`, DC, no residual). Any
//! other macroblock is written raw (`I_PCM`), or skipped if it is unchanged since the last frame. Without deblocking
//! and residual, each step is exact: the decoded picture equals the drawn one.

use super::planes::{FrameSize, Planes, edge_is, flat};

/// Profile, compatibility and level: constrained baseline, 3.1 (enough for 3,600 macroblocks).
pub const PROFILE: [u8; 3] = [66, 0xc0, 31];
/// Bits of `frame_num`: the minimum that the standard allows.
const FRAME_NUMBER_BITS: u32 = 4;
/// The `mb_type` of raw samples, in an I slice.
const RAW: u32 = 25;
/// The `mb_type` of `Intra16x16` with DC prediction and no residual, in an I slice.
const MEAN_OF_NEIGHBORS: u32 = 3;

/// Returns the sequence parameter set.
pub fn sequence(picture: FrameSize) -> Vec<u8> {
    let (across, down) = picture.macroblocks();
    let mut set = BitWriter::default();
    set.bytes(&PROFILE);
    set.unsigned(0); // seq_parameter_set_id
    set.unsigned(FRAME_NUMBER_BITS - 4);
    set.unsigned(2); // pic_order_cnt_type: display order equals decoding order
    set.unsigned(1); // one reference frame
    set.bits(0, 1); // no gaps in frame_num
    set.unsigned(across - 1).unsigned(down - 1);
    set.bits(0b11, 2); // frames only; direct_8x8_inference
    set.bits(0, 1); // no cropping: every size here is a multiple of 16
    set.bits(1, 1); // VUI follows
    set.bits(0b00, 2); // no sample aspect ratio, no overscan
    set.bits(1, 1).bits(5, 3).bits(0, 1); // video signal: format unspecified, limited range
    set.bits(1, 1).bits(1, 8).bits(1, 8).bits(1, 8); // BT.709: primaries, transfer, matrix
    set.bits(0b0_0_0_0_0, 5); // no chroma location, no timing, no NAL HRD, no VCL HRD, no pic_struct
    set.bits(1, 1).bits(1, 1); // restrictions follow; motion vectors may cross the picture boundary
    set.unsigned(0).unsigned(0).unsigned(10).unsigned(10);
    set.unsigned(0).unsigned(1); // no reordering; one frame is buffered
    nal(0x67, &set.finish())
}

/// Returns the picture parameter set.
pub fn parameters() -> Vec<u8> {
    let mut set = BitWriter::default();
    set.unsigned(0).unsigned(0); // its id, the sequence's id
    set.bits(0b00, 2); // CAVLC; no picture order in the slice
    set.unsigned(0).unsigned(0).unsigned(0); // one slice group, one reference each
    set.bits(0b000, 3); // no weighted prediction
    set.signed_zero().signed_zero().signed_zero(); // QP 26, SP 26, no chroma offset
    set.bits(0b100, 3); // slices control deblocking; intra is not constrained; no redundant pictures
    nal(0x68, &set.finish())
}

/// Starts the slice of a first frame.
fn first_slice() -> BitWriter {
    let mut slice = BitWriter::default();
    slice.unsigned(0).unsigned(7).unsigned(0); // from macroblock 0, all slices are I, parameters 0
    slice.bits(0, FRAME_NUMBER_BITS).unsigned(0); // frame 0, IDR 0
    slice.bits(0b00, 2); // earlier pictures are displayed; this one is no long-term reference
    slice.signed_zero().unsigned(1); // QP unchanged, no deblocking
    slice
}

/// Starts the slice of a later frame.
fn later_slice(number: u32) -> BitWriter {
    let mut slice = BitWriter::default();
    slice.unsigned(0).unsigned(5).unsigned(0); // from macroblock 0, all slices are P, parameters 0
    slice.bits(number % (1 << FRAME_NUMBER_BITS), FRAME_NUMBER_BITS);
    slice.bits(0b000, 3); // references neither overridden, nor reordered, nor marked
    slice.signed_zero().unsigned(1); // QP unchanged, no deblocking
    slice
}

/// Encodes any picture as the first frame.
pub fn key_frame(planes: &Planes) -> Vec<u8> {
    let mut slice = first_slice();
    let mut blocks = Blocks { raw: vec![false; planes.blocks()], planes, first: 0 };
    for place in 0..blocks.raw.len() {
        blocks.write(place, &mut slice);
    }
    nal(0x65, &slice.finish())
}

/// Encodes a later frame: the macroblocks that changed since the previous frame.
pub fn changed_frame(number: u32, before: &Planes, now: &Planes) -> Vec<u8> {
    let mut slice = later_slice(number);
    // In P slices, the types of I slices are numbered after five types of P slices.
    let mut blocks = Blocks { raw: vec![false; now.blocks()], planes: now, first: 5 };
    let mut skipped = 0;
    for place in 0..blocks.raw.len() {
        if before.block(place) == now.block(place) {
            skipped += 1;
        } else {
            slice.unsigned(skipped);
            skipped = 0;
            blocks.write(place, &mut slice);
        }
    }
    if skipped > 0 {
        slice.unsigned(skipped);
    }
    nal(0x41, &slice.finish())
}

/// Encodes the macroblocks of one picture.
struct Blocks<'a> {
    /// Whether each macroblock was written raw, which counts as 16 coefficients.
    raw: Vec<bool>,
    planes: &'a Planes,
    /// The offset of macroblock types in this kind of slice.
    first: u32,
}

impl Blocks<'_> {
    fn write(&mut self, place: usize, slice: &mut BitWriter) {
        let across = self.planes.across();
        let left = (!place.is_multiple_of(across)).then(|| place - 1);
        let above = place.checked_sub(across);
        let block = self.planes.block(place);
        let neighbours = || left.map(|left| (left, true)).into_iter().chain(above.map(|above| (above, false)));
        let predicted = flat(&block).is_some_and(|values| {
            neighbours().count() > 0
                && neighbours().all(|(other, column)| edge_is(&self.planes.block(other), values, column))
        });
        if predicted {
            slice.unsigned(self.first + MEAN_OF_NEIGHBORS).unsigned(0).signed_zero();
            // coeff_token of "no coefficient", by the mean of the neighbors' counts: raw ones have 16, all others 0.
            let counts: Vec<u32> = neighbours().map(|(other, _)| if self.raw[other] { 16 } else { 0 }).collect();
            let mean = match counts[..] {
                [one, other] => (one + other).div_ceil(2),
                [one] => one,
                _ => 0,
            };
            if mean >= 8 {
                slice.bits(0b00_0011, 6)
            } else {
                slice.bits(1, 1)
            };
        } else {
            self.raw[place] = true;
            slice.unsigned(self.first + RAW).align();
            slice.bytes(&block.0).bytes(&block.1).bytes(&block.2);
        }
    }
}

/// Encodes a later frame that equals the previous one.
pub fn still_frame(picture: FrameSize, number: u32) -> Vec<u8> {
    let (across, down) = picture.macroblocks();
    let mut slice = later_slice(number);
    slice.unsigned(across * down); // all macroblocks are skipped
    nal(0x41, &slice.finish())
}

/// A writer of bits in the order of H.264: big-endian, with Exp-Golomb numbers.
#[derive(Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits used in the last byte; 0 if it is full or does not exist.
    used: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits of `value`, highest first.
    pub fn bits(&mut self, value: u32, count: u32) -> &mut BitWriter {
        for place in (0..count).rev() {
            self.bit((value >> place) & 1 == 1);
        }
        self
    }

    /// Writes an unsigned Exp-Golomb number, `ue(v)` in the standard.
    pub fn unsigned(&mut self, value: u32) -> &mut BitWriter {
        let length = 32 - (value + 1).leading_zeros();
        self.bits(0, length - 1).bits(value + 1, length)
    }

    /// Writes the signed Exp-Golomb number zero, `se(v)`. This encoder needs no other signed value.
    pub fn signed_zero(&mut self) -> &mut BitWriter {
        self.unsigned(0)
    }

    /// Writes zero bits up to the next full byte.
    pub fn align(&mut self) -> &mut BitWriter {
        self.used = 0;
        self
    }

    /// Writes complete bytes. The position must be aligned.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut BitWriter {
        debug_assert_eq!(self.used, 0, "bytes start at a full byte");
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Writes the stop bit and its padding, and returns all bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.bit(true);
        self.bytes
    }

    fn bit(&mut self, one: bool) {
        if self.used == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(one) << (7 - self.used);
        }
        self.used = (self.used + 1) % 8;
    }
}

/// Returns a NAL unit: its header byte and the payload, with a 3 between two zeros and a following small byte.
pub fn nal(header: u8, payload: &[u8]) -> Vec<u8> {
    let mut unit = Vec::with_capacity(payload.len() + 8);
    unit.push(header);
    let mut zeros = 0;
    for &byte in payload {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}
