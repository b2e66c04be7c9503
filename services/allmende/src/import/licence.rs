//! Under what an archive's data may be published: its licence comes with it.

use std::collections::BTreeMap;

use allmende_proto::opendata::v1 as pb;
use allmende_proto::telemetry::v1::Station;

use crate::client::{self, Catalogue};
use crate::terminal;

/// Says so for each station. Whoever may not, or imports into a platform without open data, is told that it is to be
/// done: the observations are stored all the same, and not published before.
pub(super) async fn declare(
    catalogue: &mut Catalogue,
    tenant: &str,
    stations: &BTreeMap<String, Station>,
    terms: &pb::LicenceTerms,
) {
    for station in stations.values() {
        let request = pb::DeclareSourceLicenceRequest {
            tenant: tenant.to_owned(),
            request_id: uuid::Uuid::now_v7().to_string(),
            station_id: station.station_id.clone(),
            terms: Some(terms.clone()),
        };
        let declared = client::with_retries(async || catalogue.declare_source_licence(request.clone()).await).await;
        if let Err(status) = declared {
            terminal::note(&format!(
                "the licence of station {} was not declared, and its observations are not published before it is: {:#}",
                station.station_id,
                client::explain(&status)
            ));
        }
    }
}
