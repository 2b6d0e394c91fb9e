//! Syntax of other languages, comparisons of text with numbers, and names in any script.

use super::*;

/// The rendered text, or the invalid text with its help.
fn outcome(text: &str) -> Result<String, (String, Option<String>)> {
    let mut engine = Engine::new();
    let words = Value::from(vec!["a", "b"]);
    let person = Value::from_pairs([("name", "Ada")]);
    let vars = Value::from_pairs([
        ("n", Value::from("ada")),
        ("words", words),
        ("größe", Value::from("L")),
        ("long", Value::from("one two six ten")),
        ("none", Value::from("")),
        ("digits", Value::from("42")),
        ("f", Value::from(2.3)),
        ("i", Value::from(7)),
        ("map", Value::from_pairs([("key", "v")])),
        ("people", Value::from(vec![person])),
    ]);
    let scope = Value::from_pairs([("vars", vars)]);
    let made = engine.compile(text).and_then(|template| engine.render(&template, &scope));
    made.map_err(|failure| (failure.range.map(|range| text[range].to_owned()).unwrap_or_default(), failure.help))
}

#[test]
fn what_other_languages_write_gets_what_does_the_same_here() {
    for (text, at, help) in [
        ("{{ vars.n.title() }}", ".title()", "write `{{ vars.n | title }}`"),
        ("{{ vars.größe.lower() }}", ".lower()", "write `{{ vars.größe | lower }}`"),
        ("{{ vars.n.replace('a', 'b') }}", ".replace('a', 'b')", "write `{{ vars.n | replace('a', 'b') }}`"),
        ("{{ ', '.join(vars.words) }}", ".join(vars.words)", "write `{{ vars.words | join(', ') }}`"),
        ("{{ len(vars.words) }}", "len(vars.words)", "write `{{ vars.words | length }}`"),
        ("{{ vars['n'] | upcase }}", "upcase", "write `{{ vars['n'] | upper }}`"),
        ("{{ vars.n | uper }}", "uper", "did you mean `upper`?"),
        ("{% assign x = 1 %}", "assign", "write `{% set x = … %}`"),
        ("{{> intro }}", "{{", "a template cannot include another; put the text into `vars` or into the script file"),
        ("{{{ vars.n }}}", "{{{", "write two braces, `{{ … }}`: nothing is escaped"),
        ("{{ „x“ }}", "„", "write straight quotes, `\"` or `'`, around a text"),
    ] {
        assert_eq!(outcome(text), Err((at.to_owned(), Some(help.to_owned()))), "{text}");
    }
}

/// The text of the template that the help advises: the code itself, within the tag that it is for.
fn advised(text: &str) -> String {
    let (_, help) = outcome(text).expect_err(text);
    let help = help.unwrap();
    let code = help.split('`').find(|part| part.contains("vars") || part.contains("end"));
    let code = code.unwrap_or_else(|| panic!("{text}: {help:?}"));
    let whole = match (code.starts_with("{%"), text.starts_with("{% for")) {
        _ if code.starts_with("{{") => code.to_owned(),
        (true, _) if code.starts_with("{% if") => format!("{code}yes{{% endif %}}"),
        (true, _) if code.starts_with("{% for name, items") => {
            format!("{code}{{{{ name if items | length }}}}{{% endfor %}}")
        }
        (true, _) if code.starts_with("{% for name, value") => format!("{code}{{{{ value }}}}{{% endfor %}}"),
        (true, _) if code.contains("selectattr") => format!("{code}{{{{ item.name }}}}{{% endfor %}}"),
        (true, _) if code.starts_with("{% for item") => format!("{code}{{{{ item }}}};{{% endfor %}}"),
        (true, _) => text.replace("{% end %}", code),
        (false, true) => format!("{{% for item in {code} %}}{{{{ item }}}};{{% endfor %}}"),
        (false, false) => format!("{{{{ {code} }}}}"),
    };
    outcome(&whole).unwrap_or_else(|error| panic!("{text}: {whole}: {error:?}"))
}

