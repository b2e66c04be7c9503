//! What is erased is gone from wherever it was.

use std::path::Path;

use allmende_kernel::TenantId;
use allmende_keyring::{KeyId, Keyring as _, Opened, open_text};
use allmende_participation_domain::contribution::ErasureReason;
use allmende_proto::participation::v1 as pb;

use crate::support::{TENANT, run, start, subject};

/// Whether the bytes of a word are in any file under a folder.
fn holds(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => holds(&path, word),
            false => std::fs::read(&path).unwrap().windows(word.len()).any(|bytes| bytes == word.as_bytes()),
        }
    })
}

/// All words in a search index, decoded; what lies in files that it does not name any more counts as a word too.
fn words(folder: &Path) -> Vec<String> {
    let index = tantivy::Index::open_in_dir(folder).unwrap();
    let mut segments = Vec::new();
    let mut words = Vec::new();
    for segment in index.searchable_segments().unwrap() {
        let reader = tantivy::SegmentReader::open(&segment).unwrap();
        segments.push(reader.segment_id().uuid_string());
        for (field, _) in index.schema().fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = reader.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                words.push(String::from_utf8_lossy(terms.key()).into_owned());
            }
        }
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let of_segment = name.split('.').next().is_some_and(|stem| stem.len() == 32);
        if of_segment && !segments.iter().any(|segment| name.starts_with(segment)) {
            words.push(format!("left over: {name}"));
        }
    }
    words
}

fn has(words: &[String], beginning: &str) -> bool {
    words.iter().any(|word| word.starts_with(beginning))
}

#[test]
fn a_person_is_forgotten_and_nobody_else() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut own = Vec::new();
        for number in 0..3 {
            own.push(service.published_comment("anna", &procedure, "ziele", &format!("Quittenbrot {number}")).await);
        }
        let pending = service.comment(&procedure, "ziele", "Quittenbrot, ungelesen");
        own.push(pending.contribution_id.clone());
        service.by("anna").post_comment(pending).await.unwrap();
        service.published_comment("ben", &procedure, "ziele", "Apfelmus").await;

        let search =
            |word: &str| pb::SearchPublicRequest { tenant: TENANT.into(), query: word.into(), ..Default::default() };
        let head = pb::ListProceduresRequest { tenant: TENANT.into(), ..Default::default() };
        let token = service.visitor().list_procedures(head).await.unwrap().into_inner().consistency_token;
        let shown = pb::SearchPublicRequest { consistency_token: token, ..search("Quittenbrot") };
        assert_eq!(service.visitor().search_public(shown).await.unwrap().into_inner().hits.len(), 3);
        let folder = service.data.path().join("search/participation-0");
        assert!(has(&words(&folder), "quittenbrot"), "the index has it in plain words");
        assert!(!holds(&service.data.path().join("views"), "Quittenbrot"), "views have it sealed");
        assert!(!holds(&service.data.path().join("log"), "Quittenbrot"), "so has the log");

        let tenant = TenantId::parse(TENANT).unwrap();
        let eraser = service.participation.eraser();
        let (texts, _) = eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap();
        assert_eq!(texts, 4);
        let left = words(&folder);
        assert!(!has(&left, "quittenbrot") && !has(&left, "left over"), "{left:?}");
        assert!(has(&left, "apfelmus"));
        assert_eq!(service.thread(&procedure, "ziele").await, ["Apfelmus"]);
        let erased = service.see("ben", &own[0]).await;
        assert_eq!((erased.erased, erased.text), (true, None));
        let mine = pb::ListMyContributionsRequest { tenant: TENANT.into(), ..Default::default() };
        assert!(service.by("anna").list_my_contributions(mine).await.unwrap().into_inner().contributions.is_empty());
        assert_eq!(eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap().0, 0);

        // It holds the views open.
        drop(eraser);
        let service = service.restart().await;
        assert_eq!(service.thread(&procedure, "ziele").await, ["Apfelmus"]);
        assert!(service.see("ben", &own[0]).await.erased);
        service.stop().await;
    });
}

/// Ids of texts are their authors' to choose, and ids of people are no secret.
#[test]
fn a_text_with_a_persons_id_takes_nothing_of_the_person_along() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let (tenant, officer) = (TenantId::parse(TENANT).unwrap(), subject("moderator"));
        let account = service.keyring.ensure(&tenant, KeyId::person(officer)).await.unwrap();
        let address = account.seal("person/address", b"rathaus@example.org").unwrap();

        let comment = pb::PostCommentRequest {
            contribution_id: officer.to_string(),
            ..service.comment(&procedure, "ziele", "Quittenbrot")
        };
        service.by("anna").post_comment(comment).await.unwrap();
        let eraser = service.participation.eraser();
        assert_eq!(eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap().0, 1);
        let opened = open_text(service.keyring.as_ref(), &tenant, "person/address", &address);
        assert_eq!(opened, Ok(Opened::Content("rathaus@example.org".to_owned())));
        drop(eraser);
        service.stop().await;
    });
}

#[test]
fn an_answer_goes_with_the_text_that_it_may_repeat() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let text = service.published_comment("anna", &procedure, "ziele", "Frau Quitte wohnt dort.").await;
        let answer = pb::RespondToContributionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: text.clone(),
            text: "Danke, Frau Quitte.".into(),
        };
        let again = pb::RespondToContributionRequest { request_id: service.request_id(), ..answer.clone() };
        let mut clerk = service.by("clerk");
        let token = clerk.respond_to_contribution(answer).await.unwrap().into_inner().consistency_token;
        let head = service.participation.log().head().borrow().group;
        clerk.respond_to_contribution(again).await.unwrap();
        assert_eq!(service.participation.log().head().borrow().group, head, "the same words are the same answer");
        service.settle(&token).await;
        assert_eq!(service.see("ben", &text).await.response.unwrap().text, "Danke, Frau Quitte.");

        let tenant = TenantId::parse(TENANT).unwrap();
        let eraser = service.participation.eraser();
        eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap();
        for who in ["ben", "moderator"] {
            assert_eq!(service.see(who, &text).await.response, None);
        }
        drop(eraser);
        let (data, _) = service.stop().await;
        for folder in ["log", "views"] {
            assert!(!holds(&data.path().join(folder), "Quitte"), "{folder}");
        }
    });
}
