//! The limits hold: hostile templates end quickly, use little memory, and produce a message.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

mod languages;

fn scope() -> Value {
    let row = [("name", Value::from("Ada")), ("none", Value::from(())), ("yes", Value::from(true))];
    Value::from_pairs([("row", Value::from_pairs(row))])
}

/// Runs the work on a stack as large as in production.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

fn render(text: &str) -> Result<String, RenderError> {
    let mut engine = Engine::new();
    let template = engine.compile(text)?;
    engine.render(&template, &scope())
}

fn code(text: &str) -> Option<Code> {
    render(text).err().map(|failure| failure.code)
}

#[test]
fn a_template_gives_its_text() {
    assert_eq!(render("Hi {{ row.name }}!\n").unwrap(), "Hi Ada!\n", "the last newline is kept");
    assert_eq!(render("{{ '<b>' }}{{ row.yes }}{{ 1.0 }}{{ 2 }}").unwrap(), "<b>true1.02");
    assert_eq!(render("{% for i in range(3) %}{{ i }}{% endfor %}").unwrap(), "012");
    assert_eq!(
        render("{{ 3|times(4) }} {{ 1.5|times(2) }} {% for i in range(5, 0, -2) %}{{ i }}{% endfor %}").unwrap(),
        "12 3.0 531"
    );
    assert_eq!(render("{{ row.nick | default('friend') | upper }}").unwrap(), "FRIEND");
}

#[test]
fn an_undefined_name_is_named_with_its_place() {
    for (text, name) in [
        ("Hi {{ row.nmae }}", "row.nmae"),
        ("Hi {{ rwo.name }}", "rwo"),
        ("{{ missing }}", "missing"),
        ("{{ missing | upper }}", "missing"),
        ("{{ 'a' ~ row.nmae }}", "row.nmae"),
        ("{% for one in missing %}{% endfor %}", "missing"),
        ("{% if missing %}{% endif %}", "missing"),
    ] {
        let failure = render(text).unwrap_err();
        assert_eq!(failure.code, Code::UndefinedVariable, "{text}: {failure:?}");
        assert_eq!(failure.undefined.as_deref(), Some(name), "{text}");
        let range = failure.range.unwrap();
        assert!(text[range.clone()].contains(name.split('.').next().unwrap()), "{text}: {}", &text[range]);
    }
}

#[test]
fn what_is_not_text_is_never_spoken() {
    for (text, words) in [("{{ row }}", "a mapping"), ("{{ [1] }}", "a list"), ("{{ row.none }}", "`null`")] {
        let failure = render(text).unwrap_err();
        assert_eq!(failure.code, Code::TemplateError);
        assert!(failure.message.contains(words), "{failure:?}");
    }
}

#[test]
fn a_malformed_template_is_a_syntax_error_with_its_place() {
    for text in ["{{ row.name", "{% if %}", "{{ 1 + }}", "{% endfor %}", "{% for x in %}{% endfor %}", "{{ 'a }}"] {
        let failure = render(text).unwrap_err();
        assert_eq!(failure.code, Code::TemplateSyntax, "{text}");
        assert!(failure.message.starts_with("the template is malformed: "), "{}", failure.message);
    }
}

#[test]
fn other_failures_are_told() {
    for text in [
        "{{ 1 / 0 }}",
        "{{ row.name | no_such_filter }}",
        "{{ no_such_function() }}",
        "{{ 'a' | times(2) }}",
        "{{ range(1, 2, 0) }}",
        "{{ debug() }}",
    ] {
        let code = code(text);
        assert!(matches!(code, Some(Code::TemplateError | Code::UndefinedVariable)), "{text}: {code:?}");
    }
}

#[test]
fn no_template_reaches_another() {
    let mut engine = Engine::new();
    engine.compile("secret {{ 1 }}").unwrap();
    for text in [
        "{% include 'template 0' %}",
        "{% include ['x', 'template 0'] ignore missing %}",
        "{% extends 'template 0' %}",
        "{% import 'template 0' as other %}{{ other }}",
        "{% from 'template 0' import x %}{{ x }}",
    ] {
        let failure = engine.compile(text).unwrap_err();
        assert_eq!(failure.code, Code::TemplateSyntax, "{text}: {failure:?}");
    }
}

