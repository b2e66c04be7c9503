//! A running service with one tenant's operator, and requests that are right unless a test changes them.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_instrumentation::Metrics;
use allmende_kernel::Timestamp;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::serve::{Config as ServerConfig, ServeError, Server};
use allmende_telemetry::{AUTHORIZATION, Config, Ports, Telemetry};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

pub(crate) const TENANT: &str = "koeln";
/// 2020-03-01T12:00:00Z.
pub(crate) const NOON_US: i64 = 1_583_064_000_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;
pub(crate) const HOUR_US: i64 = 3_600 * SECOND_US;
pub(crate) const DAY_US: i64 = 24 * HOUR_US;
/// When the tests take place, by the service's clock: 2020-06-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);

pub(crate) type Client = TelemetryServiceClient<InterceptedService<Channel, Token>>;

#[derive(Clone)]
pub(crate) struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    telemetry: Telemetry,
    metrics: Metrics,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
    address: std::net::SocketAddr,
    data: TempDir,
}

/// Runs a test's promise on two workers.
pub(crate) fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(promise);
}

pub(crate) async fn start() -> Running {
    start_in(tempfile::tempdir().unwrap()).await
}

pub(crate) async fn start_in(data: TempDir) -> Running {
    start_with(data, Config::default()).await
}

pub(crate) async fn start_with(data: TempDir, config: Config) -> Running {
    let clock = Arc::new(ManualClock::at(NOW));
    let metrics = Metrics::new();
    let tokens = LocalTokens::open(data.path()).unwrap();
    let ports = Ports {
        data: data.path().to_owned(),
        clock: clock.clone(),
        installation: Arc::new(Installation::open(data.path()).unwrap()),
        metrics: metrics.clone(),
    };
    let telemetry = Telemetry::start(config, ports).await.unwrap();
    let mut ready = telemetry.ready();
    tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let drain = Drain::new(Duration::from_secs(10));
    let table = Table::new(&[AUTHORIZATION]);
    let server = Server::new(ServerConfig::default(), table, tokens, metrics.clone(), FILE_DESCRIPTOR_SET)
        .with_service(telemetry.service());
    let server = tokio::spawn(server.serve(listener, telemetry.ready(), drain.draining()));

    let token = std::fs::read_to_string(data.path().join("operator.token")).unwrap();
    let token = Token(format!("Bearer {}", token.trim()).parse().unwrap());
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let client = TelemetryServiceClient::with_interceptor(channel, token);
    Running { client, clock, telemetry, metrics, drain, server, address, data }
}

impl Running {
    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> TempDir {
        drop(self.client);
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.telemetry.close().await.unwrap();
        self.data
    }

    pub(crate) async fn restart(self) -> Running {
        start_in(self.stop().await).await
    }

