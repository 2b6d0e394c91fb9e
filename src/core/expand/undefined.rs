//! Undefined names in templates: an explanation and suggestions.

use minijinja::Value;

use super::identifiers::{member, visible_name};
use super::scope::{NAMES, Scope, names_in};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::fields::truncated;
use crate::source::Origin;

/// Maximum number of names that the help lists.
const MAX_LISTED: usize = 12;

/// Explains why `expression` is undefined in a scope. `listed` contains the names of the manifest's `env` list.
pub(super) fn explain(expression: &str, scope: &Scope, listed: &[&str], origin: Origin) -> Diagnostic {
    let undefined = |what: &str| Diagnostic::new(Code::UndefinedVariable, format!("`{what}` is not defined"), origin);
    let parts = path_of(expression);
    let Some((head, rest)) = parts.split_first() else { return undefined(expression) };
    let Some(mut value) = scope.get(head) else { return explain_head(head, scope, undefined(expression)) };
    let mut path = (*head).to_owned();
    for name in rest {
        match value.get_attr(name) {
            Ok(inner) if !inner.is_undefined() => {
                value = inner;
                path = member(&path, name);
            }
            _ if names_in(&value).is_empty() && path != "env" => return undefined(expression),
            _ => return explain_member((&path, name), &value, listed, undefined(&member(&path, name))),
        }
    }
    undefined(expression)
}

fn explain_head(head: &str, scope: &Scope, error: Diagnostic) -> Diagnostic {
    let reason = match head {
        "row" => Some("the video has no `rows`, or no row is read yet"),
        "matrix" => Some("the video has no `matrix`"),
        "video" => Some("`video.key` is known only once the key is"),
        "this" | "item" => Some("within a loop name the item: `{% for item in … %}{{ item }}{% endfor %}`"),
        "forloop" => Some("within a loop write `loop`, such as `{{ loop.index }}`"),
        _ => None,
    };
    if let Some(reason) = reason {
        return error.help(reason);
    }
    let mut inside = NAMES.iter().filter_map(|name| {
        let value = scope.get(name)?;
        names_in(&value).iter().any(|inner| inner == head).then(|| member(name, head))
    });
    match nearest(head, NAMES).map(str::to_owned).or_else(|| inside.next()) {
        Some(meant) => error.did_you_mean(Some(&meant)),
        None => error.help(format!("a template sees {}", listing(NAMES))),
    }
}

fn explain_member((path, name): (&str, &str), value: &Value, listed: &[&str], mut error: Diagnostic) -> Diagnostic {
    let known = names_in(value);
    if path == "env" {
        let help = if listed.contains(&name) { "set it, or remove it from `env`" } else { "list it under `env`" };
        return error.help(help);
    }
    if let Some(meant) = nearest(name, known.iter().map(String::as_str)) {
        error = error.did_you_mean(Some(&member(path, meant)));
    }
    members_help(path, value).into_iter().fold(error, Diagnostic::help)
}

/// Returns the help that lists the members of a mapping. Returns `None` if there are none.
pub(super) fn members_help(path: &str, value: &Value) -> Option<String> {
    let known = names_in(value);
    if known.is_empty() {
        return None;
    }
    let names = listing(known.iter().map(String::as_str));
    Some(match path {
        "row" => misread_columns(&known, value).unwrap_or_else(|| format!("the columns are {names}")),
        _ => format!("`{path}` has {names}"),
    })
}

/// Returns help if the columns suggest that the file was read with the wrong settings.
fn misread_columns(columns: &[String], row: &Value) -> Option<String> {
    let first = columns.first()?;
    if first.starts_with(['{', '[']) {
        return Some("the data file looks like JSON: give its name the ending `.json` or `.jsonl`".to_owned());
    }
    let [_] = columns else { return None };
    if first.contains('|') {
        return Some("if `|` separates the cells, write `delimiter: \"|\"` under `rows`".to_owned());
    }
    let cell = row.get_attr(first).ok()?.to_string();
    cell.contains([';', '\t', '|']).then(|| {
        format!(
            "the data file has one column, `{}`: if its first line is a title, remove it",
            truncated(&visible_name(first))
        )
    })
}

