//! The JSON Schema of one line of a lockfile.

use serde_json::{Value, json};

use super::TakeState;

/// The schema of a line: the header, a take, an asset, or a run.
pub fn line_schema() -> Value {
    let states = TakeState::ALL.map(TakeState::word);
    let text = |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
    let time = json!({ "type": "string", "format": "date-time", "description": "When it was sent or found, UTC. A line that frees or forgets it has its own time." });
    let sha256 =
        |description: &str| json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": description });
    let object = |title: &str, required: &[&str], properties: Value| {
        json!({
            "title": title, "type": "object", "additionalProperties": false, "required": required,
            "properties": properties
        })
    };
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A line of callsheet.lock",
        "anyOf": [{ "$ref": "#/definitions/Header" }, { "$ref": "#/definitions/Take" }, { "$ref": "#/definitions/Asset" }, { "$ref": "#/definitions/Run" }],
        "definitions": {
            "Header": object("Header", &["callsheet", "version"], json!({
                "callsheet": { "const": "lock" },
                "version": { "enum": [1, super::FORMAT_VERSION] },
                "home": text("Where the shared ledger is: the remote, as host and path; version 2."),
                "closed": { "type": "string", "format": "date-time", "description": "When the shared ledger ended; version 2." }
            })),
            "Take": object("Take", &["key", "digest", "attempt", "state", "host", "at"], json!({
                "key": text("The key it was submitted under."),
                "digest": { "type": "string", "pattern": "^v1:[0-9a-f]{32}$", "description": "The content." },
                "attempt": { "type": "integer", "minimum": 1, "description": "Counts the submissions of one digest at one host." },
                "state": { "type": "string", "enum": states, "description": "By rank, lowest first. If a take has several lines, the highest rank wins." },
                "task": text("The vendor's task id."),
                "video": text("The vendor's id in its list of videos."),
                "name": text("The name that was submitted, marker included."),
                "host": { "type": "string", "description": "The vendor's host, without port." },
                "at": time,
                "how": { "type": "string", "enum": ["adopted", "accepted"], "description": "How the take became known, if not by its own response." },
                "seconds": { "type": "number", "minimum": 0, "description": "The length of the finished video." },
                "sha256": sha256("The hash of the saved file."),
                "bytes": { "type": "integer", "minimum": 0, "description": "The size of the saved file." },
                "message": { "type": "string", "description": "The vendor's message about the failure." },
                "until": { "type": "string", "format": "date-time", "description": "Of a claim in a shared ledger: no request of it ends after this time; version 2." },
                "run": text("The run that claimed it in a shared ledger; version 2."),
                "spec": { "type": "object", "description": "The canonical spec with its name." }
            })),
            "Asset": object("Asset", &["asset", "id", "host", "at"], json!({
                "asset": sha256("The content of the uploaded file, and its use if a voice is in a video file."),
                "id": text("The vendor's asset id."),
                "host": text("The vendor's host, without port."),
                "at": time
            })),
            "Run": object("Run", &["run", "who", "at"], json!({
                "run": text("Its id."),
                "who": text("Who runs it."),
                "url": text("The page of its job in the pipeline."),
                "commit": text("The commit that it applies."),
                "clock": { "type": "number", "description": "Seconds that its clock is ahead of the vendor's." },
                "at": time
            }))
        }
    })
}
