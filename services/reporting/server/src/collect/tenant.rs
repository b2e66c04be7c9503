use serde_json::json;

use super::Wanted;
use crate::error::Rejection;
use crate::sources::{AskError, Question, Sources};

const GET_TENANT: &str = "/allmende.gateway.v1.TenantService/GetTenant";

/// What the tenant is called; nothing where nobody knows. It is no number of the report: it is asked once, and the report
/// is not bound to it.
pub(crate) async fn tenant_name(sources: &dyn Sources, wanted: &Wanted) -> Result<String, Rejection> {
    let request = json!({ "tenant": wanted.tenant.as_str() });
    let authorization = wanted.authorization.as_ref();
    let question = Question { rpc: GET_TENANT, request: &request, seen: &wanted.seen, authorization };
    match sources.ask(question).await {
        Ok(answered) => Ok(answered.answer["tenant"]["name"].as_str().unwrap_or_default().to_owned()),
        Err(AskError::Refused { .. }) => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}
