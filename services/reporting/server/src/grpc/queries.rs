use allmende_proto::reporting::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::{Grpc, parse, reply, sees_all};

impl Grpc {
    pub(super) async fn get_report(
        &self,
        caller: Caller,
        message: pb::GetReportRequest,
    ) -> Result<pb::GetReportResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, token) = parse::of_report(&message.report_id, &message.consistency_token)?;
        let answer = self.app.get_report(&tenant, id, sees_all(&caller, &tenant), &token).await?;
        Ok(pb::GetReportResponse { report: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn list_reports(
        &self,
        caller: Caller,
        message: pb::ListReportsRequest,
    ) -> Result<pb::ListReportsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let sees_all = sees_all(&caller, &tenant);
        let parse::Query { asked, token, pages } = parse::list_reports(&caller, &message, sees_all)?;
        let answer = self.app.list_reports(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListReportsResponse {
            reports: page.items,
            next_page_token: page.next.map_or(String::new(), |last| pages.token(last.as_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_runs(
        &self,
        caller: Caller,
        message: pb::ListRunsRequest,
    ) -> Result<pb::ListRunsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let sees_all = sees_all(&caller, &tenant);
        let parse::Query { asked, token, pages } = parse::list_runs(&caller, &message, sees_all)?;
        let answer = self.app.list_runs(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListRunsResponse {
            runs: page.items,
            next_page_token: page.next.map_or(String::new(), |last| parse::run_token(&pages, last)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_indicator(
        &self,
        caller: Caller,
        message: pb::GetIndicatorRequest,
    ) -> Result<pb::GetIndicatorResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, token) = parse::of_indicator(&message.indicator_id, &message.consistency_token)?;
        let answer = self.app.get_indicator(&tenant, id, sees_all(&caller, &tenant), &token).await?;
        Ok(pb::GetIndicatorResponse { indicator: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn list_indicators(
        &self,
        caller: Caller,
        message: pb::ListIndicatorsRequest,
    ) -> Result<pb::ListIndicatorsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let sees_all = sees_all(&caller, &tenant);
        let parse::Query { asked, token, pages } = parse::list_indicators(&caller, &message, sees_all)?;
        let answer = self.app.list_indicators(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListIndicatorsResponse {
            indicators: page.items,
            next_page_token: page.next.map_or(String::new(), |last| pages.token(last.as_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_readings(
        &self,
        caller: Caller,
        message: pb::ListReadingsRequest,
    ) -> Result<pb::ListReadingsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let sees_all = sees_all(&caller, &tenant);
        let parse::Query { asked, token, pages } = parse::list_readings(&caller, &message, sees_all)?;
        let answer = self.app.list_readings(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListReadingsResponse {
            readings: page.items.into_iter().map(reply::judged).collect(),
            next_page_token: page.next.map_or(String::new(), |last| pages.token(&last.number().to_be_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_impact_logic(
        &self,
        caller: Caller,
        message: pb::GetImpactLogicRequest,
    ) -> Result<pb::GetImpactLogicResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, token) = parse::of_impact_logic(&message.impact_logic_id, &message.consistency_token)?;
        let answer = self.app.get_impact_logic(&tenant, id, &token).await?;
        Ok(pb::GetImpactLogicResponse { impact_logic: Some(answer.value), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn list_impact_logics(
        &self,
        caller: Caller,
        message: pb::ListImpactLogicsRequest,
    ) -> Result<pb::ListImpactLogicsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_impact_logics(&caller, &message)?;
        let answer = self.app.list_impact_logics(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListImpactLogicsResponse {
            impact_logics: page.items,
            next_page_token: page.next.map_or(String::new(), |last| pages.token(last.as_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn render_report(
        &self,
        caller: Caller,
        message: pb::RenderReportRequest,
    ) -> Result<pb::RenderReportResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (asked, token) = parse::render_report(&message, sees_all(&caller, &tenant))?;
        let answer = self.app.render_report(&tenant, asked, &token).await?;
        Ok(reply::rendered(answer.value, answer.seen.to_text()))
    }
}
