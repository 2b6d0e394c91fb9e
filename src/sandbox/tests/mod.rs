//! Tests the sandbox over real connections, with a client of raw bytes that hides nothing.

mod client;
mod endpoints;
mod faults;
mod files;
mod restart;
