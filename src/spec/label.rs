//! The name that is submitted: the label of a video with the marker of its take.

/// The longest name that is submitted, in characters, marker included.
const NAME_LIMIT: usize = 60;

/// The name sent to the vendor: the label, cut, then ` #` and the marker, 60 characters at most.
pub fn submitted_name(label: &str, marker: &str) -> String {
    let tail = format!(" #{marker}");
    let room = NAME_LIMIT - tail.chars().count();
    let head: String = label.chars().filter(|one| !one.is_control()).take(room).collect();
    format!("{}{tail}", head.trim_end())
}

/// Whether a label is submitted as it is, nothing of it cut.
pub fn label_stays_whole(label: &str) -> bool {
    /// A blank, `#` and a marker.
    const TAIL: usize = 12;
    let fits = label.len() <= NAME_LIMIT - TAIL || label.chars().count() <= NAME_LIMIT - TAIL;
    fits && label.trim_end() == label && !label.chars().any(char::is_control)
}

/// The label part of a submitted name.
pub fn label_of_submitted(name: &str) -> &str {
    name.rsplit_once(" #").map_or(name, |(label, _)| label)
}
