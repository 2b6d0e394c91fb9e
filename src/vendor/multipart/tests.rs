//! Encodes forms and parses them with an independent parser.

use proptest::prelude::*;

use super::*;
use crate::vendor::{FormPart, wire};

fn part(name: &str, value: &[u8]) -> FormPart {
    FormPart { name: name.to_owned(), content_type: None, file_name: None, value: value.to_vec() }
}

fn split_once<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

fn unescape(text: &str) -> String {
    text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

type Read = (String, Option<String>, Option<String>, Vec<u8>);

/// Returns name, file name, content type and value of each part. Written from RFC 7578, not from the encoder.
fn parse(body: &[u8], boundary: &str) -> Vec<Read> {
    let mut rest = body.strip_prefix(format!("--{boundary}").as_bytes()).unwrap();
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    while let Some(inner) = rest.strip_prefix(b"\r\n") {
        if inner.is_empty() {
            break;
        }
        let (head, after) = split_once(inner, b"\r\n\r\n").unwrap();
        let (value, next) = split_once(after, delimiter.as_bytes()).unwrap();
        let head = std::str::from_utf8(head).unwrap();
        let lines: Vec<&str> = head.split("\r\n").collect();
        let disposition = lines[0].strip_prefix("Content-Disposition: form-data; name=\"").unwrap();
        let (name, more) = disposition.split_once('"').unwrap();
        let file_name = more.strip_prefix("; filename=\"").map(|more| unescape(more.strip_suffix('"').unwrap()));
        let content_type = lines.get(1).map(|line| line.strip_prefix("Content-Type: ").unwrap().to_owned());
        assert!(lines.len() <= 2, "unknown header in {head}");
        parts.push((unescape(name), file_name, content_type, value.to_vec()));
        rest = next;
    }
    assert_eq!(rest, b"--\r\n");
    parts
}

fn boundary_of(encoded: &Encoded) -> &str {
    encoded.content_type.strip_prefix("multipart/form-data; boundary=").unwrap()
}

#[test]
fn the_bytes_are_those_of_curl() {
    let form = Form {
        endpoint: wire::SUBMIT,
        parts: vec![
            part("name", b"welcome"),
            FormPart { content_type: Some("application/json"), ..part("avatar[id]", b"Rk1n==") },
        ],
    };
    let expected = "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nwelcome\r\n\
                    --B\r\nContent-Disposition: form-data; name=\"avatar[id]\"\r\nContent-Type: application/json\r\n\r\n\
                    Rk1n==\r\n--B--\r\n";
    assert_eq!(String::from_utf8(form.encode("B").unwrap()).unwrap(), expected);
}

#[test]
fn a_boundary_that_occurs_in_a_value_or_is_none_is_refused() {
    let form = Form { endpoint: wire::SUBMIT, parts: vec![part("a", b"x"), part("b", b"--bobound")] };
    assert_eq!(form.encode("bound"), None);
    assert!(form.encode("bounds").is_some());
    for wrong in ["", "a b", "a\r\nX: y", "\"", &"x".repeat(71)] {
        assert_eq!(form.encode(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_source_that_repeats_itself_still_gives_a_boundary() {
    let first = Form::new(wire::SUBMIT).encode_with(|| 7);
    let taken = boundary_of(&first).to_owned();
    let form = Form { endpoint: wire::SUBMIT, parts: vec![part("text", taken.as_bytes())] };
    let second = form.encode_with(|| 7);
    assert_ne!(boundary_of(&second), taken);
    assert_eq!(parse(&second.body, boundary_of(&second))[0].3, taken.as_bytes());
}

#[test]
fn names_cannot_break_out_of_their_header() {
    let evil = FormPart { file_name: Some("a\"; x=\"\r\nX: y".to_owned()), ..part("n\"\r\n\r\nbody", b"v") };
    let body = Form { endpoint: wire::SUBMIT, parts: vec![evil] }.encode("B").unwrap();
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains("name=\"n%22%0D%0A%0D%0Abody\"; filename=\"a%22; x=%22%0D%0AX: y\"\r\n\r\nv\r\n"), "{text}");
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        parts in prop::collection::vec(
            ("[a-z\\[\\]\"\r\n]{1,12}", prop::option::of("[a-z\"\r\n é]{0,9}"), any::<bool>(),
             prop::collection::vec(any::<u8>(), 0..200)), 1..6),
        seed in any::<u64>(),
    ) {
        let form = Form { endpoint: wire::SUBMIT, parts: parts.iter().map(|(name, file_name, typed, value)| FormPart {
            name: name.clone(),
            content_type: typed.then_some("application/json"),
            file_name: file_name.clone(),
            value: value.clone(),
        }).collect() };
        let mut state = seed;
        let encoded = form.encode_with(|| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); state });
        let read = parse(&encoded.body, boundary_of(&encoded));
        let meant: Vec<_> = form.parts.iter().map(|part| {
            (part.name.clone(), part.file_name.clone(), part.content_type.map(str::to_owned), part.value.clone())
        }).collect();
        prop_assert_eq!(read, meant);
    }
}
