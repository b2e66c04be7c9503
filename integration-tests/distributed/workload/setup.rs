//! The town that clients meet in: a tenant, a procedure, a station with a datastream.

use std::time::{Duration, Instant};

use allmende::client::Token;
use allmende_kernel::Position;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::telemetry::v1 as telemetry;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use tonic::transport::Endpoint;
use tonic::{Response, Status};
use uuid::Uuid;

use super::calls::{position, timed};
use crate::history::{Attempt, Command, Content, Moment, Outcome, Partition};

const PATIENCE: Duration = Duration::from_secs(120);

/// Ids of what is written to.
#[derive(Debug, Clone)]
pub(crate) struct Town {
    pub(super) tenant: String,
    pub(super) procedure: String,
    pub(super) station: String,
    pub(super) datastream: String,
    /// The station's registration, so that it is not taken for one that nobody asked for.
    pub(super) made: Command,
    /// Shows all of it, by partition.
    pub(super) founded: [Position; 2],
}

/// Where all stations are.
pub(super) fn location() -> telemetry::GeoPoint {
    telemetry::GeoPoint { latitude: 51.33, longitude: 12.6 }
}

fn id() -> String {
    Uuid::now_v7().to_string()
}

impl Town {
    /// Founds it at one member. Requests are sent again until they are taken: a member that was just told of a tenant may
    /// not have led before.
    pub(crate) async fn found(address: &str, token: &str) -> Self {
        let (station, registration) = (Uuid::now_v7(), Uuid::now_v7());
        let attempt = Attempt { asked: Moment::ZERO, answered: Moment::ZERO, outcome: Outcome::Unknown };
        let content = Content::Claim { station, reference: true };
        let mut town = Self {
            tenant: "distributed".into(),
            procedure: id(),
            station: station.to_string(),
            datastream: id(),
            founded: [Position::START; 2],
            made: Command { request: registration, content, attempts: vec![attempt] },
        };
        let channel = Endpoint::from_shared(address.to_owned()).unwrap().connect_lazy();
        let token = Token::new(token).unwrap();

        let profile = gateway::Tenant {
            tenant: town.tenant.clone(),
            name: "Distributed".into(),
            kind: gateway::TenantKind::Municipality.into(),
            ..Default::default()
        };
        let tenants = TenantServiceClient::with_interceptor(channel.clone(), token.clone());
        let request = gateway::RegisterTenantRequest { request_id: id(), tenant: Some(profile) };
        until_taken(async || tenants.clone().register_tenant(timed(request.clone())).await).await;

        let phase = participation::Phase {
            kind: participation::PhaseKind::Submission.into(),
            from_day: "2025-01-01".into(),
            to_day: "2099-12-31".into(),
            ..Default::default()
        };
        let request = participation::OpenProcedureRequest {
            tenant: town.tenant.clone(),
            request_id: id(),
            procedure_id: town.procedure.clone(),
            title: "Distributed".into(),
            method: "Test".into(),
            required_level: participation::SignInLevel::Email.into(),
            phases: vec![phase],
            licence: "dl-de/by-2-0".into(),
            ..Default::default()
        };
        let procedures = ParticipationServiceClient::with_interceptor(channel.clone(), token.clone());
        let opened = until_taken(async || procedures.clone().open_procedure(timed(request.clone())).await).await;

        let stations = TelemetryServiceClient::with_interceptor(channel, token);
        let request = telemetry::RegisterStationRequest {
            tenant: town.tenant.clone(),
            request_id: registration.to_string(),
            station_id: town.station.clone(),
            kind: telemetry::StationKind::Reference.into(),
            location: Some(location()),
            cell_size_m: 1_000,
        };
        until_taken(async || stations.clone().register_station(timed(request.clone())).await).await;
        let datastream = telemetry::Datastream {
            datastream_id: town.datastream.clone(),
            observed_property: telemetry::ObservedProperty::Pm10.into(),
            unit: String::new(),
            expected_interval_s: 1,
        };
        let sensor = telemetry::Sensor { sensor_id: id(), model: "REFERENCE".into(), datastreams: vec![datastream] };
        let request = telemetry::RegisterSensorRequest {
            tenant: town.tenant.clone(),
            request_id: id(),
            station_id: town.station.clone(),
            sensor: Some(sensor),
        };
        let registered = until_taken(async || stations.clone().register_sensor(timed(request.clone())).await).await;
        town.founded = [
            position(&opened.consistency_token, Partition::Participation),
            position(&registered.consistency_token, Partition::Telemetry),
        ];
        town
    }
}

async fn until_taken<T>(mut send: impl AsyncFnMut() -> Result<Response<T>, Status>) -> T {
    let began = Instant::now();
    loop {
        match send().await {
            Ok(answer) => return answer.into_inner(),
            Err(status) => assert!(began.elapsed() < PATIENCE, "the town cannot be founded: {status:?}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
