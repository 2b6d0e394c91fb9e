//! Maps task ids to takes. The vendor makes one task per submission, so no two takes share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::lockfile::Lockfile;

/// The task ids of a host: those of the lockfile, in any state, and those of this run.
pub(super) struct TaskOwners<'a> {
    lockfile: &'a Lockfile,
    host: &'a str,
    /// The owners by task. `None` until the first response, because most lockfiles are larger than the work.
    owners: Mutex<Option<HashMap<String, Arc<str>>>>,
}

impl<'a> TaskOwners<'a> {
    pub(super) fn new(lockfile: &'a Lockfile, host: &'a str) -> Self {
        Self { lockfile, host, owners: Mutex::default() }
    }

    /// Claims a task for the take of a key. Returns the key that already has the task, if any.
    pub(super) fn claim(&self, task: &str, key: &Arc<str>) -> Option<Arc<str>> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let owners = owners.get_or_insert_with(|| {
            let here = self.lockfile.lines().filter(|take| *take.host == *self.host);
            here.filter_map(|take| Some((take.task.clone()?, Arc::clone(&take.key)))).collect()
        });
        let owner = owners.get(task).map(Arc::clone);
        if owner.is_none() {
            owners.insert(task.to_owned(), Arc::clone(key));
        }
        owner
    }
}
