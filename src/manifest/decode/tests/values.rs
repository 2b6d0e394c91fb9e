//! What sound files are decoded to.

use std::time::Duration;

use serde_json::json;

use super::project;
use crate::manifest::{Choice, Expr, Field, Incomplete, Manifest, ScriptDecl, VideoDecl};
use crate::source::Sources;
use crate::spec::{Aspect, Fit, Style};

/// The manifest of the design.
const WHOLE: &str = include_str!("whole.yaml");

fn sound(texts: &[&str]) -> (Sources, Manifest) {
    let (sources, manifest, report) = project(texts);
    assert!(report.is_empty(), "{report:?}");
    assert!(manifest.incomplete.is_empty(), "{:?}", manifest.incomplete);
    (sources, manifest)
}

fn literal<T: Clone>(field: Option<&Field<T>>) -> T {
    match &field.unwrap().value {
        Expr::Literal(value) => value.clone(),
        Expr::Template(text) => panic!("a template: {text:?}"),
    }
}

fn template<T: std::fmt::Debug>(field: Option<&Field<T>>) -> String {
    match &field.unwrap().value {
        Expr::Template(text) => text.text.to_string(),
        Expr::Literal(value) => panic!("a literal: {value:?}"),
    }
}

fn video<'m>(manifest: &'m Manifest, key: &str) -> &'m VideoDecl {
    manifest.videos.iter().find(|video| &*video.key == key).unwrap()
}

#[test]
fn presets_keep_every_field_with_its_place() {
    let (sources, manifest) = sound(&[WHOLE]);
    let anna = &manifest.avatars["anna"].decl;
    assert_eq!(literal(anna.style.as_ref()), Style::Half);
    assert_eq!(literal(anna.scale.as_ref()).to_bits(), 1.1_f64.to_bits());
    let offset = anna.offset.as_ref().unwrap();
    assert_eq!(literal(offset.x.as_ref()), -240);
    assert!(offset.y.is_none());
    let x = offset.x.as_ref().unwrap();
    assert_eq!(
        (sources.text(x.origin.file, x.origin.span), sources.text(x.origin.file, x.key_origin.span)),
        ("-240", "x")
    );
    assert_eq!(sources.place(manifest.avatars["anna"].origin).1.line, 8);
    assert_eq!(&*literal(manifest.avatars["anna-round"].decl.use_.as_ref()), "anna");
    let narrator = manifest.voices["narrator-en"].decl.tts.as_ref().unwrap();
    assert_eq!(&*literal(narrator.emotion.as_ref()), "cheerful");
    assert_eq!(literal(manifest.backgrounds["office"].decl.media.as_ref().unwrap().fit.as_ref()), Fit::Cover);
    assert_eq!(manifest.vars["greeting"].value, json!({ "en": "Hello", "de": "Hallo" }));
    assert_eq!(&*manifest.env[0].0, "CAMPAIGN");
}

#[test]
fn videos_keep_their_order_and_their_templates() {
    let (_, manifest) = sound(&[WHOLE]);
    let keys: Vec<&str> = manifest.videos.iter().map(|video| &*video.key).collect();
    assert_eq!(keys, ["welcome", "onboarding", "thanks"]);
    let onboarding = video(&manifest, "onboarding");
    let Some(Choice::Named(voice)) = &onboarding.body.voice else { panic!("{:?}", onboarding.body.voice) };
    assert_eq!(template(Some(voice)), "narrator-{{ matrix.locale }}");
    let Some(ScriptDecl::File(path)) = &onboarding.body.script else { panic!("{:?}", onboarding.body.script) };
    assert_eq!(template(Some(path)), "scripts/onboarding.{{ matrix.locale }}.txt");
    let thanks = video(&manifest, "thanks");
    assert_eq!(literal(thanks.body.aspect.as_deref()), Aspect::Tall);
    assert_eq!(literal(thanks.body.take.as_deref()), 2);
    let Some(Choice::Object(background)) = thanks.body.background.as_deref() else {
        panic!("{:?}", thanks.body.background)
    };
    assert_eq!(template(background.color.as_ref()), "{{ row.brand }}");
    let rows = thanks.rows.as_ref().unwrap();
    assert_eq!(literal(Some(&rows.path)).as_ref(), "data/customers.csv");
    assert_eq!(template(Some(&rows.key)), "{{ row.id }}");
    assert_eq!(rows.when_template().unwrap().0.text.as_ref(), "{{ row.active }}");
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
    let avatar = &manifest.avatars["a"].decl;
    assert_eq!(template(avatar.style.as_ref()), "{{ vars.s }}");
    assert_eq!(template(avatar.scale.as_ref()), "{{ 1 }}");
    assert_eq!(literal(avatar.offset.as_ref().unwrap().x.as_ref()), 2);
    assert_eq!(template(avatar.offset.as_ref().unwrap().y.as_ref()), "{% if a %}1{% endif %}");
    assert_eq!(template(manifest.backgrounds["b"].decl.media.as_ref().unwrap().loop_.as_ref()), "{{ row.l }}");
    assert!(literal(manifest.backgrounds["c"].decl.media.as_ref().unwrap().loop_.as_ref()));
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
    // a name counts within its kind
    assert!(
        manifest.voices.contains_key("b")
            && manifest.avatars.contains_key("b")
            && manifest.backgrounds.contains_key("b")
    );
}

#[test]
fn only_the_root_settles_money_and_targets() {
    let (_, manifest, _) =
        project(&["videos: {}", "guards: {max_credits: 1}\nenvironments: {p: {rate: 0}}\ndefaults: {name: n}"]);
    assert!(
        manifest.guards.max_credits.is_none() && manifest.environments.is_empty() && manifest.defaults.name.is_none()
    );
}

#[test]
fn what_cannot_be_read_is_left_out_and_noted() {
    let (_, manifest, report) = project(&[
        "avatars: {a: {style: 7, scale: 2}, b: [1]}\nvideos: {bad: {take: x}, good: {take: 3}, none: }\nvoices: 5\ndefaults: {take: []}\nenv: [1, A]",
    ]);
    assert!(report.is_empty(), "the check tells these, not the decoder: {report:?}");
    let a = &manifest.avatars["a"].decl;
    assert!(a.style.is_none() && a.scale.is_some());
    assert!(!manifest.avatars.contains_key("b"));
    let keys: Vec<&str> = manifest.videos.iter().map(|video| &*video.key).collect();
    assert_eq!(keys, ["good"]);
    let noted: Vec<Incomplete> = manifest.incomplete.iter().cloned().collect();
    assert_eq!(
        noted,
        [
            Incomplete::Avatar("a".into()),
            Incomplete::Avatar("b".into()),
            Incomplete::Defaults,
            Incomplete::Video("bad".into()),
            Incomplete::Video("none".into()),
            Incomplete::Block("voices".into()),
        ]
    );
}
