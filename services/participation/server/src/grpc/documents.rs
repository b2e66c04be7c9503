use allmende_participation_domain::document::{self, Command, Draft};
use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Rule};
use tonic::Status;

use super::parse::Parse;
use super::{Grpc, reply, scope};

impl Grpc {
    pub(super) async fn publish_draft(
        &self,
        caller: Caller,
        message: pb::PublishDraftRequest,
    ) -> Result<pb::PublishDraftResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (document, title, drafts)) = self.command(&caller, &message, &message.request_id, |parse| {
            let document = parse.id("document_id", &message.document_id);
            let title = parse.line("title", &message.title, 1..=200);
            let drafts = outline(parse, &message.markdown);
            Some((document?, title?, drafts?))
        })?;
        let command =
            |at| Command::PublishDraft { procedure: scope.procedure, title: title.clone(), drafts: drafts.clone(), at };
        let answer = self.app.change_document(&scope.tenant, scope.procedure, &asked, document, command).await?;
        Ok(pb::PublishDraftResponse {
            document: Some(reply::document(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn open_consultation(
        &self,
        caller: Caller,
        message: pb::OpenConsultationRequest,
    ) -> Result<pb::OpenConsultationResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (document, from, to)) = self.command(&caller, &message, &message.request_id, |parse| {
            let document = parse.id("document_id", &message.document_id);
            let from = parse.day("from_day", &message.from_day);
            let to = parse.day("to_day", &message.to_day);
            if to < from {
                parse.add("to_day", Rule::Order.says("must not be before from_day"));
            }
            Some((document?, from?, to?))
        })?;
        let days = self.app.berlin.range(from, to);
        let command = |at| Command::OpenConsultation { procedure: scope.procedure, days, at };
        let answer = self.app.change_document(&scope.tenant, scope.procedure, &asked, document, command).await?;
        Ok(pb::OpenConsultationResponse {
            document: Some(reply::document(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn publish_revision(
        &self,
        caller: Caller,
        message: pb::PublishRevisionRequest,
    ) -> Result<pb::PublishRevisionResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, revision) = self.command(&caller, &message, &message.request_id, |parse| {
            let document = parse.id("document_id", &message.document_id);
            if message.base_version == 0 {
                parse.add("base_version", "must be the version that the revision was made from");
            }
            let drafts = outline(parse, &message.markdown);
            let base = message.base_version;
            Some((document?, base, drafts?))
        })?;
        let despite = message.despite_unanswered;
        let answer = self.app.publish_revision(&scope.tenant, scope.procedure, &asked, revision, despite).await?;
        let revised = answer.value;
        Ok(pb::PublishRevisionResponse {
            published: revised.published,
            document: Some(reply::document(revised.document)),
            unanswered: revised.unanswered,
            unanswered_ids: revised.named.iter().map(ToString::to_string).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }
}

fn outline(parse: &mut Parse, markdown: &str) -> Option<Vec<Draft>> {
    if markdown.contains('\0') {
        parse.add("markdown", "must not have control characters");
        return None;
    }
    match document::parse(markdown) {
        Ok(drafts) => Some(drafts),
        Err(error) => {
            parse.add("markdown", Problem::new(error.to_string()));
            None
        }
    }
}
