//! Hostile templates: loops, growth, depth, recursion.

use super::{Hostile, all, script};

fn fill(open: &str, unit: &str, close: &str) -> String {
    let count = (64 * 1024 - open.len() - close.len()) / unit.len();
    format!("{open}{}{close}", unit.repeat(count))
}

#[test]
fn templates_that_never_end() {
    all(&[
        Hostile {
            name: "a range of 10^9",
            says: "template-limit",
            make: |s| script(s, "{% for i in range(1000000000) %}x{% endfor %}"),
        },
        Hostile {
            name: "loops in loops",
            says: "template-limit",
            make: |s| script(s, "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"),
        },
        Hostile {
            name: "a macro that calls itself",
            says: "error[template",
            make: |s| script(s, "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        },
        Hostile {
            name: "a macro that calls itself twice",
            says: "error[template",
            make: |s| script(s, "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(0) }}"),
        },
        Hostile {
            name: "a recursive loop",
            says: "error[",
            make: |s| script(s, "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
        },
        Hostile {
            name: "a template that includes itself",
            says: "error[template",
            make: |s| script(s, "{% include 'template 0' %}"),
        },
        Hostile {
            name: "a template that extends itself",
            says: "error[template",
            make: |s| script(s, "{% extends 'template 0' %}"),
        },
        Hostile {
            name: "a template of another file",
            says: "error[template",
            make: |s| script(s, "{% include '/etc/passwd' %}"),
        },
    ]);
}

#[test]
fn templates_that_grow() {
    all(&[
        Hostile {
            name: "a string times 10^8",
            says: "error[template",
            make: |s| script(s, "{{ ('x' * 100000000)|length }}"),
        },
        Hostile {
            name: "10^12 times a string",
            says: "error[template",
            make: |s| script(s, "{{ 1000000000000 * 'x' }}"),
        },
        Hostile {
            name: "doubling by ~",
            says: "error[template",
            make: |s| {
                script(
                    s,
                    "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x|length }}",
                );
            },
        },
        Hostile {
            name: "doubling a list",
            says: "error[template",
            make: |s| {
                script(
                    s,
                    "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x|length }}",
                );
            },
        },
        Hostile {
            name: "format to 10^9 columns",
            says: "error[template",
            make: |s| script(s, "{{ '%1000000000d'|format(1) }}"),
        },
        Hostile {
            name: "indent by 10^9",
            says: "error[template",
            make: |s| script(s, "{{ 'a\nb'|indent(1000000000) }}"),
        },
        Hostile {
            name: "replace by much",
            says: "error[",
            make: |s| script(s, "{{ ('x' * 9000)|replace('x', 'y' * 9000) }}"),
        },
        Hostile { name: "a list times 10^8", says: "", make: |s| script(s, "{{ ([1] * 100000000)|length }}") },
        Hostile {
            name: "a batch of 10^9",
            says: "error[template",
            make: |s| script(s, "{{ 'x'|batch(1000000000, 'y')|list }}"),
        },
        Hostile { name: "2 to the 100,000", says: "error[template", make: |s| script(s, "{{ 2 ** 100000 }}") },
        Hostile { name: "a text of 5,000", says: "text-length", make: |s| script(s, &"x".repeat(5_000)) },
    ]);
}

#[test]
fn templates_that_are_deep() {
    all(&[
        Hostile { name: "parentheses", says: "error[template", make: |s| script(s, &fill("{{ ", "(", " }}")) },
        Hostile { name: "lists", says: "error[template", make: |s| script(s, &fill("{{ ", "[", " }}")) },
        Hostile { name: "a sum", says: "", make: |s| script(s, &fill("{{ 1", "+1", " }}")) },
        Hostile { name: "a chain of ~", says: "error[", make: |s| script(s, &fill("{{ 1", "~1", " }}")) },
        Hostile { name: "not not not", says: "", make: |s| script(s, &fill("{{ ", "not ", "1 }}")) },
        Hostile { name: "minus minus", says: "", make: |s| script(s, &fill("{{ ", "-", "1 }}")) },
        Hostile { name: "members", says: "error[", make: |s| script(s, &fill("{{ vars", ".a", " }}")) },
        Hostile { name: "filters", says: "", make: |s| script(s, &fill("{{ 1", "|e", " }}")) },
        Hostile { name: "conditions", says: "error[", make: |s| script(s, &fill("", "{% if 1 %}", "")) },
        Hostile {
            name: "branches",
            says: "",
            make: |s| script(s, &fill("{% if 1 %}x", "{% elif 1 %}", "{% endif %}")),
        },
        Hostile {
            name: "65 KB",
            says: "template-limit",
            make: |s| script(s, &format!("{{{{ 1 }}}}{}", "x".repeat(65 * 1024))),
        },
        Hostile { name: "braces", says: "error[template", make: |s| script(s, &fill("{{", "{", "")) },
    ]);
}
