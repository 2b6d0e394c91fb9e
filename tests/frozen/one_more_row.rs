//! The vendor adds `avatar.rotation`: one new row of the table, and every stage supports it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use callsheet::diagnostic::Report;
use callsheet::expand::{ExpandInputs, expand, preset_provenance, trace};
use callsheet::fields::{FIELDS, Field, GROUPS, KINDS, Literal, MediaKind, Table, Type, VENDOR, field};
use callsheet::lockfile::{Lockfile, Record, Take, TakeId, TakeState};
use callsheet::manifest::{Manifest, decode_in, merge};
use callsheet::output::{ExplainView, Screen, explain_preset_text, explain_text, render_yaml};
use callsheet::plan::{Action, PlanOptions, plan};
use callsheet::sandbox::{AssetLookup, ReceivedPart, submitted_video};
use callsheet::schema::group_definition;
use callsheet::source::{SourceFile, Sources};
use callsheet::spec::{Video, canonical_json, digest, explicit_value, stored_spec_in};
use callsheet::vendor::submission_form;
use callsheet::yaml::parse;
use serde_json::json;

/// The only edit.
const ROTATION: Field =
    field("avatar.rotation", Type::Integer(-180, 180), "Degrees, clockwise.").default(Literal::Int(0));

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let after = FIELDS.iter().position(|field| field.path == "avatar.scale").unwrap() + 1;
    let mut fields = FIELDS.to_vec();
    fields.insert(after, ROTATION);
    Table::new(fields.leak(), GROUPS, KINDS)
});

const HEAD: &str = r#"callsheet: 1
vars: { turn: 15, too_far: 181, words: askew }
avatars:
  anna: { id: A1, rotation: 10 }
  askew: { use: anna, rotation: -20 }
  turned: { use: askew, rotation: "{{ vars.turn }}" }
voices: { v: { tts: { id: V1 } } }
defaults: { voice: v, background: {}, script: Hello. }
videos:
"#;

struct Made {
    manifest: Manifest,
    sources: Sources,
    videos: Vec<Video>,
    errors: Vec<String>,
}

fn inputs<'a>(sources: &'a mut Sources, env: &'a BTreeMap<String, String>) -> ExpandInputs<'a> {
    ExpandInputs { root: Path::new("."), sources, env, now: "2026-11-22T12:00:00Z".parse().unwrap() }
}

static NO_ENV: BTreeMap<String, String> = BTreeMap::new();

/// Returns a project of one video with this avatar.
fn project(avatar: &str) -> Made {
    let text = format!("{HEAD}  hello: {{ avatar: {avatar} }}\n");
    let (mut sources, mut report) = (Sources::new(), Report::new());
    let id = sources.add(SourceFile::new("callsheet.yaml", "callsheet.yaml", text));
    let tree = parse(id, sources.get(id), &mut report).unwrap();
    let manifest = merge(vec![decode_in(&TABLE, &tree, &mut report)], &[], &mut report);
    let videos = expand(&manifest, inputs(&mut sources, &NO_ENV), &mut report).videos;
    let line = |one: &callsheet::diagnostic::Diagnostic| {
        let origin = one.primary.as_ref().unwrap().origin;
        let (_, at) = sources.locate(origin);
        format!("{}: {} @ {}:{}", one.code.name(), one.message, at.line, at.column)
    };
    let errors = report.iter().map(line).collect();
    Made { manifest, sources, videos, errors }
}

fn one(avatar: &str) -> Video {
    let made = project(avatar);
    assert_eq!(made.errors, [""; 0]);
    made.videos.into_iter().next().unwrap()
}

#[test]
fn schema_and_editor_know_it() {
    let avatar = group_definition(&TABLE, TABLE.find("avatar").unwrap());
    let rotation = &avatar["properties"]["rotation"];
    assert_eq!(rotation["type"], json!(["integer", "string"]));
    assert_eq!((&rotation["minimum"], &rotation["maximum"]), (&json!(-180), &json!(180)));
    let hover = "Degrees, clockwise. From −180 to 180. Default: `0`. Or a template in quotes.";
    assert_eq!(rotation["markdownDescription"], hover);
    assert_eq!(rotation["defaultSnippets"][0]["body"], "${1:0}");
    // The definition of the current table is the published one.
    let published: serde_json::Value =
        serde_json::from_str(include_str!("../../schema/callsheet.schema.json")).unwrap();
    let vendor = group_definition(&VENDOR, VENDOR.find("avatar").unwrap());
    assert_eq!(vendor["properties"], published["definitions"]["Avatar"]["properties"]);
}

#[test]
fn literals_and_templates_have_the_same_type_and_bounds() {
    for (avatar, error) in [
        (
            "{ use: anna, rotation: 181 }",
            "out-of-range: `avatar.rotation` is 181, but must be between -180 and 180 @ 10:43",
        ),
        (
            "{ use: anna, rotation: \"{{ vars.too_far }}\" }",
            "out-of-range: `avatar.rotation` is 181, but must be between -180 and 180 @ 10:43",
        ),
        (
            "{ use: anna, rotation: \"{{ vars.words }}\" }",
            "wrong-result: the template gives `askew`, but `avatar.rotation` needs a whole number @ 10:43",
        ),
    ] {
        assert_eq!(project(avatar).errors, [error], "{avatar}");
    }
}

