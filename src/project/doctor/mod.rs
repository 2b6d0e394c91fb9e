//! `doctor`: checks what a project needs to work on this machine, and measures the vendor's behavior.

mod checks;
mod diagnosis;
mod examine;
mod git;
mod local;
mod measure;
mod name;
mod network;
mod silence;

pub use diagnosis::{Check, CheckStatus, Diagnosis};
pub use examine::{Answers, Examination, Surroundings, examine};
pub use measure::{Measured, MeasuredEnd, SeenStatus, measure, tenths};
pub use name::NameChange;
pub use network::ask_vendor;
pub use silence::{DOCTOR_KEY, Silence, SilenceError, silent_second, silent_take};
