//! The picture of a plan in the README: the output of the binary with terminal colors, as SVG.

use std::fmt::Write;
use std::fs;

use crate::doc_screens::similar_or_panic;
use crate::fixture::{Scene, repository, shown};

const PAGE: &str = "docs/images/plan.svg";
/// The width of a character at 14 pixels, in hundredths of a pixel.
const CHAR_WIDTH_HUNDREDTHS: usize = 843;
const LINE_HEIGHT: usize = 21;
const MARGIN: usize = 20;

/// Returns the style of each SGR code that the screen uses. An unknown code fails the test.
fn style(code: &str) -> &'static str {
    match code {
        "0" => "",
        "1" => "font-weight:bold",
        "2" => "fill:#8b949e",
        "33" => "fill:#e3b341",
        "36" => "fill:#56d4dd",
        other => panic!("the picture has no style for the SGR code {other}"),
    }
}

fn escape(text: &str) -> String {
    // Viewers collapse plain spaces.
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(' ', "\u{a0}")
}

/// Returns one line of the screen as `tspan`s.
fn spans(line: &str) -> String {
    let mut svg = String::new();
    let mut code = "0";
    for (number, part) in line.split("\u{1b}[").enumerate() {
        let text = if number == 0 {
            part
        } else {
            let (sgr, text) = part.split_once('m').unwrap();
            code = sgr;
            text
        };
        if text.is_empty() {
            continue;
        }
        let _infallible = match style(code) {
            "" => write!(svg, "{}", escape(text)),
            style => write!(svg, r#"<tspan style="{style}">{}</tspan>"#, escape(text)),
        };
    }
    svg
}

/// Returns the number of visible characters of a line.
fn columns(line: &str) -> usize {
    let hidden: usize = line.split("\u{1b}[").skip(1).filter_map(|part| part.find('m')).map(|at| at + 3).sum();
    line.chars().count() - hidden
}

fn picture(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().collect();
    let widest = lines.iter().map(|line| columns(line)).max().unwrap();
    let width = widest * CHAR_WIDTH_HUNDREDTHS / 100 + 1 + 2 * MARGIN;
    let height = lines.len() * LINE_HEIGHT + 2 * MARGIN;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">
"##
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + number * LINE_HEIGHT + 15;
        let _infallible = writeln!(svg, r#"<text x="{MARGIN}" y="{y}">{}</text>"#, spans(line));
    }
    svg + "</g>\n</svg>\n"
}

#[test]
fn the_picture_of_a_plan_is_current() {
    let scene = Scene::example("localized");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("voices.yaml", "Vm9pY2VEZQ== }", "Vm9pY2VEZQ==, speed: 0.9 }");
    let plan = shown(&mut scene.command(&["plan", "--env", "sandbox", "--color", "always"]));
    let now = picture(&format!("$ callsheet plan\n{}", plan.out));
    let path = repository().join(PAGE);
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, now).unwrap();
    } else {
        similar_or_panic(PAGE, &fs::read_to_string(&path).unwrap_or_default(), &now);
    }
}
