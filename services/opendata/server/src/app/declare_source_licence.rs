use allmende_eventlog::{CommandError, Request};
use allmende_kernel::{Decider, StreamName, TenantId};
use allmende_opendata_domain::LicenceTerms;
use allmende_opendata_domain::source_licence::{Declare, Model, stream_id};
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;
use uuid::Uuid;

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::wire::SourceLicence;

pub(super) fn licence_stream(tenant: &TenantId, station: Uuid) -> StreamName {
    StreamName::new(tenant, Model::CATEGORY, &stream_id(station)).expect("a word and a UUID are a stream's id")
}

impl App {
    pub(crate) async fn declare_source_licence(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        station: Uuid,
        terms: LicenceTerms,
    ) -> Result<Answer<()>, Error> {
        let stream = licence_stream(tenant.id(), station);
        let done = self
            .commands
            .execute(request, |transaction, at| {
                let declare = Declare { terms: terms.clone(), at };
                let decided = transaction.decide::<SourceLicence>(&stream, &(), &declare);
                decided.map_err(|error: CommandError<_>| error.map_rejection(Rejection::from))?;
                Ok(Bytes::new())
            })
            .await?;
        Ok(Answer { value: (), seen: self.queries.seen(done.position) })
    }
}
