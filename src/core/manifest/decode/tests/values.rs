//! The declarations of valid files.

use std::time::Duration;

use serde_json::json;

use super::project;
use crate::fields::{RowId, VENDOR};
use crate::manifest::{Decl, Expr, Field, InvalidDecl, Manifest, Preset, ScriptDecl, VideoDecl};
use crate::source::Sources;

/// A complete example manifest.
const WHOLE: &str = include_str!("whole.yaml");

fn sound(texts: &[&str]) -> (Sources, Manifest) {
    let (sources, manifest, report) = project(texts);
    assert!(report.is_empty(), "{report:?}");
    assert!(manifest.invalid.is_empty(), "{:?}", manifest.invalid);
    (sources, manifest)
}

fn row(path: &str) -> RowId {
    VENDOR.find(path).unwrap()
}

fn preset<'m>(manifest: &'m Manifest, block: &str, name: &str) -> Option<&'m Preset> {
    manifest.preset_block(block)?.presets.get(name)
}

/// Returns the value that an object sets for a field, as JSON, or the text of a template.
fn given(decl: &Decl, path: &str) -> Option<serde_json::Value> {
    let value = match &decl.get(row(path))?.value {
        Expr::Literal(value) => VENDOR.ty(row(path))?.to_json(value),
        Expr::Template(text) => json!(*text.text),
        Expr::Rejected => panic!("`{path}` is rejected"),
    };
    Some(value)
}

fn in_preset(manifest: &Manifest, (block, name): (&str, &str), path: &str) -> Option<serde_json::Value> {
    given(&preset(manifest, block, name)?.decl, path)
}

fn own(video: &VideoDecl, path: &str) -> Option<serde_json::Value> {
    given(video.fields.own.as_ref()?, path)
}

fn template(field: &Field) -> &str {
    &field.template().unwrap().text
}

fn video<'m>(manifest: &'m Manifest, key: &str) -> &'m VideoDecl {
    manifest.videos.iter().find(|video| &*video.key == key).unwrap()
}

#[test]
fn presets_keep_every_field_with_its_place() {
    let (sources, manifest) = sound(&[WHOLE]);
    let anna = &preset(&manifest, "avatars", "anna").unwrap().decl;
    assert_eq!(given(anna, "avatar.style"), Some(json!("half")));
    assert_eq!(given(anna, "avatar.scale"), Some(json!(1.1)));
    assert_eq!(given(anna, "avatar.offset.x"), Some(json!(-240)));
    assert_eq!(given(anna, "avatar.offset.y"), None);
    let x = anna.get(row("avatar.offset.x")).unwrap();
    assert_eq!(
        (sources.text(x.origin.file, x.origin.span), sources.text(x.origin.file, x.key_origin.span)),
        ("-240", "x")
    );
    assert_eq!(sources.locate(preset(&manifest, "avatars", "anna").unwrap().origin).1.line, 8);
    let round = &preset(&manifest, "avatars", "anna-round").unwrap().decl;
    assert_eq!(&**round.base.as_ref().unwrap().literal().unwrap(), "anna");
    assert_eq!(in_preset(&manifest, ("voices", "narrator-en"), "voice.tts.emotion"), Some(json!("cheerful")));
    assert_eq!(in_preset(&manifest, ("backgrounds", "office"), "background.media.fit"), Some(json!("cover")));
    assert_eq!(manifest.vars["greeting"].value, json!({ "en": "Hello", "de": "Hallo" }));
    assert_eq!(&*manifest.env[0].0, "CAMPAIGN");
}

#[test]
fn videos_keep_their_order_and_their_templates() {
    let (_, manifest) = sound(&[WHOLE]);
    let keys: Vec<&str> = manifest.videos.iter().map(|video| &*video.key).collect();
    assert_eq!(keys, ["welcome", "onboarding", "thanks"]);
    let onboarding = video(&manifest, "onboarding");
    let voice = onboarding.fields.part(row("voice")).unwrap();
    assert!(voice.rows().is_empty(), "a bare name gives no field itself");
    assert_eq!(template(voice.base.as_ref().unwrap()), "narrator-{{ matrix.locale }}");
    let Some(ScriptDecl::File(path)) = &onboarding.fields.script else { panic!("{:?}", onboarding.fields.script) };
    assert_eq!(template(path), "scripts/onboarding.{{ matrix.locale }}.txt");
    let thanks = video(&manifest, "thanks");
    assert_eq!(own(thanks, "aspect"), Some(json!("9:16")));
    assert_eq!(own(thanks, "take"), Some(json!(2)));
    let background = thanks.fields.part(row("background")).unwrap();
    assert_eq!(given(background, "background.color"), Some(json!("{{ row.brand }}")));
    let rows = thanks.rows.as_ref().unwrap();
    assert_eq!(&**rows.path.literal().unwrap(), "data/customers.csv");
    assert_eq!(template(&rows.key), "{{ row.id }}");
    assert_eq!(template(rows.when.as_ref().unwrap()), "{{ row.active }}");
}

#[test]
fn a_matrix_keeps_axes_and_combinations_in_written_order() {
    let (_, manifest) = sound(&[
        "videos: {a: {matrix: {tier: [free, 2, true, 1.5], locale: [en], include: [{z: 1, a: x}], exclude: [{tier: 2}]}}, \
         b: {matrix: {include: [{only: here}]}}}",
    ]);
    let matrix = video(&manifest, "a").matrix.as_ref().unwrap();
    let axes: Vec<&str> = matrix.axes.iter().map(|(name, _)| &**name).collect();
    assert_eq!(axes, ["tier", "locale"]);
    let tiers: Vec<_> = matrix.axes[0].1.iter().map(|(value, _)| value.clone()).collect();
    assert_eq!(tiers, [json!("free"), json!(2), json!(true), json!(1.5)]);
    assert_eq!(matrix.include[0].0, [("z".into(), json!(1)), ("a".into(), json!("x"))]);
    assert_eq!(matrix.exclude[0].0, [("tier".into(), json!(2))]);
    let only = video(&manifest, "b").matrix.as_ref().unwrap();
    assert!(only.axes.is_empty());
    assert_eq!(only.include.len(), 1);
}

