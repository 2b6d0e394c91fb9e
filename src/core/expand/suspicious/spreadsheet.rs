//! Errors that spreadsheets write in place of a value.

use super::SuspiciousText;
use crate::diagnostic::Code;

/// Errors of Excel, LibreOffice and Google Sheets, including translated ones.
const ERRORS: &[&str] = &[
    "#REF!",
    "#N/A",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#BUSY!",
    "#UNKNOWN!",
    "#ERROR!",
    "#GETTING_DATA",
    "#BEZUG!",
    "#WERT!",
    "#NV",
    "#ZAHL!",
    "#ÜBERLAUF!",
    "#NOM?",
    "#VALEUR!",
    "#NOMBRE!",
    "#¡REF!",
    "#¿NOMBRE?",
    "#¡VALOR!",
    "#¡DIV/0!",
    "#¡NUM!",
    "#NOME?",
    "#VALOR!",
    "#RIF!",
    "#VALORE!",
    "#VERW!",
    "#WAARDE!",
    "#NAAM?",
    "#ADR!",
    "#ARG!",
    "#NAZWA?",
];

/// Returns the first spreadsheet error in a text.
pub(super) fn find(text: &str) -> Option<SuspiciousText> {
    let (at, length) = of_excel(text).or_else(|| of_libre_office(text))?;
    let message = format!("`{}` is a spreadsheet error, not a value", &text[at..at + length]);
    let help = "fix the formula in the spreadsheet and export it again".to_owned();
    Some(SuspiciousText { code: Code::SpreadsheetError, range: at..at + length, message, help })
}

fn of_excel(text: &str) -> Option<(usize, usize)> {
    text.match_indices('#').find_map(|(at, _)| {
        let error = ERRORS.iter().find(|error| text[at..].starts_with(**error) && ends(text, at + error.len()))?;
        begins(text, at).then_some((at, error.len()))
    })
}

/// Returns the range of an error of the form `Err:502`.
fn of_libre_office(text: &str) -> Option<(usize, usize)> {
    text.match_indices("Err:").find_map(|(at, mark)| {
        let digits = text[at + mark.len()..].bytes().take_while(u8::is_ascii_digit).count();
        (digits == 3 && begins(text, at) && ends(text, at + mark.len() + digits)).then_some((at, mark.len() + digits))
    })
}

fn begins(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|one| !one.is_alphanumeric())
}

fn ends(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|one| !one.is_alphanumeric())
}
