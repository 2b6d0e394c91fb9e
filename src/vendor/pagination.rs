//! The vendor's lists and their pages, parsed leniently but never with a gap.
//!
//! The absence of a video from the list may prove that it was never billed. So anything that might hide a video makes
//! the listing incomplete: an unreadable entry, or an end before the total is reached.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::DateTimeParser};
use serde_json::Value;

use super::envelope::{integer, number, text};
use super::task::results;
use super::{ListedVideo, wire};
use crate::spec::MediaKind;

/// One of the vendor's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorList {
    /// Submitted videos.
    Videos,
    /// Uploaded files of a kind.
    Assets(MediaKind),
    /// Avatars.
    Avatars,
    /// Voices.
    Voices,
    /// Vendor templates of all accounts.
    Templates,
    /// Vendor templates of this account.
    OwnTemplates,
}

impl VendorList {
    /// Returns the path of the endpoint.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Videos => wire::VIDEO_LIST,
            Self::Assets(_) => wire::ASSET_LIST,
            Self::Avatars => wire::AVATAR_LIST,
            Self::Voices => wire::VOICE_LIST,
            Self::Templates | Self::OwnTemplates => wire::TEMPLATE_LIST,
        }
    }

    /// Returns the query parameters that other clients of the API send. None are known for avatars and voices.
    pub(super) fn query(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Videos => vec![("limit", PAGE_SIZE.to_string())],
            Self::Assets(kind) => vec![("filetype", kind.vendor_code().to_string()), ("limit", PAGE_SIZE.to_string())],
            Self::Avatars | Self::Voices => Vec::new(),
            Self::Templates | Self::OwnTemplates => {
                vec![("personal", (self == Self::OwnTemplates).to_string()), ("limit", MAX_PAGE_SIZE.to_string())]
            }
        }
    }

    /// Returns the name of the list's array, which messages also use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Videos => "videos",
            Self::Assets(_) => "assets",
            Self::Avatars => "avatars",
            Self::Voices => "voices",
            Self::Templates | Self::OwnTemplates => "templates",
        }
    }
}

/// An entry of a list.
pub(super) trait ListEntry: Default {
    /// Parses an entry. Returns `None` if the entry needs an id but has none.
    fn read(entry: &Value) -> Option<Self>;

    /// Returns the id. An entry that is on two pages counts once by its id.
    fn id(&self) -> Option<&str>;
}

impl ListEntry for ListedVideo {
    fn read(entry: &Value) -> Option<Self> {
        let renditions = ["file_720p", "file_1080p"];
        Some(Self {
            id: text(entry.get("id")?)?,
            name: entry.get("name").and_then(text).unwrap_or_default(),
            status: entry.get("status").and_then(integer),
            created: entry.get("create_at").and_then(instant),
            seconds: renditions.iter().find_map(|file| number(entry.get(file)?.get("duration")?)),
            results: results(&[(entry.get("file_1080p"), Some(1080)), (entry.get("file_720p"), Some(720))]),
        })
    }

    fn id(&self) -> Option<&str> {
        Some(&self.id)
    }
}

/// The id of an uploaded file.
impl ListEntry for String {
    fn read(entry: &Value) -> Option<Self> {
        ["id", "asset_id"].into_iter().find_map(|name| entry.get(name).and_then(text))
    }

    fn id(&self) -> Option<&str> {
        Some(self)
    }
}

/// An avatar, a voice or a vendor template. Other clients disagree on their shape, so the catalog parses them.
impl ListEntry for Value {
    fn read(entry: &Value) -> Option<Self> {
        Some(entry.clone())
    }

    fn id(&self) -> Option<&str> {
        None
    }
}

/// Number of entries requested per page.
pub(super) const PAGE_SIZE: usize = 1000;
/// Maximum entries per page (vendor's limit).
const MAX_PAGE_SIZE: usize = 10_000;
/// Maximum number of pages.
const MAX_PAGES: usize = 10_000;

