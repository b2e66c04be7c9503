use allmende_eventlog::Request;
use allmende_kernel::Decider;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::RunId;
use allmende_reporting_domain::run::{self, Command};
use allmende_runtime::authorize::AuthorizedTenant;
use prost::Message as _;

use super::{Answer, App, outcome, stream};
use crate::describe;
use crate::error::{Error, Rejection};
use crate::wire::Run;

impl App {
    pub(crate) async fn publish_report(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: RunId,
    ) -> Result<Answer<pb::ReportRun>, Error> {
        let own = stream(tenant.id(), run::Model::CATEGORY, id);
        self.commands.warm::<Run>(&own).await?;
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let decided = transaction.decide::<Run>(&own, &(), &Command::Publish { at: now });
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                let known = transaction.state::<Run>(&own)?.as_ref();
                Ok(known.map(|known| describe::run(id, known)).unwrap_or_default().encode_to_vec().into())
            })
            .await?;
        Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}
