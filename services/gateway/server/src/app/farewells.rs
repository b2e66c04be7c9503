//! The address that a mail carries because it outlives its account, and when that goes.

use allmende_gateway_domain::MailId;
use allmende_gateway_domain::mail::{Kind, Progress};
use allmende_kernel::TenantId;
use allmende_keyring::{Found, KeyId};

use super::mails::Recipient;
use super::{App, PATIENCE};
use crate::error::Error;

/// Decisions that are looked up at once.
const AT_ONCE: usize = 100;

impl App {
    /// Forgets the address that a mail carries, if it is over: it went out or never will, and nobody needs it any more.
    pub(crate) async fn forget_address(&self, tenant: &TenantId, id: MailId) -> Result<(), Error> {
        let of = tenant.clone();
        let mail = self.look_up(move |reader| Ok(reader.mail(&of, id)?)).await?;
        let over = mail.is_some_and(|queued| {
            queued.mail.address.is_some() && !matches!(queued.progress, Progress::Waiting { .. })
        });
        let key = KeyId::mail(id.as_uuid());
        if over && !matches!(self.keyring.find(tenant, key)?, Found::Erased) {
            self.keyring.erase(tenant, key).await?;
        }
        Ok(())
    }

    /// Forgets the addresses that were left when a crash came between a mail's end and that of its key. Decisions are
    /// what such mails are about, so all decisions are looked at.
    pub(crate) async fn forget_left_addresses(&self) -> Result<(), Error> {
        self.queries.view().catch_up(PATIENCE).await?;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let from = after.take();
            let page = self.look_up(move |reader| Ok(reader.decided_erasures(from.as_deref(), AT_ONCE)?)).await?;
            for (tenant, id, erasure) in page.items {
                let subject = erasure.request.subject;
                let to = Recipient { subject, home: tenant.clone(), language: Default::default() };
                let mail = self.mail_about(&tenant, Kind::ErasureDecided, to, Some(id.as_uuid()), "");
                self.forget_address(&tenant, mail.id).await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
