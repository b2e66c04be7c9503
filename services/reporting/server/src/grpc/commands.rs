use allmende_proto::reporting::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::{Grpc, parse};
use crate::app::RunReport;
use crate::sources::Authorization;

impl Grpc {
    pub(super) async fn define_indicator(
        &self,
        caller: Caller,
        message: pb::DefineIndicatorRequest,
    ) -> Result<pb::DefineIndicatorResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::define_indicator(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.define_indicator(&tenant, &asked, command).await?;
        Ok(pb::DefineIndicatorResponse { indicator: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn add_indicator_rule(
        &self,
        caller: Caller,
        message: pb::AddIndicatorRuleRequest,
    ) -> Result<pb::AddIndicatorRuleResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::add_indicator_rule(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.add_indicator_rule(&tenant, &asked, command).await?;
        Ok(pb::AddIndicatorRuleResponse { indicator: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn record_reading(
        &self,
        caller: Caller,
        message: pb::RecordReadingRequest,
    ) -> Result<pb::RecordReadingResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::record_reading(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.record_reading(&tenant, &asked, command).await?;
        Ok(pb::RecordReadingResponse { indicator: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn define_impact_logic(
        &self,
        caller: Caller,
        message: pb::DefineImpactLogicRequest,
    ) -> Result<pb::DefineImpactLogicResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::define_impact_logic(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.define_impact_logic(&tenant, &asked, command).await?;
        Ok(pb::DefineImpactLogicResponse { impact_logic: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn define_report(
        &self,
        caller: Caller,
        message: pb::DefineReportRequest,
    ) -> Result<pb::DefineReportResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::define_report(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.define_report(&tenant, &asked, command).await?;
        Ok(pb::DefineReportResponse { definition: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn run_report(
        &self,
        caller: Caller,
        authorization: Option<Authorization>,
        message: pb::RunReportRequest,
    ) -> Result<pb::RunReportResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::RunReport { id, report, run, seen } = parse::run_report(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.run_report(&tenant, &asked, RunReport { report, run, authorization, seen }).await?;
        Ok(pb::RunReportResponse { run: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn publish_report(
        &self,
        caller: Caller,
        message: pb::PublishReportRequest,
    ) -> Result<pb::PublishReportResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, run) = parse::publish_report(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.publish_report(&tenant, &asked, run).await?;
        Ok(pb::PublishReportResponse { run: Some(answer.value), consistency_token: answer.seen.to_text() })
    }
}
