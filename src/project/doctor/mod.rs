//! `doctor`: checks what a project needs to work on this machine, and measures the vendor's behavior.

mod check;
mod diagnosis;
mod examination;
mod git_checks;
mod local_checks;
mod network_checks;
mod observe;
mod silent_video;

pub use check::{Check, CheckStatus};
pub use diagnosis::Diagnosis;
pub use examination::{Examination, ExaminationContext, VendorAnswers, examine};
pub use network_checks::ask_vendor;
pub use observe::{NameChange, ObservationEnd, Observations, SeenStatus, observe, tenths};
pub use silent_video::{DOCTOR_KEY, SilentVideo, SilentVideoError, silent_second, silent_take};
