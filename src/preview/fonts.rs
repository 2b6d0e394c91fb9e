//! Chooses the font of each letter, the embedded one or a system font, and finds letters that no font has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use resvg::usvg::fontdb::{Database, FaceInfo, ID, Style};
use resvg::usvg::{FontResolver, Options};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_script::{Script, UnicodeScript};

/// Inter Medium with Latin, Greek and Cyrillic letters; see `font_files/README.md`.
const EMBEDDED: &[u8] = include_bytes!("font_files/inter-medium-subset.otf");

/// The fonts of a run. System fonts are loaded only when the embedded font lacks a letter.
pub struct Fonts {
    embedded: Arc<Database>,
    /// The widths of the embedded font's characters, in ems.
    widths: HashMap<char, f32>,
    use_system: bool,
    system: OnceLock<System>,
}

/// The system fonts in order of preference, with the embedded one.
struct System {
    database: Arc<Database>,
    order: Vec<ID>,
    /// The letters of each font as ranges (first, last), read at first use.
    letters: Vec<OnceLock<Vec<(u32, u32)>>>,
    chosen: Mutex<HashMap<char, Option<ID>>>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fonts").field("use_system", &self.use_system).finish_non_exhaustive()
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new(true)
    }
}

impl Fonts {
    /// Creates the fonts, with `use_system` including system fonts. Without them, a frame has the same bytes on every
    /// machine.
    pub fn new(use_system: bool) -> Self {
        let mut embedded = Database::new();
        embedded.load_font_data(EMBEDDED.to_vec());
        Self { embedded: Arc::new(embedded), widths: embedded_widths(), use_system, system: OnceLock::new() }
    }

    /// Returns the width of a letter, in ems.
    pub fn width(&self, one: char) -> f64 {
        if is_invisible(one) {
            return 0.0;
        }
        self.widths.get(&one).map_or_else(|| if is_wide(one) { 1.0 } else { 0.62 }, |width| f64::from(*width))
    }

    fn is_embedded(&self, one: char) -> bool {
        is_invisible(one) || one == ' ' || self.widths.contains_key(&one)
    }

    /// Returns the names of the system fonts that a text needs, and the letters that no font has, by script.
    pub fn coverage(&self, text: &str) -> FontCoverage {
        let mut survey = FontCoverage::default();
        let foreign: BTreeSet<char> = text.chars().filter(|one| !self.is_embedded(*one)).collect();
        for one in foreign {
            let system = self.system();
            match system.and_then(|system| system.choose(one).and_then(|id| system.database.face(id))) {
                Some(face) => {
                    survey.fallbacks.insert(face.post_script_name.clone());
                }
                None => survey.missing.entry(script_name(one)).or_default().push(one),
            }
        }
        survey
    }

    fn system(&self) -> Option<&System> {
        self.use_system.then(|| self.system.get_or_init(|| System::new(&self.embedded)))
    }

    /// Sets the fonts of SVG options. System fonts are included only if `foreign` is true.
    pub fn install<'a>(&'a self, options: &mut Options<'a>, foreign: bool) {
        let system = if foreign { self.system() } else { None };
        options.fontdb = Arc::clone(system.map_or(&self.embedded, |system| &system.database));
        options.font_resolver = FontResolver {
            // The first font is the embedded one. It is used for every font family.
            select_font: Box::new(|_, database| database.faces().next().map(|face| face.id)),
            select_fallback: Box::new(move |one, used, _| {
                let id = system?.choose(one)?;
                (!used.contains(&id)).then_some(id)
            }),
        };
    }
}

impl System {
    fn new(embedded: &Database) -> Self {
        let mut database = embedded.clone();
        database.load_system_fonts();
        let mut faces: Vec<&FaceInfo> = database.faces().skip(1).collect();
        faces.sort_by_cached_key(|face| preference(face));
        let order: Vec<ID> = faces.into_iter().map(|face| face.id).collect();
        let letters = order.iter().map(|_| OnceLock::new()).collect();
        Self { database: Arc::new(database), order, letters, chosen: Mutex::default() }
    }

    /// Returns the first font that has a letter.
    fn choose(&self, one: char) -> Option<ID> {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        *chosen.entry(one).or_insert_with(|| {
            let code = u32::from(one);
            let has = |place: usize| {
                let runs = self.letters[place].get_or_init(|| letters_of(&self.database, self.order[place]));
                let after = runs.partition_point(|(first, _)| *first <= code);
                after > 0 && code <= runs[after - 1].1
            };
            (0..self.order.len()).find(|place| has(*place)).map(|place| self.order[place])
        })
    }
}

