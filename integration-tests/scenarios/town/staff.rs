use allmende::client::{Token, connect};
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::opendata::v1 as opendata;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::reporting::v1 as reporting;

use super::{TENANT, Town};
use crate::community::{Person, id};
use crate::platform::reference_station;

/// 2018-05-01T00:00 in UTC+1.
const MAY_US: i64 = 1_525_129_200_000_000;

impl Town {
    /// A station with PM10 of May 2018, licensed as open data.
    pub(crate) async fn station(&self) {
        let mut client = connect(&self.url, Token::new(&self.operator).unwrap()).unwrap();
        let hours = (0..31 * 24).map(|hour| f64::from(hour % 70));
        let station_id = reference_station(&mut client, TENANT, MAY_US, hours.collect()).await.id;
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
        self.make_officer(officer).await;
        let erasure_id = self.ask_to_forget(who, gateway::ErasureScope::Account).await;
        self.accept(officer, &erasure_id, &[]).await;
    }
}