    /// Somebody without a token.
    pub(crate) async fn visitor(&self) -> TelemetryServiceClient<Channel> {
        TelemetryServiceClient::connect(format!("http://{}", self.address)).await.unwrap()
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The last group that was written, as the metrics tell: unchanged if nothing was stored.
    pub(crate) fn log_head(&self) -> String {
        let text = self.metrics.render();
        text.lines().find(|line| line.starts_with("allmende_log_head")).unwrap_or_default().to_owned()
    }

    pub(crate) fn metrics(&self) -> String {
        self.metrics.render()
    }

    /// A citizen's station with an SDS011 (PM10, PM2.5) and a BME280 (humidity, temperature).
    pub(crate) async fn station(&mut self) -> Station {
        let ids = Station::ids();
        self.client.register_station(ids.registration()).await.unwrap();
        for sensor in [ids.dust(), ids.climate()] {
            self.client.register_sensor(ids.sensor(sensor)).await.unwrap();
        }
        ids
    }

    /// Stores readings of a datastream: seconds after noon, and results. Recorded, repeated, conflicting.
    pub(crate) async fn record(
        &mut self,
        station: &Station,
        datastream: &str,
        readings: &[(i64, f64)],
    ) -> (u32, u32, u32) {
        let answer =
            self.client.record_observations(station.readings(datastream, readings)).await.unwrap().into_inner();
        self.settle(&answer.consistency_token).await;
        (answer.recorded, answer.repeated, answer.conflicting)
    }

    /// Waits until reads show what the token stands for.
    pub(crate) async fn settle(&mut self, token: &str) {
        let request = pb::ListStationsRequest {
            tenant: TENANT.into(),
            page_size: 1,
            consistency_token: token.into(),
            ..Default::default()
        };
        self.client.list_stations(request).await.unwrap();
    }

    pub(crate) async fn observations(
        &mut self,
        station: &Station,
        datastream: &str,
        selection: pb::Selection,
    ) -> Vec<pb::Observation> {
        let mut request = station.observations(datastream, selection);
        let mut observations = Vec::new();
        loop {
            let page = self.client.list_observations(request.clone()).await.unwrap().into_inner();
            observations.extend(page.observations);
            if page.next_page_token.is_empty() {
                return observations;
            }
            request.page_token = page.next_page_token;
        }
    }

    pub(crate) async fn means(
        &mut self,
        station: &Station,
        datastream: &str,
        period: pb::Period,
        selection: pb::Selection,
    ) -> Vec<pb::Mean> {
        let mut request = station.means(datastream, period, selection);
        let mut means = Vec::new();
        loop {
            let page = self.client.list_means(request.clone()).await.unwrap().into_inner();
            means.extend(page.means);
            if page.next_page_token.is_empty() {
                return means;
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// Ids of a station, and requests about it.
#[derive(Debug, Clone)]
pub(crate) struct Station {
    pub(crate) id: String,
    pub(crate) pm10: String,
    pub(crate) pm25: String,
    pub(crate) humidity: String,
    pub(crate) temperature: String,
    dust: String,
    climate: String,
}

impl Station {
    pub(crate) fn ids() -> Self {
        let id = || Uuid::now_v7().to_string();
        Self { id: id(), pm10: id(), pm25: id(), humidity: id(), temperature: id(), dust: id(), climate: id() }
    }

    pub(crate) fn registration(&self) -> pb::RegisterStationRequest {
        pb::RegisterStationRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            kind: pb::StationKind::Citizen.into(),
            location: Some(place()),
            cell_size_m: 1_000,
        }
    }

    pub(crate) fn dust(&self) -> pb::Sensor {
        let datastreams = vec![
            datastream(&self.pm10, pb::ObservedProperty::Pm10),
            datastream(&self.pm25, pb::ObservedProperty::Pm25),
        ];
        pb::Sensor { sensor_id: self.dust.clone(), model: "SDS011".into(), datastreams }
    }

    pub(crate) fn climate(&self) -> pb::Sensor {
        let datastreams = vec![
            datastream(&self.humidity, pb::ObservedProperty::RelativeHumidity),
            datastream(&self.temperature, pb::ObservedProperty::AirTemperature),
        ];
        pb::Sensor { sensor_id: self.climate.clone(), model: "BME280".into(), datastreams }
    }

    pub(crate) fn sensor(&self, sensor: pb::Sensor) -> pb::RegisterSensorRequest {
        pb::RegisterSensorRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            sensor: Some(sensor),
        }
    }

    pub(crate) fn retirement(&self) -> pb::RetireStationRequest {
        pb::RetireStationRequest { tenant: TENANT.into(), request_id: request_id(), station_id: self.id.clone() }
    }

    pub(crate) fn readings(&self, datastream: &str, readings: &[(i64, f64)]) -> pb::RecordObservationsRequest {
        self.columns(vec![columns(datastream, readings)])
    }

    pub(crate) fn columns(&self, columns: Vec<pb::ObservationColumns>) -> pb::RecordObservationsRequest {
        pb::RecordObservationsRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            columns,
        }
    }

    pub(crate) fn flag(&self, datastream: &str, from: i64, to: i64) -> pb::FlagObservationsRequest {
        pb::FlagObservationsRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            from_us: NOON_US + from * SECOND_US,
            to_us: NOON_US + to * SECOND_US,
            reason: pb::FlagReason::Defect.into(),
        }
    }

    pub(crate) fn get(&self) -> pb::GetStationRequest {
        pb::GetStationRequest { tenant: TENANT.into(), station_id: self.id.clone(), ..Default::default() }
    }

    /// Everything from 2019 to 2022.
    pub(crate) fn observations(&self, datastream: &str, selection: pb::Selection) -> pb::ListObservationsRequest {
        pb::ListObservationsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            from_us: 1_546_300_800_000_000,
            to_us: 1_640_995_200_000_000,
            selection: selection.into(),
            ..Default::default()
        }
    }

    pub(crate) fn means(&self, datastream: &str, period: pb::Period, selection: pb::Selection) -> pb::ListMeansRequest {
        pb::ListMeansRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            period: period.into(),
            first_day: "2018-01-01".into(),
            last_day: "2021-12-31".into(),
            selection: selection.into(),
            ..Default::default()
        }
    }

    pub(crate) fn conflicts(&self, datastream: &str) -> pb::ListConflictsRequest {
        pb::ListConflictsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            ..Default::default()
        }
    }

    pub(crate) fn limits(&self, datastream: &str, year: u32) -> pb::CheckLimitsRequest {
        pb::CheckLimitsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            year,
            selection: pb::Selection::All.into(),
            ..Default::default()
        }
    }
}

/// A public square, nobody's home.
pub(crate) fn place() -> pb::GeoPoint {
    pb::GeoPoint { latitude: 50.9387, longitude: 6.9583 }
}

pub(crate) fn datastream(id: &str, property: pb::ObservedProperty) -> pb::Datastream {
    pb::Datastream {
        datastream_id: id.into(),
        observed_property: property.into(),
        unit: String::new(),
        expected_interval_s: 145,
    }
}

/// Seconds after noon, and results.
pub(crate) fn columns(datastream: &str, readings: &[(i64, f64)]) -> pb::ObservationColumns {
    pb::ObservationColumns {
        datastream_id: datastream.into(),
        phenomenon_time_us: readings.iter().map(|(after, _)| NOON_US + after * SECOND_US).collect(),
        result: readings.iter().map(|(_, result)| *result).collect(),
    }
}

/// A fresh id, minted when the tests take place.
pub(crate) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    request_id_at(NOW, NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn request_id_at(minted: Timestamp, number: u64) -> String {
    let millis = (minted.as_micros() / 1_000) as u128;
    let version_and_variant = 0x7000_8000_0000_0000_0000u128;
    Uuid::from_u128(millis << 80 | version_and_variant | u128::from(number & 0xffff_ffff_ffff)).to_string()
}

/// Code and reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    (status.code(), reason)
}

pub(crate) fn not_found(reason: &str) -> (Code, String) {
    (Code::NotFound, reason.to_owned())
}

pub(crate) fn failed_precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

/// Paths of the fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().into_iter().flat_map(|bad_request| bad_request.field_violations);
    violations.map(|violation| violation.field).collect()
}

pub(crate) fn flags(observation: &pb::Observation) -> Vec<pb::QualityFlag> {
    observation.flags().collect()
}
