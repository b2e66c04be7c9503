use allmende_hosting::Answer;
use allmende_kernel::{RequestId, TenantId};
use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use prost::Message;
use tonic::Status;

use super::parse::{self, Online, Parse, Submitted};
use super::{Grpc, reply, scope};
use crate::app::{Submit, Supporter};
use crate::views::{Shown, Viewer};

/// Hands something in over the web or an app; the requests for it differ in what may be set.
macro_rules! submissions {
    ($($rpc:ident($request:ident) -> $response:ident {
        kind: $kind:expr, target: $target:expr, place: $place:expr, attachments: $attachments:expr
    })*) => {
        impl Grpc {
            $(pub(super) async fn $rpc(
                &self,
                caller: Caller,
                message: pb::$request,
            ) -> Result<pb::$response, Status> {
                let tenant = caller.tenant(&message.tenant)?;
                let online = Online { author: caller.signed_in()?, level: caller.level() };
                let mut parse = Parse::default();
                let id = parse.request(&message.request_id);
                let target: fn(&pb::$request) -> Option<pb::Target> = $target;
                let about = parse::about(&mut parse, $kind, target(&message).as_ref());
                let source = online.over(&mut parse, message.channel);
                let place: fn(&pb::$request) -> Option<&pb::CoarsePoint> = $place;
                let attachments: fn(&pb::$request) -> &[pb::AttachmentUpload] = $attachments;
                let submitted = Submitted {
                    contribution_id: &message.contribution_id,
                    procedure_id: &message.procedure_id,
                    text: message.text.as_ref(),
                    granted_licence: &message.granted_licence,
                    place: place(&message),
                    attachments: attachments(&message),
                };
                let submit = parse::submit(&mut parse, &submitted, about, source);
                let (id, submit) = parse.finish(|| Some((id?, submit?)))?;
                let answer = self.hand_in(&caller, tenant.id(), (id, &message), submit).await?;
                Ok(pb::$response {
                    contribution: Some(reply::contribution(answer.value)),
                    consistency_token: answer.seen.to_text(),
                })
            })*
        }
    };
}

submissions! {
    submit_contribution(SubmitContributionRequest) -> SubmitContributionResponse {
        kind: pb::ContributionKind::Idea,
        target: |_| None,
        place: |message| message.place.as_ref(),
        attachments: |message| &message.attachments
    }
    submit_proposal(SubmitProposalRequest) -> SubmitProposalResponse {
        kind: pb::ContributionKind::Proposal,
        target: |_| None,
        place: |message| message.place.as_ref(),
        attachments: |message| &message.attachments
    }
    post_comment(PostCommentRequest) -> PostCommentResponse {
        kind: pb::ContributionKind::Comment,
        target: |message| message.target.clone(),
        place: |_| None,
        attachments: |message| &message.attachments
    }
    propose_amendment(ProposeAmendmentRequest) -> ProposeAmendmentResponse {
        kind: pb::ContributionKind::Amendment,
        target: |message| {
            let section = message.section.clone()?;
            Some(pb::Target { target: Some(pb::target::Target::Section(section)) })
        },
        place: |_| None,
        attachments: |_| &[]
    }
}

impl Grpc {
    async fn hand_in(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        (id, message): (RequestId, &impl Message),
        submit: Submit,
    ) -> Result<Answer<Shown>, Status> {
        let asked = self.asked(caller, id, message);
        Ok(self.app.submit(tenant, &Viewer::of(caller), &asked, submit).await?)
    }

    pub(super) async fn transcribe_offline_contribution(
        &self,
        caller: Caller,
        message: pb::TranscribeOfflineContributionRequest,
    ) -> Result<pb::TranscribeOfflineContributionResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let transcriber = caller.signed_in()?;
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let about = parse::about(&mut parse, message.kind(), message.target.as_ref());
        let received = (message.channel, message.received_on.as_str());
        let source = parse::transcribed(&mut parse, &self.app.berlin, transcriber, received, self.app.now());
        let submitted = Submitted {
            contribution_id: &message.contribution_id,
            procedure_id: &message.procedure_id,
            text: message.text.as_ref(),
            granted_licence: &message.granted_licence,
            place: message.place.as_ref(),
            attachments: &message.attachments,
        };
        let submit = parse::submit(&mut parse, &submitted, about, source);
        let (id, submit) = parse.finish(|| Some((id?, submit?)))?;
        let answer = self.hand_in(&caller, &scope.tenant, (id, &message), submit).await?;
        Ok(pb::TranscribeOfflineContributionResponse {
            contribution: Some(reply::contribution(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn withdraw_contribution(
        &self,
        caller: Caller,
        message: pb::WithdrawContributionRequest,
    ) -> Result<pb::WithdrawContributionResponse, Status> {
        let (tenant, person) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let (asked, contribution) = self.command(&caller, &message, &message.request_id, |parse| {
            parse.id("contribution_id", &message.contribution_id)
        })?;
        let seen = self.app.withdraw(tenant.id(), &asked, person, contribution).await?;
        Ok(pb::WithdrawContributionResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn support_contribution(
        &self,
        caller: Caller,
        message: pb::SupportContributionRequest,
    ) -> Result<pb::SupportContributionResponse, Status> {
        let (tenant, person) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let thing = parse.id("contribution_id", &message.contribution_id);
        let (id, thing) = parse.finish(|| Some((id?, thing?)))?;
        let (asked, supporter) = (self.asked(&caller, id, &message), Supporter { person, level: caller.level() });
        let (supports_left, seen) = self.app.support(tenant.id(), &asked, supporter, (thing, true)).await?;
        Ok(pb::SupportContributionResponse { supports_left, consistency_token: seen.to_text() })
    }

    pub(super) async fn withdraw_support(
        &self,
        caller: Caller,
        message: pb::WithdrawSupportRequest,
    ) -> Result<pb::WithdrawSupportResponse, Status> {
        let (tenant, person) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let thing = parse.id("contribution_id", &message.contribution_id);
        let (id, thing) = parse.finish(|| Some((id?, thing?)))?;
        let (asked, supporter) = (self.asked(&caller, id, &message), Supporter { person, level: caller.level() });
        let (supports_left, seen) = self.app.support(tenant.id(), &asked, supporter, (thing, false)).await?;
        Ok(pb::WithdrawSupportResponse { supports_left, consistency_token: seen.to_text() })
    }

    pub(super) async fn report_contribution(
        &self,
        caller: Caller,
        message: pb::ReportContributionRequest,
    ) -> Result<pb::ReportContributionResponse, Status> {
        let (tenant, person) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let (asked, report) = self.command(&caller, &message, &message.request_id, |parse| {
            let contribution = parse.id("contribution_id", &message.contribution_id);
            let reason = parse.word::<pb::ModerationReason, _>("reason", message.reason);
            let note = parse.text("note", &message.note, 0..=1_000);
            Some((contribution?, reason?, note?))
        })?;
        let seen = self.app.report(tenant.id(), &asked, person, report).await?;
        Ok(pb::ReportContributionResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn object_to_moderation(
        &self,
        caller: Caller,
        message: pb::ObjectToModerationRequest,
    ) -> Result<pb::ObjectToModerationResponse, Status> {
        let (tenant, person) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let (asked, objection) = self.command(&caller, &message, &message.request_id, |parse| {
            let contribution = parse.id("contribution_id", &message.contribution_id);
            let note = parse.text("note", &message.note, 1..=2_000);
            Some((contribution?, note?))
        })?;
        let seen = self.app.object(tenant.id(), &asked, person, objection).await?;
        Ok(pb::ObjectToModerationResponse { consistency_token: seen.to_text() })
    }
}
