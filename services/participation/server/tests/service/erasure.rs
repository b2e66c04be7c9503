//! What is erased is gone from wherever it was.

use std::path::Path;

use allmende_kernel::TenantId;
use allmende_participation_domain::contribution::ErasureReason;
use allmende_proto::participation::v1 as pb;

use crate::support::{TENANT, run, start, subject};

/// Whether the bytes of a word are in any file under a folder.
fn holds(folder: &Path, word: &str) -> bool {
    let word = word.as_bytes();
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => holds(&path, std::str::from_utf8(word).unwrap()),
            false => std::fs::read(&path).unwrap().windows(word.len()).any(|bytes| bytes.eq_ignore_ascii_case(word)),
        }
    })
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
        let folder = service.data.path().join("search");
        assert!(holds(&folder, "quittenbrot"), "the index has it in plain words");
        assert!(!holds(&service.data.path().join("views"), "Quittenbrot"), "views have it sealed");
        assert!(!holds(&service.data.path().join("log"), "Quittenbrot"), "so has the log");

        let tenant = TenantId::parse(TENANT).unwrap();
        let eraser = service.participation.eraser();
        let (texts, _) = eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap();
        assert_eq!(texts, 4);
        assert!(!holds(&folder, "quittenbrot"));
        assert!(holds(&folder, "apfelmus"));
        assert_eq!(service.thread(&procedure, "ziele").await, ["Apfelmus"]);
        let erased = service.see("ben", &own[0]).await;
        assert_eq!((erased.erased, erased.text), (true, None));
        let mine = pb::ListMyContributionsRequest { tenant: TENANT.into(), ..Default::default() };
        assert!(service.by("anna").list_my_contributions(mine).await.unwrap().into_inner().contributions.is_empty());
        assert_eq!(eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap().0, 0);

        let service = service.restart().await;
        assert_eq!(service.thread(&procedure, "ziele").await, ["Apfelmus"]);
        assert!(service.see("ben", &own[0]).await.erased);
        service.stop().await;
    });
}
