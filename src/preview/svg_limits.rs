//! Limits of an SVG. The XML is counted before usvg parses it, and each reference counts as a copy of its target.

use std::collections::HashMap;

use resvg::usvg::Tree;
use resvg::usvg::roxmltree::{Document, Node, NodeId, ParsingOptions};

/// One limit: the unit and the maximum.
struct SvgLimit {
    what: &'static str,
    most: u64,
}

const DEPTH: SvgLimit = SvgLimit { what: "levels of nesting", most: 64 };
const CHAIN: SvgLimit = SvgLimit { what: "references in a chain", most: 16 };
const ELEMENTS: SvgLimit = SvgLimit { what: "elements, references drawn out", most: 20_000 };
/// Masks, clips, opacities and pattern fills: each is drawn on a separate canvas.
const LAYERS: SvgLimit = SvgLimit { what: "masks, clips, patterns and opacities, references drawn out", most: 500 };
const TEXT: SvgLimit = SvgLimit { what: "characters of text, references drawn out", most: 5_000 };
const STYLE: SvgLimit = SvgLimit { what: "KB of style sheets", most: 256 };
const SIDE: SvgLimit = SvgLimit { what: "pixels in width or height", most: 100_000 };

impl SvgLimit {
    fn check(&self, count: u64) -> Result<(), String> {
        if count <= self.most {
            return Ok(());
        }
        Err(format!("it has more than {} {}; simplify it, or export it as PNG", thousands(self.most), self.what))
    }
}

fn thousands(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", thousands(number / 1_000), number % 1_000) }
}

/// Parses an SVG, and rejects one that exceeds a limit.
pub(super) fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options);
    let document = document.map_err(|error| format!("it cannot be read as SVG: {error}"))?;
    Counter::new(&document)?.count(document.root(), 0)?;
    Ok(document)
}

/// Rejects what is known only after style sheets are applied: filters, and a size beyond the limit.
pub(super) fn check_tree(tree: &Tree) -> Result<(), String> {
    if !tree.filters().is_empty() {
        return Err("it uses filters, which are not drawn here; export it without filters, or as PNG".to_owned());
    }
    SIDE.check(tree.size().width().max(tree.size().height()) as u64)
}

/// The cost of drawing a part of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    elements: u64,
    layers: u64,
    text: u64,
    /// Approximate number of points of paths. Each may have a marker.
    points: u64,
    /// Maximum length of a chain of references.
    chain: u64,
}

impl Cost {
    fn add(&mut self, other: Cost, times: u64) {
        let sum = |one: &mut u64, more: u64| *one = one.saturating_add(more.saturating_mul(times));
        sum(&mut self.elements, other.elements);
        sum(&mut self.layers, other.layers);
        sum(&mut self.text, other.text);
        sum(&mut self.points, other.points);
        self.chain = self.chain.max(other.chain);
    }

    fn check(&self) -> Result<(), String> {
        ELEMENTS.check(self.elements)?;
        LAYERS.check(self.layers)?;
        TEXT.check(self.text)
    }
}

struct Counter<'a, 'input> {
    ids: HashMap<&'a str, Node<'a, 'input>>,
    /// The cost of each counted node. `None` while a node is being counted.
    known: HashMap<NodeId, Option<Cost>>,
}

impl<'a, 'input> Counter<'a, 'input> {
    /// Checks the limits that need no references, including the depth, so that `count` can recurse safely.
    fn new(document: &'a Document<'input>) -> Result<Self, String> {
        let mut depths: HashMap<NodeId, u64> = HashMap::new();
        let mut ids = HashMap::new();
        let (mut elements, mut style) = (0, 0);
        for node in document.descendants().filter(Node::is_element) {
            let above = node.parent().and_then(|parent| depths.get(&parent.id())).copied().unwrap_or_default();
            depths.insert(node.id(), above + 1);
            DEPTH.check(above + 1)?;
            elements += 1;
            ELEMENTS.check(elements)?;
            if node.tag_name().name() == "style" {
                style += node.text().unwrap_or_default().len() as u64;
                STYLE.check(style >> 10)?;
            }
            if let Some(id) = node.attribute("id") {
                ids.entry(id).or_insert(node);
            }
        }
        Ok(Self { ids, known: HashMap::new() })
    }

