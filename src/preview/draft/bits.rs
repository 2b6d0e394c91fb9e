//! Bits in the order of H.264: big-endian, with Exp-Golomb numbers and emulation prevention.

/// A writer of bits.
#[derive(Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits used in the last byte; 0 when it is full or there is none.
    used: u32,
}

impl BitWriter {
    /// Nothing written yet.
    pub fn new() -> BitWriter {
        BitWriter::default()
    }

    /// The lowest `count` bits of `value`, highest first.
    pub fn bits(&mut self, value: u32, count: u32) -> &mut BitWriter {
        for place in (0..count).rev() {
            self.bit((value >> place) & 1 == 1);
        }
        self
    }

    /// An unsigned Exp-Golomb number, `ue(v)` of the standard.
    pub fn unsigned(&mut self, value: u32) -> &mut BitWriter {
        let length = 32 - (value + 1).leading_zeros();
        self.bits(0, length - 1).bits(value + 1, length)
    }

    /// A signed Exp-Golomb zero, `se(v)`; no other signed value is ever written here.
    pub fn signed_zero(&mut self) -> &mut BitWriter {
        self.unsigned(0)
    }

    /// Zero bits up to the next full byte.
    pub fn align(&mut self) -> &mut BitWriter {
        self.used = 0;
        self
    }

    /// Whole bytes; only where aligned.
    pub fn bytes(&mut self, bytes: impl IntoIterator<Item = u8>) -> &mut BitWriter {
        debug_assert_eq!(self.used, 0, "bytes start at a full byte");
        self.bytes.extend(bytes);
        self
    }

    /// The stop bit and its zeros; what was written is given away.
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

/// A NAL unit: its header byte, and the payload with a 3 after every two zeros that a small byte follows.
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
