//! Prints specs as YAML, as JSON of format 1, and the exact requests as curl commands.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::versioned;
use super::explicit_schema::ExplicitSpec;
use super::text::quoted;
use crate::spec::{Digest, Estimate, LocalFile, Video, estimate, explicit_value};
use crate::vendor::{Form, FormPart, submission_form, wire};

/// Returns the specs as one YAML mapping from key to spec.
///
/// # Errors
///
/// Returns an error if the YAML writer cannot represent a value.
pub fn render_yaml<'a>(videos: impl Iterator<Item = &'a Video>) -> Result<String, serde_yaml::Error> {
    let map: serde_json::Map<String, Value> =
        videos.map(|video| (video.key.to_string(), explicit_value(&video.spec))).collect();
    if map.is_empty() { Ok(String::new()) } else { serde_yaml::to_string(&map) }
}

/// Returns the requests as a shell script of curl commands. They equal the requests of `apply` except for the marker
/// in the name.
///
/// Signatures of presigned URLs are included only with `signatures`. Running the script spends money that the
/// lockfile does not record.
pub fn render_curl<'a>(
    videos: impl Iterator<Item = &'a Video>,
    base_url: &str,
    key_env: &str,
    signatures: bool,
) -> String {
    let base = base_url.trim_end_matches('/');
    let mut text = String::from(
        "#!/bin/sh\n# Running this spends money that the lockfile does not record: callsheet may submit the same videos again.\nset -eu\n",
    );
    for video in videos {
        // Keys come from data, so a line break could end the comment.
        let shown: String = video.key.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
        let _infallible = writeln!(text, "\n# {shown}");
        let spec = if signatures { video.spec.clone() } else { video.spec.without_signatures() };
        if spec != video.spec {
            text.push_str("# a presigned URL: its signature is omitted; --show-signatures includes it\n");
        }
        for file in video.spec.files() {
            let _infallible = writeln!(
                text,
                "{}=$(curl --silent --fail --request POST --url {} --header 'accept: application/json' --header \"Authorization: Bearer ${key_env}\" --form {} --form {} | jq --raw-output .data.id)",
                variable(file),
                quoted(&format!("{base}{}", wire::ASSET_UPLOAD)),
                quoted(&format!("file=@\"{}\"{}", escaped(&file.name), sent_name(file))),
                quoted(&format!("filetype={}", file.kind.vendor_code())),
            );
        }
        // Every local file has an id here, so every spec has a form.
        let form = submission_form(&spec, spec.name(), |file| Some(format!("\u{0}{}", variable(file))));
        text.extend(form.map(|form| command(&form, &format!("{base}{}", form.endpoint), key_env)));
    }
    text
}

fn command(form: &Form, url: &str, key_env: &str) -> String {
    let mut text = format!(
        "curl --request POST \\\n  --url {} \\\n  --header 'accept: application/json' \\\n  --header \"Authorization: Bearer ${key_env}\"",
        quoted(url)
    );
    for part in &form.parts {
        let _infallible = write!(text, " \\\n  --form {}", part_argument(part));
    }
    text.push('\n');
    text
}

fn part_argument(part: &FormPart) -> String {
    let value = String::from_utf8_lossy(&part.value);
    let kind = part.content_type.map(|kind| format!(";type={kind}")).unwrap_or_default();
    match value.strip_prefix('\u{0}') {
        // The id of an uploaded file is in a shell variable.
        Some(variable) => format!("\"{}=${variable}{kind}\"", part.name),
        None => quoted(&format!("{}=\"{}\"{kind}", part.name, escaped(&value))),
    }
}

/// Escapes a text for curl's double quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn variable(file: &LocalFile) -> String {
    let key = file.upload_key();
    format!("asset_{}", &key[..12.min(key.len())])
}

/// Returns the option that names an upload, if `apply` does not send the file's own name.
fn sent_name(file: &LocalFile) -> String {
    let (name, own) = (file.format.file_name(&file.name), file.name.rsplit('/').next());
    if own == Some(&*name) { String::new() } else { format!(";filename=\"{}\"", escaped(&name)) }
}

/// What `callsheet render --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Render")]
pub struct RenderDocument<'a> {
    /// In manifest order.
    videos: Vec<RenderedVideo<'a>>,
}

/// One concrete video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Video")]
struct RenderedVideo<'a> {
    /// Its key.
    key: &'a str,
    /// The hash of its content.
    digest: Digest,
    /// Every field, defaults too; URLs without signatures.
    #[schemars(with = "ExplicitSpec")]
    spec: Value,
    /// Its estimated length and price.
    estimate: Estimate,
}

/// Returns the specs as one JSON document.
pub fn render_json<'a>(videos: impl Iterator<Item = &'a Video>) -> String {
    let videos = videos.map(|video| RenderedVideo {
        key: &video.key,
        digest: video.digest,
        spec: explicit_value(&video.spec),
        estimate: estimate(&video.spec),
    });
    versioned(&RenderDocument { videos: videos.collect() })
}
