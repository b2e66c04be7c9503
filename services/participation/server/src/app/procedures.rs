use allmende_eventlog::Request;
use allmende_kernel::{TenantId, Timestamp};
use allmende_participation_domain::ProcedureId;
use allmende_participation_domain::procedure::{Command, Model};

use super::{Answer, App, refused, stream};
use crate::error::{Error, Rejection};
use crate::views::{ProcedureShown, Viewer};
use crate::wire::Procedure;

impl App {
    /// Opens a procedure, or changes it.
    pub(crate) async fn change_procedure(
        &self,
        tenant: &TenantId,
        request: &Request,
        id: ProcedureId,
        command: impl Fn(Timestamp) -> Command,
    ) -> Result<Answer<ProcedureShown>, Error> {
        let stream = stream::<Model>(tenant, id);
        self.commands.warm::<Procedure>(&stream).await?;
        let decide = |transaction: &mut allmende_eventlog::Transaction<'_>, now| {
            transaction.decide::<Procedure>(&stream, &(), &command(now)).map(|_| ()).map_err(refused)
        };
        let token = self.change(request, decide).await?;
        self.read(tenant, &Viewer::public(), &token, move |reader| {
            let unknown = || Rejection::from(allmende_participation_domain::procedure::Rejection::Unknown);
            Ok(reader.procedure(id)?.ok_or_else(unknown)?)
        })
        .await
    }
}
