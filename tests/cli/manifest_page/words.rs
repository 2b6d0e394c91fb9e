//! Types, ranges and values in plain English.

use callsheet::manifest::pattern;
use serde_json::Value;

/// Returns the values of a closed list, and the meaning of each.
pub fn words(schema: &Value) -> Option<(Vec<&str>, Vec<&str>)> {
    let branch = schema["anyOf"].as_array()?.iter().find(|branch| branch.get("enum").is_some())?;
    let texts = |name: &str| branch[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    Some((texts("enum"), texts("enumDescriptions")))
}

/// Returns the type in plain English, with its range.
pub fn kind(schema: &Value) -> String {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let pattern = schema["pattern"].as_str();
    if let Some(only) = schema.get("const") {
        return format!("`{only}`");
    }
    if let Some((words, _)) = words(schema) {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    let kind = match (types.as_slice(), pattern) {
        ([], _) => "anything",
        (_, Some(pattern::PERCENT)) => return "share: 0 to 1, or a text such as `30%`".to_owned(),
        (["string"], Some(pattern::COLOR_OR_TEMPLATE)) => "color `#rrggbb`, in quotes",
        (["string"], Some(pattern::PRESET_OR_TEMPLATE)) => "preset name",
        (["string"], Some(pattern::VARIABLE)) => "name of a variable",
        (["string"], Some(pattern::DURATION)) => "length of time",
        (["string"], None) => "text",
        (["string", "object"], Some(_)) => "preset name, or object",
        (["string", "object"], None) => "text, or object",
        (["string", "number", "boolean"], _) => "text, number, `true` or `false`",
        (["string", "number", "boolean", "array", "object"], _) => "anything but `null`",
        (["integer"] | ["integer", "string"], _) => "whole number",
        (["number"] | ["number", "string"], _) => "number",
        (["boolean", "string"], _) => "`true` or `false`",
        (["array"] | ["array", "string"], _) => {
            if schema["items"].get("$ref").is_some() {
                return "list of objects".to_owned();
            }
            return match kind(&schema["items"]).as_str() {
                "object" => "list of objects".to_owned(),
                "text" => "list of texts".to_owned(),
                "name of a variable" => "list of names".to_owned(),
                other => format!("list of values: {other}"),
            };
        }
        (["object"], _) if schema["additionalProperties"]["$ref"] == "#/definitions/Value" => "values by name",
        (["object"], _) if schema.get("properties").is_none() && schema.get("title").is_none() => "objects by name",
        (["object"], _) => "object",
        other => panic!("no words for {other:?}"),
    };
    let number = |name: &str| schema.get(name).map(|number| thousands(&number.to_string()));
    match (number("minimum"), number("maximum"), number("exclusiveMinimum")) {
        (Some(least), Some(most), _) => format!("{kind}, {least} to {most}"),
        (Some(least), None, _) => format!("{kind}, at least {least}"),
        (None, None, Some(least)) => format!("{kind}, above {least}"),
        _ => kind.to_owned(),
    }
}

/// Formats `1000000` as `1,000,000`.
fn thousands(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("−", digits));
    if digits.contains('.') {
        return format!("{sign}{digits}");
    }
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// Formats a value as a manifest would have it on one line.
pub fn flow(value: &Value) -> String {
    let pair = |(name, value): (&String, &Value)| format!("{name}: {}", flow(value));
    match value {
        Value::Object(fields) => format!("{{ {} }}", fields.iter().map(pair).collect::<Vec<_>>().join(", ")),
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => {
            let letters = |one: char| one.is_ascii_alphanumeric() || " ./_-%".contains(one);
            let quoted = !text.chars().all(letters)
                || text.starts_with(|one: char| one.is_ascii_digit()) && !text.ends_with(['s', 'm', 'h', '%']);
            if quoted { value.to_string() } else { text.clone() }
        }
        other => other.to_string(),
    }
}
