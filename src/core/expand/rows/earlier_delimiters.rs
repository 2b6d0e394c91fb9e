//! An upgrade buys nothing again: a CSV file that the first delimiter rule read without errors is read the same today.

use csv::{ReaderBuilder, StringRecord, Terminator};
use proptest::prelude::*;

use super::tests::read_as;

const ENDING: &str = "\n\u{1}end of file\u{1}\n";

/// The first rule: a comma, unless the header has none and semicolons or tabs instead.
fn delimiter(head: &[u8]) -> u8 {
    let (mut quoted, mut semicolons, mut tabs, mut seen) = (false, 0, 0, false);
    for byte in head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head) {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' => return b',',
            b';' => semicolons += 1,
            b'\t' => tabs += 1,
            b'\n' if seen => break,
            _ => {}
        }
        seen |= !byte.is_ascii_whitespace();
    }
    match (semicolons, tabs) {
        (0, 0) => b',',
        (semicolons, tabs) if semicolons >= tabs => b';',
        _ => b'\t',
    }
}

/// The rows that the first reader made of a file. `None` if the file has an error.
fn old(text: &str) -> Option<Vec<String>> {
    let ended = format!("{text}{ENDING}");
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text.as_bytes()))
        .terminator(Terminator::Any(b'\n'))
        .from_reader(ended.as_bytes());
    let mut header: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let (mut record, mut ending) = (StringRecord::new(), false);
    loop {
        let before = reader.position().line();
        if !reader.read_record(&mut record).ok()? {
            break;
        }
        let within = record.as_byte_record().as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
        let line = before.max(reader.position().line().saturating_sub(within + 1));
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if let Some(last) = cells.last_mut()
            && let Some(cell) = last.strip_suffix('\r').map(str::to_owned)
        {
            *last = cell;
            if cells == [""] {
                continue;
            }
        }
        if cells.is_empty() {
            continue;
        }
        if cells == ["\u{1}end of file\u{1}"] {
            ending = true;
            break;
        }
        let Some(names) = &header else {
            let names: Vec<String> = cells.iter().map(|name| name.trim().to_owned()).collect();
            let wrong = |(place, name): (usize, &String)| name.is_empty() || names[..place].contains(name);
            if names.iter().enumerate().any(wrong) || names.iter().any(|name| name.contains('\r')) {
                return None;
            }
            header = Some(names);
            continue;
        };
        if cells.len() != names.len() {
            return None;
        }
        let pairs: Vec<String> = names.iter().zip(cells).map(|(name, cell)| format!("{name}={cell}")).collect();
        rows.push(format!("{line}: {}", pairs.join(" ")));
    }
    (header.is_some() && ending).then_some(rows)
}

fn reads_as_before(text: &str) {
    if let Some(before) = old(text) {
        let mut now = read_as("a.csv", text, None, None);
        // Warnings.
        now.retain(|line| !line.contains("? "));
        assert_eq!(now, before, "{text:?}");
    }
}

/// A table as a program writes it, longer than the head. Some cells are cut, some doubled.
fn table() -> impl Strategy<Value = String> {
    let cell = "([a-z]|[,;|\t ]|[0-9]|é|\"\"){0,9}"
        .prop_map(|text| if text.contains([',', ';', '\t', '"', '|']) { format!("\"{text}\"") } else { text });
    let plain = "[a-z,;| ]{0,5}";
    let cell = prop_oneof![40 => cell, 1 => plain.prop_map(String::from)];
    let delimiter = prop_oneof![Just(","), Just(";"), Just("\t"), Just("|")];
    let ending = prop_oneof![Just("\n"), Just("\r\n")];
    let cells = (1..4_usize, 0..40_usize)
        .prop_flat_map(move |(columns, rows)| (prop::collection::vec(cell.clone(), columns * rows), Just(columns)));
    (cells, delimiter, ending, any::<bool>()).prop_map(|((cells, columns), delimiter, ending, mark)| {
        let names = ["id", "first name", "a;b", "a,b"];
        let mut text = if mark { "\u{feff}" } else { "" }.to_owned();
        text += &names[..columns].join(delimiter);
        for row in cells.chunks(columns) {
            text += ending;
            text += &row.join(delimiter);
        }
        text + ending
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_table_that_was_read_is_read_the_same(text in table()) {
        reads_as_before(&text);
    }

    #[test]
    fn any_text_that_was_read_is_read_the_same(
        text in "(,|;|\t|\\||\n|\r\n|\r|\"| |id|a|1,5|sep=;|sep=,|sep=|\\{|\\[|\u{feff}|é|\u{b}){0,30}"
    ) {
        reads_as_before(&text);
    }
}

#[test]
fn files_at_the_edge_are_read_as_before() {
    // Few random texts are tables, so these are listed explicitly.
    let long = format!("id,note\n{}1,\"a\nb\"\n", "7,x;y\n".repeat(300));
    for text in [
        "sep=|\nid|name\n1|Ada\n",
        "|sep=\nsep=|",
        "id|first name\n|\n|\n|\n|\n|\n|\n|\n|\n|\n|\n|\n|a\n",
        "\"sep=;\"\n1\n",
        "id|name\n1|Ada\n",
        "Customers\nid;name\n1;Ada\n",
        "id;name, first\n1;Ada, B\n",
        "id,a;b\n1,x;y\n",
        "id,name\n,\n  , \n1,Ada\n",
        "id\n\"\"\n\n x \n",
        "{\"id\": 1}\n",
        "PK\n1\n",
        "\u{feff}\u{feff}id,n\n1,2\n",
        &long,
    ] {
        assert!(old(text).is_some(), "{text:?} was not read");
        reads_as_before(text);
    }
}
