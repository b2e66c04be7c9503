//! Lists of long texts come in short pages: an answer is never too large for a message, whatever people write.

use allmende_proto::participation::v1 as pb;

use crate::support::{Procedure, Running, TENANT, run, start};

/// So many of the longest comments that they are more than a message may be.
const COMMENTS: usize = 110;

/// Ids of what was written in one moment, in the order in which lists have it, each with its section.
async fn written(service: &Running, procedure: &Procedure) -> Vec<(String, &'static str)> {
    let mut anna = service.by("anna");
    let mut ids = Vec::new();
    let mut seen = String::new();
    // As long as a text may be, of letters of four bytes.
    let longest = "🌳".repeat(10_000);
    for number in 0..COMMENTS {
        let section = if number % 2 == 0 { "ziele" } else { "wege" };
        let comment = service.comment(procedure, section, &longest);
        ids.push((comment.contribution_id.clone(), section));
        seen = anna.post_comment(comment).await.unwrap().into_inner().consistency_token;
    }
    service.settle(&seen).await;
    ids.sort();
    ids
}

/// All of a list, and how many pages it has: `page` gives what is behind a token, and the token of what follows.
async fn whole(mut page: impl AsyncFnMut(String) -> (Vec<String>, String)) -> (Vec<String>, usize) {
    let (mut ids, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (found, next) = page(token).await;
        assert!(!found.is_empty() || next.is_empty(), "a page that leads nowhere");
        ids.extend(found);
        pages += 1;
        if next.is_empty() {
            return (ids, pages);
        }
        token = next;
    }
}

#[test]
fn a_list_of_the_longest_texts_is_read_to_its_end() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let written = written(&service, &procedure).await;
        let ids: Vec<String> = written.iter().map(|(id, _)| id.clone()).collect();

        let (mut moderator, mut anna) = (service.by("moderator"), service.by("anna"));
        let queue = whole(async |page_token| {
            let request = pb::ListModerationQueueRequest {
                tenant: TENANT.into(),
                procedure_id: procedure.id.clone(),
                page_size: 200,
                page_token,
                ..Default::default()
            };
            let answer = moderator.list_moderation_queue(request).await.unwrap().into_inner();
            assert_eq!(answer.waiting as usize, COMMENTS);
            let ids = answer.items.into_iter().map(|item| item.contribution.unwrap().contribution_id);
            (ids.collect(), answer.next_page_token)
        });
        let (found, pages) = queue.await;
        assert_eq!(found, ids);
        assert!(pages > 1);

        let own = whole(async |page_token| {
            let request = pb::ListMyContributionsRequest {
                tenant: TENANT.into(),
                page_size: 200,
                page_token,
                ..Default::default()
            };
            let answer = anna.list_my_contributions(request).await.unwrap().into_inner();
            (answer.contributions.into_iter().map(|own| own.contribution_id).collect(), answer.next_page_token)
        });
        let (found, _) = own.await;
        assert_eq!(found, ids.iter().rev().cloned().collect::<Vec<_>>());

        for id in &ids {
            service.publish(&procedure, id).await;
        }
        let mut visitor = service.visitor();
        let synopsis = whole(async |page_token| {
            let request = pb::ListSynopsisRequest { page_size: 500, page_token, ..procedure.synopsis() };
            let answer = visitor.list_synopsis(request).await.unwrap().into_inner();
            (answer.entries.into_iter().map(|entry| entry.contribution_id).collect(), answer.next_page_token)
        });
        let (found, _) = synopsis.await;
        let of = |of: &'static str| written.iter().filter(move |(_, section)| *section == of).map(|(id, _)| id.clone());
        assert_eq!(found, of("ziele").chain(of("wege")).collect::<Vec<_>>());
        service.stop().await;
    });
}
