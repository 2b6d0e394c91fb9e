//! Provenance of values, and references of templates.

use serde_json::json as value;

use super::*;
use crate::fields::FieldPath;
use crate::source::Origin;
use crate::spec::{FieldTrace, Reference, ReferenceOrigin, UnresolvedReason, ValueSource};

/// The provenance of a field, as `source [presets] file:line text`.
fn from(outcome: &Outcome, video: &Video, path: &str) -> String {
    let field = FieldPath::from(VENDOR.find(path).unwrap());
    let Some(found) = video.provenance.get(field) else { return "default".to_owned() };
    let chain: Vec<&str> = found.chain.iter().map(|link| &*link.name).collect();
    format!("{} [{}] {}", found.source.as_str(), chain.join(" "), at(&outcome.sources, found.origin))
}

fn at(sources: &Sources, origin: Origin) -> String {
    let (file, place) = sources.locate(origin);
    format!("{file}:{} `{}`", place.line, sources.text(origin.file, origin.span).trim())
}

/// Name, value and location of each reference.
fn references(references: &[Reference], sources: &Sources) -> Vec<String> {
    let place = |reference: &Reference| match &reference.origin {
        Some(ReferenceOrigin::Manifest(origin)) => at(sources, *origin),
        Some(ReferenceOrigin::Row(row)) => format!("{}:{}", row.file, row.line),
        None => "nowhere".to_owned(),
    };
    references.iter().map(|one| format!("{} = {} {}", one.path, one.value, place(one))).collect()
}

fn of<'t>(trace: &'t InstanceTrace, path: &str) -> Option<&'t FieldTrace> {
    trace.fields.iter().find(|one| one.field == VENDOR.find(path).unwrap().into())
}

#[test]
fn a_chain_with_a_base_that_a_template_chooses_is_recorded_to_its_end() {
    let manifest = BASE.replace(
        "voices:\n",
        "voices:\n  deep: { tts: { id: DE, pitch: 3 } }\n  n-de: { use: deep, tts: { speed: 0.8 } }\n  \
         n-en: { tts: { id: EN } }\n  any: { use: \"n-{{ matrix.l }}\", tts: { emotion: sad } }\n  \
         top: { use: any, tts: { emotion: glad } }\n",
    );
    let videos = "videos:\n  v: { matrix: { l: [de, en] }, script: Hi, voice: { use: top, tts: { pitch: 1 } } }\n";
    let outcome = Project::new(&format!("{manifest}{videos}")).expand();
    assert_eq!(outcome.keys(), ["v[de]", "v[en]"]);
    let [de, en] = &outcome.expansion.videos[..] else { panic!() };
    let of_de = |path| from(&outcome, de, path);
    assert_eq!(of_de("voice.tts.id"), "video [top any n-de deep] callsheet.yaml:5 `DE`");
    assert_eq!(of_de("voice.tts.speed"), "video [top any n-de] callsheet.yaml:6 `0.8`");
    assert_eq!(of_de("voice.tts.emotion"), "video [top] callsheet.yaml:9 `glad`");
    assert_eq!(of_de("voice.tts.pitch"), "video [] callsheet.yaml:15 `1`");
    assert_eq!(of_de("avatar.style"), "defaults [anna] callsheet.yaml:3 `half`");
    assert_eq!((of_de("avatar.scale"), of_de("name")), ("default".to_owned(), "default".to_owned()));
    assert_eq!(from(&outcome, en, "voice.tts.id"), "video [top any n-en] callsheet.yaml:7 `EN`");
    assert_eq!(from(&outcome, en, "voice.tts.speed"), "default");
    let names: Vec<_> = de.provenance.presets().map(|link| link.name.to_string()).collect();
    assert_eq!(names, ["anna", "top", "any", "n-de", "deep", "plain"]);
    let named: Vec<String> = de.provenance.presets().map(|link| at(&outcome.sources, link.named_at)).collect();
    assert_eq!(
        named[1..4],
        ["callsheet.yaml:15 `top`", "callsheet.yaml:9 `any`", "callsheet.yaml:8 `\"n-{{ matrix.l }}\"`"]
    );
}

#[test]
fn the_layer_that_gives_a_text_is_its_source() {
    let manifest = BASE.replace("background: plain }", "background: plain, script: { path: \"{{ vars.f }}\" } }");
    let videos = "vars: { f: s.txt }\nvideos:\n  a: {}\n  b: { script: Own }\n  c: { voice: { use: narrator, tts: { text: Voice } } }\n";
    let outcome = Project::new(&format!("{manifest}{videos}")).file("s.txt", "File").expand();
    assert_eq!(outcome.texts(), ["File", "Own", "Voice"]);
    let sources: Vec<String> =
        outcome.expansion.videos.iter().map(|video| from(&outcome, video, "voice.tts.text")).collect();
    assert_eq!(
        sources,
        [
            "defaults [] callsheet.yaml:8 `\"{{ vars.f }}\"`",
            "video [] callsheet.yaml:12 `Own`",
            "video [] callsheet.yaml:13 `Voice`"
        ]
    );
    assert!(
        outcome
            .expansion
            .videos
            .iter()
            .all(|video| { video.provenance.given.iter().all(|given| given.source != ValueSource::Key) })
    );
}