#[test]
fn presets_layer_it_and_explain_shows_it() {
    let screen = Screen { color: false, width: 100, verbose: false };
    let explained = |avatar: &str| {
        let mut made = project(avatar);
        let video = &made.videos[0];
        let keys = [Arc::clone(&video.key)].into();
        let traces = trace(&made.manifest, inputs(&mut made.sources, &NO_ENV), &keys, &[]).unwrap();
        let (trace, sources) = (&traces[&video.key], &made.sources);
        let view = ExplainView { video, trace, sources, takes: Vec::new(), earlier: Vec::new() };
        let text = explain_text(&view, screen);
        let line = text.lines().find(|line| line.contains("avatar.rotation")).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(explained("turned"), "avatar.rotation 15 video → turned callsheet.yaml:6:35");
    assert_eq!(explained("{ use: askew }"), "avatar.rotation -20 video → askew callsheet.yaml:5:33");
    assert_eq!(explained("{ use: askew, rotation: 5 }"), "avatar.rotation 5 video callsheet.yaml:10:44");

    let mut made = project("askew");
    let avatar = TABLE.find("avatar").unwrap();
    let known =
        preset_provenance(&made.manifest, inputs(&mut made.sources, &NO_ENV), avatar, "askew").unwrap().unwrap();
    let text = explain_preset_text(&known, &made.sources, screen);
    assert!(text.starts_with("avatars.askew "), "{text}");
    assert!(text.lines().any(|line| line.contains("avatar.rotation") && line.contains("-20")), "{text}");
}

#[test]
fn it_is_hashed_stored_and_compared_and_a_default_changes_no_digest() {
    let turned = one("turned");
    let canonical =
        r#"{"avatar":{"id":"A1","rotation":15},"background":{},"voice":{"tts":{"id":"V1","text":"Hello."}}}"#;
    assert_eq!(canonical_json(&turned.spec, false), canonical);
    let stored = serde_json::from_str(&canonical_json(&turned.spec, true)).unwrap();
    assert_eq!(stored_spec_in(&TABLE, &stored).as_ref(), Some(&turned.spec));
    assert_eq!(explicit_value(&turned.spec)["avatar"]["rotation"], 15);
    assert!(render_yaml([&turned].into_iter()).unwrap().contains("rotation: 15"));

    let straight = one("{ use: anna, rotation: 0 }");
    assert_eq!(
        canonical_json(&straight.spec, false),
        r#"{"avatar":{"id":"A1"},"background":{},"voice":{"tts":{"id":"V1","text":"Hello."}}}"#
    );

    // The lockfile stores the field, and the next plan compares it.
    let made = project("turned");
    let id = TakeId { host: "devapi.vidnoz.com".into(), digest: digest(&straight.spec), attempt: 1 };
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let take = Take {
        task: Some("t1".to_owned()),
        spec: callsheet::lockfile::StoredSpec::new(canonical_json(&straight.spec, true)),
        ..Take::new(id, "hello".into(), TakeState::Submitted, at)
    };
    let mut lockfile = Lockfile::default();
    lockfile.insert(Record::Take(take));
    let options = PlanOptions { host: "devapi.vidnoz.com".into(), ..PlanOptions::default() };
    let plan = plan(&made.videos, &made.sources, &lockfile, &options);
    let [change] = plan.changes.as_slice() else { panic!("{:?}", plan.changes) };
    assert_eq!(change.action, Action::Change);
    let [only] = change.diff.as_slice() else { panic!("{:?}", change.diff) };
    assert_eq!((only.path.as_str(), &only.before, &only.after), ("avatar.rotation", &Some(json!(0)), &Some(json!(15))));
    let place = only.origin.as_ref().unwrap();
    assert_eq!((place.line, place.column), (6, 35));
}

struct NoAssets;

impl AssetLookup for NoAssets {
    fn kind(&self, _: &str) -> Option<MediaKind> {
        None
    }
}

#[test]
fn it_is_sent_and_received() {
    let video = one("turned");
    let form = submission_form(&video.spec, "hello", |_| None).unwrap();
    let names: Vec<&str> = form.parts.iter().map(|part| part.name.as_str()).collect();
    let at = names.iter().position(|name| *name == "avatar[rotation]").unwrap();
    assert_eq!(names[at - 1], "avatar[scale]");
    assert_eq!((form.parts[at].content_type, form.parts[at].value.as_slice()), (Some("application/json"), &b"15"[..]));

    let received = |rotation: &str, table| {
        let part = |part: &callsheet::vendor::FormPart| ReceivedPart {
            name: part.name.clone(),
            content_type: part.content_type.map(str::to_owned),
            file: false,
            value: if part.name == "avatar[rotation]" { rotation.into() } else { part.value.clone() },
        };
        let parts: Vec<ReceivedPart> = form.parts.iter().map(part).collect();
        submitted_video(table, video.spec.kind().kind, &parts, &NoAssets).map_err(|errors| errors.to_string())
    };
    assert_eq!(received("15", &TABLE).unwrap(), video.spec);
    assert_eq!(received("181", &TABLE).unwrap_err(), "`avatar[rotation]` must be from -180 to 180, not 181");
    assert_eq!(received("1.5", &TABLE).unwrap_err(), "`avatar[rotation]` must be a whole number, not `1.5`");
    // A vendor with the old table does not know the part.
    assert!(received("15", &VENDOR).unwrap_err().starts_with("`avatar[rotation]` is not a part of this form"));
}
