//! Matrices and data files in complete projects.

use super::*;

const CSV: &str = "id,first_name,active,brand\n1,Ada,yes,#FF0000\n2,\"Bob, the\nsecond\",NO,#00ff00\n3,Çem,1,#0000ff\n";

#[test]
fn each_row_that_counts_is_a_video() {
    let videos = "  thanks:\n    rows: { path: data/c.csv, key: \"{{ row.id }}\", when: \"{{ row.active }}\" }\n    \
                  background: { use: plain, color: \"{{ row.brand }}\" }\n    script: \"Thank you, {{ row.first_name }}! ({{ video.key }})\"\n";
    let outcome = Project::videos(videos).file("data/c.csv", CSV).expand();
    assert_eq!(outcome.keys(), ["thanks[1]", "thanks[3]"]);
    assert_eq!(outcome.texts(), ["Thank you, Ada! (thanks[1])", "Thank you, Çem! (thanks[3])"]);
    let videos = &outcome.expansion.videos;
    assert_eq!(json(&videos[0])["background"]["color"], "#ff0000");
    let row = videos[1].row.as_ref().unwrap();
    assert_eq!((&*row.file, row.line), ("data/c.csv", 5), "the second record has two lines");
    assert!(Arc::ptr_eq(&videos[0].provenance, &videos[1].provenance), "places are shared");
}

#[test]
fn all_formats_mean_the_same() {
    let contents = [
        ("d.csv", "id,name\n7,Ada\n8,Bo\n"),
        ("d.json", "\u{feff}[\n {\"id\": 7, \"name\": \"Ada\"},\n {\"id\": 8, \"name\": \"Bo\"}]"),
        ("d.jsonl", "{\"id\": 7, \"name\": \"Ada\"}\n\n{\"id\": 8, \"name\": \"Bo\"}"),
        ("d.yaml", "- { id: 7, name: Ada }\n- id: 8\n  name: Bo\n"),
    ];
    for (name, content) in contents {
        let videos = format!(
            "  v: {{ rows: {{ path: {name}, key: \"{{{{ row.id }}}}\" }}, script: \"Hi {{{{ row.name }}}}\" }}\n"
        );
        let outcome = Project::videos(&videos).file(name, content).expand();
        assert_eq!(outcome.keys(), ["v[7]", "v[8]"], "{name}");
        assert_eq!(outcome.texts(), ["Hi Ada", "Hi Bo"], "{name}");
    }
}

#[test]
fn matrix_and_rows_combine() {
    let videos = "  v:\n    matrix: { l: [de, en] }\n    rows: { path: \"d.{{ matrix.l }}.csv\", key: \"{{ row.id }}\" }\n    script: \"{{ matrix.l }} {{ row.t }}\"\n";
    let outcome =
        Project::videos(videos).file("d.de.csv", "id,t\n1,Hallo\n").file("d.en.csv", "id,t\n1,Hi\n2,Ho\n").expand();
    assert_eq!(outcome.keys(), ["v[de,1]", "v[en,1]", "v[en,2]"]);
    assert_eq!(outcome.texts(), ["de Hallo", "en Hi", "en Ho"]);
}

#[test]
fn a_matrix_makes_one_video_a_combination() {
    let videos = "  v:\n    matrix: { locale: [en, de], tier: [1, 2.5, true], exclude: [{ locale: de, tier: 1 }], include: [{ tier: 1, extra: x }] }\n    script: \"{{ matrix.locale }} {{ matrix.tier }} {{ matrix.extra | default('-') }}\"\n";
    let outcome = Project::videos(videos).expand();
    assert_eq!(outcome.keys(), ["v[en,1,x]", "v[en,2.5]", "v[en,true]", "v[de,2.5]", "v[de,true]"]);
    assert_eq!(outcome.texts(), ["en 1 x", "en 2.5 -", "en true -", "de 2.5 -", "de true -"]);
}

#[test]
fn a_matrix_that_excludes_all_is_a_warning() {
    let outcome = Project::videos("  v: { matrix: { a: [1], exclude: [{ a: 1 }] }, script: Hi }\n").expand();
    assert_eq!(
        outcome.lines(),
        ["warning empty-matrix callsheet.yaml:10:8 `matrix` `exclude` leaves no combination of the matrix of `v`"]
    );
    assert!(outcome.keys().is_empty() && outcome.expansion.invalid.is_empty());
}

#[test]
fn a_file_that_yields_nothing_is_a_warning() {
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\", when: \"{{ row.on }}\" }, script: Hi }\n";
    for content in ["id,on\n", "id,on\n1,no\n2,\n"] {
        let outcome = Project::videos(videos).file("d.csv", content).expand();
        let lines = outcome.lines();
        let help = " | there is no record in it: the first line of a table names the columns";
        let warning = "warning empty-rows callsheet.yaml:10:8 `rows` the data of `v` yields no videos";
        assert_eq!(lines, [format!("{warning}{}", if content == "id,on\n" { help } else { "" })]);
    }
}

