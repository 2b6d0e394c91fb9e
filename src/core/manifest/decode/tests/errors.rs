//! The errors that only decoding and merging can find.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::project;
use crate::diagnostic::Report;
use crate::fields::VENDOR;
use crate::manifest::{InvalidDecl, check_base_url, decode};
use crate::source::{SourceFile, Sources};
use crate::yaml::parse;

/// Returns all diagnostics, one per line: code, location, message, further locations, help.
fn said(texts: &[&str]) -> String {
    let (sources, _, mut report) = project(texts);
    report.sort();
    let place = |origin| {
        let (name, at) = sources.locate(origin);
        format!("{name}:{}:{}", at.line, at.column)
    };
    let mut screen = String::new();
    for one in report.iter() {
        let label = one.primary.as_ref().unwrap();
        let _ = write!(screen, "{} {} {}", one.code, place(label.origin), one.message);
        if !label.text.is_empty() {
            let _ = write!(screen, " | {}", label.text);
        }
        for other in &one.secondary {
            let _ = write!(screen, " | {} {}", place(other.origin), other.text);
        }
        for line in &one.help {
            let _ = write!(screen, " | {line}");
        }
        screen.push('\n');
    }
    screen
}

#[test]
fn a_voice_has_one_mode() {
    assert_eq!(
        said(&["voices: {v: {tts: {}, silence: {}}}"]),
        "voice-modes callsheet.yaml:1:23 `voice` has both `tts` and `silence` | callsheet.yaml:1:14 `tts` is set here | \
         keep exactly one of `tts`, `file`, `silence`\n"
    );
    assert_eq!(said(&["voices: {v: {tts: {}, silence: {}, file: {}}}"]).lines().count(), 2);
}

#[test]
fn media_have_one_source() {
    assert_eq!(
        said(&[
            "voices: {v: {file: {url: 'https://u', path: p}}}\nbackgrounds: {b: {media: {asset_id: a, url: 'https://u'}}}"
        ]),
        "exclusive-fields callsheet.yaml:1:39 `voice.file` has both `url` and `path` | callsheet.yaml:1:21 `url` is set here | \
         keep exactly one of `asset_id`, `url`, `path`\n\
         exclusive-fields callsheet.yaml:2:40 `background.media` has both `asset_id` and `url` | \
         callsheet.yaml:2:27 `asset_id` is set here | keep exactly one of `asset_id`, `url`, `path`\n"
    );
}

#[test]
fn what_is_spoken_stands_once() {
    assert_eq!(
        said(&[
            "videos: {a: {voice: {tts: {text: x}}, script: y}}\ndefaults: {script: {path: p}, voice: {tts: {text: x}}}"
        ]),
        "exclusive-fields callsheet.yaml:1:39 the video has both `script` and `voice.tts.text` | \
         callsheet.yaml:1:28 `voice.tts.text` is set here | both set the spoken text: keep `script`\n\
         exclusive-fields callsheet.yaml:2:12 `defaults` has both `script` and `voice.tts.text` | \
         callsheet.yaml:2:45 `voice.tts.text` is set here | both set the spoken text: keep `script`\n"
    );
}

#[test]
fn a_name_stands_for_one_thing_in_all_files() {
    let help = "names count across all files of a project: rename or remove one of the two";
    let text = "avatars: {a: {}}\nvoices: {a: {}}\nbackgrounds: {a: {}}\nvideos: {a: {}}\nvars: {a: 1}";
    let mut wanted = String::new();
    for (kind, place) in
        [("avatar", "1:11"), ("voice", "2:10"), ("background", "3:15"), ("video", "4:10"), ("variable", "5:8")]
    {
        let _ = writeln!(
            wanted,
            "duplicate-name 1.yaml:{place} the {kind} `a` is declared twice | callsheet.yaml:{place} first declared here | {help}"
        );
    }
    assert_eq!(said(&[text, text]), wanted);
}

#[test]
fn an_environment_goes_to_a_safe_place() {
    let text = "environments:\n  sandbox: {}\n  a: {base_url: 'http://devapi.vidnoz.com'}\n  b: {base_url: ftp://x}\n  \
                c: {base_url: 'https://user:secret@x'}\n  d: {base_url: nonsense}\n  e: {base_url: 'https://x?y=1'}\n  f: {timeout: 0s, settle_grace: 25h}\n";
    let help = "write `https://HOST`, or `http://127.0.0.1:PORT` for a server on this machine";
    assert_eq!(
        said(&[text]),
        format!(
            "bad-environment callsheet.yaml:2:3 `sandbox` cannot be declared | it is built in: `--env sandbox` starts it; choose another name\n\
             bad-environment callsheet.yaml:3:17 `base_url` is not https, so the credentials would be sent unencrypted | {help}\n\
             bad-environment callsheet.yaml:4:17 `base_url` is neither https nor http | {help}\n\
             bad-environment callsheet.yaml:5:17 `base_url` holds a user or a password | {help}\n\
             bad-environment callsheet.yaml:6:17 `base_url` is not a URL | {help}\n\
             bad-environment callsheet.yaml:7:17 `base_url` holds a query or a fragment | {help}\n\
             bad-environment callsheet.yaml:8:16 `timeout` is zero: no request could ever succeed | write a length such as `60s`, or leave it out\n\
             bad-environment callsheet.yaml:8:34 `settle_grace` is `25h`, longer than a day | `24h` is the maximum\n"
        )
    );
}