/// One page.
#[derive(Debug, PartialEq)]
pub(super) struct ListPage<T> {
    /// Total number of entries, if the vendor sends it.
    pub total: Option<usize>,
    /// The cursor of the next page. `None` for the last page.
    pub cursor: Option<String>,
    /// The entries.
    pub entries: Vec<T>,
}

impl<T: ListEntry> ListPage<T> {
    /// Parses the page in an envelope's `data`: under the list's own name, `list`, `items`, or `data` itself. The error
    /// says what is missing.
    pub fn parse(of: VendorList, data: &Value) -> Result<Self, String> {
        let name = of.name();
        let list = [name, "list", "items"].into_iter().find_map(|name| data.get(name)).unwrap_or(data);
        let entries = match list {
            Value::Array(entries) => entries.as_slice(),
            // PHP sometimes writes an empty list as null.
            Value::Null if data.is_object() => &[],
            _ => return Err(format!("the list of {name} holds no `{name}`")),
        };
        let entries = entries.iter().map(T::read).collect::<Option<Vec<_>>>();
        Ok(Self {
            total: data.get("total").and_then(integer).and_then(|total| usize::try_from(total).ok()),
            cursor: data.get("end_cursor").and_then(text),
            entries: entries.ok_or_else(|| format!("an entry of the list of {name} has no `id`"))?,
        })
    }
}

/// Parses `YYYY-MM-DD HH:MM:SS` as UTC, a time with a zone, or Unix seconds.
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

/// The entries of a list, from all its pages.
#[derive(Debug, Default, PartialEq)]
pub struct ListedEntries<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// Total number of entries, if the vendor sends it.
    pub total: Option<usize>,
    /// Whether no entry can be missing.
    pub(super) complete: bool,
}

/// Collects the pages of one list.
#[derive(Debug, Default)]
pub(super) struct Paginator<T> {
    /// The entries so far: all of them, once there is no next page.
    pub gathered: ListedEntries<T>,
    ids: HashSet<String>,
    cursors: HashSet<String>,
    pages: usize,
}

