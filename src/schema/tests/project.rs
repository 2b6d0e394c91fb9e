//! A project's schema contains its names, and is otherwise as strict as the published one.

use jsonschema::Validator;
use serde_json::{Value as Json, json};

use crate::schema::{CatalogEntry, PresetName, ProjectNames, TemplateNames, manifest_schema, project_schema};

fn preset(name: &str) -> PresetName {
    PresetName { name: name.to_owned(), summary: format!("id `{name}1`") }
}

fn listed(id: &str, name: &str, emotions: &[&str]) -> CatalogEntry {
    CatalogEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        language: Some("English".to_owned()),
        gender: Some("female".to_owned()),
        preview: Some("https://cdn.example.com/preview".to_owned()),
        emotions: emotions.iter().map(|one| (*one).to_owned()).collect(),
        scenes: None,
    }
}

fn names() -> ProjectNames {
    ProjectNames {
        avatars: vec![preset("anna"), preset("anna-round")],
        voices: vec![preset("narrator"), preset("v")],
        backgrounds: Vec::new(),
        templates: vec![preset("launch")],
        template_words: TemplateNames {
            vars: vec!["vars.product".to_owned()],
            env: vec!["env.CAMPAIGN".to_owned()],
            rows: vec![("thanks".to_owned(), vec!["row.id".to_owned()])],
            axes: vec![("onboarding".to_owned(), vec!["matrix.locale".to_owned()])],
        },
        listed_avatars: vec![listed("A1", "Anna", &[])],
        listed_voices: vec![
            listed("V1", "Jenny", &["cheerful", "sad"]),
            listed("V2", "Guy", &["cheerful", "sad"]),
            listed("V3", "Aria", &["chat"]),
            listed("a+b/c=", "Odd", &[]),
        ],
        listed_templates: vec![CatalogEntry {
            id: "4711".to_owned(),
            name: "Launch".to_owned(),
            scenes: Some(3),
            ..CatalogEntry::default()
        }],
    }
}

fn validator(schema: &Json) -> Validator {
    assert!(jsonschema::draft7::meta::is_valid(schema));
    jsonschema::draft7::new(schema).unwrap()
}

#[test]
fn a_project_without_names_has_the_published_schema() {
    assert_eq!(project_schema(&ProjectNames::default()), manifest_schema());
}

#[test]
fn only_the_projects_presets_are_taken_and_templates_stay() {
    let judge = validator(&project_schema(&names()));
    let video = |field: &str, value: Json| judge.is_valid(&json!({ "videos": { "a": { field: value } } }));
    for good in
        [json!("anna"), json!("{{ row.avatar }}"), json!("anna-{{ row.x }}"), json!({ "use": "anna", "scale": 1 })]
    {
        assert!(video("avatar", good.clone()), "{good}");
    }
    for bad in [json!("ana"), json!("narrator"), json!(""), json!(5), json!({ "use": "ana" }), json!({ "stile": "x" })]
    {
        assert!(!video("avatar", bad.clone()), "{bad}");
    }
    assert!(
        video("background", json!("any")),
        "without a preset of its kind any name is taken, as in the published schema"
    );
    assert!(judge.is_valid(&json!({ "defaults": { "voice": "narrator" }, "voices": { "v": { "use": "narrator" } } })));
    assert!(!judge.is_valid(&json!({ "defaults": { "voice": "anna" } })));
}

