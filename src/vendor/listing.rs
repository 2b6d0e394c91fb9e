//! Pages of the vendor's lists of videos and assets, read leniently but never with a gap.
//!
//! That a video is absent from the list may be proof that it was never paid for, so whatever might hide one makes
//! the whole listing an error: an entry that cannot be read, an end before the total was reached.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::DateTimeParser};
use serde_json::Value;

use super::ListedVideo;
use super::detail::results;
use super::envelope::{integer, number, text};

/// What the vendor lists.
pub(super) trait Listed: Sized {
    /// Where the list lies in `data`, besides `list` and `items`.
    const UNDER: &'static str;

    /// Whether the vendor's documentation names POST as well as GET.
    const MAY_BE_POST: bool;

    /// An entry of the list; none when it has no id.
    fn read(entry: &Value) -> Option<Self>;

    /// The id.
    fn id(&self) -> &str;
}

impl Listed for ListedVideo {
    const UNDER: &'static str = "videos";
    const MAY_BE_POST: bool = true;

    fn read(entry: &Value) -> Option<Self> {
        video(entry)
    }

    fn id(&self) -> &str {
        &self.id
    }
}

/// The id of an uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AssetId(pub String);

impl Listed for AssetId {
    const UNDER: &'static str = "assets";
    const MAY_BE_POST: bool = false;

    fn read(entry: &Value) -> Option<Self> {
        ["id", "asset_id"].into_iter().find_map(|name| entry.get(name).and_then(text)).map(Self)
    }

    fn id(&self) -> &str {
        &self.0
    }
}

/// Entries asked for in one page (vendor's limit: 10,000).
pub(super) const PAGE_SIZE: usize = 1000;
/// More pages than this are a fault.
const MOST_PAGES: usize = 10_000;

/// One page.
#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    /// All entries there are, if said.
    pub total: Option<usize>,
    /// Where the next page begins; none after the last.
    pub cursor: Option<String>,
    /// The entries.
    pub entries: Vec<T>,
}

impl<T: Listed> Page<T> {
    /// The page in an envelope's `data`; the error says what is missing.
    pub fn parse(data: &Value) -> Result<Self, String> {
        let list = [T::UNDER, "list", "items"].into_iter().find_map(|name| data.get(name)).unwrap_or(data);
        let entries = match list {
            Value::Array(entries) => entries.as_slice(),
            // PHP writes an empty list as null now and then.
            Value::Null if data.is_object() => &[],
            _ => return Err(format!("the list of {0} holds no `{0}`", T::UNDER)),
        };
        let entries = entries.iter().map(T::read).collect::<Option<Vec<_>>>();
        Ok(Self {
            total: data.get("total").and_then(integer).and_then(|total| usize::try_from(total).ok()),
            cursor: data.get("end_cursor").and_then(text),
            entries: entries.ok_or_else(|| format!("an entry of the list of {} has no `id`", T::UNDER))?,
        })
    }
}

fn video(entry: &Value) -> Option<ListedVideo> {
    let renditions = ["file_720p", "file_1080p"];
    Some(ListedVideo {
        id: text(entry.get("id")?)?,
        name: entry.get("name").and_then(text).unwrap_or_default(),
        status: entry.get("status").and_then(integer),
        created: entry.get("create_at").and_then(instant),
        seconds: renditions.iter().find_map(|file| number(entry.get(file)?.get("duration")?)),
        results: results(&[(entry.get("file_1080p"), Some(1080)), (entry.get("file_720p"), Some(720))]),
    })
}

/// `YYYY-MM-DD HH:MM:SS`, taken as UTC; also with a zone, or as Unix seconds.
fn instant(value: &Value) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    if let Value::Number(_) = value {
        return Timestamp::from_second(integer(value)?).ok();
    }
    let text = value.as_str()?.trim();
    PARSER.parse_timestamp(text).ok().or_else(|| {
        let civil: DateTime = PARSER.parse_datetime(text).ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// What to do after a page.
#[derive(Debug, PartialEq)]
pub(super) enum Step<T> {
    /// Ask for the page at this cursor.
    Next(String),
    /// These are all.
    Done(Vec<T>),
    /// There must be more, but they cannot be had.
    Incomplete {
        /// Entries that came.
        came: usize,
        /// Entries that there are, if said.
        total: Option<usize>,
    },
}

/// Gathers the pages of one listing.
#[derive(Debug)]
pub(super) struct Listing<T> {
    entries: Vec<T>,
    ids: HashSet<String>,
    cursors: HashSet<String>,
    total: Option<usize>,
    pages: usize,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), ids: HashSet::new(), cursors: HashSet::new(), total: None, pages: 0 }
    }
}

