use allmende_eventlog::Request;
use allmende_kernel::{Decider, Timestamp};
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::indicator::{self, Baseline, Command, Definition};
use allmende_reporting_domain::{Day, IndicatorId, Rule};
use allmende_runtime::authorize::AuthorizedTenant;
use prost::Message as _;

use super::{Answer, App, outcome, stream};
use crate::describe;
use crate::error::{Error, Rejection};
use crate::wire::Indicator;

/// An indicator to be measured from now on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DefineIndicator {
    pub(crate) indicator: IndicatorId,
    pub(crate) definition: Definition,
    pub(crate) baseline: Option<Baseline>,
    pub(crate) rules: Vec<Rule>,
}

/// A limit or an aim to be added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddRule {
    pub(crate) indicator: IndicatorId,
    pub(crate) rule: Rule,
}

/// The value of a day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordReading {
    pub(crate) indicator: IndicatorId,
    pub(crate) measured_on: Day,
    pub(crate) value: f64,
    pub(crate) source: String,
    pub(crate) correction: bool,
}

impl App {
    pub(crate) async fn define_indicator(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        asked: DefineIndicator,
    ) -> Result<Answer<pb::Indicator>, Error> {
        let DefineIndicator { indicator, definition, baseline, rules } = asked;
        self.change_indicator(tenant, request, indicator, |at| Command::Define {
            definition: definition.clone(),
            baseline: baseline.clone(),
            rules: rules.clone(),
            at,
        })
        .await
    }

    pub(crate) async fn add_indicator_rule(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        AddRule { indicator, rule }: AddRule,
    ) -> Result<Answer<pb::Indicator>, Error> {
        self.change_indicator(tenant, request, indicator, |at| Command::AddRule { rule: rule.clone(), at }).await
    }

    pub(crate) async fn record_reading(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RecordReading { indicator, measured_on, value, source, correction }: RecordReading,
    ) -> Result<Answer<pb::Indicator>, Error> {
        let command = |at| Command::Record { measured_on, value, source: source.clone(), correction, at };
        self.change_indicator(tenant, request, indicator, command).await
    }

    /// A change of an indicator. The answer is the indicator as this request left it, also when it is repeated.
    async fn change_indicator(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: IndicatorId,
        command: impl Fn(Timestamp) -> Command,
    ) -> Result<Answer<pb::Indicator>, Error> {
        let stream = stream(tenant.id(), indicator::Model::CATEGORY, id);
        self.commands.warm::<Indicator>(&stream).await?;
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let decided = transaction.decide::<Indicator>(&stream, &(), &command(now));
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                let state = transaction.state::<Indicator>(&stream)?.as_ref();
                let told = state.map(|known| describe::whole_indicator(id, known)).unwrap_or_default();
                Ok(told.encode_to_vec().into())
            })
            .await?;
        Ok(Answer { value: outcome(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}
