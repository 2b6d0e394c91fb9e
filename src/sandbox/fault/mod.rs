//! Faults on demand: `NAME[:ARGUMENT][@SCOPE][:SHARE]`. SHARE is `5%` or `first=3`; without it, a fault always applies.
//!
//! Scopes: `submit`, `detail`, `list`, `upload`, `catalog` (avatars, voices, templates, assets), `result`,
//! `token`, `any`.
//!
//! | fault | argument | default scope | what happens |
//! |---|---|---|---|
//! | `drop-before-accept` | | submit | the connection closes before anything is stored |
//! | `error-before-accept` | | submit | HTTP 500 with code 500, nothing stored |
//! | `garbage-before` | | submit | an unreadable body, nothing stored |
//! | `slow` | duration | any | the request is handled only after this time, even if the client has disconnected |
//! | `803` | count, or none | any | code 803; with a count, only for the first `count` requests |
//! | `429` | count or duration, or none | any | HTTP 429; a duration is its `Retry-After`, 1 s by default |
//! | `redirect` | | submit | HTTP 307 to the same address, nothing stored |
//! | `unauthorized` | | any | HTTP 401 with code 401 |
//! | `refuse` | code | submit | HTTP 200 with that code, nothing stored |
//! | `http` | status | submit | that HTTP status with an HTML page, nothing stored |
//! | `accept-then-drop` | | submit | stored, then the connection closes without a response |
//! | `error-after-accept` | | submit | stored, then HTTP 500 |
//! | `slow-after-accept` | duration | submit | stored, then the response is delayed |
//! | `garbage` | | submit | stored, then an unreadable body |
//! | `cut-answer` | bytes, or none | submit | stored, then the connection closes after that many bytes |
//! | `oversized` | megabytes, or none | submit | stored, then a response of 64 MB by default |
//! | `no-task-id` | | submit | stored, then code 200 with empty data |
//! | `same-task-id` | | submit | stored, then 0.3 s later the task id of the very first submission |
//! | `401-after-accept` | | submit | stored, then HTTP 401 with code 401 and the task id |
//! | `redirect-after-accept` | | submit | stored, then HTTP 307 to the same address |
//! | `list-error` | | list | HTTP 500 with code 500 |
//! | `late-list` | duration | list | a video appears in the list only this long after it was accepted |
//! | `list-by-post` | | list | GET is answered with HTTP 405, POST is served |
//! | `list-task-ids` | | list | the list shows task ids instead of video ids |
//! | `duplicate-list` | | list | each video appears twice |
//! | `looping-cursor` | | list | each page returns its own cursor, forever |
//! | `cursor-at-end` | | list | the last page has a cursor too, which points to an empty page |
//! | `name-cut` | characters | list | names are truncated to this many characters |
//! | `name-lower` | | list | names in lower case |
//! | `name-trim` | | list | leading and trailing whitespace is removed, other whitespace becomes one space |
//! | `name-escape` | | list | names are escaped as for HTML |
//! | `clock-skew` | `+` or `-` duration | list | `create_at` is off by this duration |
//! | `no-range` | | result | ranges are ignored: the complete file is always sent |
//! | `short-file` | bytes, or none | result | a well-formed response whose file lacks its last bytes, 100 by default |
//! | `changing-file` | | result | each request receives a different file from the same address |
//! | `dribble` | duration | result | the file is sent in small pieces, spread over this duration |
//! | `other-host` | | result | HTTP 302 to the same file under another name of this machine |
//! | `token-life` | duration | token | tokens expire this long after the exchange, instead of after 5909 s |
//! | `plain-host` | | result | HTTP 302 to another machine over plain http |
//! | `late-task` | duration | detail | a task is unknown, code 400, for this long after its submission |
//! | `late-file` | duration | any | detail and list report a video as done this long before they name its file |
//! | `other-numbers` | | detail | the alternative status codes: 0 queued, 2 running, 1 done, -3 failed |
//! | `strange-url` | | any | detail and list name the file by a path without scheme and host |
//! | `list-draft` | | list | status 0 for every video, even with a file |
//! | `date-skew` | `+` or `-` duration | any | the header `Date` is off by this duration |
//! | `gzip` | | any | responses and results are sent with `Content-Encoding: gzip`, whatever the request accepts |
//!
//! Shares are deterministic: they derive from the seed of the state directory and the number of the request. For faults
//! of listed videos or of tasks, the number of the video replaces that of the request. To make polling hang, use
//! `slow:1h@detail`. On an error, nothing is stored unless the table says so.

mod definitions;
mod model;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{EndpointScope, Fault, FaultError, FaultInjector, FaultKind, Frequency, InjectionPoint};
