//! The journal in memory, indexed for every lookup.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::StateRecord;
use super::{StoredAsset, Task};
use crate::fields::MediaKind;
use crate::sandbox::form::AssetLookup;

/// All tasks and assets.
#[derive(Debug, Default)]
pub struct StateIndex {
    tasks: BTreeMap<u64, Arc<Task>>,
    by_task: BTreeMap<String, u64>,
    by_video: BTreeMap<String, u64>,
    assets: BTreeMap<u64, Arc<StoredAsset>>,
    by_asset: BTreeMap<String, u64>,
}

impl StateIndex {
    /// Adds a record.
    pub fn apply(&mut self, record: StateRecord) {
        match record {
            StateRecord::Sandbox(_) => {}
            StateRecord::Task(task) => {
                self.by_task.insert(task.task.clone(), task.number);
                self.by_video.insert(task.video.clone(), task.number);
                self.tasks.insert(task.number, Arc::from(task));
            }
            StateRecord::Asset(asset) => {
                self.by_asset.insert(asset.id.clone(), asset.number);
                self.assets.insert(asset.number, Arc::from(asset));
            }
        }
    }

    /// Returns a task by the id of its submission.
    pub fn task(&self, id: &str) -> Option<&Arc<Task>> {
        self.tasks.get(self.by_task.get(id)?)
    }

    /// Returns a task by its id in the list.
    pub fn video(&self, id: &str) -> Option<&Arc<Task>> {
        self.tasks.get(self.by_video.get(id)?)
    }

    /// Returns all tasks, oldest first.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = &Arc<Task>> + ExactSizeIterator {
        self.tasks.values()
    }

    /// Returns the tasks with numbers below `end`, newest first.
    pub fn tasks_before(&self, end: u64) -> impl Iterator<Item = &Arc<Task>> {
        self.tasks.range(..end).rev().map(|(_, task)| task)
    }

    /// Returns an asset by its id.
    pub fn asset(&self, id: &str) -> Option<&Arc<StoredAsset>> {
        self.assets.get(self.by_asset.get(id)?)
    }

    /// Returns the assets with numbers below `end`, newest first.
    pub fn assets_before(&self, end: u64) -> impl Iterator<Item = &Arc<StoredAsset>> {
        self.assets.range(..end).rev().map(|(_, asset)| asset)
    }

    /// Returns the next numbers of a task and of an asset.
    pub fn next_numbers(&self) -> (u64, u64) {
        let next = |last: Option<&u64>| last.map_or(0, |last| last + 1);
        (next(self.tasks.keys().next_back()), next(self.assets.keys().next_back()))
    }

    /// Returns the credits of all tasks.
    pub fn credits(&self) -> f64 {
        self.tasks.values().map(|task| task.work.credits).sum()
    }
}

impl AssetLookup for StateIndex {
    fn kind(&self, id: &str) -> Option<MediaKind> {
        self.asset(id).map(|asset| asset.kind)
    }
}