#[test]
fn advice_renders_what_was_meant() {
    for (text, made) in [
        ("{{ vars.n.title() }}", "Ada"),
        ("{{ vars.n.toUpperCase() }}", "ADA"),
        ("{{ vars.n | strip }}", "ada"),
        ("{{ vars.words | size }}", "2"),
        ("{{ vars.long.split(' ')[0] }}", "one"),
        ("{{ vars.long.split()[0].toUpperCase() | default('x') }}", "ONE"),
        ("{{ vars.long.split(' ').length }}", "4"),
        ("{{ vars.long.strip().split(' ')[1:3].join('-') }}", "two-six"),
        ("{{ vars.people.sorted()[0].name.upper() }}", "ADA"),
        ("{{ vars.i | plus: 5 | times: 2 }}", "24"),
        ("{{ vars.long | upcase | split(' ') | first }}", "ONE"),
        ("{% if vars.long.split(' ')[0] == 'one' %}yes{% endif %}", "one"),
        ("{{ len(vars.words) | abs }}", "2"),
        ("{{ vars.people | group_by: 'name' }}", "Ada"),
        ("{{ vars.people | where: 'name', 'Ada' }}", "Ada"),
        ("{{ vars.people | where('name', 'Bob') }}", ""),
        ("{{ vars.map.values() }}", "v"),
        ("{% for v in vars.map.values() %}{{ v }}{% endfor %}", "v"),
        ("{{ enumerate(vars.words) }}", "a;b;"),
        ("{% for i, x in enumerate(vars.words) %}{{ x }}{% endfor %}", "a;b;"),
        ("{{ vars.long | wordcount }}", "4"),
        ("{{ ' '.join(vars.words) }}", "a b"),
        ("{{ vars.words.join(' + ') }}", "a + b"),
        ("{{ join(vars.words, '-') }}", "a-b"),
        ("{{ '{:.2f} EUR'.format(vars.f) }}", "2.30 EUR"),
        ("{{ '{} and {:03d}'.format(vars.n, vars.i) }}", "ada and 007"),
        ("{{ vars.f | ceil }}", "3"),
        ("{{ (vars.f + 1) | ceil }}", "4"),
        ("{{ vars.f | floor }}", "2"),
        ("{{ vars.f.toFixed(1) }}", "2.3"),
        ("{{ vars.i.zfill(5) }}", "00007"),
        ("{{ vars.n.padStart(5, '0') }}", "00ada"),
        ("{{ vars.n | slice: 1, 2 }}", "da"),
        ("{{ vars.map.get('z', 'none') }}", "none"),
        ("{{ (0 - vars.f) | floor }}", "-3"),
        ("{{ vars.n | append: '|' }}", "ada|"),
        ("{{ vars.n | remove('(x)') }}", "ada"),
        ("{{ vars.nope ?? 'a?b' }}", "a?b"),
        ("{{ vars.n.rjust(5) ~ '|' }}", "  ada"),
        ("{{ vars.n | ljust(4) }}", "ada "),
        ("{{ vars.i | plus: 5 }}", "12"),
        ("{{ vars.i | minus: 2 }}", "5"),
        ("{{ vars.i | multiply(3) }}", "21"),
        ("{{ vars.i | divided_by: 3 }}", "2"),
        ("{{ vars.i | modulo: 4 }}", "3"),
        ("{{ vars.i | at_least: 9 }}", "9"),
        ("{{ vars.i | at_most(5) }}", "5"),
        ("{{ vars.long | truncate(7) }}", "one two"),
        ("{{ vars.long | truncatewords: 2 }}", "one two"),
        ("{{ vars.long | trim | truncate(3) }}", "one"),
        ("{{ vars.long.substring(4, 7) }}", "two"),
        ("{{ vars.long.slice(4) }}", "two six ten"),
        ("{{ vars.long.substr(4, 3) }}", "two"),
        ("{{ vars.words | sort_natural }}", "a, b"),
        ("{{ vars.words | uniq }}", "a, b"),
        ("{{ vars.words | compact }}", "a, b"),
        ("{{ vars.words | reversed }}", "b, a"),
        ("{{ vars.n | remove: 'd' }}", "aa"),
        ("{{ vars.n | replaceAll('a', 'o') }}", "odo"),
        ("{{ vars.n | append: '!' }}", "ada!"),
        ("{{ vars.n | prepend: '> ' }}", "> ada"),
        ("{{ vars.none | fallback('x') }}", "x"),
        ("{{ vars.map.get('key') or '' }}", "v"),
        ("{{ vars.map.keys() }}", "key"),
        ("{% for name in vars.map.keys() %}{{ name }}{% endfor %}", "key;"),
        ("{% if vars.digits.isdigit() %}yes{% endif %}", "yes"),
        ("{% if vars.n.startswith('ad') %}yes{% endif %}", "yes"),
        ("{% if vars.n.includes('d') %}yes{% endif %}", "yes"),
        ("{% for x in vars.words %}{{ x }};{% end %}", "a;b;"),
        ("{% if vars.n %}{% for x in vars.words %}{% endfor %}yes{% end %}", "yes"),
        ("{{ vars.nope ?? vars.n }}", "ada"),
        ("{% if vars.n contains 'ad' %}yes{% endif %}", "true"),
        ("{{ vars.words.size }}", "2"),
        ("{{ vars.n.length }}", "3"),
        ("{{ vars.words.first }}", "a"),
        ("{% if vars.words.last == 'b' %}yes{% endif %}", "b"),
        ("{{ vars.people | pluck('name') }}", "Ada"),
        ("{{ vars.n | capitalise }}", "Ada"),
        ("{{ vars.n | titleize }}", "Ada"),
        ("{{ vars.n | upcase | downcase }}", "ada"),
        ("{{ str(vars.i) }}", "7"),
        ("{{ parseInt(vars.digits) + 1 }}", "42"),
        ("{{ vars.digits | to_f }}", "42.0"),
        ("{{ vars.f | currency }}", "2.30"),
        ("{% if vars.n.endsWith('da') %}yes{% endif %}", "yes"),
    ] {
        assert_eq!(advised(text), made, "{text}");
    }
}

