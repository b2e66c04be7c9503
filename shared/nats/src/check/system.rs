//! What the system account is told: by every server about itself, and about the platform's account.

use async_nats::Client;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::Finding;
use super::server::{self, Server};
use crate::connection::Connection;

const ABOUT: &str = "system account";
/// Begins every subject that is the platform's alone.
const OURS: [&str; 4] = ["allmende.log.", "allmende.body.", "$KV.allmende_", "$JS.API."];

/// Every server that answers, and what they say of the platform's account.
pub(super) async fn look(system: &Connection, account: Option<&str>) -> (Vec<Finding>, Vec<Server>) {
    let mut findings = Vec::new();
    let answers = ask_all(system, "VARZ", Value::Null, server::cluster_size).await;
    let servers: Vec<_> = answers.into_iter().map(|told| Server::new("as the system account is told", told)).collect();
    if servers.is_empty() {
        let remedy = "give credentials of a user of the account that system_account names";
        findings.push(Finding::unseen(ABOUT, "no server answers to it").remedy(remedy));
        return (findings, servers);
    }
    if let Some(account) = account {
        let told = ask_all(system, "ACCOUNTZ", json!({ "account": account }), |_| 1).await;
        findings.extend(told.first().map(|told| shared(account, &told["account_detail"])));
        let question = json!({ "acc": account, "auth": true });
        findings.push(users(account, &ask_all(system, "CONNZ", question, |_| servers.len()).await));
    }
    (findings, servers)
}

/// What the account lets others do.
fn shared(account: &str, told: &Value) -> Finding {
    let about = format!("account {account}");
    let subjects = |kind: &str| -> Vec<String> {
        let all = told[kind].as_array().into_iter().flatten();
        all.filter_map(|one| one["subject"].as_str()).map(str::to_owned).collect()
    };
    let open: Vec<_> = subjects("exports").into_iter().filter(|subject| covers_ours(subject)).collect();
    if open.is_empty() {
        return Finding::fine(about, "it exports nothing of what is the platform's alone");
    }
    let text = format!("it exports {}: who imports it reads the logs, or writes history", open.join(", "));
    Finding::fault(about, text).remedy("take these exports away; others are served by the platform's FeedService")
}

/// Whether a subject, which may have wildcards, reaches into what is the platform's alone.
fn covers_ours(subject: &str) -> bool {
    OURS.iter().any(|ours| {
        let mut theirs = subject.split('.');
        ours.trim_end_matches('.').split('.').all(|own| match theirs.next() {
            Some(">") | None => true,
            Some("*") => true,
            // `$KV.allmende_…` is the beginning of a token.
            Some(token) => token == own || own.ends_with('_') && token.starts_with(own),
        })
    })
}

/// Who is connected in the account: every user of it may do what its permissions do not forbid.
fn users(account: &str, told: &[Value]) -> Finding {
    let about = format!("account {account}");
    let connections = told.iter().filter_map(|told| told["connections"].as_array()).flatten();
    let mut users: Vec<_> = connections.filter_map(|one| one["authorized_user"].as_str()).collect();
    users.sort_unstable();
    users.dedup();
    let text = match users.as_slice() {
        [] => "nobody is connected to it".to_owned(),
        users => format!("connected to it now: {}", users.join(", ")),
    };
    match users.len() {
        0 | 1 => Finding::fine(about, text),
        _ => Finding::warning(about, format!("{text}: each may publish to the logs unless its permissions forbid it"))
            .remedy("give others an account of their own, and try their credentials here (--others)"),
    }
}

/// What servers answer, until there are as many answers as `enough` says after each.
async fn ask_all(system: &Connection, what: &str, question: Value, enough: impl Fn(&Value) -> usize) -> Vec<Value> {
    let until = Instant::now() + system.settings().timeout;
    let asking = timeout_at(until, ask(system.client(), what, question)).await;
    let Ok(Some(mut answers)) = asking else { return Vec::new() };
    let (mut told, mut most) = (Vec::new(), usize::MAX);
    while told.len() < most
        && let Ok(Some(answer)) = timeout_at(until, answers.next()).await
    {
        let Ok(mut answer) = serde_json::from_slice::<Value>(&answer.payload) else { continue };
        let answer = answer["data"].take();
        most = enough(&answer);
        told.push(answer);
    }
    told
}

async fn ask(client: &Client, what: &str, question: Value) -> Option<async_nats::Subscriber> {
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await.ok()?;
    let question = if question.is_null() { String::new() } else { question.to_string() };
    client.publish_with_reply(format!("$SYS.REQ.SERVER.PING.{what}"), inbox, question.into()).await.ok()?;
    Some(answers)
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;

    #[test]
    fn an_export_of_what_is_the_platforms_alone_is_a_fault() {
        let exporting = |subject: &str| shared("A", &json!({ "exports": [{ "subject": subject }] })).severity;
        for open in
            [">", "allmende.>", "allmende.log.telemetry.0", "*.log.>", "$KV.>", "$KV.allmende_leases.>", "$JS.>"]
        {
            assert_eq!(exporting(open), Severity::Fault, "{open}");
        }
        for closed in ["feed.>", "allmende.feed.>", "$KV.others.>", "allmende_log"] {
            assert_eq!(exporting(closed), Severity::Fine, "{closed}");
        }
    }

    #[test]
    fn others_in_the_account_are_named() {
        let told = |users: &[&str]| {
            let connections: Vec<_> = users.iter().map(|user| json!({ "authorized_user": user })).collect();
            users_of(&[json!({ "connections": connections })])
        };
        assert_eq!(told(&["platform", "platform"]).severity, Severity::Fine);
        let finding = told(&["platform", "integrator"]);
        assert!(finding.severity == Severity::Warning && finding.text.contains("integrator, platform"), "{finding:?}");
    }

    fn users_of(told: &[Value]) -> Finding {
        users("A", told)
    }
}