#[test]
fn faults_of_rows_name_the_row() {
    let videos =
        "  v: { rows: { path: d.csv, key: \"{{ row.id }}\", when: \"{{ row.on }}\" }, script: \"{{ row.nmae }}\" }\n";
    let data = "id,name,on\n1,Ada,maybe\n,Bo,yes\n\"a,b\",Cy,yes\n4,Di,yes\n5,Ed\n6,Flo,yes\n6,Gus,yes\n";
    let outcome = Project::videos(videos).file("d.csv", data).expand();
    assert_eq!(
        outcome.lines(),
        [
            "bad-when callsheet.yaml:10:56 `\"{{ row.on }}\"` `when` must give true or false, not `maybe` | true, yes and 1 select a row; false, no, 0 and an empty text omit it | row d.csv:2",
            "row-key callsheet.yaml:10:34 `\"{{ row.id }}\"` the key of this row is empty | fill in the column, or omit such rows with `when` | row d.csv:3",
            "row-key callsheet.yaml:10:34 `\"{{ row.id }}\"` the key of this row is `a,b`, which has a bracket or a comma | a key is short, on one line, and has no comma and no brackets | row d.csv:4",
            "undefined-variable callsheet.yaml:10:86 `row.nmae` `row.nmae` is not defined | did you mean `row.name`? | the columns are `id`, `name`, `on` | row d.csv:5 | key v[4]",
            "bad-rows d.csv:6 this record has 2 cells, but the header has 3: `on` is missing | a cell that is empty still needs its comma, and one that holds a line break needs quotes",
            "row-key callsheet.yaml:10:34 `\"{{ row.id }}\"` two rows have the key `v[6]`: d.csv:7 and d.csv:8 | a row's key must differ from all others | row d.csv:8 | key v[6]",
        ]
    );
    assert_eq!(outcome.expansion.invalid.iter().map(|key| &**key).collect::<Vec<_>>(), ["v"]);
}

#[test]
fn a_typed_field_wants_its_type() {
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: Hi, aspect: \"{{ row.a }}\", voice: { use: narrator, tts: { speed: \"{{ row.s }}\" } } }\n";
    let outcome =
        Project::videos(videos).file("d.csv", "id,a,s\n1, 9:16 , 0.5\n2,2,1\n3,16:10,fast\n4,1:1,2\n").expand();
    assert_eq!(
        outcome.lines(),
        [
            "vendor-number callsheet.yaml:10:72 `\"{{ row.a }}\"` the template gives `2`, the vendor's number, for `aspect` | write `9:16` | row d.csv:3 | key v[2]",
            "wrong-result callsheet.yaml:10:72 `\"{{ row.a }}\"` the template gives `16:10`, but `aspect` needs one of `16:9`, `9:16`, `1:1` | row d.csv:4 | key v[3]",
            "wrong-result callsheet.yaml:10:125 `\"{{ row.s }}\"` the template gives `fast`, but `voice.tts.speed` needs a number | row d.csv:4 | key v[3]",
            "out-of-range callsheet.yaml:10:125 `\"{{ row.s }}\"` `voice.tts.speed` is 2, but must be between 0.5 and 1.5 | row d.csv:5 | key v[4]",
        ]
    );
    assert_eq!(outcome.expansion.videos.len(), 1);
    assert_eq!(json(&outcome.expansion.videos[0])["aspect"], "9:16");
}

#[test]
fn ten_thousand_rows_are_ten_thousand_videos() {
    let mut data = String::from("id,name,brand\n");
    for number in 0..10_000 {
        data += &format!("{number},Name {number},#00ff{:02x}\n", number % 256);
    }
    let videos = "  v:\n    rows: { path: d.csv, key: \"{{ row.id }}\" }\n    background: { color: \"{{ row.brand }}\" }\n    script: \"Hi {{ row.name }}\"\n";
    let project = Project::videos(videos).file("d.csv", data);
    let outcome = project.expand();
    assert_eq!(outcome.keys().len(), 10_000);
}

#[test]
fn a_matrix_over_rows_does_not_multiply_without_end() {
    let data = format!("id\n{}", (0..30).map(|number| format!("{number}\n")).collect::<String>());
    let axis = (0..50).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let videos = format!(
        "  v: {{ matrix: {{ a: [{axis}] }}, rows: {{ path: d.csv, key: \"{{{{ row.id }}}}\" }}, script: Hi }}\n"
    );
    let outcome = Project::videos(&videos).file("d.csv", data).expand_at_most(1_200);
    assert_eq!(outcome.expansion.videos.len(), 1_200);
    assert_eq!(
        outcome.lines(),
        [
            "template-limit callsheet.yaml:10:3 `v` the project declares more than 1200 videos | split it into projects, or select rows with `when`"
        ]
    );
}