/// Each piece of code in a help, with the dots filled in.
fn codes(help: &str) -> Vec<String> {
    let fill = |code: &str| {
        let code = code
            .replace("for item in …", "for item in vars.words")
            .replace("item in vars.words if …", "item in vars.words if true");
        code.replace("'…' in …", "'d' in vars.n").replace('…', "vars.n")
    };
    help.split('`').skip(1).step_by(2).map(fill).collect()
}

/// Completes a piece of advice to a template.
fn completed(code: &str) -> String {
    let word = code.trim_matches(['{', '%', '}', ' ']).split(' ').next().unwrap_or_default();
    match (code.get(..2), word) {
        (Some("{%"), "if") => format!("{code}yes{{% endif %}}"),
        (Some("{%"), "for") => format!("{code}yes{{% endfor %}}"),
        (Some("{%"), "with") => format!("{code}yes{{% endwith %}}"),
        (Some("{%"), "raw") => format!("{code}yes{{% endraw %}}"),
        (Some("{%"), "set") if !code.contains('=') => format!("{code}yes{{% endset %}}"),
        (Some("{%"), "endif" | "elif" | "else") => {
            format!("{{% if vars.n %}}{code}{}", if word == "endif" { "" } else { "{% endif %}" })
        }
        (Some("{%"), "endfor") => format!("{{% for x in vars.words %}}{code}"),
        (Some("{%"), "endwith") => format!("{{% with x = 1 %}}{code}"),
        (Some("{%"), "endset") => format!("{{% set x %}}{code}"),
        (Some("{%"), "endraw") => format!("{{% raw %}}{code}"),
        _ if code == "#}" => format!("{{# {code}"),
        _ => code.to_owned(),
    }
}