#[test]
fn only_loopback_goes_without_encryption() {
    for sound in
        ["https://devapi.vidnoz.com", "http://localhost:1", "http://127.9.9.9", "http://[::1]:8787/", "HTTPS://X"]
    {
        assert_eq!(check_base_url(sound), Ok(()), "{sound}");
    }
    for refused in [
        "http://localhost.evil.com",
        "http://127.0.0.1.nip.io",
        "http://128.0.0.1",
        "//x",
        "file:///x",
        "",
        "http://127.0.0.1@evil.com",
    ] {
        assert!(check_base_url(refused).is_err(), "{refused}");
    }
}

#[test]
fn credentials_are_never_visible_to_templates() {
    let help = "credentials are never visible to templates: remove it from `env`";
    for (setting, built_in) in [
        ("key_env", "VIDNOZ_API_KEY"),
        ("client_id_env", "VIDNOZ_CLIENT_ID"),
        ("client_secret_env", "VIDNOZ_CLIENT_SECRET"),
    ] {
        let root = format!("env: [CAMPAIGN, OURS]\nenvironments: {{s: {{{setting}: OURS}}}}");
        let what = "a variable of the vendor's credentials";
        assert_eq!(
            said(&[&root, &format!("env: [{built_in}]")]),
            format!(
                "secret-variable callsheet.yaml:1:17 `env` lists `OURS`, {what} | {help}\n\
                 secret-variable 1.yaml:1:7 `env` lists `{built_in}`, {what} | {help}\n"
            )
        );
    }
    let (_, manifest, _) = project(&["env: [CAMPAIGN, VIDNOZ_API_KEY]"]);
    assert_eq!(manifest.env.len(), 1, "what is refused is not handed on");
}

#[test]
fn a_project_may_ask_for_versions() {
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(said(&["required_version: '>=0.1'"]), "");
    assert_eq!(
        said(&["required_version: '>=99'"]),
        format!(
            "required-version callsheet.yaml:1:19 the project requires callsheet `>=99`, but this is `{own}` | install a matching version\n"
        )
    );
    assert_eq!(
        said(&["required_version: newest"]),
        "wrong-type callsheet.yaml:1:19 `required_version` is `newest`, which is not a version requirement | \
         write it as in `\">=0.3\"` or `\">=0.3, <2\"`\n"
    );
}

#[test]
fn a_matrix_stands_for_something_and_excludes_by_its_axes() {
    assert_eq!(
        said(&["videos: {a: {matrix: {include: []}}, b: {matrix: {locale: [en], exclude: [{locle: en}]}}}"]),
        "bad-matrix callsheet.yaml:1:14 `matrix` declares no video | \
         give it an axis, such as `locale: [en, de]`, or a combination under `include`\n\
         bad-matrix callsheet.yaml:1:76 `exclude` names `locle`, which is not an axis of the matrix | did you mean `locale`?\n"
    );
}

#[test]
fn a_fault_told_before_is_not_told_again_and_taints_only_its_own_declaration() {
    let mut sources = Sources::new();
    let mut report = Report::new();
    let text = "videos: {a: {sped: 1}, b: {}}\nvoices: {v: {tts: {speed: 9}}, w: {}}\nrequired_version: [newest]";
    let file = sources.add(SourceFile::new("callsheet.yaml", "/project/callsheet.yaml", text));
    let tree = parse(file, sources.get(file), &mut report).unwrap();
    // The errors that the check would report for `sped` and for the speed.
    let video = tree.as_map().unwrap().get("videos").unwrap().value.as_map().unwrap().get("a").unwrap();
    let sped = video.value.as_map().unwrap().entries[0].key_origin;
    let voice = tree.as_map().unwrap().get("voices").unwrap().value.as_map().unwrap().get("v").unwrap();
    let tts = voice.value.as_map().unwrap().get("tts").unwrap();
    let speed = tts.value.as_map().unwrap().get("speed").unwrap().value.origin;
    report.push(crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::UnknownField, "told", sped));
    report.push(crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::OutOfRange, "told", speed));
    let manifest = decode(&tree, &mut report).manifest;
    assert_eq!(report.errors(), 2);
    assert_eq!(manifest.videos.len(), 1);
    let (voice, speed) = (VENDOR.find("voice").unwrap(), VENDOR.find("voice.tts.speed").unwrap());
    let decl = &manifest.preset_block("voices").unwrap().presets["v"].decl;
    assert!(decl.get(speed).is_none(), "a value out of range is not handed on");
    let noted: Vec<InvalidDecl> = manifest.invalid.into_iter().collect();
    assert_eq!(noted, [InvalidDecl::Preset(voice, "v".into()), InvalidDecl::Video("a".into())]);
}

proptest! {
    #[test]
    fn decoding_answers_any_document(text in r"((videos|voices|avatars|defaults|guards|env|vars|x|matrix|include|rows|tts|key|~|\[|\]|\{|\}|, |: |1|'a'|\n  ?){1,2}){0,24}") {
        let mut sources = Sources::new();
        let mut report = Report::new();
        let file = sources.add(SourceFile::new("a.yaml", "/a.yaml", text.as_str()));
        if let Some(tree) = parse(file, sources.get(file), &mut report) {
            let decoded = decode(&tree, &mut report);
            super::merge(vec![decoded], &[], &mut report);
        }
    }
}