impl<T: Listed> Listing<T> {
    /// Takes a page in and says how to go on.
    pub fn add(&mut self, page: Page<T>) -> Step<T> {
        // The first page's total: what is made while we read come on top of what is asked for.
        if self.pages == 0 {
            self.total = page.total;
        }
        self.pages += 1;
        let size = page.entries.len();
        let before = self.entries.len();
        for entry in page.entries {
            if self.ids.insert(entry.id().to_owned()) {
                self.entries.push(entry);
            }
        }
        let news = self.entries.len() > before;
        let cursor = match page.cursor {
            Some(cursor) if size > 0 => cursor,
            // A full page that names no next one: what may stand behind it must not be taken for absent.
            _ => return self.end(size < PAGE_SIZE),
        };
        let turning = !news || self.pages >= MOST_PAGES || !self.cursors.insert(cursor.clone());
        if turning { self.end(size < PAGE_SIZE) } else { Step::Next(cursor) }
    }

    /// The end, which is only `plausible` where no total proves it.
    fn end(&mut self, plausible: bool) -> Step<T> {
        let came = self.entries.len();
        let complete = self.total.map_or(plausible, |total| came >= total);
        if complete {
            Step::Done(std::mem::take(&mut self.entries))
        } else {
            Step::Incomplete { came, total: self.total }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(ids: std::ops::Range<usize>, cursor: &str, total: Option<usize>) -> Page<ListedVideo> {
        let videos: Vec<Value> = ids.map(|id| json!({"id": id, "name": format!("n{id}")})).collect();
        Page::<ListedVideo>::parse(&json!({"total": total, "end_cursor": cursor, "videos": videos})).unwrap()
    }

    fn came(step: Step<ListedVideo>) -> usize {
        match step {
            Step::Done(videos) => videos.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_entry_is_read_leniently() {
        let data = json!({"total": "2", "end_cursor": 17, "videos": [
            {"id": 4711, "name": "welcome #k3f2qa2b7c", "status": "1", "create_at": "2026-11-22 11:00:00",
             "file_720p": {"size": "12", "duration": "9.5", "url": "https://x"}},
            {"id": " abc= ", "name": null, "status": "new", "create_at": "yesterday",
             "file_720p": [], "file_1080p": {"duration": 3}},
        ]});
        let page = Page::<ListedVideo>::parse(&data).unwrap();
        assert_eq!((page.total, page.cursor.as_deref()), (Some(2), Some("17")));
        let [first, second] = &page.entries[..] else { panic!("{page:?}") };
        assert_eq!((first.id.as_str(), first.name.as_str()), ("4711", "welcome #k3f2qa2b7c"));
        assert_eq!((first.status, first.seconds), (Some(1), Some(9.5)));
        assert_eq!(first.created, "2026-11-22T11:00:00Z".parse().ok());
        assert_eq!((second.id.as_str(), second.name.as_str(), second.status), ("abc=", "", None));
        assert_eq!((second.created, second.seconds), (None, Some(3.0)));
    }

    #[test]
    fn times_come_in_several_dresses() {
        let meant: Option<Timestamp> = "2026-11-22T11:00:00Z".parse().ok();
        for value in [
            json!("2026-11-22 11:00:00"),
            json!("2026-11-22T11:00:00Z"),
            json!("2026-11-22T12:00:00+01:00"),
            json!(1_795_345_200),
        ] {
            assert_eq!(instant(&value), meant, "{value}");
        }
        for value in [json!(""), json!("0000-00-00 00:00:00"), json!(null), json!(9e300), json!(i64::MAX)] {
            assert_eq!(instant(&value), None, "{value}");
        }
    }

    #[test]
    fn the_list_may_lie_in_several_places() {
        for data in [json!([{"id": 1}]), json!({"list": [{"id": 1}]}), json!({"items": [{"id": 1}]})] {
            assert_eq!(Page::<ListedVideo>::parse(&data).unwrap().entries.len(), 1, "{data}");
        }
        assert_eq!(Page::<ListedVideo>::parse(&json!({"videos": null, "total": 0})).unwrap().entries, []);
        for data in [json!(null), json!("x"), json!({}), json!({"videos": "none"})] {
            assert!(Page::<ListedVideo>::parse(&data).is_err(), "{data}");
        }
    }

    #[test]
    fn an_entry_that_could_hide_a_video_is_an_error() {
        for entry in [json!(null), json!({}), json!({"name": "x #k3f2qa2b7c"}), json!({"id": ""}), json!([])] {
            assert!(Page::<ListedVideo>::parse(&json!({"videos": [{"id": 1}, entry.clone()]})).is_err(), "{entry}");
        }
    }

    #[test]
    fn pages_are_followed_to_an_empty_cursor_or_an_empty_page() {
        let mut listing = Listing::<ListedVideo>::default();
        assert_eq!(listing.add(page(0..3, "a", Some(5))), Step::Next("a".to_owned()));
        assert_eq!(came(listing.add(page(3..5, "", Some(5)))), 5);

        let mut listing = Listing::<ListedVideo>::default();
        assert_eq!(listing.add(page(0..3, "a", None)), Step::Next("a".to_owned()));
        assert_eq!(came(listing.add(page(0..0, "a", None))), 3);
        assert_eq!(came(Listing::<ListedVideo>::default().add(page(0..0, "", Some(0)))), 0);
    }

    #[test]
    fn a_video_that_moves_to_the_next_page_is_counted_once() {
        let mut listing = Listing::<ListedVideo>::default();
        listing.add(page(0..3, "a", Some(4)));
        assert_eq!(came(listing.add(page(2..4, "", Some(5)))), 4);
    }

    #[test]
    fn a_list_that_ends_before_its_total_is_incomplete() {
        assert_eq!(
            Listing::<ListedVideo>::default().add(page(0..3, "", Some(5))),
            Step::<ListedVideo>::Incomplete { came: 3, total: Some(5) }
        );
        let mut listing = Listing::<ListedVideo>::default();
        listing.add(page(0..3, "a", Some(9)));
        assert_eq!(listing.add(page(3..6, "a", Some(9))), Step::<ListedVideo>::Incomplete { came: 6, total: Some(9) });
    }

    #[test]
    fn a_full_page_without_a_next_one_is_all_only_where_the_total_says_so() {
        let step = |total| Listing::<ListedVideo>::default().add(page(0..PAGE_SIZE, "", total));
        assert_eq!(step(None), Step::<ListedVideo>::Incomplete { came: PAGE_SIZE, total: None });
        assert_eq!(came(step(Some(PAGE_SIZE))), PAGE_SIZE);
    }

    #[test]
    fn a_list_that_turns_in_circles_ends() {
        // The cursor is ignored: a short page is all there is, a full one may not be.
        let mut short = Listing::<ListedVideo>::default();
        short.add(page(0..3, "a", None));
        assert_eq!(came(short.add(page(0..3, "b", None))), 3);
        let mut full = Listing::<ListedVideo>::default();
        full.add(page(0..PAGE_SIZE, "a", None));
        assert_eq!(
            full.add(page(0..PAGE_SIZE, "b", None)),
            Step::<ListedVideo>::Incomplete { came: PAGE_SIZE, total: None }
        );
        // The total is reached, so the circle hides nothing.
        let mut known = Listing::<ListedVideo>::default();
        known.add(page(0..3, "a", Some(3)));
        assert_eq!(came(known.add(page(0..3, "a", Some(3)))), 3);
    }

    #[test]
    fn no_list_is_followed_for_ever() {
        let mut listing = Listing::<ListedVideo>::default();
        let mut pages = 0;
        let step = loop {
            let step = listing.add(page(pages..pages + 1, &format!("c{pages}"), Some(usize::MAX >> 1)));
            pages += 1;
            if !matches!(step, Step::Next(_)) {
                break step;
            }
        };
        assert_eq!(
            (pages, step),
            (MOST_PAGES, Step::<ListedVideo>::Incomplete { came: MOST_PAGES, total: Some(usize::MAX >> 1) })
        );
    }
}
