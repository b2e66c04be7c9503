use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::Rule;
use allmende_runtime::fields::Paging;
use tonic::Status;

use super::parse::{Parse, area, shape};
use super::{Grpc, reply, scope};
use crate::app::Asked;
use crate::views::{Filter, Page, ProposalOrder, Viewer};

/// Default and largest page of lists of texts, of lists of procedures, documents and projects, of themes, of a synopsis.
const TEXTS: (u32, u32) = (20, 200);
const OFFICIAL: (u32, u32) = (20, 100);
const THEMES: (u32, u32) = (50, 200);
const SYNOPSIS: (u32, u32) = (100, 500);

fn sized(size: u32, (default, max): (u32, u32)) -> (u32, u32, u32) {
    (size, default, max)
}

/// The token of the page after this one.
fn next<T>(page: &Page<T>, pages: &Paging) -> String {
    page.next.as_ref().map_or(String::new(), |last| pages.token(last))
}

impl Grpc {
    pub(super) async fn list_procedures(
        &self,
        caller: Caller,
        message: pb::ListProceduresRequest,
    ) -> Result<pb::ListProceduresResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let page =
            parse.page(&caller, &[message.tenant.as_bytes()], sized(message.page_size, OFFICIAL), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let ((page, pages), token) = parse.finish(|| Some((page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.procedures(asked, page).await?;
        Ok(pb::ListProceduresResponse {
            next_page_token: next(&answer.value, &pages),
            procedures: answer.value.items.into_iter().map(reply::procedure).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_contributions(
        &self,
        caller: Caller,
        message: pb::ListContributionsRequest,
    ) -> Result<pb::ListContributionsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id("procedure_id", &message.procedure_id);
        let channel = match message.channel {
            0 => Some(None),
            channel => parse.word::<pb::Channel, _>("channel", channel).map(Some),
        };
        let theme = parse.id_or_none("theme_id", &message.theme_id);
        let area = area(&mut parse, message.area.as_ref());
        // The generated accessor leaves out those that it does not know.
        let kind = |kind: &i32| pb::ContributionKind::try_from(*kind).ok();
        let kinds: Option<Vec<_>> = message.kinds.iter().map(kind).collect();
        let kinds = kinds.filter(|kinds| !kinds.contains(&pb::ContributionKind::Unspecified));
        if kinds.is_none() {
            parse.add("kinds", Rule::Value);
        }
        let shape =
            (message.kinds.iter().flat_map(|kind| kind.to_be_bytes()).collect::<Vec<_>>(), shape(&message.area));
        let parameters = [
            message.tenant.as_bytes(),
            message.procedure_id.as_bytes(),
            message.theme_id.as_bytes(),
            &message.channel.to_be_bytes(),
            &shape.0,
            &shape.1,
        ];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (procedure, filter, (page, pages), token) = parse.finish(|| {
            let filter = Filter { kinds: kinds?, theme: theme?, channel: channel?, area: area?, proposal: None };
            Some((procedure?, filter, page?, token?))
        })?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.contributions(asked, procedure, filter, page).await?;
        Ok(pb::ListContributionsResponse {
            next_page_token: next(&answer.value, &pages),
            contributions: answer.value.items.into_iter().map(reply::contribution).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_proposals(
        &self,
        caller: Caller,
        message: pb::ListProposalsRequest,
    ) -> Result<pb::ListProposalsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id("procedure_id", &message.procedure_id);
        let theme = parse.id_or_none("theme_id", &message.theme_id);
        let area = area(&mut parse, message.area.as_ref());
        let state = pb::ProposalState::try_from(message.state).ok();
        if state.is_none() {
            parse.add("state", Rule::Value);
        }
        let order = match pb::ProposalOrder::try_from(message.order) {
            Ok(pb::ProposalOrder::Unspecified) => Some(ProposalOrder::Newest),
            Ok(pb::ProposalOrder::Supports) => Some(ProposalOrder::Supports),
            Err(_) => {
                parse.add("order", Rule::Value);
                None
            }
        };
        let shape = shape(&message.area);
        let parameters = [
            message.tenant.as_bytes(),
            message.procedure_id.as_bytes(),
            message.theme_id.as_bytes(),
            &message.state.to_be_bytes(),
            &message.order.to_be_bytes(),
            &shape,
        ];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (procedure, listed, (page, pages), token) = parse.finish(|| {
            let filter = Filter {
                kinds: vec![pb::ContributionKind::Proposal],
                theme: theme?,
                channel: None,
                area: area?,
                proposal: state.filter(|state| *state != pb::ProposalState::Unspecified),
            };
            Some((procedure?, (order?, filter), page?, token?))
        })?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.proposals(asked, procedure, listed, page).await?;
        Ok(pb::ListProposalsResponse {
            next_page_token: next(&answer.value, &pages),
            proposals: answer.value.items.into_iter().map(reply::contribution).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_proposal_comments(
        &self,
        caller: Caller,
        message: pb::ListProposalCommentsRequest,
    ) -> Result<pb::ListProposalCommentsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let proposal = parse.id("proposal_id", &message.proposal_id);
        let parameters = [message.tenant.as_bytes(), message.proposal_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (proposal, (page, pages), token) = parse.finish(|| Some((proposal?, page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.proposal_comments(asked, proposal, page).await?;
        Ok(pb::ListProposalCommentsResponse {
            next_page_token: next(&answer.value, &pages),
            comments: answer.value.items.into_iter().map(reply::contribution).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_my_contributions(
        &self,
        caller: Caller,
        message: pb::ListMyContributionsRequest,
    ) -> Result<pb::ListMyContributionsResponse, Status> {
        let (tenant, author) = (caller.tenant(&message.tenant)?, caller.signed_in()?);
        let mut parse = Parse::default();
        let parameters = [message.tenant.as_bytes(), author.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let ((page, pages), token) = parse.finish(|| Some((page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.by_author(asked, author, page).await?;
        Ok(pb::ListMyContributionsResponse {
            next_page_token: next(&answer.value, &pages),
            contributions: answer.value.items.into_iter().map(reply::contribution).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_moderation_queue(
        &self,
        caller: Caller,
        message: pb::ListModerationQueueRequest,
    ) -> Result<pb::ListModerationQueueResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let mut parse = Parse::default();
        let parameters = [message.tenant.as_bytes(), message.procedure_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let ((page, pages), token) = parse.finish(|| Some((page?, token?)))?;
        let asked = Asked { tenant: &scope.tenant, viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.queue(asked, scope.procedure, page).await?;
        let (page, waiting) = answer.value;
        Ok(pb::ListModerationQueueResponse {
            next_page_token: next(&page, &pages),
            items: page.items.into_iter().map(reply::queue_item).collect(),
            waiting,
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_themes(
        &self,
        caller: Caller,
        message: pb::ListThemesRequest,
    ) -> Result<pb::ListThemesResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id("procedure_id", &message.procedure_id);
        let parameters = [message.tenant.as_bytes(), message.procedure_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, THEMES), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (procedure, (page, pages), token) = parse.finish(|| Some((procedure?, page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.themes(asked, procedure, page).await?;
        Ok(pb::ListThemesResponse {
            next_page_token: next(&answer.value, &pages),
            themes: answer.value.items.into_iter().map(reply::theme).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_projects(
        &self,
        caller: Caller,
        message: pb::ListProjectsRequest,
    ) -> Result<pb::ListProjectsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id_or_none("procedure_id", &message.procedure_id);
        let parameters = [message.tenant.as_bytes(), message.procedure_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, OFFICIAL), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (procedure, (page, pages), token) = parse.finish(|| Some((procedure?, page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.projects(asked, procedure, page).await?;
        Ok(pb::ListProjectsResponse {
            next_page_token: next(&answer.value, &pages),
            projects: answer.value.items.into_iter().map(reply::project).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_documents(
        &self,
        caller: Caller,
        message: pb::ListDocumentsRequest,
    ) -> Result<pb::ListDocumentsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id("procedure_id", &message.procedure_id);
        let parameters = [message.tenant.as_bytes(), message.procedure_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, OFFICIAL), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (procedure, (page, pages), token) = parse.finish(|| Some((procedure?, page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.documents(asked, procedure, page).await?;
        Ok(pb::ListDocumentsResponse {
            next_page_token: next(&answer.value, &pages),
            documents: answer.value.items.into_iter().map(reply::document).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_section_thread(
        &self,
        caller: Caller,
        message: pb::ListSectionThreadRequest,
    ) -> Result<pb::ListSectionThreadResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let document = parse.id("document_id", &message.document_id);
        let section = parse.section("section_id", &message.section_id);
        let parameters = [message.tenant.as_bytes(), message.document_id.as_bytes(), message.section_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (thread, (page, pages), token) = parse.finish(|| Some(((document?, section?), page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.section_thread(asked, thread, page).await?;
        Ok(pb::ListSectionThreadResponse {
            next_page_token: next(&answer.value, &pages),
            contributions: answer.value.items.into_iter().map(reply::contribution).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_unanswered_comments(
        &self,
        caller: Caller,
        message: pb::ListUnansweredCommentsRequest,
    ) -> Result<pb::ListUnansweredCommentsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let document = parse.id("document_id", &message.document_id);
        let parameters = [message.tenant.as_bytes(), message.document_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, TEXTS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (document, (page, pages), token) = parse.finish(|| Some((document?, page?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.unanswered(asked, document, page).await?;
        let (page, unanswered) = answer.value;
        Ok(pb::ListUnansweredCommentsResponse {
            next_page_token: next(&page, &pages),
            contributions: page.items.into_iter().map(reply::contribution).collect(),
            unanswered,
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_synopsis(
        &self,
        caller: Caller,
        message: pb::ListSynopsisRequest,
    ) -> Result<pb::ListSynopsisResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let document = parse.id("document_id", &message.document_id);
        let parameters = [message.tenant.as_bytes(), message.document_id.as_bytes()];
        let page = parse.page(&caller, &parameters, sized(message.page_size, SYNOPSIS), &message.page_token);
        let token = parse.token(&message.consistency_token);
        let (document, (page, pages), token) = parse.finish(|| Some((document?, page?, token?)))?;
        // The same whoever asks: it is what others build on.
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::public(), token: &token };
        let answer = self.app.synopsis(asked, document, page).await?;
        Ok(pb::ListSynopsisResponse {
            next_page_token: next(&answer.value, &pages),
            entries: answer.value.items.into_iter().map(reply::synopsis_entry).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }
}
