//! Which faults strike now: counted, or by a share that follows from the seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::model::Stage;
use super::{Fault, FaultKind, Scope, When};

/// The faults of a sandbox, with what they have seen so far.
#[derive(Debug)]
pub struct Faults {
    seed: u64,
    faults: Vec<(Fault, AtomicU64)>,
}

impl Faults {
    /// These, from this seed.
    pub fn new(seed: u64, faults: Vec<Fault>) -> Faults {
        Faults { seed, faults: faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect() }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    /// Those that strike before a request is looked at.
    pub fn before(&self, endpoint: Scope) -> Vec<&FaultKind> {
        self.struck(Stage::Before, endpoint)
    }

    /// Those that strike a request that succeeded.
    pub fn after(&self, endpoint: Scope) -> Vec<&FaultKind> {
        self.struck(Stage::After, endpoint)
    }

    /// Those that strike one page of the list of videos.
    pub fn listing(&self) -> Vec<&FaultKind> {
        self.struck(Stage::Listing, Scope::List)
    }

    /// Those that strike one answer with a result file.
    pub fn file(&self) -> Vec<&FaultKind> {
        self.struck(Stage::File, Scope::Result)
    }

    /// How long the token lives that is issued now, if a fault says so.
    pub fn token_life(&self) -> Option<Duration> {
        self.struck(Stage::Token, Scope::Token).into_iter().find_map(|kind| match kind {
            FaultKind::TokenLife(life) => Some(*life),
            _ => None,
        })
    }

    /// Those that befall the video with this number, each time it is listed.
    pub fn listed(&self, video: u64) -> impl Iterator<Item = &FaultKind> {
        let struck = move |(index, (fault, _)): (usize, &(Fault, AtomicU64))| self.strikes(index, fault, video);
        self.faults
            .iter()
            .enumerate()
            .filter(|(_, (fault, _))| fault.kind.stage() == Stage::Listed)
            .filter(move |&entry| struck(entry))
            .map(|(_, (fault, _))| &fault.kind)
    }

    /// Returns the faults of the task with this number, each time this endpoint reports it.
    pub fn reported(&self, endpoint: Scope, task: u64) -> impl Iterator<Item = &FaultKind> {
        let faults = self.faults.iter().enumerate();
        let faults = faults.filter(|(_, (fault, _))| fault.kind.stage() == Stage::Task);
        let faults = faults.filter(move |(_, (fault, _))| fault.scope.holds(endpoint));
        faults.filter(move |(index, (fault, _))| self.strikes(*index, fault, task)).map(|(_, (fault, _))| &fault.kind)
    }

    /// True when some fault befalls videos in the list, so that each must be asked about.
    pub fn hide_videos(&self) -> bool {
        self.all().any(|fault| matches!(fault.kind, FaultKind::LateList(_) | FaultKind::DuplicateList))
    }

    fn struck(&self, stage: Stage, endpoint: Scope) -> Vec<&FaultKind> {
        self.faults
            .iter()
            .enumerate()
            .filter(|(_, (fault, _))| fault.kind.stage() == stage && fault.scope.holds(endpoint))
            .filter(|(index, (fault, seen))| self.strikes(*index, fault, seen.fetch_add(1, Ordering::Relaxed)))
            .map(|(_, (fault, _))| &fault.kind)
            .collect()
    }

    fn strikes(&self, index: usize, fault: &Fault, number: u64) -> bool {
        match fault.when {
            When::Always => true,
            When::First(count) => number < count,
            When::Share(share) => self.chance(index, number) < share,
        }
    }

    /// Evenly spread from 0 to below 1.
    fn chance(&self, index: usize, number: u64) -> f64 {
        let hash = Sha256::digest(format!("fault {} {index} {number}", self.seed));
        let top = hash.iter().take(6).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        top as f64 / (1_u64 << 48) as f64
    }
}
