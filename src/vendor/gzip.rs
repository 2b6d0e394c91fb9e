//! Bodies that a server compressed without a request for it. gzip is unpacked, any other encoding is an error with its
//! name.
//!
//! The first bytes decide, not the header: proxies unpack a body and keep the header, or compress one and omit it.
//! Neither JSON nor MP4 can start with gzip's magic bytes.

use std::io::{self, Read as _, Write as _};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::source::sanitize;

/// The first bytes of every gzip stream.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Number of bytes that [`is_gzip`] needs.
pub(super) const MAGIC_BYTES: usize = MAGIC.len();

/// Whether these are the first bytes of a gzip stream.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Returns the encoding that a server names, other than `identity`.
pub(super) fn encoding(headers: &HeaderMap) -> Option<String> {
    let named = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("an unreadable name").trim().to_ascii_lowercase();
    (!named.is_empty() && named != "identity").then(|| sanitize(&named).into_owned())
}

/// Returns the reason to reject a body that is not gzip, but in an encoding that callsheet cannot unpack.
pub(super) fn unknown_encoding(encoding: Option<&str>) -> Option<String> {
    let named = encoding.filter(|named| !matches!(*named, "gzip" | "x-gzip"))?;
    Some(format!("encoded as `{named}`, which callsheet does not request and cannot unpack"))
}

/// Returns a complete body. gzip is unpacked to at most `limit` bytes.
///
/// # Errors
/// The reason, with the name of the encoding.
pub(super) fn unpack(body: Vec<u8>, encoding: Option<&str>, limit: usize) -> Result<Vec<u8>, String> {
    if !is_gzip(&body) {
        return match unknown_encoding(encoding) {
            Some(reason) if !body.is_empty() => Err(format!("the answer is {reason}")),
            _ => Ok(body),
        };
    }
    let mut plain = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(&*body).take(most).read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > limit => Err(format!("the answer, unpacked from gzip, is larger than {limit} bytes")),
        Ok(_) => Ok(plain),
        Err(error) => Err(format!("the answer cannot be unpacked from gzip: {error}")),
    }
}

/// Maximum compressed bytes per step: gzip makes up to 1,032 bytes of one.
const STEP_BYTES: usize = 4 << 10;
/// Size from which the ratio of a stream is checked.
const MIN_MEASURED_BYTES: u64 = 64 << 20;
/// Maximum ratio of a large stream. The frames of a video are already compressed, so a higher ratio is not a video.
const MAX_RATIO: u64 = 50;

/// Unpacks a stream in chunks.
#[derive(Debug)]
pub(super) struct Unpacker {
    decoder: flate2::write::MultiGzDecoder<Vec<u8>>,
    /// Bytes that are received and still compressed.
    rest: Bytes,
    packed: u64,
    plain: u64,
}

impl Default for Unpacker {
    fn default() -> Self {
        let decoder = flate2::write::MultiGzDecoder::new(Vec::new());
        Self { decoder, rest: Bytes::new(), packed: 0, plain: 0 }
    }
}

impl Unpacker {
    /// Adds received bytes. [`Unpacker::piece`] unpacks them.
    pub fn push(&mut self, packed: Bytes) {
        self.rest = packed;
    }

    /// Unpacks a bounded part of the received bytes, possibly to nothing. Returns `None` if none are left.
    ///
    /// # Errors
    /// If the stream is not gzip, or unpacks to far more than any video.
    pub fn piece(&mut self) -> io::Result<Option<Bytes>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let piece = self.rest.split_to(STEP_BYTES.min(self.rest.len()));
        self.decoder.write_all(&piece)?;
        let plain = std::mem::take(self.decoder.get_mut());
        self.packed += piece.len() as u64;
        self.plain += plain.len() as u64;
        if self.plain > MIN_MEASURED_BYTES && self.plain / self.packed > MAX_RATIO {
            return Err(io::Error::other("it unpacks to more than 50 times its size, which no video does"));
        }
        Ok(Some(plain.into()))
    }

    /// Returns the rest, once the stream has ended.
    ///
    /// # Errors
    /// If the stream is incomplete, or its checksum is wrong.
    pub fn finish(&mut self) -> io::Result<Bytes> {
        self.decoder.try_finish()?;
        Ok(std::mem::take(self.decoder.get_mut()).into())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_first_bytes_decide_whatever_the_header_says() {
        let plain = br#"{"code":200}"#.to_vec();
        for encoding in [None, Some("gzip"), Some("x-gzip"), Some("br")] {
            assert_eq!(unpack(packed(&plain), encoding, 100), Ok(plain.clone()), "{encoding:?}");
        }
        assert_eq!(unpack(plain.clone(), Some("gzip"), 100), Ok(plain.clone()), "a proxy left the header");
        assert_eq!(unpack(Vec::new(), Some("br"), 100), Ok(Vec::new()));
        let refused = unpack(plain, Some("br"), 100).unwrap_err();
        assert_eq!(refused, "the answer is encoded as `br`, which callsheet does not request and cannot unpack");
    }

    #[test]
    fn a_cut_or_endless_stream_is_refused_with_the_word() {
        let whole = packed(&[b'x'; 5000]);
        for cut in [2, 9, whole.len() / 2, whole.len() - 1] {
            assert!(unpack(whole[..cut].to_vec(), None, 9000).unwrap_err().contains("from gzip"), "{cut}");
        }
        assert!(unpack(whole, None, 4999).unwrap_err().contains("from gzip, is larger than 4999"));
    }

    #[test]
    fn pieces_unpack_to_the_whole_and_a_cut_is_noticed() {
        let plain: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        let stream = [packed(&plain[..7]), packed(&plain[7..])].concat();
        let mut unpacker = Unpacker::default();
        let mut made = Vec::new();
        for chunk in stream.chunks(9999) {
            unpacker.push(Bytes::copy_from_slice(chunk));
            while let Some(piece) = unpacker.piece().unwrap() {
                made.extend(piece);
            }
        }
        made.extend(unpacker.finish().unwrap());
        assert!(made == plain);
        let mut cut = Unpacker::default();
        cut.push(Bytes::copy_from_slice(&stream[..stream.len() - 3]));
        while cut.piece().unwrap().is_some() {}
        assert!(cut.finish().is_err());
    }

    #[test]
    fn a_bomb_is_unpacked_in_small_pieces_and_refused() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for _ in 0..100 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let mut unpacker = Unpacker::default();
        unpacker.push(encoder.finish().unwrap().into());
        let mut made = 0;
        let refused = loop {
            match unpacker.piece() {
                Ok(piece) => {
                    let len = piece.expect("the rest is refused").len();
                    assert!(len <= STEP_BYTES * 1032 + (64 << 10), "{len}");
                    made += len as u64;
                }
                Err(error) => break error,
            }
        };
        assert!(refused.to_string().contains("50 times") && made <= MIN_MEASURED_BYTES, "{made}: {refused}");
    }
}
