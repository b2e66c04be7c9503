use allmende_opendata_domain::dataset::{Command, Rejection as Refused};
use bytes::Bytes;

use super::{App, BY_ITSELF, dataset_id, dataset_stream};
use crate::error::{Error, Rejection};
use crate::sources::Retracted;
use crate::wire::Dataset;

impl App {
    /// Withdraws every version that held what was retracted.
    pub(crate) async fn retract(&self, retracted: &Retracted) -> Result<(), Error> {
        let Retracted { position, tenant, source, held_since, reason } = retracted;
        // Whoever is issuing one may have read the source before.
        let _turn = self.issuing.lock().await;
        let Some(id) = dataset_id(tenant, *source) else { return Ok(()) };
        let (of, since, until) = (tenant.clone(), *held_since, *position);
        let versions = self.read_now(move |reader| Ok(reader.standing(&of, id, since, until)?)).await?;
        let stream = dataset_stream(tenant, id);
        for version in versions {
            let withdrawing = self.commands.execute(&BY_ITSELF, |transaction, at| {
                let command = Command::Withdraw { version, reason: *reason, at };
                let decided = transaction.decide::<Dataset>(&stream, &None, &command);
                decided.map_err(|error| error.map_rejection(|refused: Refused| Rejection::from(refused)))?;
                Ok::<_, allmende_eventlog::CommandError<Rejection>>(Bytes::new())
            });
            withdrawing.await?;
        }
        Ok(())
    }
}
