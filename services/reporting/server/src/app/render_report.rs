use allmende_reporting_domain::RunId;
use allmende_reporting_domain::run::Rejection as RunRejection;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::render::{self, Format, Language, Subject};

pub(crate) use crate::render::Rendered;

/// A run to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RenderReport {
    pub(crate) run: RunId,
    pub(crate) format: Format,
    pub(crate) language: Language,
    pub(crate) sees_all: bool,
}

impl App {
    pub(crate) async fn render_report(
        &self,
        tenant: &AuthorizedTenant,
        RenderReport { run: id, format, language, sees_all }: RenderReport,
        token: &ConsistencyToken,
    ) -> Result<Answer<Rendered>, Error> {
        let name = tenant.id().clone();
        self.read(tenant, token, move |reader| {
            const UNKNOWN: Error = Error::Rejected(Rejection::Run(RunRejection::RunUnknown));
            reader.run(id)?.filter(|run| sees_all || run.published_at_us.is_some()).ok_or(UNKNOWN)?;
            let content = reader.content(id)?.ok_or(UNKNOWN)?;
            // Long for a large run, and this is not on the async workers.
            Ok(render::render(&Subject { tenant: &name, run: id, content: &content }, format, language))
        })
        .await
    }
}
