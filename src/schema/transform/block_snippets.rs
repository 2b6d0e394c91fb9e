//! Snippets for an empty line in a mapping or a list: a new preset, a new video, an axis, a limit.
//!
//! Without them, editors offer nothing there, because the author chooses the names. Accepting the parent key also
//! inserts its first snippet. The others are in an `allOf`, because a key with several snippets inserts none. The names
//! contain no `-`, because the server would treat such a key as a list item and indent it once more.

use serde_json::{Value, json};

use super::snippet;

/// Returns JSON pointers into the schema, with the snippets at each.
fn block_locations() -> Vec<(&'static str, Vec<Value>)> {
    let video_of_rows = json!({ "${1:my_videos}": {
        "rows": { "path": "${2:data/customers.csv}", "key": "\"{{ row.${3:id} }}\"" },
        "script": "\"Thank you, {{ row.${4:first_name} }}!\"",
    } });
    let video_of_matrix = json!({ "${1:my_videos}": {
        "matrix": { "${2:locale}": "[${3:en}, ${4:de}]" },
        "script": { "path": "\"scripts/${1:my_videos}.{{ matrix.${2:locale} }}.txt\"" },
    } });
    let video_of_template = json!({ "${1:my_video}": {
        "template": { "id": "${2:4711}" },
        "scenes": [{ "script": "${3:Hello.}" }],
    } });
    let of_file = json!({ "${1:my_video}": { "script": { "path": "${2:scripts/my_video.txt}" } } });
    let media = |field: &str, value: &str| json!({ "${1:my_background}": { "media": { field: value, "fit": "${3|cover,contain|}" } } });
    let mut locations = vec![
        (
            "/properties/vars",
            vec![
                snippet(
                    "new variable",
                    "seen by templates as `vars.NAME`",
                    json!({ "${1:my_variable}": "${2:a value}" }),
                ),
                snippet(
                    "new variable by language",
                    "seen as `vars.NAME.LANGUAGE`, or `vars.NAME[matrix.locale]`",
                    json!({ "${1:my_words}": { "${2:en}": "${3:Hello}", "${4:de}": "${5:Hallo}" } }),
                ),
            ],
        ),
        (
            "/properties/avatars",
            vec![
                snippet(
                    "new avatar",
                    "an avatar at the vendor, by its id",
                    json!({ "${1:my_avatar}": { "id": "${2:AVATAR_ID}", "style": "${3|half,full,round|}" } }),
                ),
                snippet(
                    "new avatar over another",
                    "merged deeply over the preset that `use` names",
                    json!({ "${1:my_round_avatar}": { "use": "${2:preset}", "style": "${3|round,half,full|}" } }),
                ),
            ],
        ),
        (
            "/properties/voices",
            vec![
                snippet(
                    "new voice",
                    "speech from text, by the vendor's voice id",
                    json!({ "${1:my_voice}": { "tts": { "id": "${2:VOICE_ID}", "speed": "${3:1.0}" } } }),
                ),
                snippet(
                    "new voice over another",
                    "merged deeply over the preset that `use` names",
                    json!({ "${1:my_other_voice}": { "use": "${2:preset}", "tts": { "id": "${3:VOICE_ID}" } } }),
                ),
                snippet(
                    "new voice from a file",
                    "a local audio file, uploaded once",
                    json!({ "${1:my_recorded_voice}": { "file": { "path": "${2:media/voice.mp3}" } } }),
                ),
                snippet(
                    "silence",
                    "no voice, for a number of seconds",
                    json!({ "${1:my_silence}": { "silence": { "duration": "${2:5}" } } }),
                ),
            ],
        ),
        (
            "/properties/backgrounds",
            vec![
                snippet("new background", "a color", json!({ "${1:my_background}": { "color": "\"#${2:f4f4f4}\"" } })),
                snippet(
                    "new background from a URL",
                    "an image or a video",
                    media("url", "${2:https://cdn.example.com/office.jpg}"),
                ),
                snippet(
                    "new background from a file",
                    "a local image or video, uploaded once",
                    media("path", "${2:media/office.jpg}"),
                ),
            ],
        ),
        (
            "/properties/templates",
            vec![snippet(
                "new vendor template",
                "a template of the vendor's, by its number",
                json!({ "${1:my_template}": { "id": "${2:4711}", "scene_count": "${3:3}" } }),
            )],
        ),
        (
            "/definitions/Video/properties/scenes",
            vec![
                snippet("- a scene", "what the voice of the video says", json!({ "script": "${1:Hello.}" })),
                snippet(
                    "- a silent scene",
                    "for a number of seconds",
                    json!({ "voice": { "silence": { "duration": "${1:3}" } } }),
                ),
            ],
        ),
        (
            "/properties/videos",
            vec![
                snippet(
                    "new video",
                    "one video; `defaults` set the fields that it omits",
                    json!({ "${1:my_video}": { "script": "${2:Hello.}" } }),
                ),
                snippet("new video from a script file", "the text is in a file, which is also a template", of_file),
                snippet("new videos from a matrix", "one for each combination of the axes' values", video_of_matrix),
                snippet(
                    "new video from a vendor template",
                    "the template's scenes, each with a script",
                    video_of_template,
                ),
                snippet("new videos from rows", "one for each row of a data file", video_of_rows),
            ],
        ),
        (
            "/properties/environments",
            vec![snippet(
                "new environment",
                "a URL, and the environment variables that hold its credentials",
                json!({ "${1:staging}": { "base_url": "${2:https://staging.example.com}", "client_id_env": "${3:STAGING_CLIENT_ID}", "client_secret_env": "${4:STAGING_CLIENT_SECRET}" } }),
            )],
        ),
        (
            "/definitions/Guards",
            vec![snippet(
                "all limits",
                "the maximum that one apply may spend",
                json!({ "max_submissions": "${1:50}", "max_credits": "${2:200}", "max_share": "${3:30%}" }),
            )],
        ),
    ];
    let combination = |locale: &str| snippet("- a combination", "values by axis", json!({ "${1:locale}": locale }));
    let matrix = [
        (
            ["/definitions/Matrix", "/definitions/DefaultMatrix"],
            snippet("new axis", "a name and its values", json!({ "${1:locale}": "[${2:en}, ${3:de}]" })),
        ),
        (
            ["/definitions/Matrix/properties/include", "/definitions/DefaultMatrix/properties/include"],
            combination("${2:fr}"),
        ),
        (
            ["/definitions/Matrix/properties/exclude", "/definitions/DefaultMatrix/properties/exclude"],
            combination("${2:de}"),
        ),
    ];
    locations
        .extend(matrix.into_iter().flat_map(|(places, offered)| places.map(|place| (place, vec![offered.clone()]))));
    locations
}

/// Adds the snippets to the schema.
pub fn add_block_snippets(schema: &mut Value) {
    for (place, mut offered) in block_locations() {
        let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) else { continue };
        let more = offered.split_off(1);
        object.insert("defaultSnippets".to_owned(), offered.into());
        if !more.is_empty() {
            object.insert("allOf".to_owned(), json!([{ "defaultSnippets": more }]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::manifest_schema;

    #[test]
    fn every_place_is_there() {
        let schema = manifest_schema();
        for (place, offered) in block_locations() {
            let found = schema.pointer(place).map(|object| &object["defaultSnippets"][0]["label"]);
            assert_eq!(found, Some(&offered[0]["label"]), "{place}");
        }
    }
}
