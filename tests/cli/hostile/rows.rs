//! Hostile data files: shapes, depth, quotes, bombs.

use super::{HEAD, Hostile, all, rows};

#[test]
fn tables_of_every_shape() {
    all(&[
        Hostile { name: "an empty csv", says: "bad-rows", make: |s| rows(s, "a.csv", "") },
        Hostile { name: "a csv without header", says: "error[", make: |s| rows(s, "a.csv", "1,Ada\n2,Bo\n") },
        Hostile { name: "a csv of line breaks", says: "bad-rows", make: |s| rows(s, "a.csv", &"\n".repeat(1 << 20)) },
        Hostile { name: "a csv with NULs", says: "error[", make: |s| rows(s, "a.csv", "id,name\n\0,Ada\n1\0,Bo\n") },
        Hostile {
            name: "100,000 columns",
            says: "valid",
            make: |s| {
                let names: Vec<String> = (0..100_000).map(|one| format!("c{one}")).collect();
                rows(s, "a.csv", &format!("id,{}\n1{}\n", names.join(","), ",x".repeat(100_000)));
            },
        },
        Hostile {
            name: "a million columns of one name",
            says: "bad-rows",
            make: |s| rows(s, "a.csv", &format!("id{}\n", ",a".repeat(1 << 20))),
        },
        Hostile { name: "a million commas", says: "bad-rows", make: |s| rows(s, "a.csv", &",".repeat(1 << 20)) },
        Hostile {
            name: "100,000 short records",
            says: "bad-rows",
            make: |s| rows(s, "a.csv", &format!("id,name\n{}", "1\n".repeat(100_000))),
        },
        Hostile {
            name: "30,000 equal keys",
            says: "row-key",
            make: |s| rows(s, "a.csv", &format!("id\n{}", "1\n".repeat(30_000))),
        },
        Hostile {
            name: "30,000 rows",
            says: "valid: 30000 videos",
            make: |s| rows(s, "a.csv", &(0..30_000).fold("id\n".to_owned(), |text, one| text + &format!("{one}\n"))),
        },
        Hostile {
            name: "an open quote and 18 MB",
            says: "bad-rows",
            make: |s| rows(s, "a.csv", &format!("id\n\"{}", "x\n".repeat(9 << 20))),
        },
        Hostile { name: "an open quote", says: "bad-rows", make: |s| rows(s, "a.csv", "id\n\"1\n2\n") },
        Hostile {
            name: "quotes everywhere",
            says: "error[",
            make: |s| rows(s, "a.csv", &format!("id\n{}\n", "\"".repeat((1 << 20) + 1))),
        },
        Hostile {
            name: "the mark of our own end",
            says: "error[",
            make: |s| rows(s, "a.csv", "id\n\u{1}end of file\u{1}\n2\n"),
        },
        Hostile {
            name: "a cell of 10 MB as key",
            says: "template-limit",
            make: |s| rows(s, "a.csv", &format!("id\n{}\n", "x".repeat(10 << 20))),
        },
        Hostile {
            name: "a header of 3 MB",
            says: "error[",
            make: |s| rows(s, "a.csv", &format!("{}\n1\n", "x".repeat(3 << 20))),
        },
        Hostile {
            name: "a cell with escapes as key",
            says: "row-key",
            make: |s| rows(s, "a.csv", "id\n\u{1b}[31mred\u{9b}\n"),
        },
    ]);
}

