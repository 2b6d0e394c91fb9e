//! The submitted name: the label of a video with the marker of its take.

/// Maximum number of characters of a submitted name, including the marker.
const NAME_LIMIT: usize = 60;

/// Returns the submitted name: the truncated label, then ` #` and the marker, at most 60 characters.
pub fn submitted_name(label: &str, marker: &str) -> String {
    let tail = format!(" #{marker}");
    let room = NAME_LIMIT - tail.chars().count();
    let head: String = label.chars().filter(|one| !one.is_control()).take(room).collect();
    format!("{}{tail}", head.trim_end())
}

/// Returns the label of a submitted name.
pub fn label_of(name: &str) -> &str {
    name.rsplit_once(" #").map_or(name, |(label, _)| label)
}
