use std::collections::BTreeMap;

use allmende_opendata_domain::DatasetId;
use allmende_opendata_domain::dataset::{Command, Rejection as Refused, WithdrawalReason};
use bytes::Bytes;

use super::{App, BY_ITSELF, dataset_id, dataset_stream};
use crate::error::{Error, Rejection};
use crate::sources::Retracted;
use crate::wire::Dataset;

impl App {
    /// Withdraws every version that held something of what was retracted. A dataset with which that fails holds up none of the
    /// others: the first failure is told once all were tried.
    pub(crate) async fn retract(&self, retracted: Vec<Retracted>) -> Result<(), Error> {
        let mut by_dataset: BTreeMap<DatasetId, Vec<Retracted>> = BTreeMap::new();
        for retracted in retracted {
            if let Some(id) = dataset_id(&retracted.tenant, retracted.source) {
                by_dataset.entry(id).or_default().push(retracted);
            }
        }
        let mut outcome = Ok(());
        for (id, of_it) in by_dataset {
            outcome = outcome.and(self.retract_from(id, of_it).await);
        }
        outcome
    }

    async fn retract_from(&self, id: DatasetId, retracted: Vec<Retracted>) -> Result<(), Error> {
        // Whoever is issuing one may have read the source before.
        let _turn = self.issuing.lock().await;
        let since = retracted.iter().map(|retracted| retracted.held_since).min();
        let until = retracted.iter().map(|retracted| retracted.position).max();
        let (Some(since), Some(until), Some(first)) = (since, until, retracted.first()) else { return Ok(()) };
        let of = first.tenant.clone();
        let versions = self.read_now(move |reader| Ok(reader.standing(&of, id, since, until)?)).await?;
        let stream = dataset_stream(&first.tenant, id);
        for (version, position) in versions {
            let held = |retracted: &&Retracted| retracted.held_since <= position && position < retracted.position;
            let Some(Retracted { reason, .. }) = retracted.iter().find(held) else { continue };
            let reason: WithdrawalReason = *reason;
            let withdrawing = self.commands.execute(&BY_ITSELF, |transaction, at| {
                let command = Command::Withdraw { version, reason, at };
                let decided = transaction.decide::<Dataset>(&stream, &None, &command);
                decided.map_err(|error| error.map_rejection(|refused: Refused| Rejection::from(refused)))?;
                Ok::<_, allmende_eventlog::CommandError<Rejection>>(Bytes::new())
            });
            withdrawing.await?;
        }
        Ok(())
    }
}
