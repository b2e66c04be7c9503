//! The platform's account: another one's users cannot publish to its streams.

use serde_json::Value;

use super::Finding;
use crate::connection::Connection;

const ABOUT: &str = "account";

/// What is to be said of it, and its name.
pub(super) async fn look(connection: &Connection) -> (Vec<Finding>, Option<String>) {
    let mut findings = Vec::new();
    let name = name(connection).await;
    findings.push(match name.as_deref() {
        Some("$G") => Finding::warning(ABOUT, "it is the one that everybody is in").remedy(
            "give the platform an account of its own: accounts { ALLMENDE { jetstream: enabled, users: […] } }",
        ),
        Some(name) => Finding::fine(ABOUT, format!("it is {name}")),
        None => Finding::unseen(ABOUT, "the server does not tell which one it is")
            .remedy("let the platform publish to $SYS.REQ.USER.INFO"),
    });
    findings.push(limits(connection).await);
    (findings, name)
}

/// The account that a connection is in, if the server tells.
pub(super) async fn name(connection: &Connection) -> Option<String> {
    let answer = connection.client().request("$SYS.REQ.USER.INFO", "".into()).await.ok()?;
    let told = serde_json::from_slice::<Value>(&answer.payload).unwrap_or_default();
    told["data"]["account"].as_str().map(str::to_owned)
}

/// A stream that cannot grow stops its partition.
async fn limits(connection: &Connection) -> Finding {
    let limits = match connection.jetstream().query_account().await {
        Ok(account) => account.limits,
        Err(error) => {
            let text = format!("its limits are not told: {error}");
            return Finding::unseen(ABOUT, text).remedy("let the platform publish to $JS.API.>");
        }
    };
    let limited: Vec<_> = [
        ("max_storage", limits.max_storage),
        ("max_streams", limits.max_streams),
        ("max_consumers", limits.max_consumers),
    ]
    .into_iter()
    .filter_map(|(name, limit)| limit.filter(|limit| *limit >= 0).map(|limit| format!("{name} is {limit}")))
    .collect();
    if limited.is_empty() {
        return Finding::fine(ABOUT, "it has no limits");
    }
    let text = format!("{}: where it is reached, nothing more is taken", limited.join(", "));
    Finding::warning(ABOUT, text).remedy("set jetstream: enabled for it, or watch what is left and raise it in time")
}