/// Reads all widths once, because frames use the same few characters thousands of times.
fn embedded_widths() -> HashMap<char, f32> {
    let Ok(font) = FontRef::new(EMBEDDED) else { return HashMap::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let mappings = font.charmap().mappings();
    mappings.filter_map(|(code, glyph)| Some((char::from_u32(code)?, metrics.advance_width(glyph)?))).collect()
}

fn letters_of(database: &Database, id: ID) -> Vec<(u32, u32)> {
    let read = |data: &[u8], index: u32| {
        let mut codes: Vec<u32> = match FontRef::from_index(data, index) {
            Ok(font) => {
                font.charmap().mappings().filter(|(_, glyph)| glyph.to_u32() != 0).map(|(code, _)| code).collect()
            }
            Err(_) => Vec::new(),
        };
        codes.sort_unstable();
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for code in codes {
            match runs.last_mut() {
                Some((_, last)) if code <= *last + 1 => *last = code,
                _ => runs.push((code, code)),
            }
        }
        runs
    };
    database.with_face_data(id, read).unwrap_or_default()
}

/// Returns the sort key of a font: upright, plain, sans serif and near our weight first. The name is last, which keeps
/// the order the same in every run.
fn preference(face: &FaceInfo) -> (bool, bool, bool, bool, u16, String) {
    let family = face.families.first().map_or("", |(name, _)| name.as_str());
    let plain = family.contains("Sans") || family.contains("Gothic") || family.contains("Emoji");
    (
        face.style != Style::Normal,
        face.monospaced || family.contains("Mono"),
        !plain,
        !family.starts_with("Noto"),
        face.weight.0.abs_diff(500),
        face.post_script_name.clone(),
    )
}

/// The font needs of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FontCoverage {
    /// System fonts, by name.
    pub fallbacks: BTreeSet<String>,
    /// Letters that no font has, by script.
    pub missing: BTreeMap<&'static str, Vec<char>>,
}

impl FontCoverage {
    /// Returns whether the embedded font is not enough.
    pub fn is_foreign(&self) -> bool {
        !self.fallbacks.is_empty() || !self.missing.is_empty()
    }
}

/// Returns how to add a font for a script.
pub fn missing_script_advice(script: &str) -> &'static str {
    match script {
        "Han" | "Hiragana" | "Katakana" | "Hangul" | "Bopomofo" => {
            "install a font such as Noto Sans CJK (`fonts-noto-cjk`)"
        }
        "symbols or emoji" => "install a font such as Noto Color Emoji (`fonts-noto-color-emoji`)",
        _ => "install a font such as Noto Sans of that script (`fonts-noto-core`)",
    }
}

fn script_name(one: char) -> &'static str {
    match one.script() {
        Script::Common | Script::Inherited | Script::Unknown => "symbols or emoji",
        script => script.full_name(),
    }
}

/// Returns whether a character is invisible by itself: a joiner, a selector, a direction mark.
fn is_invisible(one: char) -> bool {
    matches!(one, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
        || one.is_control()
        || matches!(one, '\u{300}'..='\u{36f}')
}

/// Returns whether a letter fills a square: East Asian letters and emoji.
pub(super) fn is_wide(one: char) -> bool {
    matches!(u32::from(one),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60
        | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1faff | 0x20000..=0x3fffd)
}

/// Returns whether the first letter with a direction is right to left.
pub(super) fn is_right_to_left(text: &str) -> bool {
    let side = |one: char| match one.script() {
        Script::Common | Script::Inherited | Script::Unknown => None,
        Script::Hebrew | Script::Arabic | Script::Syriac | Script::Thaana | Script::Nko | Script::Adlam => Some(true),
        _ => Some(false),
    };
    text.chars().find_map(side).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_font_has_european_letters_and_measures_them() {
        let fonts = Fonts::new(false);
        assert_eq!(fonts.coverage("Grüße, Łódź, Ελλάδα, Привет — “ok”… 100 %"), FontCoverage::default());
        assert!(fonts.width('W') > fonts.width('i') && fonts.width('i') > 0.1);
        assert_eq!((fonts.width('東'), fonts.width('\u{301}')), (1.0, 0.0));
    }

    #[test]
    fn a_script_that_no_font_has_is_named() {
        let survey = Fonts::new(false).coverage("a 東京 שלום 👋\u{200d}");
        let scripts: Vec<&str> = survey.missing.keys().copied().collect();
        assert_eq!(scripts, ["Han", "Hebrew", "symbols or emoji"]);
        assert!(survey.fallbacks.is_empty() && survey.is_foreign());
    }

    #[test]
    fn directions_are_those_of_the_first_letter() {
        assert!(is_right_to_left("1. שלום world") && !is_right_to_left("world שלום") && !is_right_to_left("123"));
    }
}
