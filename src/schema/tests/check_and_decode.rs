//! Check and decoder on one file: each error is reported once, and declarations that depend on it are recorded.

use super::tree;
use crate::diagnostic::{Code, Report};
use crate::fields::VENDOR;
use crate::manifest::{InvalidDecl, Manifest, decode, merge};
use crate::schema::{FileRole, check};

/// The codes of all messages, in order of location, and the declarations decoded despite the errors.
fn codes(text: &str) -> (Vec<Code>, Manifest) {
    let (_, node) = tree(text);
    let mut report = Report::new();
    check(&node, FileRole::Root, text, &mut report);
    let decoded = decode(&node, &mut report);
    let manifest = merge(vec![decoded], &[], &mut report);
    report.sort();
    (report.iter().map(|one| one.code).collect(), manifest)
}

#[test]
fn each_fault_is_told_once() {
    let cases: &[(&str, &[Code])] = &[
        ("avatars: {a: {style: 7}}", &[Code::WrongType]),
        ("avatars: {a: {style: 2}}", &[Code::VendorNumber]),
        ("avatars: {a: }", &[Code::NullValue]),
        ("avatars: 5", &[Code::WrongType]),
        ("videos: {a: {matrix: {}}}", &[Code::BadMatrix]),
        ("videos: {a: {matrix: {l: []}}}", &[Code::BadMatrix]),
        ("videos: {a: {matrix: {l: [x], exclude: [{a b: x}]}}}", &[Code::BadKey]),
        ("videos: {a: {matrix: {include: [{}]}}}", &[Code::BadMatrix]),
        ("videos: {a: {rows: {path: x}}}", &[Code::MissingField]),
        ("videos: {a: {rows: {path: x, key: k, when: maybe}}}", &[Code::WrongType]),
        ("videos: {a: {script: 5, voice: {tts: {text: [x]}}}}", &[Code::WrongType, Code::WrongType]),
        ("environments: {p: {timeout: 5 minutes}}", &[Code::BadEnvironment]),
        ("environments: {p: {timeout: 60}}", &[Code::WrongType]),
        ("environments: {p: {base_url: ''}}", &[Code::NullValue]),
        ("environments: {p: {concurrency: 0, rate: -1}}", &[Code::OutOfRange, Code::OutOfRange]),
        ("guards: {max_share: 130%}", &[Code::BadGuard]),
        ("guards: {max_submissions: -1}", &[Code::OutOfRange]),
        ("required_version: 1.0", &[Code::WrongType]),
        ("required_version: ''", &[Code::NullValue]),
        ("env: [$A]", &[Code::BadKey]),
        ("voices: {v: {tts: {speed: 9}, silence: {}}}", &[Code::OutOfRange, Code::VoiceModes]),
    ];
    for (text, wanted) in cases {
        let (found, _) = codes(&format!("callsheet: 1\n{text}\n"));
        assert_eq!(&found, wanted, "{text}");
    }
}

#[test]
fn a_declaration_with_a_fault_is_noted_and_its_neighbours_are_not() {
    let (_, manifest) = codes(
        "callsheet: 1\nvars: {a: , b: 1}\navatars: {a: {stile: x}, b: {}}\nbackgrounds: {a: {color: red}, b: {}}\nvideos: {a: {take: 0}, b: {}}\n",
    );
    let noted: Vec<InvalidDecl> = manifest.invalid.iter().cloned().collect();
    assert_eq!(
        noted,
        [
            InvalidDecl::Variable("a".into()),
            InvalidDecl::Preset(VENDOR.find("avatar").unwrap(), "a".into()),
            InvalidDecl::Preset(VENDOR.find("background").unwrap(), "a".into()),
            InvalidDecl::Video("a".into()),
        ]
    );
    let presets = |block: &str| &manifest.preset_block(block).unwrap().presets;
    assert_eq!((manifest.vars.len(), presets("avatars").len(), manifest.videos.len()), (1, 2, 1));
    assert!(presets("backgrounds")["a"].decl.fields.is_empty(), "a wrong colour is not handed on");
}
