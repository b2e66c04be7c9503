use std::collections::BTreeMap;

use allmende_proto::opendata::v1 as opendata;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::opendata::v1::get_distribution_response::Part;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::reporting::v1 as reporting;

use super::{TENANT, Town};
use crate::platform::{command, succeed};

/// What was asked, and what was answered.
pub(crate) type Answers = BTreeMap<String, String>;

impl Town {
    /// A text as a visitor sees it.
    pub(crate) async fn text(&self, contribution_id: &str, token: &str) -> participation::Contribution {
        let get = participation::GetContributionRequest {
            tenant: TENANT.into(),
            contribution_id: contribution_id.into(),
            consistency_token: token.into(),
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.get_contribution(get).await.unwrap().into_inner().contribution.unwrap()
    }

    /// A token that shows what a text has become.
    pub(crate) async fn seen(&self, contribution_id: &str) -> String {
        let get = participation::GetContributionRequest {
            tenant: TENANT.into(),
            contribution_id: contribution_id.into(),
            consistency_token: String::new(),
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.get_contribution(get).await.unwrap().into_inner().consistency_token
    }

    /// Whether there is such a text.
    pub(crate) async fn is_known(&self, contribution_id: &str) -> bool {
        let get = participation::GetContributionRequest {
            tenant: TENANT.into(),
            contribution_id: contribution_id.into(),
            consistency_token: String::new(),
        };
        ParticipationServiceClient::new(self.channel.clone()).get_contribution(get).await.is_ok()
    }

    /// Public datasets that show what the token stands for.
    pub(crate) async fn datasets(&self, token: &str) -> Vec<opendata::Dataset> {
        let list = opendata::ListDatasetsRequest {
            tenant: TENANT.into(),
            consistency_token: token.into(),
            ..Default::default()
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone());
        visitor.list_datasets(list).await.unwrap().into_inner().datasets
    }

    /// Versions that stand, and every byte of their files, which the service holds against their checksums.
    pub(crate) async fn standing(&self, token: &str) -> Answers {
        let mut answers = Answers::new();
        let mut visitor = CatalogServiceClient::new(self.channel.clone()).max_decoding_message_size(4 << 20);
        for dataset in self.datasets(token).await {
            let list = opendata::ListVersionsRequest {
                tenant: TENANT.into(),
                dataset_id: dataset.dataset_id.clone(),
                page_size: 200,
                ..Default::default()
            };
            let versions = visitor.list_versions(list).await.unwrap().into_inner().versions;
            for version in versions.into_iter().filter(|version| version.tombstone.is_none()) {
                for file in &version.distributions {
                    let content = self.file(&dataset.dataset_id, version.number, &file.file).await;
                    let name = format!("{} {} {}", dataset.dataset_id, version.number, file.file);
                    answers.insert(name, format!("{} {content:?}", file.sha256));
                }
            }
        }
        answers
    }

    async fn file(&self, dataset_id: &str, version: u32, file: &str) -> Vec<u8> {
        let get = opendata::GetDistributionRequest {
            tenant: TENANT.into(),
            dataset_id: dataset_id.into(),
            version,
            file: file.into(),
            consistency_token: String::new(),
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone()).max_decoding_message_size(4 << 20);
        let mut parts = visitor.get_distribution(get).await.unwrap().into_inner();
        let mut content = Vec::new();
        let mut ended = false;
        while let Some(part) = parts.message().await.unwrap() {
            match part.part.unwrap() {
                Part::Chunk(chunk) => content.extend_from_slice(&chunk),
                Part::End(_) => ended = true,
                Part::Head(_) => {}
            }
        }
        assert!(ended, "{file} of version {version} ends early");
        content
    }

    /// All that is public of these contributions, with their pictures; the station's means; the datasets; the report.
    pub(crate) async fn answers(&self, contributions: &[String], run_id: &str, token: &str) -> Answers {
        let mut answers = self.standing(token).await;
        let mut visitor = ParticipationServiceClient::new(self.channel.clone()).max_decoding_message_size(4 << 20);
        for contribution_id in contributions {
            let text = self.text(contribution_id, token).await;
            for attachment in &text.attachments {
                let get = participation::GetAttachmentRequest {
                    tenant: TENANT.into(),
                    contribution_id: contribution_id.clone(),
                    attachment_id: attachment.attachment_id.clone(),
                    consistency_token: String::new(),
                };
                let content = visitor.get_attachment(get).await.unwrap().into_inner().content;
                answers.insert(format!("picture of {contribution_id}"), format!("{content:?}"));
            }
            answers.insert(contribution_id.clone(), format!("{text:?}"));
        }
        let render = reporting::RenderReportRequest {
            tenant: TENANT.into(),
            run_id: run_id.into(),
            format: reporting::ReportFormat::Csv.into(),
            language: reporting::Language::De.into(),
            consistency_token: String::new(),
        };
        let report = self.reporting().render_report(render).await.unwrap().into_inner().content;
        answers.insert("report".into(), String::from_utf8(report.to_vec()).unwrap());
        let mut means = command();
        means.args(["show", "means", "--tenant", TENANT, "--property", "pm10", "--from", "2018-05-01"]);
        means.args(["--to", "2018-05-31", "--url", &self.url, "--token", &self.operator]);
        answers.insert("means".into(), succeed(&mut means));
        answers
    }
}
