//! Faults on demand: `NAME[:ARGUMENT][@SCOPE][:SHARE]`, where SHARE is `5%` or `first=3`; always, if absent.
//!
//! Scopes: `submit`, `detail`, `list`, `upload`, `catalog` (avatars, voices, templates, assets), `result`,
//! `token`, `any`.
//!
//! | fault | argument | unless scoped | what happens |
//! |---|---|---|---|
//! | `drop-before-accept` | | submit | the connection closes before anything is stored |
//! | `error-before-accept` | | submit | HTTP 500 with code 500, nothing stored |
//! | `garbage-before` | | submit | an unreadable body, nothing stored |
//! | `slow` | duration | any | the request is only looked at after it, even if the client has gone by then |
//! | `803` | count, or none | any | code 803; a count is a burst: the first so many requests |
//! | `429` | count or duration, or none | any | HTTP 429; a duration is its `Retry-After`, 1 s unless said |
//! | `redirect` | | submit | HTTP 307 to the same address, nothing stored |
//! | `unauthorized` | | any | HTTP 401 with code 401 |
//! | `refuse` | code | submit | HTTP 200 with that code, nothing stored |
//! | `http` | status | submit | that HTTP status with a page of HTML, nothing stored |
//! | `accept-then-drop` | | submit | stored, then the connection closes without an answer |
//! | `error-after-accept` | | submit | stored, then HTTP 500 |
//! | `slow-after-accept` | duration | submit | stored, the answer comes later |
//! | `garbage` | | submit | stored, then an unreadable body |
//! | `cut-answer` | bytes, or none | submit | stored, then the connection closes after so many bytes of the answer |
//! | `oversized` | megabytes, or none | submit | stored, then an answer of 64 MB |
//! | `no-task-id` | | submit | stored, then code 200 with empty data |
//! | `same-task-id` | | submit | stored, then 0.3 s later the task id of the first submission of all |
//! | `401-after-accept` | | submit | stored, then HTTP 401 with code 401 and the task id |
//! | `redirect-after-accept` | | submit | stored, then HTTP 307 to the same address |
//! | `list-error` | | list | HTTP 500 with code 500 |
//! | `late-list` | duration | list | a video shows in the list only so long after it was accepted |
//! | `list-by-post` | | list | GET is answered with HTTP 405, POST is served |
//! | `list-task-ids` | | list | the list shows the ids of tasks instead of its own |
//! | `duplicate-list` | | list | the same video twice |
//! | `looping-cursor` | | list | the page's own cursor comes back, for ever |
//! | `cursor-at-end` | | list | the last page has a cursor too, which leads to an empty page |
//! | `name-cut` | characters | list | names keep so many characters |
//! | `name-lower` | | list | names in lower case |
//! | `name-trim` | | list | blanks at the ends go, others become one space |
//! | `name-escape` | | list | names escaped as for HTML |
//! | `clock-skew` | `+` or `-` duration | list | `create_at` is off by it |
//! | `no-range` | | result | ranges are ignored: always the whole file |
//! | `short-file` | bytes, or none | result | a true answer, whose file lacks its last 100 bytes |
//! | `changing-file` | | result | each request finds another file under the same address |
//! | `dribble` | duration | result | the file comes in small pieces over so long |
//! | `other-host` | | result | HTTP 302 to the same file under another name of this machine |
//! | `token-life` | duration | token | tokens die that long after the exchange, instead of 5909 s |
//! | `plain-host` | | result | HTTP 302 to another machine over plain http |
//! | `late-task` | duration | detail | a task is unknown, code 400, for this long after its submission |
//! | `late-file` | duration | any | detail and list call a video done this long before they name its file |
//! | `other-numbers` | | detail | the other reading of the statuses: 0 queued, 2 running, 1 done, -3 failed |
//! | `strange-url` | | any | detail and list name the file by a path without scheme and host |
//! | `list-draft` | | list | status 0 for every video, also with a file |
//! | `date-skew` | `+` or `-` duration | any | the header `Date` is off by it |
//! | `gzip` | | any | answers and results are sent with `Content-Encoding: gzip`, whatever the request says |
//!
//! Shares are deterministic: they follow from the seed of the state folder and the number of the request (for what
//! befalls videos in the list, or tasks: the number of the video). A poll that is dead is `slow:1h@detail`. With an error, nothing is stored unless the table says so.

mod choose;
mod known;
mod model;
mod parse;
#[cfg(test)]
mod tests;

pub use choose::Faults;
pub use model::{Fault, FaultError, FaultKind, Scope, When};
