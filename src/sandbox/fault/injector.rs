//! Chooses the faults that apply now: by count, or by a share derived from the seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::model::InjectionPoint;
use super::{EndpointScope, Fault, FaultKind, Frequency};

/// The faults of a sandbox, with the number of requests that each has seen.
#[derive(Debug)]
pub struct FaultInjector {
    seed: u64,
    faults: Vec<(Fault, AtomicU64)>,
}

impl FaultInjector {
    /// Creates the faults of a sandbox with this seed.
    pub fn new(seed: u64, faults: Vec<Fault>) -> FaultInjector {
        FaultInjector { seed, faults: faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect() }
    }

    /// Returns all faults.
    pub fn all(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    /// Returns the lifetime of a token issued now. `None` if no fault sets it.
    pub fn token_life(&self) -> Option<Duration> {
        self.matching(InjectionPoint::Token, EndpointScope::Token).into_iter().find_map(|kind| match kind {
            FaultKind::TokenLife(life) => Some(*life),
            _ => None,
        })
    }

    /// Returns the faults of the video with this number, each time it is listed.
    pub fn for_video(&self, video: u64) -> impl Iterator<Item = &FaultKind> {
        self.of_number(InjectionPoint::Listed, EndpointScope::List, video)
    }

    /// Returns `true` if a fault applies to single videos of the list, so that each video must be checked.
    pub fn hide_videos(&self) -> bool {
        self.all().any(|fault| matches!(fault.kind, FaultKind::LateList(_) | FaultKind::DuplicateList))
    }

    /// Returns the faults that apply now, at a stage of a request.
    pub fn matching(&self, stage: InjectionPoint, endpoint: EndpointScope) -> Vec<&FaultKind> {
        self.at(stage, endpoint)
            .filter(|(index, (fault, seen))| self.applies(*index, fault, seen.fetch_add(1, Ordering::Relaxed)))
            .map(|(_, (fault, _))| &fault.kind)
            .collect()
    }

    /// Returns the faults of the video or task with this number, each time an endpoint reports it.
    pub fn of_number(
        &self,
        stage: InjectionPoint,
        endpoint: EndpointScope,
        number: u64,
    ) -> impl Iterator<Item = &FaultKind> {
        let struck = self.at(stage, endpoint).filter(move |(index, (fault, _))| self.applies(*index, fault, number));
        struck.map(|(_, (fault, _))| &fault.kind)
    }

    fn at(&self, stage: InjectionPoint, endpoint: EndpointScope) -> impl Iterator<Item = (usize, &(Fault, AtomicU64))> {
        self.faults
            .iter()
            .enumerate()
            .filter(move |(_, (fault, _))| fault.stage == stage && fault.scope.includes(endpoint))
    }

    fn applies(&self, index: usize, fault: &Fault, number: u64) -> bool {
        match fault.when {
            Frequency::Always => true,
            Frequency::First(count) => number < count,
            Frequency::Share(share) => self.chance(index, number) < share,
        }
    }

    /// Returns a number from 0 up to but not including 1, evenly distributed.
    fn chance(&self, index: usize, number: u64) -> f64 {
        let hash = Sha256::digest(format!("fault {} {index} {number}", self.seed));
        let top = hash.iter().take(6).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        top as f64 / (1_u64 << 48) as f64
    }
}
