use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::parse::Parse;
use super::{Grpc, reply};
use crate::app::Asked;
use crate::search::Query;
use crate::views::Viewer;

/// Hits that can be paged through.
const HITS: usize = 500;

impl Grpc {
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
