//! Renders the storyboard as HTML files, with 1,000 videos per file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::preview::frame_cache::write_file;
use crate::preview::frame_svg::describe_audio;
use crate::preview::svg::escape;
use crate::preview::{Frame, FrameError, Notice, Shot, ShotChange, ShotStatus};
use crate::source::{format_length, percent_encoded};
use crate::spec::views::Voice;
use crate::spec::{Credits, digest, estimate, explicit_value};

const STYLE: &str = include_str!("storyboard/page.css");
const SCRIPT: &str = include_str!("storyboard/page.js");
/// Videos per page, which a browser can open without delay.
const CARDS_PER_PAGE: usize = 1_000;

/// The content of a storyboard.
#[derive(Clone, Copy, Debug)]
pub struct Storyboard<'a> {
    /// The project's name.
    pub title: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The videos.
    pub shots: &'a [Shot],
    /// Their frames, in the same order.
    pub frames: &'a [Frame],
    /// Whether clips exist next to the frames.
    pub has_clips: bool,
    /// The directory of the page. Addresses of finished videos are relative to it.
    pub directory: &'a Path,
}

/// Writes `index.html` and, beyond 1,000 videos, `page-2.html` and so on. Returns the path of the first.
///
/// # Errors
/// If the disk fails.
pub fn write_storyboard(board: &Storyboard<'_>, directory: &Path) -> Result<PathBuf, FrameError> {
    let directory = &directory.canonicalize().map_err(FrameError::disk(directory))?;
    let board = &Storyboard { directory, ..*board };
    let pages = board.shots.len().div_ceil(CARDS_PER_PAGE).max(1);
    for page in 0..pages {
        write_file(directory, &directory.join(name(page)), html(board, page, pages).as_bytes())?;
    }
    // Removes pages of an earlier, larger storyboard.
    for page in pages.. {
        if std::fs::remove_file(directory.join(name(page))).is_err() {
            break;
        }
    }
    Ok(directory.join(name(0)))
}

fn name(page: usize) -> String {
    if page == 0 { "index.html".to_owned() } else { format!("page-{}.html", page + 1) }
}

pub(super) fn html(board: &Storyboard<'_>, page: usize, pages: usize) -> String {
    let range = page * CARDS_PER_PAGE..((page + 1) * CARDS_PER_PAGE).min(board.shots.len());
    let (shots, frames) = (&board.shots[range.clone()], &board.frames[range]);
    let entries: Vec<CardData<'_>> =
        shots.iter().zip(frames).map(|(shot, frame)| CardData::new(shot, frame, board)).collect();
    let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    let title = escape(board.title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; media-src 'self' file:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title} · storyboard</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    head(board, shots, (page, pages), &mut html);
    html.push_str("<main id=\"board\">\n<ul class=\"grid\" id=\"grid\">\n");
    for (place, (shot, frame)) in shots.iter().zip(frames).enumerate() {
        card(place, shot, frame, &mut html);
    }
    html.push_str("</ul>\n<p class=\"none\" id=\"none\" hidden>No video matches.</p>\n</main>\n");
    pagination(page, pages, &mut html);
    html.push_str(DIALOG);
    let _infallible = write!(
        html,
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script type=\"application/json\" id=\"elsewhere\">{}</script>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        json_in_html(&entries),
        json_in_html(&elsewhere(board, page)),
    );
    html
}

