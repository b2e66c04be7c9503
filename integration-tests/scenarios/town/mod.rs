//! A small town on a running platform: people, a procedure, a station, a report; and what anybody is answered about it.

mod answers;
mod staff;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use allmende_proto::participation::v1 as participation;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use tonic::transport::Endpoint;

use crate::community::{Caller, Community, Person};
use crate::platform::Platform;

pub(crate) const TENANT: &str = "brandis";

/// Talks to a platform.
#[derive(Clone)]
pub(crate) struct Town {
    url: String,
    community: Community,
}

impl Deref for Town {
    type Target = Community;

    fn deref(&self) -> &Community {
        &self.community
    }
}

/// Writes settings of a platform whose mails go to `outbox`, and which publishes at once.
pub(crate) fn settings(folder: &Path) -> PathBuf {
    let path = folder.join("allmende.toml");
    let outbox = folder.join("outbox");
    fs::create_dir_all(&outbox).unwrap();
    let text = format!(
        "[gateway.mail]\nfolder = {outbox:?}\n\
         [opendata]\ntexts_every_s = 0\nobservations_every_s = 0\nobservations_settle_s = 0\n"
    );
    fs::write(&path, text).unwrap();
    path
}

impl Town {
    pub(crate) async fn on(platform: &Platform, folder: &Path) -> Self {
        let channel = Endpoint::from_shared(platform.grpc.clone()).unwrap().connect().await.unwrap();
        let (operator, outbox) = (platform.token.clone(), folder.join("outbox"));
        let community = Community { tenant: TENANT, channel, operator, outbox };
        Self { url: platform.grpc.clone(), community }
    }

    fn reporting(&self) -> ReportingServiceClient<Caller> {
        let (channel, token) = self.with(&self.operator);
        ReportingServiceClient::with_interceptor(channel, token)
    }

    /// A published idea with a picture.
    pub(crate) async fn published_with_picture(&self, procedure: &str, by: &Person, body: &str) -> (String, String) {
        let content = [b"\x89PNG\r\n\x1a\n", body.as_bytes()].concat().into();
        let picture = participation::AttachmentUpload { media_type: "image/png".into(), content };
        self.published_with(procedure, by, "Idee", body, vec![picture]).await
    }
}