/// Templates that exhaust time or memory without limits.
fn hostile() -> Vec<String> {
    let doubling = "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x|length }}";
    let adding = doubling.replace('~', "+");
    let mut all: Vec<String> = [
        "{{ 'x' * 100000000 }}",
        "{{ ('x' * 100000000)|length }}",
        "{{ 100000000 * 'x' }}",
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '%.999999999f'|format(1.0) }}",
        "{{ 'a\nb'|indent(1000000000) }}",
        "{{ ('x' * 9000)|replace('x', 'y' * 9000) }}",
        "{{ ([1] * 100000000)|length }}",
        "{{ (['x' * 5000] * 5000)|join|length }}",
        "{{ range(100000)|list|map('string')|join|length }}",
        "{{ range(100000)|batch(2)|list|length }}",
        "{{ 'x'|batch(1000000000, 'y')|list }}",
        "{{ range(3)|slice(1000000000)|list|length }}",
        "{{ 2 ** 100000 }}",
        "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{% set x %}{% for i in range(99999) %}{{ 'x' * 60000 }}{% endfor %}{% endset %}{{ x|length }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|string|length }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x|length }}",
        "{{ range(99999)|tojson|length }}",
        "{{ (('x' * 9000)|list|sort|unique|list|join) * 100000 }}",
        "{{ 'x'|urlencode * 100000000 }}",
        "{{ ('x' * 60000)|upper|lower|title|e|e|e|list|reverse|list|join('yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')|length }}",
    ]
    .map(String::from)
    .into();
    // The most expensive templates that the limits allow.
    let list = "{% set x = range(1000) %}{% set x = x + x %}{% set x = x + x %}{% set x = x + x %}{% set x = x + x %}\
        {% set y = [x, x, x] %}{% set y = [y, y, y] %}";
    for dear in
        ["y ~ 'a'", "y == y", "y in [y]", "y|string", "y|join", "y|unique|list", "y|sort", "'%s'|format(y)", "y|lower"]
    {
        all.push(format!("{list}{{% for i in range(1000) %}}{{% for i in range(1000) %}}{{% set z = {dear} %}}{{% endfor %}}{{% endfor %}}"));
    }
    all.push(doubling.to_owned());
    all.push(adding);
    all
}

#[test]
fn hostile_templates_end_soon() {
    on_large_stack(|| {
        for text in hostile() {
            let start = Instant::now();
            let outcome = render(&text);
            assert!(start.elapsed() < Duration::from_secs(10), "{text} took {:?}", start.elapsed());
            match outcome {
                Ok(made) => assert!(made.len() <= MAX_TEXT_BYTES, "{text}"),
                Err(failure) => {
                    let codes = [Code::TemplateLimit, Code::TemplateError, Code::TemplateSyntax];
                    assert!(codes.contains(&failure.code), "{text}: {failure:?}");
                }
            }
        }
    });
}

#[test]
fn the_plain_ways_to_exhaust_the_machine_are_limits() {
    on_large_stack(|| {
        for text in [
            "{{ 'x' * 100000000 }}",
            "{{ 'x' * 1000000000000 }}",
            "{{ 'x' * 70000 }}",
            "{% for i in range(1000000000) %}x{% endfor %}",
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            &format!("{{{{ 1{} }}}}", "~1".repeat(30_000)),
            &format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
            &"x".repeat(MAX_TEXT_BYTES + 1),
        ] {
            let failure = render(text).unwrap_err();
            assert_eq!(failure.code, Code::TemplateLimit, "{}: {failure:?}", &text[..text.len().min(60)]);
        }
    });
}

/// Runs in a separate process, because memory of the other tests would distort the measurement.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_small() {
    let binary = std::env::current_exe().unwrap();
    let arguments = ["--exact", "--ignored", "expand::engine::tests::hostile_templates_alone"];
    let child = std::process::Command::new(binary).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by `memory_stays_small`"]
fn hostile_templates_alone() {
    on_large_stack(|| {
        for text in hostile() {
            let _ = render(&text);
        }
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    // Without limits, one string takes 100,000 KB and more, and one list 1,000,000 KB.
    assert!(kilobytes < 90_000, "{kilobytes} KB");
}

#[test]
fn chains_and_nests_as_long_as_a_template_may_be_do_not_overflow_the_stack() {
    let fill = |open: &str, unit: &str, close: &str| {
        let count = (MAX_TEXT_BYTES - open.len() - close.len()) / unit.len();
        format!("{open}{}{close}", unit.repeat(count))
    };
    let all = [
        fill("{{ 1", "~1", " }}"),
        fill("{{ 1", "+1", " }}"),
        fill("{{ 1", "*1", " }}"),
        fill("{{ 1", "**1", " }}"),
        fill("{{ 1", " or 1", " }}"),
        fill("{{ 1", " and 1", " }}"),
        fill("{{ ", "not ", "1 }}"),
        fill("{{ ", "-", "1 }}"),
        fill("{{ 1", "|e", " }}"),
        fill("{{ x", ".a", " }}"),
        fill("{{ x", "[0]", " }}"),
        fill("{{ x", "()", " }}"),
        fill("{{ 1", "<1", " }}"),
        fill("{{ 1", " in 1", " }}"),
        fill("{{ 1", " is odd", " }}"),
        fill("{{ 1", " if 1 else 1", " }}"),
        fill("{{ ", "[", " }}"),
        fill("{{ ", "(", " }}"),
        fill("{{ ", "{1:", " }}"),
        fill("{{ [", "1,", "] }}"),
        fill("", "{% if 1 %}", ""),
        fill("{% if 1 %}", "{% elif 1 %}", "{% endif %}"),
        fill("", "{% for i in x %}", ""),
        fill("", "{{ 1 }}", ""),
        fill("", "{%", ""),
        fill("{{ '", "\\\\", "' }}"),
    ];
    on_large_stack(move || {
        for text in all {
            if let Ok(made) = render(&text) {
                assert!(made.len() <= MAX_TEXT_BYTES, "{}", &text[..40]);
            }
        }
    });
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "(\\{\\{|\\}\\}|\\{%|%\\}|[ -~]|\\PC){0,60}") {
        let _ = render(&text);
    }
}
