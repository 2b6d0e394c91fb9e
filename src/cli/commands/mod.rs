//! One file a command; each computes a value and hands it to a view.

mod apply;
mod call;
mod catalog;
mod dispatch;
mod ending;
mod explain;
mod init;
mod lock;
mod lock_remote;
mod plan;
mod render;
mod runtime;
mod sandbox;
mod schema;
mod signals;
mod site;
mod validate;
mod watch;

pub use call::{Call, Failure};
pub use dispatch::dispatch;
use runtime::runtime;
