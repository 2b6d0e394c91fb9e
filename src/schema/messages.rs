//! The messages of schema errors, with their fixes.

use jsonschema::ValidationError;
use serde_json::{Map, Value as Json};

use super::node_path::{NodePath, shown};
use super::transform::{allowed_words, types_of};
use super::type_fix::{empty_list, in_mapping, object_branch, type_fix};
use crate::diagnostic::{Code, Diagnostic, Severity, nearest};
use crate::fields::{FIELDS, NOT_IN_SCENE, VENDOR};
use crate::manifest::pattern;
use crate::source;
use crate::yaml::{Entry, Node, Value, is_no_break};

/// The most names that a help line lists.
const LISTED: usize = 9;

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    // A tab in the notation of manifests.
    source::quoted(names.into_iter().map(|name| name.replace('\t', "\\t")))
}

/// Returns the error for an unknown key.
pub(super) fn unknown_field(document: &Json, schema: &Map<String, Json>, entry: &Entry) -> Diagnostic {
    let properties = schema.get("properties").and_then(Json::as_object);
    let known: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let below = find_elsewhere(document, properties, &entry.key, 3);
    let title = schema.get("title").and_then(Json::as_str).unwrap_or("mapping");
    let owner = if title == "manifest" { "the manifest".to_owned() } else { format!("`{title}`") };
    let key = shown(&entry.key);
    let path = format!("{title}.{}", entry.key);
    if VENDOR.find(&path).is_some_and(|row| VENDOR.is_outside_lists(row)) {
        // A vendor template determines these fields of a voice.
        let message = format!("`{path}` is given, but the scenes of a vendor template do not have it");
        return Diagnostic::new(Code::NotInScene, message, entry.key_origin).error().help(NOT_IN_SCENE);
    }
    let near = nearest(&entry.key, known.iter().copied());
    let message = format!("`{key}` is not a field of {owner}");
    let mut made = Diagnostic::new(Code::UnknownField, message, entry.key_origin).did_you_mean(near);
    if entry.key.contains(is_no_break) {
        made = made.help("the key has a character that looks like a space but is not one: replace it with a space");
    }
    match below.as_deref() {
        // `text` would be found under `voice.tts`, but a video usually sets `script`.
        _ if title == "video" && near.is_none() && matches!(&*entry.key, "text" | "say" | "speech") => {
            made = made.help("write the spoken text in `script`");
        }
        Some(below) if near.is_none() => made = made.help(format!("`{key}` belongs under `{below}`")),
        _ => {}
    }
    if known.len() <= LISTED {
        made = made.help(format!("the fields of {owner} are {}", quoted(known.iter().copied())));
    } else if title == "manifest" && near.is_none() {
        made = made.help("your own keys, for example for anchors, start with `x-`");
    }
    made
}

/// The dotted path below some properties to a mapping that knows a field.
fn find_elsewhere(
    document: &Json,
    properties: Option<&Map<String, Json>>,
    field: &str,
    depth: usize,
) -> Option<String> {
    let inner = || {
        properties.into_iter().flatten().filter_map(|(name, property)| {
            let fields = object_branch(document, property).get("properties")?.as_object()?;
            Some((name, fields))
        })
    };
    if depth == 0 {
        return None;
    }
    // Prefer the nearest mapping: search all fields of one depth before the next depth.
    inner().find(|(_, fields)| fields.contains_key(field)).map(|(name, _)| name.clone()).or_else(|| {
        inner().find_map(|(name, fields)| {
            Some(format!("{name}.{}", find_elsewhere(document, Some(fields), field, depth - 1)?))
        })
    })
}

/// Returns the error for a missing field.
pub(super) fn missing_field(name: &str, spot: &NodePath<'_>) -> Diagnostic {
    Diagnostic::new(Code::MissingField, format!("{} lacks `{name}`", spot.name), spot.origin)
        .help(format!("add `{name}`"))
}

/// Returns the error for a field without a value, or with an empty text.
pub(super) fn null_value(spot: &NodePath<'_>) -> Diagnostic {
    let place = if spot.node.as_str().is_some() { spot.node.origin } else { spot.origin };
    let made = Diagnostic::new(Code::NullValue, format!("{} is empty", spot.name), place);
    if let Some(value) = spot.hidden_value() {
        let quote = if value.contains('"') { '\'' } else { '"' };
        return made.help(format!(
            "a `#` after a space starts a comment; if it belongs to the value, quote it: `{quote}{}{quote}`",
            shown(value)
        ));
    }
    made.help("give it a value or remove it")
}

/// Returns the error for an empty mapping or list.
pub(super) fn empty(schema: &Map<String, Json>, spot: &NodePath<'_>) -> Diagnostic {
    let words = match schema.get("title").and_then(Json::as_str) {
        Some("matrix axis") => "an axis needs at least one value",
        Some("matrix") => "a matrix needs at least one axis",
        _ if schema.contains_key("minItems") => {
            let message = format!("{} is empty", spot.name);
            return Diagnostic::new(Code::MissingField, message, spot.origin)
                .help("a vendor template has at least one scene");
        }
        _ => "a combination needs at least one value",
    };
    Diagnostic::new(Code::BadMatrix, format!("{} is empty", spot.name), spot.origin).help(words)
}

