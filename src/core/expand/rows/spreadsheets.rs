//! Tables as spreadsheets export them and authors edit them.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::tests::read_as;
use crate::manifest::Delimiter;

fn read(name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    read_as(name, content, None, None)
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn an_export_with_its_sep_line_and_empty_rows_and_columns_is_read() {
    let sheet = "sep=;\r\nid;name;;\r\n1;Ada, B;;\r\n;;;\r\n;\r\n2;;;\r\n";
    assert_eq!(read("a.csv", sheet), ["3: id=1 name=Ada, B", "5: id= name=", "6: id=2 name="]);
    assert_eq!(read("a.csv", "\u{feff}sep=\t\nid\tname\n1\tA;B\n"), ["3: id=1 name=A;B"]);
    assert_eq!(read("a.csv", ",,\nid,name\n1,Ada,,\n,,,\n"), ["3: id=1 name=Ada"]);
    assert_eq!(read_as("a.csv", "sep=|\nid|n\n1|A\n", None, Some(Delimiter::Bar)), ["3: id=1 n=A"]);
}

#[test]
fn cells_are_never_trimmed() {
    assert_eq!(read("a.csv", "id; name \n 1 ;\u{a0}Ada\t\n"), ["2: id= 1  name=\u{a0}Ada\t"]);
}

#[test]
fn utf16_is_read_by_its_mark_and_the_rest_by_the_setting() {
    let text = "\u{feff}id;name\r\n1;Jörg 😀\r\n";
    for little in [true, false] {
        assert_eq!(read("a.csv", utf16(text, little)), ["2: id=1 name=Jörg 😀"]);
    }
    let long = format!("\u{feff}id\tname\n{}", "1\tJürgen 😀\n".repeat(5_000));
    let rows = read("a.tsv", utf16(&long, true));
    assert_eq!((rows.len(), &*rows[4_999]), (5_000, "5001: id=1 name=Jürgen 😀"));
    assert_eq!(read("a.jsonl", utf16("\u{feff}{\"a\": \"ö\"}\n", true)), ["1: a=ö"]);
    assert_eq!(read("a.json", utf16("\u{feff}[{\"a\": \"ö\"}]\n", false)), ["1: a=ö"]);
    let as_set = |bytes: &[u8], encoding: &'static Encoding| read_as("a.csv", bytes, Some(encoding), None);
    assert_eq!(as_set(b"id,n\n1,J\xf6rg \x80\n", WINDOWS_1252), ["2: id=1 n=Jörg €"]);
    assert_eq!(as_set(b"id,n\n1,\x83e\n", SHIFT_JIS), ["2: id=1 n=テ"]);
    assert_eq!(as_set(&utf16("id,n\n1,ö\n", false), UTF_16BE), ["2: id=1 n=ö"]);
    assert_eq!(as_set("\u{feff}id,n\n1,ö\n".as_bytes(), WINDOWS_1252), ["2: id=1 n=ö"], "the mark decides");
}

#[test]
fn text_in_another_encoding_is_told_once() {
    let latin = read("a.csv", b"id,n\n1,J\xf6rg M\xfcller\n2,Ren\xe9\n");
    assert_eq!(latin, ["2! the data file is not UTF-8 text"]);
    for (little, name) in [(true, "UTF-16LE"), (false, "UTF-16BE")] {
        let told = |text: &str| read("a.csv", utf16(text, little)).pop().unwrap_or_default();
        let message = format!("the data file is {name} text without a byte order mark");
        assert_eq!(told("id,n\r\n1,Ada\r\n2,Bo\r\n"), format!("1! {message}"));
        assert!(told("id,n\n1,Jörg\n2,Ada\n").contains(&message));
        // The zero after the last line break of UTF-16LE is a record of one cell.
        let sign = if little { '!' } else { '?' };
        assert_eq!(told("id,n\n1,Ada\n"), format!("1{sign} {message}"));
        let json = read("a.jsonl", utf16("{\"a\": 1}\n{\"a\": 2}\n", little));
        assert_eq!(json, [format!("1! {message}")]);
    }
    assert_eq!(
        read_as("a.csv", b"id\n1\n", Some(UTF_16LE), None).last().unwrap(),
        "0! the data file cannot be decoded: it is not UTF-16LE text"
    );
}

#[test]
fn text_after_a_closing_quote_is_told_once_and_read_as_before() {
    assert_eq!(
        read("a.csv", "id,name\n0,Cy\n1,\"Ada\" Byron\n2,\"Bo\" x\n"),
        [
            "2: id=0 name=Cy",
            "3? text follows the closing quote of the cell of `name`, so the cell is read as `Ada Byron`",
            "3: id=1 name=Ada Byron",
            "4: id=2 name=Bo x",
        ]
    );
    assert_eq!(
        read("a.csv", "id;\"the \\\"n\\\"\"\n1;x\n")[0],
        "1? text follows the closing quote of cell 2, so the cell is read as `the \\n\\\"\"`"
    );
}

#[test]
fn columns_that_differ_only_in_their_unicode_form_are_told() {
    assert_eq!(
        read("a.csv", "id,größe,gro\u{308}ße\n1,a,b\n")[0],
        "1? the header names the column `gro\u{308}ße` twice, in two Unicode forms"
    );
    assert_eq!(read("a.csv", "id,a\u{a0}b,a\u{a0}b\n"), [r"1! the header names the column `a\u00a0b` twice"]);
}

/// No-break spaces name no column, and a cell of them is empty.
#[test]
fn cells_of_wide_spaces_are_empty() {
    let rows = ["2: id=1 name=Ada", "3: id=2 name=Bo"];
    assert_eq!(read("a.csv", "id,name,\u{a0}\n1,Ada\n2,Bo\n"), rows);
    assert_eq!(read("a.csv", "id,name\n1,Ada\n2,Bo,\u{a0}\n"), rows);
}

#[test]
fn json_that_is_called_a_table_is_told() {
    let message = "the data file looks like JSON, not like a table";
    for (text, sign) in [
        ("[\n  {\"id\": 1, \"n\": \"Ada\"},\n  {\"id\": 2, \"n\": \"Bo\"}\n]\n", '!'),
        ("{\"id\": 1, \"n\": 2}\n{\"id\": 2, \"x\": 1, \"n\": 3}\n", '!'),
        ("{\"id\": 1}\n{\"id\": 2}\n", '?'),
        ("[{\"id\": 1}]", '?'),
    ] {
        for name in ["a.csv", "a.tsv"] {
            let told = read(name, text);
            assert_eq!(told.last(), Some(&format!("1{sign} {message}")), "{text:?}: {told:?}");
        }
    }
    assert_eq!(read("a.csv", "[id],{n}\n1,2\n"), ["2: [id]=1 {n}=2"]);
}

#[test]
fn the_delimiter_is_the_one_that_makes_the_records_agree() {
    assert_eq!(
        read("a.csv", "id;name;note, first\n1;Ada;x\n2;Bo;y\n"),
        ["2: id=1 name=Ada note, first=x", "3: id=2 name=Bo note, first=y"]
    );
    assert_eq!(read("a.csv", "id|name|a, b\n1|Ada|x\n"), ["2: id=1 name=Ada a, b=x"]);
    assert_eq!(read("a.tsv", "id,name\n1,Ada\n"), ["2: id=1 name=Ada"], "what is in a file decides");
    assert_eq!(read("a.tsv", "id\tlast, first\n1\tA, B\n"), ["2: id=1 last, first=A, B"]);
    // One wrong record does not change the delimiter of the others.
    let one_wrong = "id;name;note, first\n1;Ada;x\n2;Bo\n3;Cy;z\n";
    assert_eq!(
        read("a.csv", one_wrong)[1],
        "3! this record has 2 cells, but the header has 3: `note, first` is missing"
    );
    assert_eq!(read("a.csv", "id;a|b,c\n1;x|y\n"), ["0! the cells may be separated by semicolons or by bars"]);
    assert_eq!(read_as("a.csv", "id;a|b,c\n1;x|y\n", None, Some(Delimiter::Semicolon)), ["2: id=1 a|b,c=x|y"]);
    assert_eq!(
        read("a.csv", "id;price,eur\n1;2,5\n"),
        ["1? the cells are read as separated by commas, but semicolons fit too", "2: id;price=1;2 eur=5"]
    );
    assert_eq!(read_as("a.csv", "id;price,eur\n1;2,5\n", None, Some(Delimiter::Comma)), ["2: id;price=1;2 eur=5"]);
}

#[test]
fn each_mismatch_names_its_cause() {
    let told = |text: &str| read("a.csv", text).into_iter().find(|line| line.contains('!')).unwrap_or_default();
    let ends = |text: &str, end: &str| assert!(told(text).ends_with(end), "{text:?}: {}", told(text));
    ends("id,text\n1,a\n2, \"b, c\"\n", "a space precedes the quote of `text`");
    ends("id,text\n1,a\n2,b, c\n", "`text` seems to hold a comma");
    ends("id,text\n1,a\n2,,b\n", "cell 2 is empty");
    ends("id,text,\n1,a,\n2,b,c\n", "column 3 has cells but no name");
    ends("id,text\n1,a\n2;b\n", "its cells are separated by semicolons, those of the header by commas");
    ends("id,a,b,c\n1,2,3,4\n2\n", "`a` and 2 more are missing");
    ends(
        "Sales 2024\n\nid,name\n1,Ada\n",
        "line 1 has 1 cell, the records from line 3 on have 2: is it a title above the header?",
    );
    ends(
        "Sales;;\nMarch;;\nid;name;n\n1;Ada;2\n",
        "the records from line 3 on have 3: is it a title above the header?",
    );
    // The title has the comma that each price has, and the table has semicolons or tabs.
    for mark in [";", "\t"] {
        let table = format!("id{mark}price\n1{mark}2,5\n2{mark}3,5\n");
        let end = "the records from line 2 on have 2: is it a title above the header?";
        ends(&format!("Prices\n{table}"), end);
        ends(&format!("Prices, net\n{table}"), end);
    }
    ends("Sales, net, May\nid,name\n1,Ada\n2,Bo\n", "line 1 names 3 columns, each record has 2 cells");
    ends("id,name\n1,Ada,x\n2,Bo,y\n", "line 1 names 2 columns, each record has 3 cells");
    ends("text\nHello, you\n", "`text` seems to hold a comma");
    ends("text\nHello,you\n", "a cell seems to hold a comma");
}

#[test]
fn what_git_and_other_programs_leave_is_told_in_its_own_words() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    for name in ["a.csv", "a.json", "a.jsonl", "a.tsv"] {
        assert_eq!(read(name, pointer), ["1! the file is a Git LFS pointer, not its content"], "{name}");
    }
    assert_eq!(read("a.yaml", pointer), ["git-lfs-pointer"]);
    let conflict = "a merge conflict is not resolved here";
    let table = "id,name\n1,Ada\n<<<<<<< ours\n2,Bo\n=======\n2,Cy\n>>>>>>> theirs\n";
    assert_eq!(read("a.csv", table), ["2: id=1 name=Ada".to_owned(), format!("3! {conflict}")]);
    let header = "<<<<<<< ours\nid,name\n=======\nid,first\n>>>>>>> theirs\n1,Ada\n";
    assert_eq!(read("a.csv", header), [format!("1! {conflict}")]);
    let list = "[\n<<<<<<< ours\n{}\n=======\n{\"a\": 1}\n>>>>>>> theirs\n]";
    assert_eq!(read("a.json", list), [format!("2! {conflict}")]);
    assert_eq!(read("a.jsonl", "{\"a\": 1}\n<<<<<<< ours\n{}\n"), ["1: a=1".to_owned(), format!("2! {conflict}")]);
    assert_eq!(read("a.yaml", "- a: 1\n<<<<<<< ours\n=======\n- b: 1\n>>>>>>> theirs\n"), ["merge-conflict"]);
    assert_eq!(read("a.csv", b"PK\x03\x04rest"), ["0! the data file is a workbook of a spreadsheet program, not text"]);
}

#[test]
fn json_is_read_by_what_is_in_the_file() {
    assert_eq!(read("a.json", "{\"a\": 1}\n\n{\"a\": 2}\n"), ["1: a=1", "3: a=2"]);
    assert_eq!(read("a.jsonl", "\n[{\"a\": 1},\n {\"a\": 2}]\n"), ["2: a=1", "3: a=2"]);
    assert_eq!(read("a.json", "{\"a\": 1}\n{\"a\": }\n")[1], "2! this row is not JSON: expected value");
    assert_eq!(read("a.json", "{\"a\":\n 1}\n"), ["1! the data file does not hold a list of objects"]);
}
