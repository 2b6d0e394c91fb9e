//! Finds our markers in listed names. The vendor may have cut, lowercased, trimmed or HTML-escaped a name.

use std::collections::{HashMap, HashSet};

use super::ListedVideo;

/// Characters in a marker.
const MARKER_LENGTH: usize = 10;

/// Maximum characters that a cut name may lack of the cut length: trimmed spaces, half an entity, half a character.
const TRUNCATION_SLACK: usize = 8;

/// The vendor's list by marker, each video once.
#[derive(Debug)]
pub struct MarkerIndex<'a> {
    by_marker: HashMap<String, Vec<&'a ListedVideo>>,
    unmarked: Vec<(String, usize)>,
    longest_intact: usize,
}

impl<'a> MarkerIndex<'a> {
    /// Indexes the names.
    pub fn new(videos: &'a [ListedVideo]) -> Self {
        let mut made = Self { by_marker: HashMap::new(), unmarked: Vec::new(), longest_intact: 0 };
        let mut seen = HashSet::new();
        // Pages may overlap if videos are created while the list is read.
        for video in videos.iter().filter(|video| seen.insert(video.id.as_str())) {
            let name = normalize(&video.name);
            if let Some(marker) = intact_marker(&name) {
                made.by_marker.entry(marker.to_owned()).or_default().push(video);
                made.longest_intact = made.longest_intact.max(video.name.chars().count());
            } else {
                made.unmarked.push((name, video.name.chars().count()));
            }
        }
        made
    }

    /// Returns `true` if no video has a marker.
    pub fn is_empty(&self) -> bool {
        self.by_marker.is_empty()
    }

    /// Returns the videos that have a marker.
    pub fn with_marker(&self, marker: &str) -> &[&'a ListedVideo] {
        self.by_marker.get(marker).map_or(&[], Vec::as_slice)
    }

    /// Returns a listed name that may be the submitted one without its end. It has the same beginning, and no intact
    /// name is so much longer that the vendor cannot have cut here.
    pub fn find_truncated(&self, submitted: &str) -> Option<&str> {
        let submitted = normalize(submitted);
        self.unmarked
            .iter()
            .find(|(name, length)| {
                let begins = submitted.starts_with(without_half_entity(name));
                begins && length + TRUNCATION_SLACK >= self.longest_intact
            })
            .map(|(name, _)| name.as_str())
    }
}

/// Returns the complete marker at the end of a normalized name.
fn intact_marker(name: &str) -> Option<&str> {
    let (_, marker) = name.rsplit_once('#')?;
    let fits = marker.len() == MARKER_LENGTH && marker.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    fits.then_some(marker)
}

/// Returns a name in the form that both sides can be compared in: unescaped, lowercase, trimmed.
fn normalize(name: &str) -> String {
    unescaped(&name.to_lowercase()).trim().to_owned()
}

/// Returns a name without HTML entities.
pub fn unescaped(name: &str) -> String {
    let mut text = name.to_owned();
    while text.contains("&amp;") {
        text = text.replace("&amp;", "&");
    }
    for (entity, plain) in ENTITIES {
        if text.contains(entity) {
            text = text.replace(entity, plain);
        }
    }
    text
}

/// The HTML entities that escaping functions write.
const ENTITIES: [(&str, &str); 12] = [
    ("&#35;", "#"),
    ("&#035;", "#"),
    ("&#x23;", "#"),
    ("&num;", "#"),
    ("&nbsp;", " "),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#039;", "'"),
    ("&#x27;", "'"),
];

/// Returns the name without the remains of a cut entity or character.
fn without_half_entity(name: &str) -> &str {
    let whole = name.trim_end_matches('\u{fffd}');
    match whole.rsplit_once('&') {
        Some((head, tail)) if !tail.contains([';', ' ']) && tail.len() < TRUNCATION_SLACK => head.trim_end(),
        _ => whole.trim_end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(id: &str, name: &str) -> ListedVideo {
        ListedVideo { id: id.into(), name: name.into(), status: Some(1), ..ListedVideo::default() }
    }

    fn finds(name: &str) -> bool {
        let videos = [video("v1", name)];
        MarkerIndex::new(&videos).with_marker("k3f2qa2b7c").len() == 1
    }

    #[test]
    fn a_marker_is_known_however_the_vendor_dressed_the_name() {
        for name in [
            "welcome #k3f2qa2b7c",
            "  WELCOME #K3F2QA2B7C \t",
            "#k3f2qa2b7c",
            "q &amp; a #k3f2qa2b7c",
            "q &amp;amp; a &amp;#35;k3f2qa2b7c",
            "welcome &#35;k3f2qa2b7c",
            "welcome &#x23;k3f2qa2b7c&nbsp;",
        ] {
            assert!(finds(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_whole_marker_at_the_end_is_none() {
        for name in [
            "welcome #k3f2qa2b7",
            "welcome k3f2qa2b7c",
            "welcome #k3f2qa2b7c final",
            "welcome #k3f2qa2b7cc",
            "welcome",
            "",
        ] {
            assert!(!finds(name), "{name}");
        }
    }

    #[test]
    fn a_video_on_two_pages_counts_once() {
        let videos = [video("v1", "a #k3f2qa2b7c"), video("v1", "a #k3f2qa2b7c"), video("v2", "a #k3f2qa2b7c")];
        assert_eq!(MarkerIndex::new(&videos).with_marker("k3f2qa2b7c").len(), 2);
    }

    #[test]
    fn a_name_that_begins_like_ours_may_be_ours_cut_off() {
        let submitted = "a long label of a video #k3f2qa2b7c";
        let cut = |name: &str, intact: &str| {
            let videos = [video("v1", name), video("v2", intact)];
            MarkerIndex::new(&videos).find_truncated(submitted).is_some()
        };
        assert!(cut("a long label of a video", "short #aaaaaaaaaa"));
        assert!(cut("A long label of a video #k3f2", "short #aaaaaaaaaa"));
        assert!(!cut("another label of a video", "short #aaaaaaaaaa"));
        assert!(!cut("a long", "a name too long for such a cut #aaaaaaaaaa"), "a stranger's");
    }

    #[test]
    fn a_cut_through_an_entity_is_still_a_cut() {
        let videos = [video("v1", "questions &am")];
        assert!(MarkerIndex::new(&videos).find_truncated("questions & answers #k3f2qa2b7c").is_some());
    }
}
