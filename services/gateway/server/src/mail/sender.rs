use std::sync::Arc;
use std::time::Duration;

use allmende_gateway_domain::mail::Command;
use allmende_gateway_domain::tenant::Tenant;
use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{Opened, open_text};
use allmende_runtime::jittered;

use super::message::{Details, Writer};
use super::transport::{NotTaken, Transport};
use crate::app::{App, MailBoxes};
use crate::error::Error;
use crate::views::Due;

/// Mails looked up at once.
const AT_ONCE: usize = 16;
/// How long is waited at most before looking again.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long is waited after something failed, whatever happens meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Sends what is queued, one mail after the other, the longest overdue first. Each attempt is noted after it was made:
/// a crash between the two sends the mail again, under the same Message-ID.
pub(crate) async fn send_mails(app: Arc<App>, writer: Arc<Writer>, transport: Arc<Transport>) {
    let mut progress = app.queries.view().progress();
    loop {
        // Before it is looked at: what is queued from here on wakes the wait below.
        progress.borrow_and_update();
        let now = app.now();
        match app.look_up(move |reader| Ok(reader.mails_due(now, AT_ONCE)?)).await {
            Ok((due, next)) if due.is_empty() => {
                let wait = next.map(|at| u64::try_from(at.since(app.now()).as_micros()).unwrap_or_default());
                let wait = wait.map_or(PATIENCE, |micros| Duration::from_micros(micros).min(PATIENCE));
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    changed = progress.changed() => if changed.is_err() {
                        return;
                    },
                }
            }
            Ok((due, _)) => {
                let mut failed = false;
                for due in due {
                    if let Err(error) = attempt(&app, &writer, &transport, due).await {
                        tracing::error!(error = &error as &dyn std::error::Error, "how a mail fared cannot be noted");
                        failed = true;
                    }
                }
                if failed {
                    tokio::time::sleep(jittered(AFTER_FAILURE)).await;
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "mails cannot be looked up");
                tokio::time::sleep(jittered(AFTER_FAILURE)).await;
            }
        }
    }
}

async fn attempt(app: &App, writer: &Writer, transport: &Transport, due: Due) -> Result<(), Error> {
    let outcome = match opened(app, &due).await {
        Ok(Some(Words { town, address, code })) => {
            let details = Details { tenant: &due.tenant, town: &town, address: &address, code: code.as_deref() };
            match writer.write(due.id, &due.queued.mail, &details) {
                Ok(message) => transport.send(due.id, message).await,
                Err(_) => {
                    tracing::error!(mail = %due.id, "a mail cannot be written");
                    Err(NotTaken { reply_code: 0, permanent: true })
                }
            }
        }
        // Who it was for was forgotten, or has no address.
        Ok(None) => Err(NotTaken { reply_code: 0, permanent: true }),
        // That counts as well, so that it waits like all others, and is given up one day.
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, mail = %due.id, "a mail cannot be opened");
            Err(NotTaken { reply_code: 0, permanent: false })
        }
    };
    let (attempt, at) = (due.queued.attempts + 1, app.now());
    let note = match outcome {
        Ok(()) => Command::NoteSent { attempt, at },
        Err(NotTaken { reply_code, permanent }) => Command::NoteFailure { attempt, reply_code, permanent, at },
    };
    app.note_mail(&due.tenant, due.id, note).await?;
    app.forget_address(&due.tenant, due.id).await
}

struct Words {
    town: String,
    address: String,
    code: Option<String>,
}

/// What a mail needs that is sealed or elsewhere; nothing when it was erased.
async fn opened(app: &App, due: &Due) -> Result<Option<Words>, Error> {
    let (tenant, mail) = (&due.tenant, &due.queued.mail);
    let open = |tenant: &TenantId, context: &str, sealed: &Sealed| {
        open_text(app.keyring.as_ref(), tenant, context, sealed).map(Opened::content)
    };
    let address = match &mail.address {
        Some(address) => open(tenant, &MailBoxes::address(due.id), address)?,
        None => {
            let (home, subject) = (mail.home.clone(), mail.recipient);
            let state = app.look_up(move |reader| Ok(reader.person(&home, subject)?)).await?;
            match state.account() {
                Some(account) => app.open_person(&mail.home, subject, account)?.map(|(email, _)| email),
                None => None,
            }
        }
    };
    // Who signs in elsewhere may have none.
    let Some(address) = address.filter(|address| !address.is_empty()) else { return Ok(None) };
    let code = match &mail.code {
        Some(code) => match open(&mail.home, &MailBoxes::code(due.id), code)? {
            Some(code) => Some(code),
            None => return Ok(None),
        },
        None => None,
    };
    let of = tenant.clone();
    let profile = app.look_up(move |reader| Ok(reader.tenant(&of)?)).await?;
    let town = profile.map_or_else(|| tenant.to_string(), |Tenant { profile, .. }| profile.name);
    Ok(Some(Words { town, address, code }))
}
