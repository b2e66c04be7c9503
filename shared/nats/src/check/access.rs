//! Who may connect, and whether others may write history.

use async_nats::ServerInfo;

use super::{Finding, account};
use crate::connection::{self, ConnectError, Connection};
use crate::settings::Settings;

/// Of these nobody stores what is published there: a permission that covers the platform's subjects covers them too.
const TRIED: [&str; 4] = [
    "allmende.log.doctor.0",
    "allmende.body.doctor.0",
    "$KV.allmende_doctor.0",
    "$JS.API.STREAM.UPDATE.ALLMENDE_DOCTOR_0",
];

/// What the server at the other end asks of whoever connects.
pub(super) fn asked_for(server: &ServerInfo) -> Vec<Finding> {
    let about = "access";
    let mut findings = Vec::new();
    if !server.auth_required {
        let text = "no credentials are asked for: whoever reaches the port may publish to a log or change a stream";
        findings.push(Finding::fault(about, text).remedy("give every user credentials: accounts { … }"));
    }
    if !server.tls_required {
        let text = "TLS is not required: events and credentials can be read on their way";
        findings.push(Finding::warning(about, text).remedy("set tls { cert_file: …, key_file: … }"));
    }
    findings
}

/// Tries with somebody else's credentials what only the platform may do in its account, if that is known.
pub(super) async fn of_another(other: &Settings, ours: Option<&str>) -> Vec<Finding> {
    let about = format!("credentials of {}", other.name);
    if let Ok(connection) = Connection::open(other.clone()).await
        && let Some(theirs) = account::name(&connection).await
        && ours.is_some_and(|ours| ours != theirs)
    {
        return vec![Finding::fine(about, format!("they are of another account, {theirs}: its subjects are not ours"))];
    }
    let mut findings = Vec::new();
    for subject in TRIED {
        match connection::may_publish(other, subject).await {
            Ok(true) => {
                let text = format!("they may publish to {subject}, and so to what the platform keeps its history in");
                let remedy = "give them another account, or permissions { publish: { deny: [\"allmende.log.>\", \
                              \"allmende.body.>\", \"$KV.>\", \"$JS.API.>\"] } }";
                findings.push(Finding::fault(&about, text).remedy(remedy));
            }
            Ok(false) => {}
            Err(ConnectError::Unreachable(error)) => {
                let text = format!("whether they may publish to {subject} was not told: {error}");
                findings.push(Finding::unseen(&about, text).remedy("look again when the servers answer"));
                break;
            }
            Err(error) => {
                findings.push(Finding::unseen(&about, error.to_string()).remedy("give credentials that are in force"));
                break;
            }
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(about, "they may publish to nothing that is the platform's alone"));
    }
    findings
}
