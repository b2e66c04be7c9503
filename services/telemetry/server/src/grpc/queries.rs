use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::{Grpc, parse, reply};

impl Grpc {
    pub(super) async fn list_stations(
        &self,
        caller: Caller,
        message: pb::ListStationsRequest,
    ) -> Result<pb::ListStationsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_stations(&caller, &message)?;
        let answer = self.app.list_stations(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListStationsResponse {
            stations: page.items.iter().filter_map(|(id, state)| reply::station(*id, state)).collect(),
            next_page_token: page.next.map_or(String::new(), |last| pages.token(last.as_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_station(
        &self,
        caller: Caller,
        message: pb::GetStationRequest,
    ) -> Result<pb::GetStationResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (station_id, token) = parse::of_station(&message.station_id, &message.consistency_token)?;
        let answer = self.app.get_station(&tenant, station_id, &token).await?;
        Ok(pb::GetStationResponse {
            station: reply::station(station_id, &answer.value),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_latest(
        &self,
        caller: Caller,
        message: pb::GetLatestRequest,
    ) -> Result<pb::GetLatestResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (station_id, token) = parse::of_station(&message.station_id, &message.consistency_token)?;
        let answer = self.app.get_latest(&tenant, station_id, &token).await?;
        Ok(pb::GetLatestResponse {
            latest: answer.value.iter().map(reply::latest).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_observations(
        &self,
        caller: Caller,
        message: pb::ListObservationsRequest,
    ) -> Result<pb::ListObservationsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_observations(&caller, &message)?;
        let answer = self.app.list_observations(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListObservationsResponse {
            observations: page.items.iter().map(reply::observation).collect(),
            quality_rules: reply::quality_rules(),
            next_page_token: page.next.map_or(String::new(), |next| parse::time_token(&pages, next)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_means(
        &self,
        caller: Caller,
        message: pb::ListMeansRequest,
    ) -> Result<pb::ListMeansResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_means(&caller, &message)?;
        let answer = self.app.list_means(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListMeansResponse {
            means: reply::means(&page.items),
            quality_rules: reply::quality_rules(),
            next_page_token: page.next.map_or(String::new(), |next| parse::time_token(&pages, next)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_conflicts(
        &self,
        caller: Caller,
        message: pb::ListConflictsRequest,
    ) -> Result<pb::ListConflictsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_conflicts(&caller, &message)?;
        let answer = self.app.list_conflicts(&tenant, asked, &token).await?;
        let page = answer.value;
        Ok(pb::ListConflictsResponse {
            conflicts: page.items.iter().map(reply::conflict).collect(),
            next_page_token: page.next.map_or(String::new(), |last| pages.token(&last)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn check_limits(
        &self,
        caller: Caller,
        message: pb::CheckLimitsRequest,
    ) -> Result<pb::CheckLimitsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (asked, token) = parse::check_limits(&message)?;
        let answer = self.app.check_limits(&tenant, asked, &token).await?;
        let checked = answer.value;
        Ok(pb::CheckLimitsResponse {
            checks: checked.checks.into_iter().map(|check| reply::limit_check(check, checked.indicative)).collect(),
            rule_set_id: checked.rule_set,
            quality_rules: reply::quality_rules(),
            consistency_token: answer.seen.to_text(),
        })
    }
}
