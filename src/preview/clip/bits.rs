//! Writes bits in the order of H.264: big-endian, with Exp-Golomb numbers and emulation prevention.

/// A writer of bits.
#[derive(Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits used in the last byte; 0 if it is full or does not exist.
    used: u32,
}

impl BitWriter {
    /// Creates an empty writer.
    pub fn new() -> BitWriter {
        BitWriter::default()
    }

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