    /// Counts a node with everything drawn for it. `chain` is the number of references that led to it.
    fn count(&mut self, node: Node<'a, 'input>, chain: u64) -> Result<Cost, String> {
        CHAIN.check(chain)?;
        match self.known.get(&node.id()) {
            Some(Some(cost)) => {
                CHAIN.check(chain + cost.chain)?;
                return Ok(*cost);
            }
            Some(None) => return Err("it refers to itself; export it again, or as PNG".to_owned()),
            None => {}
        }
        self.known.insert(node.id(), None);
        let mut cost = Cost { elements: 1, text: text_of(node), points: points_of(node), ..Cost::default() };
        for child in node.children().filter(Node::is_element) {
            let child = self.count(child, chain)?;
            cost.add(child, 1);
        }
        let own = cost;
        for (property, value) in properties(node) {
            cost.layers += u64::from(makes_layer(property, value));
            for id in references(property, value) {
                let Some(target) = self.ids.get(id).copied() else { continue };
                let mut drawn = self.count(target, chain + 1)?;
                let times = match property {
                    // Every descendant inherits these.
                    "fill" | "stroke" | "marker-start" | "marker-end" => own.elements,
                    "marker" | "marker-mid" => own.elements.saturating_mul(own.points.max(1)),
                    _ => 1,
                };
                drawn.chain += 1;
                if target.tag_name().name().ends_with("Gradient") {
                    // A gradient is computed once, however many elements refer to it.
                    drawn = Cost { chain: drawn.chain, ..Cost::default() };
                }
                drawn.layers += u64::from(target.tag_name().name() == "pattern");
                cost.add(drawn, times);
            }
        }
        cost.check()?;
        self.known.insert(node.id(), Some(cost));
        Ok(cost)
    }
}

/// Returns the properties of an element: its attributes, and the declarations of its `style`.
fn properties<'a>(node: Node<'a, '_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    node.attributes().flat_map(|attribute| {
        let (name, value) = (attribute.name(), attribute.value());
        let declarations = if name == "style" { value } else { "" }.split(';');
        let declared =
            declarations.filter_map(|one| one.split_once(':')).map(|(name, value)| (name.trim(), value.trim()));
        std::iter::once((name, value)).filter(|(name, _)| *name != "style").chain(declared)
    })
}

fn makes_layer(property: &str, value: &str) -> bool {
    match property {
        "mask" | "clip-path" => value != "none",
        "opacity" => value != "1",
        "mix-blend-mode" => value != "normal",
        "isolation" => value == "isolate",
        _ => false,
    }
}

/// Returns the ids that a property references: `#a` in `href`, `url(#a)` elsewhere.
fn references<'a>(property: &str, value: &'a str) -> impl Iterator<Item = &'a str> {
    let of_href = if property == "href" { value.trim().strip_prefix('#') } else { None };
    let of_urls = value.split("url(").skip(1).filter_map(|rest| {
        let inside = rest.split(')').next()?.trim_matches(|one: char| one.is_whitespace() || one == '"' || one == '\'');
        inside.strip_prefix('#')
    });
    of_href.into_iter().chain(of_urls)
}

/// Returns the number of text characters directly in an element that draws text.
fn text_of(node: Node<'_, '_>) -> u64 {
    if !matches!(node.tag_name().name(), "text" | "tspan" | "textPath" | "tref" | "a") {
        return 0;
    }
    node.children().filter(Node::is_text).filter_map(|text| text.text()).map(|text| text.chars().count() as u64).sum()
}

/// Returns an upper limit of the points of a path: each takes at least three bytes.
fn points_of(node: Node<'_, '_>) -> u64 {
    let longest = ["d", "points"].into_iter().filter_map(|name| node.attribute(name)).map(str::len).max();
    longest.unwrap_or_default() as u64 / 3
}
