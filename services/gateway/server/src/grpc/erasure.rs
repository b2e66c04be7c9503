use std::collections::BTreeSet;

use allmende_gateway_domain::erasure::{Exception, MAX_NAMED, Scope, Verdict};
use allmende_kernel::TenantId;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::decide_erasure_request::Verdict as Wanted;
use allmende_runtime::authorize::{Caller, Denied, Role};
use allmende_runtime::errors::{Rule, Violations};
use allmende_runtime::fields;
use tonic::Status;

use super::parse::{self, next_page, query};
use super::{Grpc, reply};
use crate::app::RequestErasure;

/// Who sees and makes requests of others.
const OFFICERS: &[Role] = &[Role::DataProtectionOfficer];

impl Grpc {
    pub(super) async fn request_erasure(
        &self,
        caller: Caller,
        message: pb::RequestErasureRequest,
    ) -> Result<pb::RequestErasureResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let own = caller.signed_in()?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let erasure = violations.check("erasure_id", parse::erasure_id(&message.erasure_id));
        let scope = scope(&mut violations, &message);
        let subject = match message.subject_id.is_empty() {
            true => Some(own),
            false => violations.check("subject_id", parse::subject_id(&message.subject_id)),
        };
        let wanted =
            violations.finish(|| Some((id?, RequestErasure { id: erasure?, subject: subject?, scope: scope? })));
        let (id, wanted) = wanted?;
        if wanted.subject != own && !caller.has_role(tenant.id(), OFFICERS) {
            return Err(Denied::Forbidden.into());
        }
        let asked = self.asked(&caller, id, &message);
        let erasure_id = wanted.id;
        let answer = self.app.request_erasure(&tenant, &asked, wanted).await?;
        Ok(pb::RequestErasureResponse {
            erasure: Some(reply::erasure(erasure_id, answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn decide_erasure(
        &self,
        caller: Caller,
        message: pb::DecideErasureRequest,
    ) -> Result<pb::DecideErasureResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let by = caller.signed_in()?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let erasure = violations.check("erasure_id", parse::erasure_id(&message.erasure_id));
        let verdict = verdict(&mut violations, message.verdict.as_ref());
        let (id, erasure, verdict) = violations.finish(|| Some((id?, erasure?, verdict?)))?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.decide_erasure(&tenant, &asked, erasure, verdict, by).await?;
        Ok(pb::DecideErasureResponse {
            erasure: Some(reply::erasure(erasure, answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_erasure_requests(
        &self,
        caller: Caller,
        message: pb::ListErasureRequestsRequest,
    ) -> Result<pb::ListErasureRequestsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let pb::ListErasureRequestsRequest { tenant: name, page_size, page_token, consistency_token } = &message;
        let query = query(&caller, &[name.as_bytes()], (*page_size, 20, 100), page_token, consistency_token)?;
        let answer = self.app.list_erasures(&tenant, query.listing, &query.token).await?;
        Ok(pb::ListErasureRequestsResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            erasures: answer.value.items.into_iter().map(|(id, erasure)| reply::erasure(id, erasure)).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_erasure(
        &self,
        caller: Caller,
        message: pb::GetErasureRequest,
    ) -> Result<pb::GetErasureResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("erasure_id", parse::erasure_id(&message.erasure_id));
        let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
        let (id, token) = violations.finish(|| Some((id?, token?)))?;
        let answer = self.app.get_erasure(tenant.id(), id, &token).await;
        let own = |caller: &Caller, tenant: &TenantId, subject| {
            caller.subject() == Some(subject) || caller.has_role(tenant, OFFICERS)
        };
        match answer {
            Ok(answer) if own(&caller, tenant.id(), answer.value.request.subject) => Ok(pb::GetErasureResponse {
                erasure: Some(reply::erasure(id, answer.value)),
                consistency_token: answer.seen.to_text(),
            }),
            // Others do not learn whether there is one.
            Ok(_) => Err(crate::error::Error::from(crate::error::Rejection::from(
                allmende_gateway_domain::erasure::Rejection::Unknown,
            ))
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn scope(violations: &mut Violations, message: &pb::RequestErasureRequest) -> Option<Scope> {
    let given = violations.check("scope", parse::value(message.scope, Ok::<pb::ErasureScope, ()>))?;
    let named = &message.contribution_ids;
    match given {
        pb::ErasureScope::NamedContributions => {
            if !(1..=MAX_NAMED).contains(&named.len()) {
                violations.add("contribution_ids", Rule::Count(1, 1_000).says("must be 1 to 1,000 ids"));
                return None;
            }
            let ids: Vec<_> = (named.iter().enumerate())
                .filter_map(|(index, id)| {
                    violations.check(format_args!("contribution_ids[{index}]"), parse::contribution_id(id))
                })
                .collect();
            let distinct: BTreeSet<_> = ids.into_iter().collect();
            Some(Scope::Named(distinct.into_iter().collect()))
        }
        pb::ErasureScope::Unspecified => {
            violations.add("scope", "must be set");
            None
        }
        pb::ErasureScope::Account | pb::ErasureScope::Contributions if !named.is_empty() => {
            violations.add("contribution_ids", Rule::Alone.says("must be empty for this scope"));
            None
        }
        pb::ErasureScope::Account => Some(Scope::Account),
        pb::ErasureScope::Contributions => Some(Scope::Contributions),
    }
}

fn verdict(violations: &mut Violations, wanted: Option<&Wanted>) -> Option<Verdict> {
    match wanted {
        Some(Wanted::Accepted(accepted)) => {
            if accepted.exceptions.len() > MAX_NAMED {
                violations.add("accepted.exceptions", Rule::Count(0, 1_000).says("must be at most 1,000"));
                return None;
            }
            let exceptions = accepted.exceptions.iter().enumerate().filter_map(|(index, given)| {
                let path = |field: &str| format!("accepted.exceptions[{index}].{field}");
                let contribution =
                    violations.check(path("contribution_id"), parse::contribution_id(&given.contribution_id));
                let ground = violations.check(path("ground"), parse::value(given.ground, parse::ground_of));
                let legal_basis = violations.check(path("legal_basis"), fields::line(&given.legal_basis, 1..=200));
                Some(Exception { contribution: contribution?, ground: ground?, legal_basis: legal_basis? })
            });
            Some(Verdict::Accepted { exceptions: exceptions.collect() })
        }
        Some(Wanted::Refused(refused)) => {
            let ground = violations.check("refused.ground", parse::value(refused.ground, parse::ground_of));
            let basis = violations.check("refused.legal_basis", fields::line(&refused.legal_basis, 1..=200));
            Some(Verdict::Refused { ground: ground?, legal_basis: basis? })
        }
        None => {
            violations.add("verdict", "must be set: accepted or refused");
            None
        }
    }
}