/// Returns the error for a name with invalid characters.
pub(super) fn bad_key(names: &str, entry: &Entry, spot: &NodePath<'_>) -> Diagnostic {
    let message = format!("`{}` cannot be a name in {}", shown(&entry.key), spot.name);
    Diagnostic::new(Code::BadKey, message, entry.key_origin).help(name_help(names))
}

fn name_help(names: &str) -> &'static str {
    match names {
        pattern::IDENTIFIER => "letters, digits and `_`, not starting with a digit",
        pattern::VARS_NAME => "letters, digits, `.`, `_`, `-` and spaces inside, starting with a letter or `_`",
        pattern::PRESET | pattern::PRESET_OR_TEMPLATE => {
            "letters, digits, `.`, `_`, `-` and spaces inside, starting with a letter or a digit"
        }
        pattern::VARIABLE => "letters from A to Z, digits and `_`, not starting with a digit",
        pattern::ENVIRONMENT => "letters from A to Z, digits, `.`, `_` and `-`, starting with a letter or a digit",
        _ => "letters, digits, `.`, `_` and `-`, starting with a letter or a digit",
    }
}

/// Returns the error for a format version that this program does not read.
pub(super) fn version(expected: &Json, node: &Node) -> Diagnostic {
    let message = format!("format version {} is not known to this program, which reads `{expected}`", actual(node));
    let made = Diagnostic::new(Code::UnsupportedVersion, message, node.origin);
    let newer = matches!(node.value, Value::Int(number) if number > 1);
    made.help(if newer { "a newer callsheet may read it" } else { "write `callsheet: 1`" })
}

/// Returns the error for a word that is not allowed.
pub(super) fn unknown_value(known: &[Json], spot: &NodePath<'_>) -> Diagnostic {
    if let Some(made) = vendor_number(known, spot) {
        return made;
    }
    let words: Vec<&str> = known.iter().filter_map(Json::as_str).collect();
    let text = spot.node.as_str().unwrap_or_default();
    let message = format!("`{}` is not a value of {}", shown(text), spot.name);
    let near = nearest(text, words.iter().copied());
    let made = Diagnostic::new(Code::UnknownValue, message, spot.node.origin).did_you_mean(near);
    if Code::from_name(text).is_some_and(|code| code.severity() == Severity::Error) {
        return made.help(format!("`{text}` is an error, and only warnings can be allowed"));
    }
    if let Some(list) = spot.name.strip_prefix("an item of ")
        && text.eq_ignore_ascii_case("none")
    {
        return made.help(empty_list(list));
    }
    made.help(format!("the values are {}", quoted(words)))
}

/// Returns the error for the vendor's number in place of a word, as a number or in quotes.
fn vendor_number(known: &[Json], spot: &NodePath<'_>) -> Option<Diagnostic> {
    let number = match &spot.node.value {
        Value::Int(number) => *number,
        Value::Float(number) if number.fract() == 0.0 => *number as i64,
        Value::String(text) => text.text.trim().parse().ok()?,
        _ => return None,
    };
    let words = FIELDS
        .iter()
        .filter_map(|field| field.ty.words())
        .find(|words| words.iter().map(|word| word.text).eq(known.iter().filter_map(Json::as_str)))?;
    let word = words.iter().find(|word| word.vendor_code == number)?.text;
    let written = if word.contains(':') { format!("\"{word}\"") } else { word.to_owned() };
    let message = format!("{} takes a word, not the vendor's number `{number}`", spot.name);
    Some(Diagnostic::new(Code::VendorNumber, message, spot.node.origin).help(format!("write `{written}`")))
}

/// Returns the error for a value of the wrong type.
pub(super) fn wrong_type(document: &Json, schema: &Map<String, Json>, spot: &NodePath<'_>) -> Diagnostic {
    if let Some(known) = allowed_words(schema)
        && let Some(made) = vendor_number(known, spot)
    {
        return made;
    }
    let message = format!("{} must be {}, not {}", spot.name, expected(schema), actual(spot.node));
    let made = Diagnostic::new(Code::WrongType, message, spot.node.origin);
    match in_mapping(document, schema, spot).or_else(|| type_fix(schema, spot)) {
        Some(help) => made.help(help),
        None => made,
    }
}

