//! Pages of the vendor's list of videos, read leniently but never with a gap.
//!
//! That a video is absent from the list may be proof that it was never paid for, so whatever might hide one makes
//! the whole listing an error: an entry that cannot be read, an end before the total was reached.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::DateTimeParser};
use serde_json::Value;

use super::ListedVideo;
use super::envelope::{integer, number, text};

/// Videos asked for in one page (vendor's limit: 10,000).
pub(super) const PAGE_SIZE: usize = 1000;
/// More pages than this are a fault.
const MOST_PAGES: usize = 10_000;

/// One page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    /// All videos there are, if said.
    pub total: Option<usize>,
    /// Where the next page begins; none after the last.
    pub cursor: Option<String>,
    /// The videos.
    pub videos: Vec<ListedVideo>,
}

impl Page {
    /// The page in an envelope's `data`; the error says what is missing.
    pub fn parse(data: &Value) -> Result<Self, String> {
        let list = ["videos", "list", "items"].into_iter().find_map(|name| data.get(name)).unwrap_or(data);
        let entries = match list {
            Value::Array(entries) => entries.as_slice(),
            // PHP writes an empty list as null now and then.
            Value::Null if data.is_object() => &[],
            _ => return Err("the list of videos holds no `videos`".to_owned()),
        };
        let videos = entries.iter().map(video).collect::<Option<Vec<_>>>();
        Ok(Self {
            total: data.get("total").and_then(integer).and_then(|total| usize::try_from(total).ok()),
            cursor: data.get("end_cursor").and_then(text),
            videos: videos.ok_or("an entry of the list of videos has no `id`")?,
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
pub(super) enum Step {
    /// Ask for the page at this cursor.
    Next(String),
    /// These are all.
    Done(Vec<ListedVideo>),
    /// There must be more, but they cannot be had.
    Incomplete {
        /// Videos that came.
        came: usize,
        /// Videos that there are, if said.
        total: Option<usize>,
    },
}

/// Gathers the pages of one listing.
#[derive(Debug, Default)]
pub(super) struct Listing {
    videos: Vec<ListedVideo>,
    ids: HashSet<String>,
    cursors: HashSet<String>,
    total: Option<usize>,
    pages: usize,
}

impl Listing {
    /// Takes a page in and says how to go on.
    pub fn add(&mut self, page: Page) -> Step {
        // The first page's total: videos made while we read come on top of what is asked for.
        if self.pages == 0 {
            self.total = page.total;
        }
        self.pages += 1;
        let size = page.videos.len();
        let before = self.videos.len();
        for video in page.videos {
            if self.ids.insert(video.id.clone()) {
                self.videos.push(video);
            }
        }
        let news = self.videos.len() > before;
        let cursor = match page.cursor {
            Some(cursor) if size > 0 => cursor,
            _ => return self.end(true),
        };
        let turning = !news || self.pages >= MOST_PAGES || !self.cursors.insert(cursor.clone());
        if turning { self.end(size < PAGE_SIZE) } else { Step::Next(cursor) }
    }

    /// The end, which is only `plausible` where no total proves it.
    fn end(&mut self, plausible: bool) -> Step {
        let came = self.videos.len();
        let complete = self.total.map_or(plausible, |total| came >= total);
        if complete {
            Step::Done(std::mem::take(&mut self.videos))
        } else {
            Step::Incomplete { came, total: self.total }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(ids: std::ops::Range<usize>, cursor: &str, total: Option<usize>) -> Page {
        let videos: Vec<Value> = ids.map(|id| json!({"id": id, "name": format!("n{id}")})).collect();
        Page::parse(&json!({"total": total, "end_cursor": cursor, "videos": videos})).unwrap()
    }

    fn came(step: Step) -> usize {
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
        let page = Page::parse(&data).unwrap();
        assert_eq!((page.total, page.cursor.as_deref()), (Some(2), Some("17")));
        let [first, second] = &page.videos[..] else { panic!("{page:?}") };
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
            assert_eq!(Page::parse(&data).unwrap().videos.len(), 1, "{data}");
        }
        assert_eq!(Page::parse(&json!({"videos": null, "total": 0})).unwrap().videos, []);
        for data in [json!(null), json!("x"), json!({}), json!({"videos": "none"})] {
            assert!(Page::parse(&data).is_err(), "{data}");
        }
    }

    #[test]
    fn an_entry_that_could_hide_a_video_is_an_error() {
        for entry in [json!(null), json!({}), json!({"name": "x #k3f2qa2b7c"}), json!({"id": ""}), json!([])] {
            assert!(Page::parse(&json!({"videos": [{"id": 1}, entry.clone()]})).is_err(), "{entry}");
        }
    }

    #[test]
    fn pages_are_followed_to_an_empty_cursor_or_an_empty_page() {
        let mut listing = Listing::default();
        assert_eq!(listing.add(page(0..3, "a", Some(5))), Step::Next("a".to_owned()));
        assert_eq!(came(listing.add(page(3..5, "", Some(5)))), 5);

        let mut listing = Listing::default();
        assert_eq!(listing.add(page(0..3, "a", None)), Step::Next("a".to_owned()));
        assert_eq!(came(listing.add(page(0..0, "a", None))), 3);
        assert_eq!(came(Listing::default().add(page(0..0, "", Some(0)))), 0);
    }

    #[test]
    fn a_video_that_moves_to_the_next_page_is_counted_once() {
        let mut listing = Listing::default();
        listing.add(page(0..3, "a", Some(4)));
        assert_eq!(came(listing.add(page(2..4, "", Some(5)))), 4);
    }

    #[test]
    fn a_list_that_ends_before_its_total_is_incomplete() {
        assert_eq!(Listing::default().add(page(0..3, "", Some(5))), Step::Incomplete { came: 3, total: Some(5) });
        let mut listing = Listing::default();
        listing.add(page(0..3, "a", Some(9)));
        assert_eq!(listing.add(page(3..6, "a", Some(9))), Step::Incomplete { came: 6, total: Some(9) });
    }

    #[test]
    fn a_list_that_turns_in_circles_ends() {
        // The cursor is ignored: a short page is all there is, a full one may not be.
        let mut short = Listing::default();
        short.add(page(0..3, "a", None));
        assert_eq!(came(short.add(page(0..3, "b", None))), 3);
        let mut full = Listing::default();
        full.add(page(0..PAGE_SIZE, "a", None));
        assert_eq!(full.add(page(0..PAGE_SIZE, "b", None)), Step::Incomplete { came: PAGE_SIZE, total: None });
        // The total is reached, so the circle hides nothing.
        let mut known = Listing::default();
        known.add(page(0..3, "a", Some(3)));
        assert_eq!(came(known.add(page(0..3, "a", Some(3)))), 3);
    }

    #[test]
    fn no_list_is_followed_for_ever() {
        let mut listing = Listing::default();
        let mut pages = 0;
        let step = loop {
            let step = listing.add(page(pages..pages + 1, &format!("c{pages}"), Some(usize::MAX >> 1)));
            pages += 1;
            if !matches!(step, Step::Next(_)) {
                break step;
            }
        };
        assert_eq!((pages, step), (MOST_PAGES, Step::Incomplete { came: MOST_PAGES, total: Some(usize::MAX >> 1) }));
    }
}
