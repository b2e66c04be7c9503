use allmende_eventlog::Request;
use allmende_kernel::Decider;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::report::{self, Command, Context, Definition};
use allmende_reporting_domain::{ReportId, impact_logic, indicator};
use allmende_runtime::authorize::AuthorizedTenant;
use prost::Message as _;

use super::{Answer, App, outcome, stream};
use crate::describe;
use crate::error::{Error, Rejection};
use crate::wire::{ImpactLogic, Indicator, Report};

impl App {
    pub(crate) async fn define_report(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        (id, definition): (ReportId, Definition),
    ) -> Result<Answer<pb::ReportDefinition>, Error> {
        let own = stream(tenant.id(), report::Model::CATEGORY, id);
        self.commands.warm::<Report>(&own).await?;
        let of = |id| (id, stream(tenant.id(), indicator::Model::CATEGORY, id));
        let indicators: Vec<_> = definition.indicators.iter().copied().map(of).collect();
        for (_, indicator) in &indicators {
            self.commands.warm::<Indicator>(indicator).await?;
        }
        let of = |id| (id, stream(tenant.id(), impact_logic::Model::CATEGORY, id));
        let impact_logics: Vec<_> = definition.impact_logics.iter().copied().map(of).collect();
        for (_, logic) in &impact_logics {
            self.commands.warm::<ImpactLogic>(logic).await?;
        }
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let mut context = Context::default();
                for (id, indicator) in &indicators {
                    if transaction.state::<Indicator>(indicator)?.is_some() {
                        context.indicators.insert(*id);
                    }
                }
                for (id, logic) in &impact_logics {
                    if transaction.state::<ImpactLogic>(logic)?.is_some() {
                        context.impact_logics.insert(*id);
                    }
                }
                let command = Command::Define { definition: definition.clone(), at: now };
                let decided = transaction.decide::<Report>(&own, &context, &command);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                Ok(describe::definition(id, &definition).encode_to_vec().into())
            })
            .await?;
        Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}
