use std::convert::Infallible;

use allmende_eventlog::{CommandError, Request};
use allmende_kernel::{Decider, StreamName};
use allmende_opendata_domain::publisher::{self, Publisher};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::wire;

impl App {
    pub(crate) async fn describe_publisher(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        publisher: Publisher,
    ) -> Result<Answer<()>, Error> {
        let stream = StreamName::new(tenant.id(), publisher::Model::CATEGORY, publisher::ID)
            .expect("the constants are a stream's category and id");
        let done = self
            .commands
            .execute(request, |transaction, at| {
                let command = publisher::Describe { publisher: publisher.clone(), at };
                let decided = transaction.decide::<wire::Publisher>(&stream, &(), &command);
                decided.map_err(|error: CommandError<Infallible>| error.map_rejection(|never| match never {}))?;
                Ok::<_, CommandError<Rejection>>(Bytes::new())
            })
            .await?;
        Ok(Answer { value: (), seen: self.queries.seen(done.position) })
    }

    pub(crate) async fn get_publisher(
        &self,
        tenant: &AuthorizedTenant,
        token: &ConsistencyToken,
    ) -> Result<Answer<Publisher>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| Ok(reader.publisher(&tenant)?.ok_or(Rejection::PublisherUnknown)?)).await
    }
}