/// Describes the values that a schema accepts.
fn expected(schema: &Map<String, Json>) -> String {
    if let Some(known) = allowed_words(schema) {
        return format!("one of {}", quoted(known.iter().filter_map(Json::as_str)));
    }
    let pattern = schema.get("pattern").and_then(Json::as_str);
    match pattern {
        Some(pattern::DURATION) => return "a length of time such as `60s`".to_owned(),
        Some(pattern::PERCENT) => return "a share such as `30%`".to_owned(),
        Some(pattern::COLOR_OR_TEMPLATE) => return "a color such as `\"#ffeecc\"`".to_owned(),
        _ => {}
    }
    if schema.contains_key("then") {
        return if pattern.is_some() { "a preset's name or a mapping" } else { "a text or a mapping with `path`" }
            .to_owned();
    }
    // A number can always be a template, so each message would mention it.
    let kinds = types_of(schema).into_iter().filter(|kind| *kind != "string" || pattern != Some(pattern::TEMPLATE));
    match kinds.map(kind_words).collect::<Vec<_>>().as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        one => one.concat(),
    }
}

fn kind_words(kind: &str) -> &'static str {
    match kind {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping",
        "null" => "nothing",
        _ => "a string",
    }
}

/// Describes the value that was found.
fn actual(node: &Node) -> String {
    match &node.value {
        Value::Bool(value) => format!("`{value}`"),
        Value::Int(number) => format!("`{number}`"),
        Value::Float(number) => format!("`{number}`"),
        Value::String(text) => format!("the string `{}`", shown(&text.text)),
        _ => node.kind_name().to_owned(),
    }
}

/// Returns the error for a number outside its range.
pub(super) fn out_of_range(schema: &Map<String, Json>, spot: &NodePath<'_>) -> Diagnostic {
    let number = match spot.node.value {
        Value::Int(number) => number as f64,
        Value::Float(number) => number,
        _ => f64::NAN,
    };
    let bound = |name: &str| schema.get(name).map(ToString::to_string);
    let range = match (bound("minimum"), bound("maximum"), bound("exclusiveMinimum")) {
        (Some(least), Some(most), _) => format!("from {least} to {most}"),
        (Some(least), None, _) => format!("at least {least}"),
        (None, Some(most), _) => format!("at most {most}"),
        (None, None, least) => format!("above {}", least.unwrap_or_default()),
    };
    let message = format!("{} is `{number}`, but must be {range}", spot.name);
    let made = Diagnostic::new(Code::OutOfRange, message, spot.node.origin);
    if schema.get("pattern").and_then(Json::as_str) == Some(pattern::PERCENT) && (1.0..=100.0).contains(&number) {
        return made.help(format!("write `{number}%`"));
    }
    made
}

/// Returns the error for a string that does not match its pattern.
pub(super) fn pattern_mismatch(pattern: &str, schema: &Map<String, Json>, spot: &NodePath<'_>) -> Diagnostic {
    let (name, node) = (&spot.name, spot.node);
    let text = node.as_str().unwrap_or_default();
    match pattern {
        pattern::COLOR_OR_TEMPLATE => {
            let message = format!("{name} must be a color such as `#ff8800`, not `{}`", shown(text));
            Diagnostic::new(Code::BadColor, message, node.origin).help(color_help(text))
        }
        pattern::PRESET_OR_TEMPLATE => {
            let message = format!("{name} is `{}`, which cannot be the name of a preset", shown(text));
            Diagnostic::new(Code::BadKey, message, node.origin).help(name_help(pattern))
        }
        pattern::VARIABLE => {
            // The message does not repeat the value, because it may be an API key in place of its variable's name.
            let message = format!("{name} is not the name of an environment variable");
            Diagnostic::new(Code::BadKey, message, node.origin).help(if text.starts_with('$') {
                "write the name without `$`"
            } else {
                name_help(pattern)
            })
        }
        pattern::DURATION => {
            let message = format!("{name} must be a length of time, not `{}`", shown(text));
            Diagnostic::new(Code::BadEnvironment, message, node.origin)
                .help("write a whole number and a unit: `500ms`, `60s`, `2m`, `1h`")
        }
        pattern::PERCENT => {
            let message = format!("{name} must be a share, not `{}`", shown(text));
            Diagnostic::new(Code::BadGuard, message, node.origin).help("write `30%` or `0.3`; at most `100%`")
        }
        _ => wrong_type(&Json::Null, schema, spot),
    }
}

/// Returns the notation of the color that was probably meant.
fn color_help(text: &str) -> String {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match digits.len() {
        3 if hex => {
            let long: String = digits.chars().flat_map(|one| [one, one]).collect();
            format!("write `\"#{long}\"`")
        }
        6 if hex => format!("write `\"#{digits}\"`"),
        8 if hex => format!("colors have no transparency: write `\"#{}\"`", &digits[..6]),
        _ => "write `#` and six hex digits in quotes, as in `\"#ff0000\"`".to_owned(),
    }
}

/// Returns the error for a keyword without its own message.
pub(super) fn other(error: &ValidationError<'_>, spot: &NodePath<'_>) -> Diagnostic {
    let message = format!("{} does not fit the published schema: {}", spot.name, error.masked());
    Diagnostic::new(Code::WrongType, message, spot.node.origin)
}