fn head(board: &Storyboard<'_>, shots: &[Shot], (page, pages): (usize, usize), html: &mut String) {
    let (mut lengths, mut bought_lengths) = (Vec::new(), Vec::new());
    let mut bought = Vec::new();
    let mut reasons: BTreeMap<ShotStatus, usize> = BTreeMap::new();
    let mut standings: BTreeMap<ShotStatus, usize> = BTreeMap::new();
    for shot in board.shots {
        let guess = estimate(&shot.spec);
        lengths.push(guess.seconds);
        if shot.submits {
            bought_lengths.push(guess.seconds);
            *reasons.entry(shot.status).or_default() += 1;
        }
        // As in the plan: a take in doubt may be submitted again, so it counts in the upper estimate.
        match shot.status {
            _ if shot.submits => bought.push(guess.price()),
            ShotStatus::InDoubt => bought.push(Credits { likely: 0.0, at_most: guess.credits_at_most }),
            _ => {}
        }
    }
    for shot in shots {
        *standings.entry(shot.status).or_default() += 1;
    }
    let count = board.shots.len();
    let submissions: usize = reasons.values().sum();
    let reasons: Vec<String> = reasons.iter().map(|(standing, count)| format!("{count} {}", standing.word())).collect();
    let buys = match submissions {
        0 => "apply submits nothing".to_owned(),
        _ => format!("apply submits {submissions}: {}", reasons.join(", ")),
    };
    let bought: Credits = bought.into_iter().sum();
    let _infallible = write!(
        html,
        "<header>\n<div class=\"title\"><h1>{}</h1><p class=\"sub\">Storyboard · {} · {buys}</p></div>\n\
         <dl class=\"sums\"><div><dt>Videos</dt><dd>{count}</dd></div><div><dt>Length</dt><dd>{}</dd></div><div><dt>To submit</dt><dd>{submissions}</dd></div><div><dt>Length to submit</dt><dd>{}</dd></div><div><dt>Credits to submit</dt><dd>{}</dd></div></dl>\n\
         <div class=\"tools\"><label class=\"search\"><span>Filter by key, script or name</span><input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"onboarding[*]\"></label>\n\
         <fieldset class=\"chips\"><legend>Show</legend><label><input type=\"radio\" name=\"standing\" value=\"\" checked><span>all</span></label>",
        escape(board.title),
        escape(board.environment),
        total_length(&lengths),
        total_length(&bought_lengths),
        bought.without_unit(),
    );
    for (standing, count) in standings {
        let word = standing.word();
        let _infallible = write!(
            html,
            "<label><input type=\"radio\" name=\"standing\" value=\"{word}\"><span>{word} <b>{count}</b></span></label>"
        );
    }
    html.push_str("</fieldset>\n<p id=\"count\" class=\"count\" role=\"status\"></p></div>\n");
    if pages > 1 {
        let _infallible =
            writeln!(html, "<p class=\"sub\">Page {} of {pages}: the filter looks at this page.</p>", page + 1);
    }
    html.push_str("</header>\n");
}

/// Returns the length of videos, some of which may have an unknown one, as a plan does.
fn total_length(lengths: &[Option<f64>]) -> String {
    let seconds = lengths.iter().flatten().sum();
    match lengths.iter().filter(|seconds| seconds.is_none()).count() {
        0 => format_length(seconds),
        unknown if unknown == lengths.len() => format!("{unknown} of unknown length"),
        unknown => format!("{} + {unknown} of unknown length", format_length(seconds)),
    }
}

fn card(place: usize, shot: &Shot, frame: &Frame, html: &mut String) {
    let key = escape(&shot.key);
    let guess = estimate(&shot.spec);
    let length = guess.seconds.map_or_else(|| "length unknown".to_owned(), format_length);
    let price = guess.price();
    let (width, height) = frame.size;
    let what = match shot.spec.spoken_texts().next() {
        Some(text) => escape(&text.chars().take(160).collect::<String>()),
        None => escape(&shot.spec.voices().find_map(|voice| describe_audio(&voice)).unwrap_or_default()),
    };
    let standing = shot.status.word();
    let file = percent_encoded(&frame.stem, "~");
    let film = if shot.film.is_some() { "<span class=\"film\">▶ finished</span>" } else { "" };
    let cast: Vec<String> = shot.cast.iter().map(|(_, name)| escape(name)).collect();
    let cast =
        if cast.is_empty() { String::new() } else { format!("<span class=\"cast\">{}</span>", cast.join(" · ")) };
    let link = percent_encoded(&shot.key, "~");
    let scenes = match frame.scenes.len() {
        0 => String::new(),
        more => format!("{} scenes · ", more + 1),
    };
    let notice = if frame.notices.is_empty() { "" } else { "<span class=\"note\" title=\"has notices\">!</span>" };
    let _infallible = writeln!(
        html,
        "<li data-at=\"{place}\"><a class=\"card\" href=\"#{link}\"><span class=\"shot\"><img src=\"{file}.png\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" decoding=\"async\" alt=\"\">{film}</span>\
         <span class=\"line\"><span class=\"key\">{key}</span><span class=\"badge {}\">{standing}</span></span>\
         <span class=\"words\" dir=\"auto\">{what}</span>{cast}<span class=\"facts\">{scenes}{length} · {price}{notice}</span></a></li>",
        standing.replace(' ', "-"),
    );
}

fn pagination(page: usize, pages: usize, html: &mut String) {
    if pages < 2 {
        return;
    }
    html.push_str("<nav class=\"turn\" aria-label=\"Pages\">");
    if page > 0 {
        let _infallible = write!(html, "<a href=\"{}\">← Page {page}</a>", name(page - 1));
    }
    let _infallible = write!(html, "<span>Page {} of {pages}</span>", page + 1);
    if page + 1 < pages {
        let _infallible = write!(html, "<a href=\"{}\">Page {} →</a>", name(page + 1), page + 2);
    }
    html.push_str("</nav>\n");
}

/// Returns the page of each video on another page, for links to it. Only the first page has them, because links point to it.
fn elsewhere<'a>(board: &Storyboard<'a>, page: usize) -> BTreeMap<&'a str, String> {
    let others = board.shots.iter().enumerate().skip(if page == 0 { CARDS_PER_PAGE } else { board.shots.len() });
    others.map(|(place, shot)| (&*shot.key, name(place / CARDS_PER_PAGE))).collect()
}

