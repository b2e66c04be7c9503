//! The rpcs: parse, do, reply.

mod commands;
mod parse;
mod queries;
mod reply;

use std::sync::Arc;

use allmende_eventlog::Request as Asked;
use allmende_hosting::{asked, rpcs};
use allmende_kernel::RequestId;
use allmende_proto::reporting::v1 as pb;
use allmende_proto::reporting::v1::reporting_service_server::ReportingService;
use allmende_runtime::authorize::{AuthorizedTenant, Caller};
use prost::Message;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::authorization::STAFF;
use crate::sources::Authorization;

/// `allmende.reporting.v1.ReportingService`.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

impl Grpc {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Who asks, and by what the request is known again.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        asked(&self.app.installation, caller, id, message)
    }
}

/// Whether the caller sees what is not published, and indicators that count persons.
fn sees_all(caller: &Caller, tenant: &AuthorizedTenant) -> bool {
    caller.has_role(tenant.id(), STAFF)
}

rpcs! {
    impl ReportingService for Grpc {
        define_indicator(pb::DefineIndicatorRequest) -> pb::DefineIndicatorResponse;
        add_indicator_rule(pb::AddIndicatorRuleRequest) -> pb::AddIndicatorRuleResponse;
        record_reading(pb::RecordReadingRequest) -> pb::RecordReadingResponse;
        define_impact_logic(pb::DefineImpactLogicRequest) -> pb::DefineImpactLogicResponse;
        define_report(pb::DefineReportRequest) -> pb::DefineReportResponse;
        publish_report(pb::PublishReportRequest) -> pb::PublishReportResponse;
        get_report(pb::GetReportRequest) -> pb::GetReportResponse;
        list_reports(pb::ListReportsRequest) -> pb::ListReportsResponse;
        list_runs(pb::ListRunsRequest) -> pb::ListRunsResponse;
        get_indicator(pb::GetIndicatorRequest) -> pb::GetIndicatorResponse;
        list_indicators(pb::ListIndicatorsRequest) -> pb::ListIndicatorsResponse;
        list_readings(pb::ListReadingsRequest) -> pb::ListReadingsResponse;
        get_impact_logic(pb::GetImpactLogicRequest) -> pb::GetImpactLogicResponse;
        list_impact_logics(pb::ListImpactLogicsRequest) -> pb::ListImpactLogicsResponse;
        render_report(pb::RenderReportRequest) -> pb::RenderReportResponse;
    } else {
        // The only one that acts in its caller's name elsewhere.
        async fn run_report(
            &self,
            request: Request<pb::RunReportRequest>,
        ) -> Result<Response<pb::RunReportResponse>, Status> {
            let caller = Caller::of(&request)?;
            let authorization = Authorization::of(&request);
            Grpc::run_report(self, caller, authorization, request.into_inner()).await.map(Response::new)
        }
    }
}