impl<T: ListEntry> Paginator<T> {
    /// Adds a page. Returns the cursor of the next one, or `None` after the last.
    pub fn add(&mut self, page: ListPage<T>) -> Option<String> {
        // Only the first page's total counts, because videos may be created while the list is read.
        if self.pages == 0 {
            self.gathered.total = page.total;
        }
        self.pages += 1;
        let size = page.entries.len();
        let before = self.gathered.entries.len();
        for entry in page.entries {
            if entry.id().is_none_or(|id| self.ids.insert(id.to_owned())) {
                self.gathered.entries.push(entry);
            }
        }
        let came = self.gathered.entries.len();
        // After a full page without a cursor, more entries may exist. They must not count as absent.
        self.gathered.complete = self.gathered.total.map_or(size < PAGE_SIZE, |total| came >= total);
        let next = page.cursor.filter(|_| came > before && self.pages < MAX_PAGES);
        next.filter(|cursor| self.cursors.insert(cursor.clone()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(data: &Value) -> Result<ListPage<ListedVideo>, String> {
        ListPage::parse(VendorList::Videos, data)
    }

    /// A page: ids, cursor, total.
    type Played<'a> = (std::ops::Range<usize>, &'a str, Option<usize>);

    /// Collects the pages. Returns the number of entries, and whether the list is complete.
    fn gather(pages: &[Played<'_>]) -> (usize, bool) {
        let mut listing = Paginator::<ListedVideo>::default();
        let mut next = Some(String::new());
        for (ids, cursor, total) in pages.iter().cloned() {
            assert!(next.is_some(), "asked for too few pages");
            let videos: Vec<Value> = ids.map(|id| json!({"id": id, "name": format!("n{id}")})).collect();
            let page = json!({"total": total, "end_cursor": cursor, "videos": videos});
            next = listing.add(parse(&page).unwrap());
            assert!(next.is_none() || next.as_deref() == Some(cursor));
        }
        assert_eq!(next, None, "asks for more pages");
        let gathered = listing.gathered;
        (gathered.entries.len(), gathered.complete)
    }

    #[test]
    fn an_entry_is_read_leniently() {
        let data = json!({"total": "2", "end_cursor": 17, "videos": [
            {"id": 4711, "name": "welcome #k3f2qa2b7c", "status": "1", "create_at": "2026-11-22 11:00:00",
             "file_720p": {"size": "12", "duration": "9.5", "url": "https://x"}},
            {"id": " abc= ", "name": null, "status": "new", "create_at": "yesterday",
             "file_720p": [], "file_1080p": {"duration": 3}},
        ]});
        let page = parse(&data).unwrap();
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
            assert_eq!(parse(&data).unwrap().entries.len(), 1, "{data}");
        }
        assert_eq!(parse(&json!({"videos": null, "total": 0})).unwrap().entries, []);
        for data in [json!(null), json!("x"), json!({}), json!({"videos": "none"})] {
            assert!(parse(&data).is_err(), "{data}");
        }
    }

    #[test]
    fn an_entry_that_could_hide_a_video_is_an_error() {
        for entry in [json!(null), json!({}), json!({"name": "x #k3f2qa2b7c"}), json!({"id": ""}), json!([])] {
            assert!(parse(&json!({"videos": [{"id": 1}, entry.clone()]})).is_err(), "{entry}");
        }
    }

    #[test]
    fn pages_are_followed_to_an_empty_cursor_or_an_empty_page() {
        assert_eq!(gather(&[(0..3, "a", Some(5)), (3..5, "", Some(5))]), (5, true));
        assert_eq!(gather(&[(0..3, "a", None), (0..0, "a", None)]), (3, true));
        assert_eq!(gather(&[(0..0, "", Some(0))]), (0, true));
    }

    #[test]
    fn a_video_that_moves_to_the_next_page_is_counted_once() {
        assert_eq!(gather(&[(0..3, "a", Some(4)), (2..4, "", Some(5))]), (4, true));
    }

    #[test]
    fn a_list_that_ends_before_its_total_is_incomplete() {
        assert_eq!(gather(&[(0..3, "", Some(5))]), (3, false));
        assert_eq!(gather(&[(0..3, "a", Some(9)), (3..6, "a", Some(9))]), (6, false));
    }

    #[test]
    fn a_full_page_without_a_next_one_is_all_only_where_the_total_says_so() {
        assert_eq!(gather(&[(0..PAGE_SIZE, "", None)]), (PAGE_SIZE, false));
        assert_eq!(gather(&[(0..PAGE_SIZE, "", Some(PAGE_SIZE))]), (PAGE_SIZE, true));
    }

    #[test]
    fn a_list_that_turns_in_circles_ends() {
        // The cursor repeats: a short page is the last one, a full one may not be.
        assert_eq!(gather(&[(0..3, "a", None), (0..3, "b", None)]), (3, true));
        assert_eq!(gather(&[(0..PAGE_SIZE, "a", None), (0..PAGE_SIZE, "b", None)]), (PAGE_SIZE, false));
        // The total is reached, so the repeated cursor hides nothing.
        assert_eq!(gather(&[(0..3, "a", Some(3)), (0..3, "a", Some(3))]), (3, true));
    }

    #[test]
    fn no_list_is_followed_for_ever() {
        let cursors: Vec<String> = (0..MAX_PAGES).map(|page| format!("c{page}")).collect();
        let total = Some(usize::MAX >> 1);
        let pages: Vec<Played<'_>> =
            cursors.iter().zip(0..).map(|(cursor, id)| (id..id + 1, &**cursor, total)).collect();
        assert_eq!(gather(&pages), (MAX_PAGES, false));
    }
}