/// Returns the address of a file relative to a directory, or `None` if it no longer exists or is on another drive.
fn address(file: &Path, directory: &Path) -> Option<String> {
    let file = file.canonicalize().ok()?;
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (directory.components().collect(), file.components().collect());
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    if common == 0 {
        return None;
    }
    let up = std::iter::repeat_n(Some("..".to_owned()), from.len() - common);
    let down = to[common..].iter().map(|part| Some(percent_encoded(part.as_os_str().to_str()?, "~")));
    Some(up.chain(down).collect::<Option<Vec<String>>>()?.join("/"))
}

/// The only dialog of the page. The script fills it.
const DIALOG: &str = "<dialog id=\"detail\" aria-labelledby=\"detail-key\">\n\
<div class=\"bar\"><h2 id=\"detail-key\"></h2><span id=\"detail-badge\" class=\"badge\"></span><span class=\"fill\"></span>\
<a id=\"link\" class=\"link\" href=\"#\" title=\"Copy the link to this video\">link</a><button type=\"button\" id=\"previous\" aria-label=\"Previous video\">←</button><button type=\"button\" id=\"next\" aria-label=\"Next video\">→</button>\
<button type=\"button\" id=\"close\" aria-label=\"Close\">✕</button></div>\n<div id=\"detail-body\" class=\"body\" autofocus tabindex=\"0\" role=\"region\" aria-label=\"Details\"></div>\n</dialog>\n";

/// The data of one video: JSON that only the page's script reads.
#[derive(Debug, Serialize)]
struct CardData<'a> {
    key: &'a str,
    stem: &'a str,
    width: u32,
    height: u32,
    standing: &'a str,
    seconds: Option<f64>,
    /// Both estimates of the credits, for humans.
    credits: String,
    /// The spoken text, or empty.
    script: &'a str,
    /// The description of other sound, or empty.
    sound: String,
    /// The scenes of a vendor template, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scenes: Vec<SceneEntry<'a>>,
    before: bool,
    /// The address of the finished video.
    #[serde(skip_serializing_if = "Option::is_none")]
    film: Option<String>,
    /// The address of the finished video of what was submitted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    film_before: Option<String>,
    /// Whether a clip is next to the frame.
    draft: bool,
    cast: &'a [(&'static str, String)],
    changes: &'a [ShotChange],
    notices: Vec<String>,
    digest: String,
    spec: Value,
}

/// One scene: its picture, and what is heard.
#[derive(Debug, Serialize)]
struct SceneEntry<'a> {
    file: String,
    script: &'a str,
    sound: String,
}

impl<'a> SceneEntry<'a> {
    fn all(shot: &'a Shot, frame: &Frame) -> Vec<Self> {
        if frame.scenes.is_empty() {
            return Vec::new();
        }
        let first = std::iter::once(format!("{}.png", frame.stem));
        let files = first.chain(frame.scenes.iter().cloned());
        let scene = |(voice, file): (Voice<'a>, String)| Self {
            file,
            sound: describe_audio(&voice).unwrap_or_default(),
            script: match voice {
                Voice::Speech(speech) => speech.text,
                _ => "",
            },
        };
        shot.spec.voices().zip(files).map(scene).collect()
    }
}

impl<'a> CardData<'a> {
    fn new(shot: &'a Shot, frame: &'a Frame, board: &Storyboard<'_>) -> Self {
        let guess = estimate(&shot.spec);
        Self {
            key: &shot.key,
            stem: &frame.stem,
            width: frame.size.0,
            height: frame.size.1,
            standing: shot.status.word(),
            seconds: guess.seconds,
            credits: guess.price().without_unit(),
            script: shot.spec.spoken_texts().next().unwrap_or_default(),
            sound: shot.spec.voices().find_map(|voice| describe_audio(&voice)).unwrap_or_default(),
            scenes: SceneEntry::all(shot, frame),
            before: frame.before,
            film: shot.film.as_deref().and_then(|film| address(film, board.directory)),
            film_before: shot.film_before.as_deref().and_then(|film| address(film, board.directory)),
            draft: board.has_clips,
            cast: &shot.cast,
            changes: &shot.changes,
            notices: frame.notices.iter().map(Notice::words).collect(),
            digest: digest(&shot.spec).to_string(),
            spec: explicit_value(&shot.spec),
        }
    }
}

/// Serializes a value as JSON that is safe inside HTML: it cannot contain a tag or the end of the script.
fn json_in_html(value: &impl Serialize) -> String {
    let escaped =
        [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    let text = serde_json::to_string(value).unwrap_or_default();
    escaped.into_iter().fold(text, |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests;
