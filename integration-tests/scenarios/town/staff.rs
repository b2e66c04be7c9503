use allmende::client::{Token, connect};
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::erasure_service_client::ErasureServiceClient;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::opendata::v1 as opendata;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::reporting::v1 as reporting;
use allmende_proto::telemetry::v1 as telemetry;

use super::{Person, TENANT, Town, id};

/// 2018-05-01T00:00 in UTC+1.
const MAY_US: i64 = 1_525_129_200_000_000;

impl Town {
    /// A station with PM10 of May 2018, licensed as open data.
    pub(crate) async fn station(&self) {
        let mut client = connect(&self.url, Token::new(&self.operator).unwrap()).unwrap();
        let (station_id, datastream_id) = (id(), id());
        let register = telemetry::RegisterStationRequest {
            tenant: TENANT.into(),
            request_id: id(),
            station_id: station_id.clone(),
            kind: telemetry::StationKind::Reference.into(),
            location: Some(telemetry::GeoPoint { latitude: 51.33, longitude: 12.6 }),
            cell_size_m: 1_000,
        };
        client.register_station(register).await.unwrap();
        let datastream = telemetry::Datastream {
            datastream_id: datastream_id.clone(),
            observed_property: telemetry::ObservedProperty::Pm10.into(),
            unit: String::new(),
            expected_interval_s: 3_600,
        };
        let sensor = telemetry::Sensor { sensor_id: id(), model: "REFERENCE".into(), datastreams: vec![datastream] };
        let (tenant, sensor) = (TENANT.to_owned(), Some(sensor));
        let register =
            telemetry::RegisterSensorRequest { tenant, request_id: id(), station_id: station_id.clone(), sensor };
        client.register_sensor(register).await.unwrap();
        let hours = 0..31 * 24_i64;
        let columns = telemetry::ObservationColumns {
            datastream_id,
            phenomenon_time_us: hours.clone().map(|hour| MAY_US + hour * 3_600_000_000).collect(),
            result: hours.map(|hour| f64::from(hour as i32 % 70)).collect(),
        };
        let (tenant, columns) = (TENANT.to_owned(), vec![columns]);
        let record =
            telemetry::RecordObservationsRequest { tenant, request_id: id(), station_id: station_id.clone(), columns };
        client.record_observations(record).await.unwrap();
        let terms =
            opendata::LicenceTerms { licence: opendata::Licence::DlByDe20.into(), attribution: "Stadt Brandis".into() };
        let (tenant, terms) = (TENANT.to_owned(), Some(terms));
        let declare = opendata::DeclareSourceLicenceRequest { tenant, request_id: id(), station_id, terms };
        let (channel, token) = self.with(&self.operator);
        CatalogServiceClient::with_interceptor(channel, token).declare_source_licence(declare).await.unwrap();
    }

    /// Runs a report over participation; the run's id.
    pub(crate) async fn report(&self, seen: &str) -> String {
        let report_id = id();
        let title = reporting::LocalizedText { de: "Bericht".into(), en: String::new() };
        let definition = reporting::ReportDefinition {
            report_id: report_id.clone(),
            title: Some(title),
            first_day: "2018-01-01".into(),
            last_day: "2018-12-31".into(),
            participation: Some(reporting::ParticipationSection::default()),
            ..Default::default()
        };
        let (tenant, definition) = (TENANT.to_owned(), Some(definition));
        let define = reporting::DefineReportRequest { tenant, request_id: id(), definition };
        self.reporting().define_report(define).await.unwrap();
        let (tenant, run_id, consistency_token) = (TENANT.to_owned(), id(), seen.to_owned());
        let run = reporting::RunReportRequest { tenant, request_id: id(), report_id, run_id, consistency_token };
        self.reporting().run_report(run).await.unwrap().into_inner().run.unwrap().run_id
    }

    /// Somebody asks to be forgotten, and an officer decides that they are.
    pub(crate) async fn forget(&self, who: &Person, officer: &Person) {
        let (channel, token) = self.with(&self.operator);
        let grant = gateway::GrantRoleRequest {
            tenant: TENANT.into(),
            request_id: id(),
            subject_id: officer.subject.clone(),
            role: gateway::Role::DataProtectionOfficer.into(),
            ..Default::default()
        };
        IdentityServiceClient::with_interceptor(channel, token).grant_role(grant).await.unwrap();
        let erasure = |who: &Person| {
            let (channel, token) = self.with(&who.token);
            ErasureServiceClient::with_interceptor(channel, token)
        };
        let erasure_id = id();
        let request = gateway::RequestErasureRequest {
            tenant: TENANT.into(),
            request_id: id(),
            erasure_id: erasure_id.clone(),
            scope: gateway::ErasureScope::Account.into(),
            ..Default::default()
        };
        erasure(who).request_erasure(request).await.unwrap();
        let verdict = gateway::decide_erasure_request::Verdict::Accepted(gateway::ErasureAccepted::default());
        let (tenant, verdict) = (TENANT.to_owned(), Some(verdict));
        let decide = gateway::DecideErasureRequest { tenant, request_id: id(), erasure_id, verdict };
        erasure(officer).decide_erasure(decide).await.unwrap();
    }
}
