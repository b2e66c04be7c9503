//! Participation: synopsis, search, moderation and answers.

use allmende_proto::participation::v1 as p;

use super::things::{comment, own};
use super::{COMMENT, HOSTILE, NOON, staff};
use crate::fake::Fake;

pub(super) fn serve(fake: Fake) -> Fake {
    let rpc = |name: &str| format!("/allmende.participation.v1.ParticipationService/{name}");
    fake.rpc(&rpc("ListSynopsis"), |_, _: p::ListSynopsisRequest| {
        let entry = p::SynopsisEntry {
            section_id: "ziele".into(),
            heading: "Ziele".into(),
            contribution_id: COMMENT.into(),
            kind: p::ContributionKind::Comment.into(),
            version: 1,
            text: comment().text,
            response: comment().response,
            ..p::SynopsisEntry::default()
        };
        Ok(p::ListSynopsisResponse { entries: vec![entry], ..p::ListSynopsisResponse::default() })
    })
    .rpc(&rpc("DiffVersions"), |_, _: p::DiffVersionsRequest| {
        let span =
            |operation: p::DiffOperation, text: &str| p::DiffSpan { operation: operation.into(), text: text.into() };
        let spans = vec![
            span(p::DiffOperation::Equal, "Daten "),
            span(p::DiffOperation::Deleted, "sollen"),
            span(p::DiffOperation::Inserted, "gehören allen"),
        ];
        let section = p::SectionDiff {
            section_id: "t".into(),
            heading: "Transparenz".into(),
            change: p::SectionChange::Changed.into(),
            spans,
            ..p::SectionDiff::default()
        };
        Ok(p::DiffVersionsResponse { sections: vec![section], ..p::DiffVersionsResponse::default() })
    })
    .rpc(&rpc("SearchPublic"), |_, _: p::SearchPublicRequest| {
        let hit = p::SearchHit {
            thing: Some(p::search_hit::Thing::ContributionId(COMMENT.into())),
            snippet: HOSTILE.into(),
            marks: vec![p::SnippetRange { start: 0, end: 8 }],
            ..p::SearchHit::default()
        };
        Ok(p::SearchPublicResponse { hits: vec![hit], ..p::SearchPublicResponse::default() })
    })
    .rpc(&rpc("ListModerationQueue"), |token, _: p::ListModerationQueueRequest| {
        staff(token)?;
        let report = p::Report { reason: p::ModerationReason::Insult.into(), note: HOSTILE.into(), at_us: NOON };
        let item = |contribution, reason: p::QueueReason| p::QueueItem {
            reason: reason.into(),
            contribution: Some(contribution),
            reports: vec![report.clone()],
            since_us: NOON,
        };
        let items = vec![
            item(p::Contribution { own: false, ..own() }, p::QueueReason::Pending),
            item(comment(), p::QueueReason::Reported),
        ];
        Ok(p::ListModerationQueueResponse { items, waiting: 2, ..p::ListModerationQueueResponse::default() })
    })
    .rpc(&rpc("PublishRevision"), |token, asked: p::PublishRevisionRequest| {
        staff(token)?;
        let waits = asked.markdown.contains("übergangen") && !asked.despite_unanswered;
        Ok(p::PublishRevisionResponse { published: !waits, unanswered: 1, ..p::PublishRevisionResponse::default() })
    })
    .rpc(&rpc("GetReachByChannel"), |_, _: p::GetReachByChannelRequest| {
        let reach =
            vec![p::ChannelReach { channel: p::Channel::Web.into(), received: 40, published: 35, answered: 12 }];
        Ok(p::GetReachByChannelResponse { reach, ..p::GetReachByChannelResponse::default() })
    })
    .rpc(&rpc("ListUnansweredComments"), |token, _: p::ListUnansweredCommentsRequest| {
        staff(token)?;
        Ok(p::ListUnansweredCommentsResponse {
            contributions: vec![comment()],
            unanswered: 1,
            ..p::ListUnansweredCommentsResponse::default()
        })
    })
}
