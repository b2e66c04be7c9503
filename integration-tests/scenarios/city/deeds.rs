//! What a city shows, and what happens to the same people elsewhere.

use allmende_proto::gateway::v1 as gateway;
use allmende_proto::opendata::v1 as opendata;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;

use super::City;
use crate::community::{Community, Person};

impl City {
    /// How many public texts have a word.
    pub(crate) async fn hits(&self, word: &str, token: &str) -> usize {
        let query = participation::SearchPublicRequest {
            tenant: self.tenant.into(),
            query: word.into(),
            consistency_token: token.into(),
            ..Default::default()
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.search_public(query).await.unwrap().into_inner().hits.len()
    }

    /// Public datasets that show what the token stands for.
    pub(crate) async fn datasets(&self, token: &str) -> Vec<opendata::Dataset> {
        let list = opendata::ListDatasetsRequest {
            tenant: self.tenant.into(),
            consistency_token: token.into(),
            ..Default::default()
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone());
        visitor.list_datasets(list).await.unwrap().into_inner().datasets
    }

    pub(crate) async fn versions(&self, dataset_id: &str) -> Vec<opendata::Version> {
        let list = opendata::ListVersionsRequest {
            tenant: self.tenant.into(),
            dataset_id: dataset_id.into(),
            ..Default::default()
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone());
        visitor.list_versions(list).await.unwrap().into_inner().versions
    }

    pub(crate) async fn erasure_state(&self, officer: &Person, erasure_id: &str) -> gateway::Erasure {
        let get = gateway::GetErasureRequest {
            tenant: self.tenant.into(),
            erasure_id: erasure_id.into(),
            consistency_token: String::new(),
        };
        self.erasure(officer).get_erasure(get).await.unwrap().into_inner().erasure.unwrap()
    }

    /// Another town of the same installation.
    fn elsewhere(&self) -> Community {
        self.of("moers")
    }

    /// A public text of somebody who has an account in the first town: its id.
    pub(crate) async fn published_elsewhere(&self, by: &Person, body: &str) -> String {
        let town = self.elsewhere();
        town.found().await;
        let procedure = town.open_procedure().await;
        town.published(&procedure, by, "", body).await.0
    }

    /// A text of there as a visitor sees it.
    pub(crate) async fn text_elsewhere(&self, contribution_id: &str) -> participation::Contribution {
        self.elsewhere().text(contribution_id).await
    }
}
