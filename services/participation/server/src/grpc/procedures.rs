use allmende_participation_domain::procedure::Command;
use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::parse::{self, Parse};
use super::{Grpc, reply, scope};

impl Grpc {
    pub(super) async fn open_procedure(
        &self,
        caller: Caller,
        message: pb::OpenProcedureRequest,
    ) -> Result<pb::OpenProcedureResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let terms = parse::terms(&mut parse, &message);
        let (berlin, until) = (&self.app.berlin, &message.transcription_until_day);
        let schedule = parse::schedule(&mut parse, berlin, &message.phases, until);
        let (id, terms, schedule) = parse.finish(|| Some((id?, terms?, schedule?)))?;
        let command = |at| Command::Open { terms: terms.clone(), schedule: schedule.clone(), at };
        let asked = self.asked(&caller, id, &message);
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
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let (berlin, until) = (&self.app.berlin, &message.transcription_until_day);
        let schedule = parse::schedule(&mut parse, berlin, &message.phases, until);
        let reason = parse.text("reason", &message.reason, 0..=1_000);
        let (id, schedule, reason) = parse.finish(|| Some((id?, schedule?, reason?)))?;
        let command = |at| Command::AmendPhases { schedule: schedule.clone(), reason: reason.clone(), at };
        let asked = self.asked(&caller, id, &message);
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
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let text = parse.text("text", &message.text, 1..=5_000);
        let (id, text) = parse.finish(|| Some((id?, text?)))?;
        let command = |at| Command::PublishStatus { text: text.clone(), at };
        let asked = self.asked(&caller, id, &message);
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
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let reason = parse.text("reason", &message.reason, 0..=1_000);
        let (id, reason) = parse.finish(|| Some((id?, reason?)))?;
        let command = |at| Command::Close { reason: reason.clone(), at };
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.change_procedure(&scope.tenant, &asked, scope.procedure, command).await?;
        Ok(pb::CloseProcedureResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }
}