#[test]
fn a_trace_names_what_templates_and_script_files_refer_to() {
    let videos = "vars: { product: { name: Acme }, file: s }\nvideos:\n  v:\n    matrix: { l: [de, en], include: [{ l: de, extra: x }] }\n    \
                  rows: { path: d.csv, key: \"{{ row.id }}\" }\n    script: { path: \"{{ vars.file }}.txt\" }\n    \
                  name: \"{{ row.id }} {{ matrix.extra | default('') }} {{ video.key }}\"\n  other: { script: Hi }\n";
    let project = Project::new(&format!("{BASE}{videos}"))
        .file("s.txt", "Hello {{ row.who }} of {{ vars.product.name }}, {{ matrix.l }}")
        .file("d.csv", "id,who\n1,Ada\n2,Bob\n");
    assert_eq!(project.expand().keys().len(), 5);
    let (traces, sources) = project.trace(&["v[de,x,2]", "v[en,1]", "v[fr,1]", "nothing"]);
    let mut keys: Vec<&str> = traces.keys().map(|key| &**key).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["v[de,x,2]", "v[en,1]"]);
    let trace = &traces["v[de,x,2]"];
    assert_eq!(
        references(&trace.matrix, &sources),
        ["matrix.l = \"de\" callsheet.yaml:12 `de`", "matrix.extra = \"x\" callsheet.yaml:12 `{ l: de, extra: x }`"]
    );
    assert_eq!(trace.fields.len(), 2, "only what a template or a script file makes: {:?}", trace.fields);
    let name = of(trace, "name").unwrap();
    assert_eq!(
        references(&name.references, &sources),
        [
            "matrix.extra = \"x\" callsheet.yaml:12 `{ l: de, extra: x }`",
            "row.id = \"2\" d.csv:3",
            "video.key = \"v[de,x,2]\" callsheet.yaml:11 `v`",
        ]
    );
    let text = of(trace, "voice.tts.text").unwrap();
    assert_eq!(text.template.as_deref(), Some("{{ vars.file }}.txt"));
    assert_eq!(references(&text.references, &sources), ["vars.file = \"s\" callsheet.yaml:9 `file`"]);
    let script = text.script.as_ref().unwrap();
    let file = sources.get(script.origin.file);
    assert_eq!((file.name(), script.origin.span.end as usize), ("s.txt", file.text().len()));
    assert_eq!(
        references(&script.references, &sources),
        [
            "matrix.l = \"de\" callsheet.yaml:12 `de`",
            "row.who = \"Bob\" d.csv:3",
            "vars.product.name = \"Acme\" callsheet.yaml:9 `product`",
        ]
    );
    let second = &traces["v[en,1]"];
    assert_eq!(references(&of(second, "name").unwrap().references, &sources).len(), 2, "`extra` is not defined there");
}

#[test]
fn a_preset_shows_its_chain_its_values_and_its_users() {
    let manifest = BASE.replace(
        "voices:\n",
        "voices:\n  low: { use: narrator, tts: { pitch: -5, text: \"Hi\\n\" } }\n  \
         any: { use: \"{{ matrix.v }}\", tts: { speed: \"{{ 1.1 }}\" } }\n  lost: { use: nobody }\n  \
         me: { use: me }\n  quiet: { use: low, silence: {} }\n",
    );
    let videos = "videos:\n  a: { voice: low }\n  b: { matrix: { v: [low, narrator] }, script: Hi, voice: any }\n  \
                  c: { script: Hi }\n  d: { voice: quiet }\n";
    let project = Project::new(&format!("{manifest}{videos}"));
    let low = project.voice("low").unwrap();
    let names: Vec<&str> = low.chain.iter().map(|link| &*link.name).collect();
    assert_eq!((names, low.unresolved), (vec!["low", "narrator"], None));
    let values: Vec<_> = low.values.iter().map(|one| (VENDOR[one.row].path, one.value.clone(), one.depth)).collect();
    assert_eq!(
        values,
        [
            ("voice.tts.id", value!("VOICE1"), 1),
            ("voice.tts.text", value!("Hi"), 0),
            ("voice.tts.speed", value!(1.05), 1),
            ("voice.tts.pitch", value!(-5), 0),
        ]
    );
    assert_eq!(low.used_by.iter().map(|key| &**key).collect::<Vec<_>>(), ["a", "b[low]", "d"]);
    assert_eq!(project.voice("narrator").unwrap().used_by.len(), 5);
    let any = project.voice("any").unwrap();
    let [speed] = &any.values[..] else { panic!("{:?}", any.values) };
    assert!(speed.is_template);
    let reason = |name: &str| project.voice(name).unwrap().unresolved.map(|base| (base.text.to_string(), base.reason));
    assert_eq!(reason("any"), Some(("{{ matrix.v }}".into(), UnresolvedReason::Template)));
    assert_eq!(reason("lost"), Some(("nobody".into(), UnresolvedReason::Unknown)));
    assert_eq!(reason("me"), Some(("me".into(), UnresolvedReason::Cycle)));
    assert!(project.voice("quiet").unwrap().values.is_empty(), "silence replaces what `low` gives");
    assert!(project.voice("nobody").is_none());
}
