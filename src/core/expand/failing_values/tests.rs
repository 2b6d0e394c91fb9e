use super::*;
use crate::expand::engine::Engine;

#[test]
fn calculated_names_are_found_in_the_order_of_evaluation() {
    let source = "{{ x[y] }}{{ vars.a[vars.b[matrix.l]] ~ row['x_' ~ n].z ~ vars['c'] ~ (a or b)[k] }}";
    let near = source.find("vars.a").unwrap();
    let names = calculated_names(source, &(near..source.len()));
    let names: Vec<&str> = names.iter().map(|name| &source[name.range()]).collect();
    assert_eq!(names, ["vars.b[matrix.l]", "vars.a[vars.b[matrix.l]]", "row['x_' ~ n]", "(a or b)[k]"]);
    let guarded = "{{ vars.a[k] if vars.a[k] is defined else vars.b[k] }}";
    let names = calculated_names(guarded, &(0..guarded.len()));
    assert_eq!(names.iter().map(|name| &guarded[name.range()]).collect::<Vec<_>>(), ["vars.b[k]"]);
}

/// The message, the invalid text, and the help or the suggestion.
fn explained(source: &str) -> (String, String, String) {
    let hello = Value::from_pairs([("en", "Hello"), ("fr", "Salut")]);
    let years = Value::from_pairs([("1", "one")]);
    let vars = Value::from_pairs([("hello", hello), ("years", years), ("s", Value::from("ten"))]);
    let row = Value::from_pairs([("e-mail", "a@b"), ("price", "1,5"), ("none", ""), ("mail", "x")]);
    let matrix = Value::from_pairs([("l", Value::from("de")), ("n", Value::from(1))]);
    let scope = Value::from_pairs([("vars", vars), ("row", row), ("matrix", matrix)]);
    let (mut engine, text): (_, Arc<str>) = (Engine::new(), source.into());
    let template = engine.compile(&text).unwrap();
    let failure = engine.render(&template, &scope).unwrap_err();
    let at = failure.range.map(|range| source[range].to_owned()).unwrap_or_default();
    (failure.message, at, failure.meant.map(String::from).or(failure.help).unwrap_or_default())
}

#[test]
fn a_failure_names_the_value_that_causes_it() {
    for (source, message, at, help) in [
        (
            "{% for x in ['en', 'de'] %}{{ vars.hello[x] }}{% endfor %}",
            "`vars.hello` has no `de` (from `x`)",
            "vars.hello[x]",
            "`vars.hello` has `en`, `fr`",
        ),
        (
            "{% set k = 'es' %}{{ 'é' ~ vars.hello[k | lower] }}",
            "`vars.hello` has no `es` (from `k | lower`)",
            "vars.hello[k | lower]",
            "`vars.hello` has `en`, `fr`",
        ),
        (
            "ä {{ vars.hello[matrix.l] | upper }}",
            "`vars.hello` has no `de` (from `matrix.l`)",
            "vars.hello[matrix.l]",
            "`vars.hello` has `en`, `fr`",
        ),
        (
            "{{ row['text_' ~ matrix.l] }}",
            "`row` has no `text_de` (from `'text_' ~ matrix.l`)",
            "row['text_' ~ matrix.l]",
            "the columns are `e-mail`, `price`, `none`, `mail`",
        ),
        (
            "{{ vars.years[matrix.n] }}",
            "`vars.years` has no `1` (from `matrix.n`)",
            "vars.years[matrix.n]",
            "the names of `vars.years` are text: write `vars.years[matrix.n | string]`",
        ),
        ("{{ vars.hello[row.nope] }}", "", "row.nope", ""),
        ("{{ row.e-mail }}", "`row.e-mail` is not defined", "row.e-mail", "row[\"e-mail\"]"),
        ("{{ row.E-Mail | lower }}", "`row.E-Mail` is not defined", "row.E-Mail", "row[\"e-mail\"]"),
        (
            "{{ 1 + row.price | trim | float }}",
            "`row.price | trim` is the text `1,5`, not a number",
            "row.price | trim | float",
            "write a number into the column `price`, or `row.price | trim | float(0)` for 0 instead",
        ),
        (
            "{% if row['none'] | int > 1 %}{% endif %}",
            "`row['none']` is empty, not a number",
            "row['none'] | int",
            "write a number into the column `none`, or `row['none'] | default(0, true) | int` for 0 instead",
        ),
        (
            "{% for x in [vars.s] %}{{ x | int }}{% endfor %}",
            "`x` is text, not a number",
            "x | int",
            "write a number there, or `x | int(0)` for 0 instead",
        ),
    ] {
        assert_eq!(explained(source), (message.into(), at.into(), help.into()), "{source}");
    }
}

#[test]
fn the_operand_of_a_filter_is_all_before_it() {
    for (source, operand) in [
        ("{{ row.n | trim | ¦int }}", "row.n | trim"),
        ("{{ 1 + row['n'] | ¦int }}", "row['n']"),
        ("{% if not row.n is ¦eq 1 %}", "row.n"),
        ("{% for x in vars.a[1] | ¦int %}", "vars.a[1]"),
        ("{{ [1, (a ~ b) | ¦int] }}", "(a ~ b)"),
        ("{{ a }}{{ f(x.y | ¦int) }}", "x.y"),
    ] {
        let at = source.find('¦').unwrap();
        let source = source.replace('¦', "");
        assert_eq!(operand_before(&source, at).map(|range| &source[range]), Some(operand), "{source}");
    }
}
