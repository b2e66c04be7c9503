use allmende_eventlog::Request;
use allmende_kernel::Decider;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::impact_logic::{self, Command, Context};
use allmende_reporting_domain::{ImpactLogicId, indicator};
use allmende_runtime::authorize::AuthorizedTenant;
use prost::Message as _;

use super::{Answer, App, outcome, stream};
use crate::describe;
use crate::error::{Error, Rejection};
use crate::wire::{ImpactLogic, Indicator};

impl App {
    pub(crate) async fn define_impact_logic(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        (id, logic): (ImpactLogicId, impact_logic::ImpactLogic),
    ) -> Result<Answer<pb::ImpactLogic>, Error> {
        let own = stream(tenant.id(), impact_logic::Model::CATEGORY, id);
        self.commands.warm::<ImpactLogic>(&own).await?;
        let named: Vec<_> = logic
            .indicators()
            .into_iter()
            .map(|id| (id, stream(tenant.id(), indicator::Model::CATEGORY, id)))
            .collect();
        for (_, indicator) in &named {
            self.commands.warm::<Indicator>(indicator).await?;
        }
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let mut context = Context::new();
                for (id, indicator) in &named {
                    if let Some(known) = transaction.state::<Indicator>(indicator)? {
                        context.insert(*id, known.baseline.measured_on);
                    }
                }
                let command = Command::Define { logic: logic.clone(), at: now };
                let decided = transaction.decide::<ImpactLogic>(&own, &context, &command);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                Ok(describe::impact_logic(id, &logic).encode_to_vec().into())
            })
            .await?;
        Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}