#[test]
fn advised_statements_tests_and_tags_compile() {
    use super::super::super::other_languages::{statement_for, test_for};
    let rendered = |code: &str, whole: &str| {
        let whole = whole.replace("loop.", "vars.loop.").replace("words[matrix.locale]", "words[0]");
        let mut engine = Engine::new();
        let made = engine.compile(&whole);
        assert!(made.is_ok(), "{code}: {whole}: {made:?}");
    };
    for name in [
        "assign",
        "capture",
        "endcapture",
        "unless",
        "endunless",
        "elsif",
        "case",
        "foreach",
        "endforeach",
        "comment",
        "endcomment",
        "echo",
        "cycle",
        "break",
        "verbatim",
        "trans",
    ] {
        for code in codes(statement_for(name).unwrap()) {
            rendered(name, &completed(&code));
        }
    }
    for (name, value) in [
        ("startswith", "vars.n"),
        ("endswith", "vars.n"),
        ("empty", ""),
        ("null", "vars.n"),
        ("set", "vars.n"),
        ("contains", ""),
        ("numeric", "vars.n"),
        ("list", "vars.n"),
        ("dict", "vars.n"),
    ] {
        let all = codes(test_for(name).unwrap());
        for code in all.iter().filter(|code| !code.starts_with('|')) {
            let whole = outcome(&format!("{{{{ {value} {} }}}}", code.replace("is not defined", "is defined")));
            assert!(whole.is_ok(), "{name}: {code}: {whole:?}");
        }
    }
    for tag in [
        "{{#if vars.n}}",
        "{{#unless vars.n}}",
        "{{#with vars.map}}",
        "{{#each vars.words}}",
        "{{/if}}",
        "{{/with}}",
        "{{/each}}",
        "{{^}}",
        "{{! x }}",
        "{{@index}}",
        "{{@first}}",
    ] {
        let (at, help) = outcome(tag).expect_err(tag);
        assert_eq!(at, "{{", "{tag}");
        for code in codes(&help.unwrap()) {
            rendered(tag, &completed(&code));
        }
    }
}

#[test]
fn all_listed_filters_tests_and_statements_exist() {
    for filter in super::super::super::other_languages::FILTERS {
        let error = outcome(&format!("{{{{ vars.n | {filter} }}}}"));
        let known = |(_, help): (String, Option<String>)| help.is_none_or(|help| help.starts_with("write a number"));
        assert!(error.err().is_none_or(known), "{filter}");
    }
    for test in super::super::super::other_languages::TESTS {
        let error = outcome(&format!("{{{{ vars.n is {test} }}}}"));
        assert!(error.err().is_none_or(|(_, help)| help.is_none()), "{test}");
    }
}

#[test]
fn names_in_any_script_are_names() {
    for (text, made) in [
        ("{{ vars.größe }}", "L"),
        ("{{ vars.gro\u{308}ße }}", "L"),
        ("{% set имя = vars.größe %}{{ имя ~ '\u{e4}' }}", "Lä"),
        ("{% for ä in vars.words %}{{ ä }}{% endfor %}", "ab"),
    ] {
        assert_eq!(outcome(text).as_deref(), Ok(made), "{text}");
    }
    let source = "{{ vars.größe }}{% set ä = 1 %}{{ ä }}";
    assert_eq!(Engine::new().referenced_names(source), ["vars.größe"]);
}

/// The suspicious texts in comparisons and conditions.
fn doubts(text: &str) -> Vec<String> {
    let mut engine = Engine::new();
    let numbers = Value::from(vec![1, 2]);
    let row = [("n", Value::from("10")), ("no", Value::from("No")), ("yes", Value::from("yes")), ("l", numbers)];
    let texts = Value::from(vec!["1", "2"]);
    let goods = Value::from(vec![Value::from_pairs([("price", "9.5")])]);
    let vars = Value::from_pairs([("texts", texts), ("goods", goods)]);
    let scope = Value::from_pairs([("row", Value::from_pairs(row)), ("one", Value::from(1)), ("vars", vars)]);
    let template = engine.compile(text).unwrap();
    let made = engine.render(&template, &scope).unwrap();
    let doubts = engine.doubtful_operations(&template, &scope);
    assert_eq!(engine.render(&template, &scope).unwrap(), made, "{text}");
    let place = |doubt: &DoubtfulOperation| match doubt {
        DoubtfulOperation::Comparison { text: left, number, is_test } => {
            let sign = if *is_test { "is" } else { "|" };
            format!("{} {sign} {}", &text[left.range.clone()], &text[number.range.clone()])
        }
        DoubtfulOperation::Condition { text: left, flag: None } => text[left.range.clone()].to_owned(),
        DoubtfulOperation::Condition { text: left, flag: Some(flag) } => {
            format!("{} = {}", &text[left.range.clone()], flag.value)
        }
    };
    doubts.iter().map(place).collect()
}

