//! Getting ready to send: the turn, the intent on disk, the slot; nothing is sent here.

use tokio::time::Instant;

use super::lanes::Lanes;
use super::send::{Course, Verdict};
use super::{Clock, Ledger, NotSent, record};
use crate::lockfile::{Record, Take};
use crate::vendor::Vendor;

impl<V: Vendor, L: Ledger, C: Clock> Course<'_, V, L, C> {
    /// The intent of a try, durably written, with the slot in hand; nothing has been sent if this is not `Ok`.
    pub(super) async fn ready(&mut self, before: Option<Take>) -> Result<Take, Verdict> {
        let changes = self.means.ledger.changes();
        let intent = self.announce(before).await?;
        if self.slot.is_some() {
            return Ok(intent);
        }
        let written = Instant::now();
        self.slot = self.gate.unless_shut(self.lanes.slot()).await;
        if self.slot.is_none() {
            self.give_back(intent).await;
            return Err(self.shut_out());
        }
        let as_it_was = !self.means.vendor.is_paced() && self.means.ledger.changes() == changes;
        if Lanes::is_fresh(written) && as_it_was {
            return Ok(intent);
        }
        tracing::debug!(key = &*intent.key, waited = ?written.elapsed(), "its intent is looked at again before it is sent");
        self.announce(Some(intent)).await
    }

    /// Writes the intent of a try, when its turn has come; nothing has been sent if this is not `Ok`.
    async fn announce(&mut self, before: Option<Take>) -> Result<Take, Verdict> {
        match self.gate.unless_shut(self.means.vendor.turn()).await {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(self.without_token(before, error).await),
            None => {
                if let Some(before) = before {
                    self.give_back(before).await;
                }
                return Err(self.shut_out());
            }
        }
        let intent = record::intent(self.work, &self.means.options.host, self.means.clock.now());
        match self.means.ledger.begin(intent.clone(), before.is_some()).await {
            Ok(true) => {}
            Ok(false) => {
                // What a merge brought ranks above this; only a try of our own that surely failed is taken back.
                if let Some(before) = before {
                    self.give_back(before).await;
                }
                return Err(self.not_sent(NotSent::KnownMeanwhile));
            }
            Err(error) => {
                self.fail(error);
                if let Some(before) = before {
                    self.unwritten.push(Record::Take(record::freed(before, self.means.clock.now())));
                }
                return Err(self.not_sent(NotSent::LockFailure));
            }
        }
        tracing::debug!(key = &*intent.key, attempt = intent.attempt, name = intent.name, "intent written");
        self.written.push(Record::Take(intent.clone()));
        // The gate may have been shut while the line was synced.
        if self.gate.is_shut().is_some() {
            self.give_back(intent).await;
            return Err(self.shut_out());
        }
        Ok(intent)
    }
}
