//! The sandbox over real connections: a client of plain bytes, so that nothing is smoothed over.

mod client;
mod endpoints;
mod faults;
mod files;
mod restart;
