//! SVGs that exceed a limit are rejected by counting, and ordinary ones are drawn.

use super::image_child::{FitOptions, fit_picture};
use super::*;

fn draw(body: &str) -> Result<Vec<u8>, String> {
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="160" height="90">{body}</svg>"#
    );
    let fitting = FitOptions { fit: Fit::Cover, size: (32, 18) };
    fit_picture(crate::spec::MediaFormat::Svg, Arc::new(svg.into_bytes()), fitting)
}

const RECT: &str = r##"<rect width="160" height="90" fill="#ff0000"/>"##;

/// Returns `count` definitions, each built from its number, and a rectangle with the attribute `first`.
fn defs(count: usize, one: impl Fn(usize) -> String, first: &str) -> String {
    let all: String = (0..count).map(one).collect();
    format!(r#"<defs>{all}</defs><rect width="160" height="90" {first}/>"#)
}

#[test]
fn an_svg_beyond_a_limit_says_which() {
    let chain = |property: &str, element: &str| {
        defs(
            4_000,
            |i| format!(r#"<{element} id="m{i}" {property}="url(#m{})">{RECT}</{element}>"#, i + 1),
            &format!(r#"{property}="url(#m0)""#),
        )
    };
    let uses = |levels: usize, each: usize| {
        let group =
            |i: usize| format!(r#"<g id="u{}">{}</g>"#, i + 1, format!(r##"<use xlink:href="#u{i}"/>"##).repeat(each));
        let groups: String = (0..levels).map(group).collect();
        format!(r##"<defs><g id="u0">{RECT}</g>{groups}</defs><use xlink:href="#u{levels}"/>"##)
    };
    let filter =
        |one: &str| format!(r#"<filter id="f">{one}</filter><rect width="160" height="90" filter="url(#f)"/>"#);
    let path = format!(r#"<path d="M0 0{}""#, "L1 1L0 0".repeat(10_000));
    let marker = format!(r#"<marker id="k" markerWidth="9" markerHeight="9">{RECT}{RECT}</marker>"#);
    let cases = [
        ("4,000 chained masks", chain("mask", "mask"), "16 references in a chain"),
        ("4,000 chained clips", chain("clip-path", "clipPath"), "16 references in a chain"),
        (
            "patterns in patterns",
            defs(
                4_000,
                |i| {
                    format!(
                        r#"<pattern id="m{i}" width="9" height="9"><rect width="9" height="9" fill="url(#m{})"/></pattern>"#,
                        i + 1
                    )
                },
                r#"fill="url(#m0)""#,
            ),
            "16 references in a chain",
        ),
        (
            "a chain in `style`",
            chain("style", "g").replace("style=\"url", "style=\"mask : url"),
            "16 references in a chain",
        ),
        (
            "a chain of gradients",
            defs(100, |i| format!(r##"<linearGradient id="m{i}" xlink:href="#m{}"/>"##, i + 1), r#"fill="url(#m0)""#),
            "16 references in a chain",
        ),
        ("uses of uses", uses(8, 10), "20,000 elements"),
        ("a chain of uses", uses(3_000, 1), "16 references in a chain"),
        (
            "uses in a circle",
            r##"<g id="a"><use xlink:href="#b"/></g><g id="b"><use xlink:href="#a"/></g>"##.to_owned(),
            "it refers to itself",
        ),
        (
            "a quoted reference",
            r##"<mask id="a"><rect width="9" height="9" mask='url( "#a" )'/></mask>"##.to_owned(),
            "it refers to itself",
        ),
        ("deep nesting", format!("{}{RECT}{}", "<g>".repeat(100_000), "</g>".repeat(100_000)), "64 levels of nesting"),
        ("many elements", RECT.repeat(20_001), "20,000 elements"),
        ("many layers", format!(r#"<mask id="m">{RECT}</mask>{}"#, r#"<g mask="url(#m)"/>"#.repeat(501)), "500 masks"),
        (
            "layers by a `use`",
            format!(r#"<g id="a">{}</g>{}"#, r#"<g opacity=".5"/>"#.repeat(100), r##"<use href="#a"/>"##.repeat(9)),
            "500 masks",
        ),
        ("a marker on each point", format!(r#"{marker}{path} marker-mid="url(#k)"/>"#), "20,000 elements"),
        ("an inherited marker", format!(r#"{marker}<g marker="url(#k)">{path}/></g>"#), "20,000 elements"),
        ("1 MB of text", format!("<text>{}</text>", "a".repeat(1 << 20)), "5,000 characters of text"),
        (
            "text by a `use`",
            format!(r#"<text id="t">{}</text>{}"#, "a".repeat(999), r##"<use href="#t"/>"##.repeat(9)),
            "5,000 characters of text",
        ),
        ("style sheets", format!("<style>{}</style>", "a{fill:red}".repeat(30_000)), "256 KB of style sheets"),
        ("turbulence", filter(r#"<feTurbulence baseFrequency=".01" numOctaves="90000000"/>"#), "it uses filters"),
        ("morphology", filter(r#"<feMorphology operator="dilate" radius="90000"/>"#), "it uses filters"),
        (
            "a filter by a style sheet",
            format!("<style>rect {{ filter: blur(90000px) }}</style>{RECT}"),
            "it uses filters",
        ),
        (
            "a filter in a mask",
            format!(
                r#"<mask id="m"><rect width="9" height="9" style="filter:blur(9px)"/></mask><g mask="url(#m)">{RECT}</g>"#
            ),
            "it uses filters",
        ),
        ("a size without an end", format!("</svg><svg>{RECT}"), "it cannot be read as SVG"),
    ];
    let mut wrong = Vec::new();
    for (name, body, says) in cases {
        let drawn = draw(&body);
        if !drawn.as_ref().is_err_and(|why| why.contains(says)) {
            wrong.push(format!("{name}: {:?}", drawn.map(|bytes| bytes.len())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let huge = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1"><rect width="1e9" height="1"/></svg>"#;
    let fitting = FitOptions { fit: Fit::Cover, size: (32, 18) };
    let huge = fit_picture(crate::spec::MediaFormat::Svg, Arc::new(huge.as_bytes().to_vec()), fitting);
    assert!(huge.as_ref().is_err_and(|why| why.contains("100,000 pixels in width or height")), "{huge:?}");
}

#[test]
fn an_ordinary_svg_is_drawn() {
    let gradient = r#"<linearGradient id="a"><stop offset="0" stop-color="red"/><stop offset="1"/></linearGradient>"#;
    let cases = [
        format!(r#"{gradient}<g fill="url(#a)">{}</g>"#, r#"<rect width="160" height="90"/>"#.repeat(3_000)),
        format!(
            r#"<style>.a{{clip-path:url(#c);fill:url(#a)}}</style>{gradient}<clipPath id="c">{RECT}</clipPath><rect class="a" width="160" height="90"/>"#
        ),
        format!(
            r#"<marker id="k" markerWidth="9" markerHeight="9">{RECT}</marker><path d="M10 20L30 40" stroke="red" marker-end="url(#k)"/>"#
        ),
        format!(r#"<filter id="unused"><feGaussianBlur stdDeviation="3"/></filter>{RECT}"#),
        r#"<text y="50" font-size="20">Ordinary</text><image href="file:///etc/passwd" width="9" height="9"/>"#
            .to_owned(),
        format!("<!-- {} --><title>{}</title>{RECT}", "-x".repeat(9_999), "t".repeat(9_999)),
    ];
    for body in cases {
        let drawn = draw(&body);
        assert!(drawn.is_ok(), "{drawn:?}: {}", &body[..body.len().min(300)]);
    }
}
