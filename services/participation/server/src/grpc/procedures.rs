use allmende_participation_domain::procedure::Command;
use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::parse;
use super::{Grpc, reply, scope};

impl Grpc {
    pub(super) async fn open_procedure(
        &self,
        caller: Caller,
        message: pb::OpenProcedureRequest,
    ) -> Result<pb::OpenProcedureResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (terms, schedule)) = self.command(&caller, &message, &message.request_id, |parse| {
            let terms = parse::terms(parse, &message);
            let (berlin, until) = (&self.app.berlin, &message.transcription_until_day);
            let schedule = parse::schedule(parse, berlin, &message.phases, until);
            Some((terms?, schedule?))
        })?;
        let command = |at| Command::Open { terms: terms.clone(), schedule: schedule.clone(), at };
        let answer = self.app.change_procedure(&scope.tenant, &asked, scope.procedure, command).await?;
        Ok(pb::OpenProcedureResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn amend_phases(
        &self,
        caller: Caller,
        message: pb::AmendPhasesRequest,
    ) -> Result<pb::AmendPhasesResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (schedule, reason)) = self.command(&caller, &message, &message.request_id, |parse| {
            let (berlin, until) = (&self.app.berlin, &message.transcription_until_day);
            let schedule = parse::schedule(parse, berlin, &message.phases, until);
            let reason = parse.text("reason", &message.reason, 0..=1_000);
            Some((schedule?, reason?))
        })?;
        let command = |at| Command::AmendPhases { schedule: schedule.clone(), reason: reason.clone(), at };
        let answer = self.app.change_procedure(&scope.tenant, &asked, scope.procedure, command).await?;
        Ok(pb::AmendPhasesResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn publish_status(
        &self,
        caller: Caller,
        message: pb::PublishStatusRequest,
    ) -> Result<pb::PublishStatusResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, text) =
            self.command(&caller, &message, &message.request_id, |parse| parse.text("text", &message.text, 1..=5_000))?;
        let command = |at| Command::PublishStatus { text: text.clone(), at };
        let answer = self.app.change_procedure(&scope.tenant, &asked, scope.procedure, command).await?;
        Ok(pb::PublishStatusResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn close_procedure(
        &self,
        caller: Caller,
        message: pb::CloseProcedureRequest,
    ) -> Result<pb::CloseProcedureResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, reason) = self.command(&caller, &message, &message.request_id, |parse| {
            parse.text("reason", &message.reason, 0..=1_000)
        })?;
        let command = |at| Command::Close { reason: reason.clone(), at };
        let answer = self.app.change_procedure(&scope.tenant, &asked, scope.procedure, command).await?;
        Ok(pb::CloseProcedureResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }
}