pub(super) fn listing<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    let listed =
        all.iter().take(MAX_LISTED).map(|name| format!("`{}`", visible_name(name))).collect::<Vec<_>>().join(", ");
    if all.len() > MAX_LISTED { format!("{listed} and {} more", all.len() - MAX_LISTED) } else { listed }
}

/// Returns the names of `row.first`, `row['first']`, `vars.a.b`. Ignores calls and calculated names after them.
pub(super) fn path_of(expression: &str) -> Vec<&str> {
    let mut rest = expression.trim_start();
    let mut names = Vec::new();
    loop {
        let quoted =
            rest.strip_prefix("['").map(|rest| (rest, "']")).or(rest.strip_prefix("[\"").map(|rest| (rest, "\"]")));
        let found = match (quoted, rest.strip_prefix('[')) {
            (Some((rest, close)), _) => rest.split_once(close),
            (None, Some(index)) => index.split_once(']').filter(|(index, _)| index.parse::<u32>().is_ok()),
            (None, None) => {
                let name = rest.strip_prefix('.').filter(|_| !names.is_empty()).unwrap_or(rest);
                let dotted = names.is_empty() || name.len() < rest.len();
                let end = name.find(|one: char| !(one.is_alphanumeric() || one == '_')).unwrap_or(name.len());
                (dotted && end > 0).then(|| name.split_at(end))
            }
        };
        let Some((name, after)) = found else { return names };
        names.push(name);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn explain(expression: &str, scope: &Scope, listed: &[&str]) -> Diagnostic {
        super::explain(expression, scope, listed, Origin::new(FileId(0), 0, 1))
    }

    fn label(error: &Diagnostic) -> Option<&str> {
        error.primary.as_ref().map(|label| &*label.text)
    }

    fn scope() -> Scope {
        let row = Value::from_pairs([("first_name", "Ada"), ("id", "7")]);
        let vars = Value::from_pairs([("product", "Acme")]);
        let env = Value::from_pairs([("", ""); 0]);
        Scope { vars, env, matrix: None, row: Some(row), key: None, misprints: std::sync::Arc::default() }
    }

    #[test]
    fn a_wrong_column_gets_the_nearest_one_and_the_list() {
        let words = explain("row.frist_name", &scope(), &[]);
        assert_eq!(words.message, "`row.frist_name` is not defined");
        assert_eq!(label(&words), Some("did you mean `row.first_name`?"));
        assert_eq!(words.help, ["the columns are `first_name`, `id`"]);
        assert_eq!(label(&explain("row['frist_name']", &scope(), &[])), Some("did you mean `row.first_name`?"));
    }

    #[test]
    fn a_name_that_is_no_identifier_stands_in_brackets() {
        let row = Value::from_pairs([("First Name", "Ada"), ("2nd", "x")]);
        let scope = Scope { row: Some(row), ..scope() };
        let words = explain("row.first_name", &scope, &[]);
        assert_eq!(label(&words), Some("did you mean `row[\"First Name\"]`?"));
        assert_eq!(explain("row['Frist Name']", &scope, &[]).message, "`row[\"Frist Name\"]` is not defined");
    }

    #[test]
    fn a_bare_name_is_looked_for_inside_the_scope() {
        assert_eq!(label(&explain("product", &scope(), &[])), Some("did you mean `vars.product`?"));
        assert_eq!(label(&explain("rwo.id", &scope(), &[])), Some("did you mean `row`?"));
        assert_eq!(explain("matrix.x", &scope(), &[]).help, ["the video has no `matrix`"]);
        assert_eq!(explain("zebra", &scope(), &[]).help, ["a template sees `vars`, `matrix`, `row`, `video`, `env`"]);
    }

    #[test]
    fn an_environment_variable_is_unset_or_not_listed() {
        assert_eq!(explain("env.A", &scope(), &["A"]).help, ["set it, or remove it from `env`"]);
        assert_eq!(explain("env.B", &scope(), &["A"]).help, ["list it under `env`"]);
    }
}