#[test]
fn a_fault_in_every_row_is_told_a_thousand_times_at_most() {
    let data = (0..5_000).map(|number| format!("{{\"id\": {number}}}\n")).collect::<String>();
    let videos =
        "  v: { rows: { path: d.jsonl, key: \"{{ row.id }}\" }, script: \"{{ row.x }}\" }\n  w: { script: fine }\n";
    let outcome = Project::videos(videos).file("d.jsonl", &data).expand();
    assert_eq!(outcome.report.errors(), 1_000);
    assert_eq!(outcome.expansion.videos.len(), 1, "the next video is expanded all the same");
    let data = format!("id\n{}", (0..5_000).map(|number| format!("{number}\n")).collect::<String>());
    let outcome = Project::videos(&videos.replace("jsonl", "csv")).file("d.csv", &data).expand();
    assert_eq!(outcome.report.errors(), 1, "what no row of a table has is told once");
    assert_eq!(outcome.expansion.videos.len(), 1, "the next video is expanded all the same");
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: \"{% for i in range(900) %}{% for i in range(900) %}{% endfor %}{% endfor %}\" }\n";
    let outcome = Project::videos(videos).file("d.csv", &data).expand();
    assert_eq!(outcome.report.errors(), 20);
    assert!(outcome.lines()[0].starts_with("template-limit callsheet.yaml:10:"), "{}", outcome.lines()[0]);
}

#[test]
fn a_data_file_of_unknown_kind_or_none_is_refused() {
    let video = |path: &str| format!("  v: {{ rows: {{ path: {path}, key: \"{{{{ row.id }}}}\" }}, script: Hi }}\n");
    let outcome = Project::videos(&video("d.xlsx")).file("d.xlsx", "x").expand();
    assert_eq!(
        outcome.lines(),
        [
            "bad-rows callsheet.yaml:10:22 `d.xlsx` `d.xlsx` does not have the extension of a data file | export the sheet as csv: *CSV UTF-8* in the list of formats"
        ]
    );
    let outcome = Project::videos(&video("none.csv")).expand();
    assert!(outcome.lines()[0].starts_with("bad-path callsheet.yaml:10:22 `none.csv` `none.csv` does not exist"));
}

#[test]
fn empty_rows_are_no_videos_unless_their_key_says_so() {
    let sheet = "id;name;;\n1;Ada;;\n;;;\n;;;\n2;Bo;;\n";
    let videos =
        "  v: { rows: { path: d.csv, key: \"{{ row.id }}\", when: \"{{ row.id | int > 0 }}\" }, script: Hi }\n";
    assert_eq!(Project::videos(videos).file("d.csv", sheet).expand().keys(), ["v[1]", "v[2]"]);
    // Earlier versions made videos of these rows, which may be paid for.
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id or 'all' }}\" }, script: Hi }\n";
    assert_eq!(Project::videos(videos).file("d.csv", "id,name\n1,Ada\n,\n").expand().keys(), ["v[1]", "v[all]"]);
}

#[test]
fn blanks_that_are_spoken_are_one_warning_a_file() {
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: \"Hi {{ row.first }}, {{ row.last | trim }}!\" }\n";
    let outcome = Project::videos(videos).file("d.csv", "id,first,last,x\n1,Ada,L , y\n2,Bo , M,\n3,Cy ,N,\n").expand();
    assert_eq!(
        outcome.lines(),
        [
            "warning padded-cells d.csv:3 cells of the column `first` begin or end with whitespace, which is spoken | remove it from the cells, or write `{{ row.first | trim }}`"
        ]
    );
    assert_eq!(outcome.keys(), ["v[1]", "v[2]", "v[3]"]);
}

#[test]
fn a_control_character_is_placed_in_the_data_file() {
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: \"Hi {{ row.name }}\" }\n";
    let outcome = Project::videos(videos).file("d.csv", "\u{feff}id,name,x\n1,Ada,\u{1}\n2,\"é\nB\u{b}o\",\n").expand();
    let lines = outcome.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("nul-byte d.csv:4:2 `\u{b}`"), "{lines:?}");
}

#[test]
fn equal_warnings_of_many_rows_are_counted_to_the_end() {
    let videos = "  v: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: \"Hi{% if row.vip %}!{% endif %}\" }\n";
    let rows: String = (0..1_003).map(|row| format!("{row},no\n")).collect();
    let outcome = Project::videos(videos).file("d.csv", format!("id,vip\n{rows}")).expand();
    let all: Vec<&Diagnostic> = outcome.report.iter().collect();
    assert_eq!(
        (all.len(), all[0].unlisted, &*all[1_000].message),
        (1_001, 3, "1000 of 1003 warnings of this kind are listed")
    );
}