#[test]
fn documents_of_every_shape() {
    all(&[
        Hostile { name: "json 100,000 deep", says: "bad-rows", make: |s| rows(s, "a.json", &"[".repeat(100_000)) },
        Hostile {
            name: "json 100,000 deep and closed",
            says: "bad-rows",
            make: |s| rows(s, "a.json", &format!("[{{\"id\": {}{}}}]", "[".repeat(100_000), "]".repeat(100_000))),
        },
        Hostile {
            name: "jsonl 100,000 deep",
            says: "bad-rows",
            make: |s| {
                rows(s, "a.jsonl", &format!("{{\"id\": {}{}}}\n", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
            },
        },
        Hostile {
            name: "jsonl of one line of 50 MB",
            says: "16 MB",
            make: |s| rows(s, "a.jsonl", &format!("{{\"id\": \"{}\"}}", "x".repeat(50 << 20))),
        },
        Hostile {
            name: "json with a giant number",
            says: "error[",
            make: |s| rows(s, "a.json", &format!("[{{\"id\": {}}}]", "9".repeat(1 << 20))),
        },
        Hostile { name: "json with 1e999", says: "error[", make: |s| rows(s, "a.json", "[{\"id\": 1e999}]") },
        Hostile {
            name: "json with a lone surrogate",
            says: "bad-rows",
            make: |s| rows(s, "a.json", "[{\"id\": \"\\ud800\"}]"),
        },
        Hostile {
            name: "json with an escaped NUL",
            says: "row-key",
            make: |s| rows(s, "a.json", "[{\"id\": \"a\\u0000\\u001b[31m\"}]"),
        },
        Hostile {
            name: "json with a column twice",
            says: "bad-rows",
            make: |s| rows(s, "a.json", "[{\"id\": 1, \"id\": 2}]"),
        },
        Hostile { name: "json that stops", says: "bad-rows", make: |s| rows(s, "a.json", "[{\"id\": \"") },
        Hostile { name: "json and more", says: "bad-rows", make: |s| rows(s, "a.json", "[{\"id\": 1}] [") },
        Hostile {
            name: "json of a million nulls",
            says: "bad-rows",
            make: |s| rows(s, "a.json", &format!("[{}null]", "null,".repeat(1 << 20))),
        },
        Hostile {
            name: "json of 30,000 empty objects",
            says: "error[",
            make: |s| rows(s, "a.json", &format!("[{}{{}}]", "{},".repeat(30_000))),
        },
        Hostile { name: "a key that is a list", says: "error[", make: |s| rows(s, "a.json", "[{\"id\": [1, 2]}]") },
        Hostile {
            name: "serde's own names",
            says: "error[",
            make: |s| {
                rows(
                    s,
                    "a.json",
                    "[{\"$serde_json::private::Number\": \"1\", \"$serde_json::private::RawValue\": \"[\"}]",
                );
            },
        },
        Hostile {
            name: "the engine's own handles",
            says: "error[",
            make: |s| rows(s, "a.json", "[{\"id\": \"\\u0001__minijinja_ValueHandle\"}]"),
        },
        Hostile {
            name: "yaml alias bomb",
            says: "alias-bomb",
            make: |s| {
                let lists = (1..12).fold("- &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, one| {
                    text + &format!("- &a{one} [{}]\n", vec![format!("*a{}", one - 1); 10].join(", "))
                });
                rows(s, "a.yaml", &lists);
            },
        },
        Hostile { name: "yaml that is deep", says: "too-deep", make: |s| rows(s, "a.yaml", &"- ".repeat(100_000)) },
        Hostile { name: "yaml of 50,000 nulls", says: "bad-rows", make: |s| rows(s, "a.yaml", &"-\n".repeat(50_000)) },
        Hostile {
            name: "a matrix of 10,000 over rows",
            says: "error[",
            make: |s| {
                let axis: Vec<String> = (0..100).map(|one| one.to_string()).collect();
                let axis = axis.join(", ");
                let matrix = format!("matrix: {{ a: [{axis}], b: [{axis}] }}");
                s.write("callsheet.yaml", &format!("{HEAD}videos:\n  a: {{ {matrix}, rows: {{ path: a.yaml, key: '{{{{ row.id }}}}' }}, script: x }}\n"));
                s.write("a.yaml", &"- { id: 1 }\n".repeat(5_000));
            },
        },
    ]);
}