#[test]
fn a_catalogue_is_offered_and_never_asked_for() {
    let schema = project_schema(&names());
    let judge = validator(&schema);
    for id in ["V1", "unknown", "{{ row.voice }}"] {
        let voice = json!({ "voices": { "a": { "tts": { "id": id, "emotion": "whatever" } } } });
        assert!(judge.is_valid(&voice), "{id}");
    }
    assert!(
        !judge.is_valid(&json!({ "voices": { "a": { "tts": { "id": "" } } } })),
        "what was asked for before still is"
    );
    let ids = &schema["definitions"]["Tts"]["properties"]["id"]["allOf"];
    assert_eq!(ids[0]["defaultSnippets"][0]["label"], "Jenny (English, female)");
    assert_eq!(ids[0]["defaultSnippets"][0]["body"], "V1");
    assert_eq!(ids[1]["if"]["pattern"], "^(V1)$");
    assert_eq!(
        ids[1]["then"]["markdownDescription"],
        "**Jenny** (English, female). [preview](https://cdn.example.com/preview)\n\nEmotions: `cheerful`, `sad`."
    );
    assert_eq!(ids[4]["if"]["pattern"], r"^(a\+b\/c=)$", "an id is no regular expression");
    assert_eq!(ids[0]["defaultSnippets"][3]["body"], "\"a+b/c=\"");
    let emotions = schema["definitions"]["Tts"]["allOf"].as_array().unwrap();
    assert_eq!(
        emotions.len(),
        3,
        "voices of the same emotions share one rule, and all others have the documented ones"
    );
    assert_eq!(emotions[2]["then"]["properties"]["emotion"]["allOf"][0]["anyOf"][0]["enum"][4], "chat");
    assert_eq!(emotions[1]["if"]["properties"]["id"]["pattern"], "^(V1|V2)$");
}

#[test]
fn the_names_of_templates_are_said_and_offered() {
    let schema = project_schema(&names());
    let script = &schema["definitions"]["Video"]["properties"]["script"];
    let text = script["markdownDescription"].as_str().unwrap();
    for said in
        ["`vars.product`", "`env.CAMPAIGN`", "Columns of `thanks`: `row.id`", "Axes of `onboarding`: `matrix.locale`"]
    {
        assert!(text.contains(said), "{text}");
    }
    assert_eq!(script["allOf"][0]["defaultSnippets"][0]["body"], "\"{{ vars.product }}\"");
    let path = schema["definitions"]["Rows"]["properties"]["path"]["markdownDescription"].as_str().unwrap();
    assert!(!path.contains("row.id"), "the path is read before any row: {path}");
    let speed = &schema["definitions"]["Tts"]["properties"]["speed"]["allOf"][0]["defaultSnippets"][0];
    assert_eq!(speed["body"], "\"{{ ${1|vars.product,row.id,matrix.locale,env.CAMPAIGN|} }}\"");
}

/// Every single change of the document of all fields, in a project with the document's names.
#[test]
fn nothing_but_names_is_stricter() {
    let (published, own) = (validator(&manifest_schema()), validator(&project_schema(&names())));
    let mut refused = 0;
    super::agreement::each_change(|document| {
        let (published, own) = (published.is_valid(document), own.is_valid(document));
        assert!(published || !own, "only the project's schema takes {document}");
        refused += u32::from(published && !own);
    });
    assert!(refused > 0, "a name that is not the project's is refused somewhere");
    assert!(refused < 60, "{refused} documents are refused that the published schema takes");
}

#[test]
fn scenes_know_the_projects_voices_and_the_vendors_templates() {
    let schema = project_schema(&names());
    let judge = validator(&schema);
    let valid = |template: Json, voice: Json| {
        judge.is_valid(&json!({ "videos": { "a": { "template": template, "scenes": [{ "voice": voice }] } } }))
    };
    assert!(valid(json!("launch"), json!("narrator")) && valid(json!({ "id": 4711 }), json!({ "use": "v" })));
    assert!(valid(json!({ "id": 9 }), json!("{{ row.voice }}")), "any number stays as good");
    assert!(!valid(json!("lunch"), json!("narrator")) && !valid(json!("launch"), json!("narator")));
    let id = schema.pointer("/definitions/Template/properties/id/allOf").unwrap().as_array().unwrap();
    let hover = id.iter().find(|part| part["if"]["minimum"] == 4711).unwrap();
    assert_eq!(hover["then"]["markdownDescription"], "**Launch** (3 scenes).");
    let offered = id.iter().flat_map(|part| part["defaultSnippets"].as_array().into_iter().flatten());
    assert!(offered.into_iter().any(|one| one["label"] == "Launch (3 scenes)" && one["body"] == "4711"), "{id:#?}");
}