#[test]
fn text_that_is_compared_with_a_number_is_found() {
    for (text, found) in [
        ("{% if row.n > 3 %}x{% endif %}", "row.n | 3"),
        ("{{ 1 == row.n }}", "row.n | 1"),
        ("{{ 'x' if one != '1' }}", "'1' | one"),
        ("{% if (row.n ~ '') <= one and true %}{% endif %}", "(row.n ~ '') | one"),
        ("{% if not row.n | trim == 1 %}{% endif %}", "row.n | trim | 1"),
        ("{% for x in [row.n] if x < 5 %}{% endfor %}", "x | 5"),
        ("{{ 'x' if 0 < one < row.n }}", "row.n | one"),
        ("{{ [row['n'] == 1] | length }}", "row['n'] | 1"),
        ("{% if row.n not in row.l %}{% endif %}", "row.n | row.l"),
        ("{% if row.no == true %}{% endif %}", "row.no = true"),
        ("{% if row.n is gt 3 %}{% endif %}", "row.n is 3"),
        ("{{ 'x' if true and row.n | trim is not eq(-one) else 'y' }}", "row.n | trim is -one"),
        ("{{ row['n'] is ne row.l[0] }}", "row['n'] is row.l[0]"),
        ("{% if '1' is eq one and row.no is eq 'x' %}{% endif %}", "'1' is one"),
        ("{% if row.n is in row.l %}{% endif %}", "row.n is row.l"),
        ("{% if row.n is not in [1, 2] %}{% endif %}", "row.n is [1, 2]"),
        ("{{ vars.texts | select('gt', 1) | join(', ') }}", "vars.texts is 1"),
        ("{{ row.l | reject( '==', '1' ) | length }}", "'1' is row.l"),
        ("{{ vars.goods | selectattr(\"price\", \"gt\", 5) | list | length }}", "vars.goods is 5"),
        ("{{ row.n is in [1] }}", "row.n is [1]"),
    ] {
        assert_eq!(doubts(text), [found], "{text}");
    }
    for text in [
        "{% if row.n | int > 3 %}x{% endif %}",
        "{% if row.n | int is gt 3 and row.n is eq '10' and row.n is string %}x{% endif %}",
        "{% if row.n == '10' and one == 1 and row.n is defined %}x{% endif %}",
        "{% if one == 2 and row.n == 3 %}x{% endif %}",
        "{{ vars.texts | select('eq', '1') | length }}{{ row.l | select('gt', 1) | length }}{{ row.l | select | length }}",
        "{% if row.n is in vars.texts and row.n is in '100' and 1 is in row.l %}{% endif %}",
        "{{ vars.goods | selectattr('price') | length }}{{ vars.texts | select('eq', true) | length }}",
        "{% if row.n is not in ['1'] %}x{% endif %}{% set a = row.n %}{{ a }}",
        "{% raw %}{{ row.n > 3 }}{% endraw %}{# {{ row.n > 3 }} #}",
    ] {
        assert_eq!(doubts(text), [""; 0], "{text}");
    }
}

#[test]
fn a_text_that_reads_as_false_is_found_where_it_is_a_condition() {
    for (text, found) in [
        ("{% if row.no %}{% endif %}", "row.no"),
        ("{% if row.yes and row.no %}{% endif %}", "row.no"),
        ("{% if not row.no %}{% endif %}", "row.no"),
        ("{{ 'a' if row.no else 'b' }}", "row.no"),
        ("{{ row.no or 'b' }}", "row.no"),
        ("{% if one == 2 %}{% elif row.no %}{% endif %}", "row.no"),
    ] {
        assert_eq!(doubts(text), [found], "{text}");
    }
    for text in [
        "{% if row.yes %}{{ row.no }}{% endif %}",
        "{% if row.no == 'yes' %}x{% endif %}",
        "{{ row.no if row.yes else row.no }}",
        "{% if row.no is defined %}x{% endif %}",
        "{{ [row.no, row.yes] | join(', ') }}",
    ] {
        assert_eq!(doubts(text), [""; 0], "{text}");
    }
}
