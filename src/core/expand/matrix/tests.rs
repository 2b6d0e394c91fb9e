//! Examples of the documentation of GitHub Actions, with our own data.

use serde_json::json;

use super::*;
use crate::source::FileId;

fn at(start: u32) -> Origin {
    Origin::new(FileId(0), start, start + 1)
}

fn entries(list: &Value) -> Vec<(AxisValues, Origin)> {
    let list = list.as_array().unwrap();
    let entry = |value: &Value| {
        let map = value.as_object().unwrap();
        map.iter().map(|(name, value)| (name.as_str().into(), value.clone())).collect()
    };
    list.iter().enumerate().map(|(place, value)| (entry(value), at(100 + place as u32))).collect()
}

fn matrix(axes: &Value, include: &Value, exclude: &Value) -> MatrixDecl {
    let axes = axes.as_object().unwrap().iter().map(|(name, values)| {
        let values = values.as_array().unwrap().iter().enumerate();
        (name.as_str().into(), values.map(|(place, value)| (value.clone(), at(10 + place as u32))).collect())
    });
    MatrixDecl {
        templates: Vec::new(),
        aliases: Vec::new(),
        axes: axes.collect(),
        include: entries(include),
        exclude: entries(exclude),
        origin: at(0),
    }
}

/// The cells as JSON, and as parts of keys.
fn cells(matrix: &MatrixDecl) -> (Value, Vec<String>) {
    let mut report = Report::new();
    let cells = expand(matrix, &mut report).unwrap_or_else(|| panic!("{report:?}"));
    let map = |cell: &Cell| -> Value {
        cell.values
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let parts = cells.iter().map(|cell| cell.parts().collect::<Vec<_>>().join(","));
    (cells.iter().map(map).collect(), parts.collect())
}

fn faults(matrix: &MatrixDecl) -> Vec<String> {
    let mut report = Report::new();
    assert!(expand(matrix, &mut report).is_none());
    assert!(report.iter().all(|one| one.code == Code::BadMatrix));
    let words = |one: &Diagnostic| {
        let primary = one.primary.as_ref().unwrap();
        format!("{} {} | {} {}", primary.origin.span.start, one.message, primary.text, one.help.join(" "))
    };
    report.iter().map(words).collect()
}

#[test]
fn the_first_axis_is_outermost() {
    let (_, parts) = cells(&matrix(&json!({"l": ["de", "en"], "tier": ["free", "pro"]}), &json!([]), &json!([])));
    assert_eq!(parts, ["de,free", "de,pro", "en,free", "en,pro"]);
}

/// The long example of the documentation: fruits and animals, five inclusions.
#[test]
fn inclusions_extend_what_they_do_not_contradict() {
    let include = json!([
        {"tone": "warm"},
        {"tone": "cool", "pet": "cat"},
        {"drink": "tea", "city": "Rome"},
        {"city": "Oslo"},
        {"city": "Oslo", "pet": "cat"},
    ]);
    let (cells, parts) =
        cells(&matrix(&json!({"city": ["Rome", "Bern"], "pet": ["cat", "dog"]}), &include, &json!([])));
    assert_eq!(
        cells,
        json!([
            {"city": "Rome", "pet": "cat", "tone": "cool", "drink": "tea"},
            {"city": "Rome", "pet": "dog", "tone": "warm", "drink": "tea"},
            {"city": "Bern", "pet": "cat", "tone": "cool"},
            {"city": "Bern", "pet": "dog", "tone": "warm"},
            {"city": "Oslo"},
            {"city": "Oslo", "pet": "cat"},
        ])
    );
    assert_eq!(parts[0], "Rome,cat,cool,tea");
    assert_eq!(parts[5], "Oslo,cat");
}

#[test]
fn an_inclusion_adds_a_value_to_one_combination() {
    let include = json!([{"os": "mac", "node": 14, "lts": true}]);
    let (_, parts) = cells(&matrix(&json!({"os": ["win", "mac"], "node": [12, 14]}), &include, &json!([])));
    assert_eq!(parts, ["win,12", "win,14", "mac,12", "mac,14,true"]);
}

#[test]
fn an_inclusion_that_fits_nowhere_is_a_new_combination() {
    let include = json!([{"x": 1, "node": 17, "os": "win"}]);
    let (cells, parts) = cells(&matrix(&json!({"os": ["win", "mac"], "node": [12, 14]}), &include, &json!([])));
    assert_eq!(parts, ["win,12", "win,14", "mac,12", "mac,14", "win,17,1"]);
    assert_eq!(cells[4], json!({"os": "win", "node": 17, "x": 1}));
}

#[test]
fn inclusions_alone_are_a_matrix() {
    let include = json!([{"site": "production", "at": "a"}, {"site": "staging", "at": "b"}]);
    let (_, parts) = cells(&matrix(&json!({}), &include, &json!([])));
    assert_eq!(parts, ["production,a", "staging,b"]);
}

#[test]
fn a_partial_match_excludes_and_inclusions_come_after() {
    let axes = json!({"os": ["mac", "win"], "v": [12, 14, 16], "env": ["test", "live"]});
    let exclude = json!([{"os": "mac", "v": 12, "env": "live"}, {"os": "win", "v": 16}]);
    let (_, parts) = cells(&matrix(&axes, &json!([]), &exclude));
    assert_eq!(parts.len(), 12 - 3);
    assert!(!parts.contains(&"mac,12,live".to_owned()) && !parts.iter().any(|part| part.starts_with("win,16")));
    let (_, parts) = cells(&matrix(&json!({"a": [1]}), &json!([{"a": 1, "b": 2}]), &json!([{"a": 1}])));
    assert_eq!(parts, ["1,2"], "what was excluded can be included again");
}

#[test]
fn text_is_never_a_number_but_numbers_are_equal_by_value() {
    let axes = json!({"a": ["1", 1.0, true, 1.5]});
    let (_, parts) = cells(&matrix(&axes, &json!([]), &json!([{"a": 1}])));
    assert_eq!(parts, ["1", "true", "1.5"]);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let none = json!([]);
    let axes = json!({"locale": ["de", "en"], "tier": ["free"]});
    assert_eq!(
        faults(&matrix(&axes, &none, &json!([{"locale": "fr"}, {"locale": "e"}]))),
        [
            "100 `fr` is not a value of the axis `locale` |  the values of `locale` are `de`, `en`",
            "101 `e` is not a value of the axis `locale` | did you mean `de`? "
        ]
    );
    assert_eq!(
        faults(&matrix(&json!({"a": [1]}), &none, &json!([{"a": "1"}]))),
        ["100 `1` is not a value of the axis `a` |  one is text and the other a number or boolean: quote both or none"]
    );
    assert_eq!(faults(&matrix(&json!({"a": []}), &none, &none)), ["0 the axis `a` has no values |  "]);
    assert_eq!(faults(&matrix(&json!({"a": ["1", 1]}), &none, &none)), ["11 `1` occurs twice in the axis `a` |  "]);
    assert_eq!(
        faults(&matrix(&json!({"a": ["x,y", null, [1]]}), &none, &none)).len(),
        3,
        "a comma, and what is no scalar"
    );
    assert_eq!(
        faults(&matrix(&json!({"a": [1]}), &json!([{"b": " x"}]), &none)),
        [
            "100 ` x` of `b` cannot be part of a key: it begins or ends with a space |  a value is short, on one line, and has no comma and no brackets; longer texts belong in `vars`"
        ]
    );
}

#[test]
fn a_huge_product_is_refused_before_it_is_made() {
    let axis: Vec<u32> = (0..1_000).collect();
    let matrix = matrix(
        &json!({"a": axis, "b": axis, "c": axis, "d": axis, "e": axis, "f": axis, "g": axis}),
        &json!([]),
        &json!([]),
    );
    assert_eq!(faults(&matrix), ["0 the matrix has more than 250,000 combinations |  "]);
}
