//! The platform's side: an observation a request, each writer into a datastream of its own.

use std::time::{Duration, Instant};

use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use uuid::Uuid;

use crate::Rpc;
use crate::turn::{Connections, Writer};

const TENANT: &str = "comparison";
/// 2025-01-01T00:00 in UTC+1; observations follow every 30 s.
const FIRST_US: i64 = 1_735_686_000_000_000;
const STEP_US: i64 = 30_000_000;

type Telemetry = TelemetryServiceClient<InterceptedService<Channel, Token>>;

#[derive(Clone)]
pub(crate) struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A sensor that sends what it observes.
pub(crate) struct Sender {
    telemetry: Telemetry,
    /// The open call, where one is used.
    call: Option<Call>,
    station_id: String,
    datastream_id: String,
    sent: i64,
    consistency_token: String,
}

/// A call of DeliverObservations.
struct Call {
    batches: mpsc::Sender<pb::DeliverObservationsRequest>,
    answers: Streaming<pb::DeliverObservationsResponse>,
}

impl Call {
    async fn open(telemetry: &mut Telemetry) -> anyhow::Result<Self> {
        let (batches, queued) = mpsc::channel(1);
        let answers = telemetry.deliver_observations(ReceiverStream::new(queued)).await?.into_inner();
        Ok(Self { batches, answers })
    }

    async fn record(&mut self, batch: pb::RecordObservationsRequest) -> anyhow::Result<pb::RecordObservationsResponse> {
        self.batches.send(pb::DeliverObservationsRequest { batch: Some(batch) }).await?;
        let answer = self.answers.message().await?.and_then(|answer| answer.batch);
        answer.context("the call ended")
    }
}

/// Connects and registers a station with a sensor and a datastream for each writer.
pub(crate) async fn connect(url: &str, token: &str, connections: Connections, rpc: Rpc) -> anyhow::Result<Vec<Sender>> {
    let mut token: MetadataValue<Ascii> =
        format!("Bearer {}", token.trim()).parse().context("the token has characters no token has")?;
    token.set_sensitive(true);
    let mut clients = Vec::new();
    for _ in 0..connections.count {
        // What umadb's client sets.
        let endpoint = Endpoint::from_shared(url.to_owned())?
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(10))
            .initial_stream_window_size(Some(4 << 20))
            .initial_connection_window_size(Some(8 << 20));
        clients.push(TelemetryServiceClient::with_interceptor(endpoint.connect().await?, Token(token.clone())));
    }
    register_tenant(url, token.clone()).await?;
    let station_id = Uuid::now_v7().to_string();
    let station = pb::RegisterStationRequest {
        tenant: TENANT.into(),
        request_id: Uuid::now_v7().to_string(),
        station_id: station_id.clone(),
        kind: pb::StationKind::Citizen.into(),
        location: Some(pb::GeoPoint { latitude: 50.94, longitude: 6.96 }),
        cell_size_m: 250,
    };
    clients[0].register_station(station).await?;
    let mut senders = Vec::new();
    for writer in 0..connections.writers {
        let mut telemetry = clients[writer % clients.len()].clone();
        let datastream_id = register_sensor(&mut telemetry, &station_id).await?;
        let station_id = station_id.clone();
        let call = match rpc {
            Rpc::Record => None,
            Rpc::Deliver => Some(Call::open(&mut telemetry).await?),
        };
        senders.push(Sender { telemetry, call, station_id, datastream_id, sent: 0, consistency_token: String::new() });
    }
    Ok(senders)
}

/// Nothing is taken for a tenant that is not there. Again it changes nothing.
async fn register_tenant(url: &str, token: MetadataValue<Ascii>) -> anyhow::Result<()> {
    let tenant = gateway::Tenant {
        tenant: TENANT.into(),
        name: "Comparison".into(),
        kind: gateway::TenantKind::Lab.into(),
        ..Default::default()
    };
    let request = gateway::RegisterTenantRequest { request_id: Uuid::now_v7().to_string(), tenant: Some(tenant) };
    let channel = Endpoint::from_shared(url.to_owned())?.connect().await?;
    TenantServiceClient::with_interceptor(channel, Token(token)).register_tenant(request).await?;
    Ok(())
}

async fn register_sensor(telemetry: &mut Telemetry, station_id: &str) -> anyhow::Result<String> {
    let datastream_id = Uuid::now_v7().to_string();
    let sensor = pb::Sensor {
        sensor_id: Uuid::now_v7().to_string(),
        model: "BENCH".into(),
        datastreams: vec![pb::Datastream {
            datastream_id: datastream_id.clone(),
            observed_property: pb::ObservedProperty::AirTemperature.into(),
            unit: String::new(),
            expected_interval_s: 30,
        }],
    };
    let request = pb::RegisterSensorRequest {
        tenant: TENANT.into(),
        request_id: Uuid::now_v7().to_string(),
        station_id: station_id.to_owned(),
        sensor: Some(sensor),
    };
    telemetry.register_sensor(request).await?;
    Ok(datastream_id)
}

impl Sender {
    fn time(&self, index: i64) -> i64 {
        FIRST_US + index * STEP_US
    }

    /// With two decimals, between 7 and 23 °C over a day.
    fn value(&self, index: i64) -> f64 {
        let wander: f64 = 1_500.0 + 800.0 * (index as f64 / 458.0).sin();
        wander.round() / 100.0
    }
}

impl Writer for Sender {
    async fn commit(&mut self) -> anyhow::Result<Duration> {
        let request = pb::RecordObservationsRequest {
            tenant: TENANT.into(),
            request_id: Uuid::now_v7().to_string(),
            station_id: self.station_id.clone(),
            columns: vec![pb::ObservationColumns {
                datastream_id: self.datastream_id.clone(),
                phenomenon_time_us: vec![self.time(self.sent)],
                result: vec![self.value(self.sent)],
            }],
        };
        let begun = Instant::now();
        let answer = match &mut self.call {
            Some(call) => call.record(request).await?,
            None => self.telemetry.record_observations(request).await?.into_inner(),
        };
        let took = begun.elapsed();
        anyhow::ensure!(answer.recorded == 1, "recorded {} instead of 1", answer.recorded);
        self.sent += 1;
        self.consistency_token = answer.consistency_token;
        Ok(took)
    }
}

/// Reads back that each datastream's latest observation is the last one sent.
pub(crate) async fn check_stored(senders: &mut [Sender]) -> anyhow::Result<()> {
    for sender in senders {
        let request = pb::GetLatestRequest {
            tenant: TENANT.into(),
            station_id: sender.station_id.clone(),
            consistency_token: sender.consistency_token.clone(),
        };
        let latest = sender.telemetry.get_latest(request).await?.into_inner().latest;
        let of_sender = latest.iter().find(|latest| {
            latest.datastream.as_ref().is_some_and(|datastream| datastream.datastream_id == sender.datastream_id)
        });
        let time = of_sender.and_then(|latest| latest.observation.as_ref()).map(|found| found.phenomenon_time_us);
        let expected = sender.time(sender.sent - 1);
        anyhow::ensure!(time == Some(expected), "the latest observation is of {time:?} instead of {expected}");
    }
    Ok(())
}
