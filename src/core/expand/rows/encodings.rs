//! The likely encodings of a file that is not UTF-8. No program can be certain, so the author sees how each of them reads
//! a cell.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

/// Number of readings to show.
const MAX_READINGS: usize = 3;

/// Maximum size of the text by which the readings are ordered, in bytes.
const MAX_SCORED_BYTES: usize = 64 * 1024;

/// The encodings of spreadsheets in Europe, the more frequent ones first. Old DOS programs write cp850 (`None`), which
/// `encoding` does not know.
const EUROPEAN: [Option<&Encoding>; 5] =
    [Some(WINDOWS_1252), Some(MACINTOSH), Some(WINDOWS_1251), Some(WINDOWS_1250), None];

/// The upper half of cp850.
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// A cell as an encoding reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// `None` for cp850.
    pub encoding: Option<&'static Encoding>,
    pub cell: String,
}

/// Returns how the likely encodings read the first cell of a text that is not UTF-8, the most likely one first.
pub(super) fn readings(sample: &[u8]) -> Vec<Reading> {
    let Err(error) = std::str::from_utf8(sample) else { return Vec::new() };
    let at = error.valid_up_to();
    let ends = |byte: &u8| b",;\t\n\r|\"".contains(byte);
    let start = sample[..at].iter().rposition(ends).map_or(0, |place| place + 1);
    let end = sample[at..].iter().position(ends).map_or(sample.len(), |place| at + place);
    let scored = &sample[start..sample.len().min(start + MAX_SCORED_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let detected = Some(detector.guess(None, Utf8Detection::Deny));
    let mut found: Vec<(usize, Reading)> = Vec::new();
    for encoding in std::iter::once(detected).chain(EUROPEAN) {
        let Some(cell) = decoded(&sample[start..end], encoding).map(Cow::into_owned) else { continue };
        if let Some(text) = decoded(scored, encoding) {
            found.push((oddity(&text), Reading { encoding, cell }));
        }
    }
    // The sort is stable: the detected encoding comes before others that are as likely.
    found.sort_by_key(|(oddity, _)| *oddity);
    let mut readings: Vec<Reading> = Vec::new();
    for (_, reading) in found {
        if readings.len() < MAX_READINGS && readings.iter().all(|known| known.cell != reading.cell) {
            readings.push(reading);
        }
    }
    readings
}

/// Decodes a text. Returns `None` if it is invalid, except for a cut character at its end.
fn decoded<'a>(bytes: &'a [u8], encoding: Option<&'static Encoding>) -> Option<Cow<'a, str>> {
    let Some(encoding) = encoding else {
        let high: Vec<char> = CP850.chars().collect();
        let char_of = |byte: &u8| match byte.checked_sub(128) {
            Some(place) => high.get(usize::from(place)).copied(),
            None => Some(char::from(*byte)),
        };
        return bytes.iter().map(char_of).collect::<Option<String>>().map(Cow::Owned);
    };
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    (!malformed || text.trim_end_matches('\u{fffd}').find('\u{fffd}').is_none()).then_some(text)
}

/// Returns how many signs a text has of a wrong encoding.
fn oddity(text: &str) -> usize {
    let (mut count, mut before) = (0, ' ');
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        if !one.is_ascii() {
            let within = before.is_alphabetic() && after.is_alphabetic();
            let touches = |wanted: fn(char) -> bool| wanted(before) || wanted(after);
            count += match one {
                // Control characters, and frames of text screens.
                '\u{80}'..='\u{9f}' | '─'..='▟' => 4,
                // An apostrophe or a hyphen.
                '’' | '‑' | '–' | '\u{ad}' => usize::from(!within),
                _ if !one.is_alphabetic() => 1 + 3 * usize::from(within),
                // A letter of another script within a word, or a capital letter after a small one.
                _ if !is_latin(one) && touches(|other| other.is_ascii_alphabetic()) => 4,
                _ if one.is_uppercase() && before.is_lowercase() => 4,
                // Few words have two accented letters in a row.
                _ if is_latin(one) && is_latin(before) && !before.is_ascii() => 2,
                _ => 0,
            };
        }
        before = one;
    }
    count
}

fn is_latin(one: char) -> bool {
    one.is_alphabetic() && one < '\u{370}'
}

#[cfg(test)]
mod tests {
    use encoding_rs::SHIFT_JIS;

    use super::*;

    #[test]
    fn the_right_encoding_is_among_the_readings() {
        let first = |bytes: &[u8]| {
            let found = readings(bytes);
            assert!((2..=MAX_READINGS).contains(&found.len()), "{found:?}");
            let name = found[0].encoding.map_or("cp850", Encoding::name);
            format!("{name} {}", found[0].cell)
        };
        assert_eq!(first(b"id,n\n1,J\xf6rg M\xfcller\n"), "windows-1252 Jörg Müller");
        assert_eq!(first(b"id,n\n1,Ren\x8e\n2,J\x9arg\n3,M\x9fller\n"), "macintosh René");
        assert_eq!(first(b"id;n\n1;\xc8\xe2\xe0\xed\n2;\xce\xeb\xfc\xe3\xe0\n"), "windows-1251 Иван");
        assert_eq!(first(b"id;n\n1;J\x94rg\n2;M\x81ller\n3;Stra\xe1e\n"), "cp850 Jörg");
        assert_eq!(first(b"id;n\n1;\xa3\xf3d\x9f\n2;Krak\xf3w\n3;P\xb3ock\n"), "windows-1250 Łódź");
        let (japanese, ..) = SHIFT_JIS.encode("番号,名前\n1,田中さん\n2,すずき\n");
        assert_eq!(first(&japanese), "Shift_JIS 番号");
        // One letter fits several. The author decides.
        let cells: Vec<String> = readings(b"n\nJ\x9arg\n").into_iter().map(|one| one.cell).collect();
        assert!(cells.contains(&"Jörg".to_owned()), "{cells:?}");
    }

    #[test]
    fn cp850_has_all_of_its_characters() {
        assert_eq!(CP850.chars().count(), 128);
        assert_eq!(decoded(b"\x80\xe1\xff", None).as_deref(), Some("Çß\u{a0}"));
    }
}
