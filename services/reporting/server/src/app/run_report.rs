use allmende_eventlog::{CommandError, Rehearsal, Request};
use allmende_kernel::Decider;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::report;
use allmende_reporting_domain::run::{self, Command, Content};
use allmende_reporting_domain::{ImpactLogicId, ReportId, RunId, impact_logic, suppression};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use prost::Message as _;

use super::{Answer, App, outcome, stream};
use crate::collect::{Wanted, collect, tenant_name};
use crate::describe;
use crate::error::{Error, Rejection};
use crate::sources::Authorization;
use crate::wire::{ImpactLogic, Report, Run};

/// A report to be run.
#[derive(Debug, Clone)]
pub(crate) struct RunReport {
    pub(crate) report: ReportId,
    pub(crate) run: RunId,
    /// In whose name the queries are asked.
    pub(crate) authorization: Option<Authorization>,
    /// What the report has to show at least.
    pub(crate) seen: ConsistencyToken,
}

impl App {
    pub(crate) async fn run_report(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RunReport { report, run, authorization, seen }: RunReport,
    ) -> Result<Answer<pb::ReportRun>, Error> {
        let own = stream(tenant.id(), run::Model::CATEGORY, run);
        let of = stream(tenant.id(), report::Model::CATEGORY, report);
        self.commands.warm::<Run>(&own).await?;
        self.commands.warm::<Report>(&of).await?;
        // Sent again, it is not collected again: the sources may be away by now, or tell something else.
        let first = self.commands.rehearse(request, |transaction, _| {
            let known = transaction.state::<Report>(&of)?.as_ref();
            known.cloned().ok_or(CommandError::Rejected(Rejection::ReportUnknown))
        });
        let definition = match first.await? {
            Rehearsal::Done(done) => {
                return Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) });
            }
            Rehearsal::Taken(definition) => definition,
        };
        let wanted = Wanted { tenant: tenant.id().clone(), definition: definition.clone(), authorization, seen };
        let tenant_name = tenant_name(self.sources.as_ref(), &wanted).await.map_err(Error::from)?;
        let (collected, bound_to) = collect(self.sources.as_ref(), &wanted).await.map_err(Error::from)?;
        let logic_stream = |id: &ImpactLogicId| stream(tenant.id(), impact_logic::Model::CATEGORY, id);
        for id in &definition.impact_logics {
            self.commands.warm::<ImpactLogic>(&logic_stream(id)).await?;
        }
        let done = self
            .commands
            .execute(request, |transaction, now| {
                // A definition that was changed in the meantime is another report's.
                if transaction.state::<Report>(&of)?.as_ref() != Some(&definition) {
                    return Err(CommandError::Rejected(Rejection::SourcesMoving));
                }
                let mut impact_logics = Vec::new();
                for id in &definition.impact_logics {
                    if let Some(logic) = transaction.state::<ImpactLogic>(&logic_stream(id))? {
                        impact_logics.push((*id, logic.clone()));
                    }
                }
                let content = Content {
                    report,
                    tenant_name: tenant_name.clone(),
                    title: definition.title.clone(),
                    first_day: definition.first_day,
                    last_day: definition.last_day,
                    bound_to: bound_to.clone(),
                    suppression_rules: suppression::RULES.to_owned(),
                    queries: collected.queries.clone(),
                    tables: collected.tables.clone(),
                    impact_logics,
                    at: now,
                };
                let decided = transaction.decide::<Run>(&own, &(), &Command::Complete(Box::new(content)));
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                let known = transaction.state::<Run>(&own)?.as_ref();
                Ok(known.map(|known| describe::run(run, known)).unwrap_or_default().encode_to_vec().into())
            })
            .await?;
        Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}