#[test]
fn typed_fields_take_templates_and_whole_floats() {
    let (_, manifest) = sound(&[
        "avatars: {a: {style: '{{ vars.s }}', scale: '{{ 1 }}', offset: {x: 2.0, y: '{% if a %}1{% endif %}'}}}\n\
         backgrounds: {b: {media: {path: a.mp4, loop: '{{ row.l }}', fit: contain}}, c: {media: {loop: true}}}",
    ]);
    let avatar = |path| in_preset(&manifest, ("avatars", "a"), path);
    assert_eq!(avatar("avatar.style"), Some(json!("{{ vars.s }}")));
    assert_eq!(avatar("avatar.scale"), Some(json!("{{ 1 }}")));
    assert_eq!(avatar("avatar.offset.x"), Some(json!(2)));
    assert_eq!(avatar("avatar.offset.y"), Some(json!("{% if a %}1{% endif %}")));
    let loops = |name| in_preset(&manifest, ("backgrounds", name), "background.media.loop");
    assert_eq!((loops("b"), loops("c")), (Some(json!("{{ row.l }}")), Some(json!(true))));
}

#[test]
fn settings_are_read_with_their_units() {
    let (_, manifest) = sound(&[WHOLE]);
    let production = &manifest.environments["production"];
    assert_eq!(production.timeout.as_ref().unwrap().value, Duration::from_mins(1));
    assert_eq!(production.settle_grace.as_ref().unwrap().value, Duration::from_mins(2));
    assert_eq!(production.concurrency.as_ref().unwrap().value, 4);
    assert!((production.rate.as_ref().unwrap().value - 1.0).abs() < f64::EPSILON);
    assert_eq!(&*production.base_url.as_ref().unwrap().value, "https://devapi.vidnoz.com");
    assert!((manifest.guards.max_share.as_ref().unwrap().value - 0.3).abs() < 1e-12);
    assert_eq!(manifest.guards.max_submissions.as_ref().unwrap().value, 50);
    assert!((manifest.guards.max_credits.as_ref().unwrap().value - 200.0).abs() < 1e-12);
    let (_, small) = sound(&[
        "environments: {p: {timeout: 500ms, settle_grace: 1h, base_url: 'http://[::1]:8787'}}\nguards: {max_share: 0.25}",
    ]);
    assert_eq!(small.environments["p"].timeout.as_ref().unwrap().value, Duration::from_millis(500));
    assert_eq!(small.environments["p"].settle_grace.as_ref().unwrap().value, Duration::from_hours(1));
    assert!((small.guards.max_share.as_ref().unwrap().value - 0.25).abs() < 1e-12);
}

#[test]
fn files_are_joined_in_their_order() {
    let (_, manifest) = sound(&[
        "videos: {b: {}}\nenv: [A]\nvars: {x: 1}",
        "videos: {a: {}}\nenv: [A, B]\nvars: {y: 2}\nvoices: {b: {}}",
        "avatars: {b: {}}\nbackgrounds: {b: {}}",
    ]);
    let keys: Vec<&str> = manifest.videos.iter().map(|video| &*video.key).collect();
    assert_eq!(keys, ["b", "a"]);
    let env: Vec<&str> = manifest.env.iter().map(|(name, _)| &**name).collect();
    assert_eq!(env, ["A", "B"]);
    assert_eq!(manifest.vars.len(), 2);
    // A preset name is unique only within its kind.
    assert!(["voices", "avatars", "backgrounds"].iter().all(|block| preset(&manifest, block, "b").is_some()));
}

#[test]
fn only_the_root_settles_money_and_targets() {
    let (_, manifest, _) =
        project(&["videos: {}", "guards: {max_credits: 1}\nenvironments: {p: {rate: 0}}\ndefaults: {name: n}"]);
    assert!(
        manifest.guards.max_credits.is_none() && manifest.environments.is_empty() && manifest.defaults.own.is_none()
    );
}

#[test]
fn what_cannot_be_read_is_left_out_and_noted() {
    let (_, manifest, report) = project(&[
        "avatars: {a: {style: 7, scale: 2}, b: [1]}\nvideos: {bad: {take: x}, good: {take: 3}, none: }\nvoices: 5\ndefaults: {take: []}\nenv: [1, A]",
    ]);
    // No check ran before. In a project, the schema check reports these errors.
    let messages: Vec<&str> = report.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`avatar.style` is `7`, not one of `full`, `half`, `round`",
            "`take` is `x`, not a whole number",
            "`take` is `[]`, not a whole number",
        ]
    );
    let a = |path| in_preset(&manifest, ("avatars", "a"), path);
    assert!(a("avatar.style").is_none() && a("avatar.scale").is_some());
    assert!(preset(&manifest, "avatars", "b").is_none());
    let keys: Vec<&str> = manifest.videos.iter().map(|video| &*video.key).collect();
    assert_eq!(keys, ["good"]);
    let noted: Vec<InvalidDecl> = manifest.invalid.iter().cloned().collect();
    assert_eq!(
        noted,
        [
            InvalidDecl::Preset(row("avatar"), "a".into()),
            InvalidDecl::Preset(row("avatar"), "b".into()),
            InvalidDecl::Defaults,
            InvalidDecl::Video("bad".into()),
            InvalidDecl::Video("none".into()),
            InvalidDecl::Block("voices".into()),
        ]
    );
}
