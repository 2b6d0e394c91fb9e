//! The commands, one file each. Every command computes a value and passes it to a view.

mod apply;
mod call;
mod catalog;
mod confirm;
mod dispatch;
mod doctor;
mod doctor_spend;
mod ending;
mod explain;
mod follow;
mod init;
mod json_into;
mod lock;
mod lock_remote;
mod lock_share;
mod lock_verify;
mod lost;
mod plan;
mod preview;
mod pull;
mod render;
mod report;
mod runtime;
mod sandbox;
mod saved_plan;
mod schema;
mod shared;
mod signals;
mod site;
mod status;
mod validate;
mod wait;
mod watch;

pub use call::{Call, Failure};
pub use dispatch::dispatch;
use runtime::runtime;
