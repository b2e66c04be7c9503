use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::Problem;
use allmende_runtime::fields::Paging;
use tonic::Status;

use super::parse::Parse;
use super::{Grpc, reply, scope};
use crate::app::Asked;
use crate::search::Query;
use crate::views::{Filter, Page, ProposalOrder, Viewer};

/// Default and largest page of lists of texts, of lists of procedures, documents and projects, of themes, of a synopsis.
const TEXTS: (u32, u32) = (20, 200);
const OFFICIAL: (u32, u32) = (20, 100);
const THEMES: (u32, u32) = (50, 200);
const SYNOPSIS: (u32, u32) = (100, 500);
/// Hits that can be paged through.
const HITS: usize = 500;

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
        if message.kinds().any(|kind| kind == pb::ContributionKind::Unspecified) {
            parse.add("kinds", "must be values of its type");
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
        let kinds = message.kinds().collect();
        let (procedure, filter, (page, pages), token) = parse.finish(|| {
            let filter = Filter { kinds, theme: theme?, channel: channel?, area: area?, proposal: None };
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
            parse.add("state", "must be a value of its type");
        }
        let order = match pb::ProposalOrder::try_from(message.order) {
            Ok(pb::ProposalOrder::Unspecified) => Some(ProposalOrder::Newest),
            Ok(pb::ProposalOrder::Supports) => Some(ProposalOrder::Supports),
            Err(_) => {
                parse.add("order", "must be a value of its type");
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

    pub(super) async fn search_public(
        &self,
        caller: Caller,
        message: pb::SearchPublicRequest,
    ) -> Result<pb::SearchPublicResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let procedure = parse.id_or_none("procedure_id", &message.procedure_id);
        let text = parse.line("query", &message.query, 1..=200);
        let query = text.zip(procedure).map(|(text, procedure)| Query::parse(&text, procedure));
        if query.as_ref().is_some_and(|query| !query.says_something()) {
            parse.add("query", "must have a word that is looked for");
        }
        let parameters = [message.tenant.as_bytes(), message.procedure_id.as_bytes(), message.query.as_bytes()];
        let page = parse.page(&caller, &parameters, (message.page_size, 20, 50), &message.page_token);
        let offset = page.as_ref().and_then(|(page, _)| offset(page.after.as_deref()));
        if page.is_some() && offset.is_none() {
            parse.add("page_token", "must be empty or a next_page_token as it was given");
        }
        let token = parse.token(&message.consistency_token);
        let (query, (page, pages), offset, token) = parse.finish(|| Some((query?, page?, offset?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::public(), token: &token };
        let answer = self.app.search(asked, query, (offset, page.max)).await?;
        let (found, more) = answer.value;
        let after = offset + page.max;
        Ok(pb::SearchPublicResponse {
            hits: found.into_iter().map(reply::hit).collect(),
            next_page_token: match more && after < HITS {
                true => pages.token(&(after as u32).to_be_bytes()),
                false => String::new(),
            },
            consistency_token: answer.seen.to_text(),
        })
    }
}

fn offset(cursor: Option<&[u8]>) -> Option<usize> {
    let Some(cursor) = cursor else { return Some(0) };
    let offset = u32::from_be_bytes(cursor.try_into().ok()?) as usize;
    (offset < HITS).then_some(offset)
}

/// A box in thousandths of a degree.
fn area(parse: &mut Parse, area: Option<&pb::Area>) -> Option<Option<[i32; 4]>> {
    let Some(area) = area else { return Some(None) };
    let milli = |degrees: f64, up: bool| if up { (degrees * 1e3).ceil() } else { (degrees * 1e3).floor() } as i32;
    let (latitudes, longitudes) = ([area.south, area.north], [area.west, area.east]);
    let inside = |degrees: &[f64; 2], max: f64| degrees.iter().all(|degrees| (-max..=max).contains(degrees));
    if !inside(&latitudes, 90.0) || !inside(&longitudes, 180.0) {
        parse.add("area", Problem::from("must be degrees on Earth"));
        return None;
    }
    if area.south > area.north || area.west > area.east {
        parse.add("area", Problem::from("must run from south to north and from west to east"));
        return None;
    }
    // Places are rounded to the nearest, and a box keeps what its borders touch.
    Some(Some([milli(area.south, false), milli(area.west, false), milli(area.north, true), milli(area.east, true)]))
}

/// What of an area decides on a list.
fn shape(area: &Option<pb::Area>) -> Vec<u8> {
    let sides = area.iter().flat_map(|area| [area.south, area.west, area.north, area.east]);
    sides.flat_map(f64::to_be_bytes).collect()
}
