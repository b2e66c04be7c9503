//! Files that go with texts: bounded, and none is left that no text names.

use std::fs;
use std::time::Duration;

use allmende_participation::Config;
use allmende_proto::participation::v1 as pb;
use tonic::Code;

use crate::support::{Running, precondition, refusal, run, start, start_again, start_with};

fn with_file(comment: pb::PostCommentRequest, size: usize) -> pb::PostCommentRequest {
    let content = [&b"%PDF-"[..], &vec![7; size]].concat().into();
    let attachments = vec![pb::AttachmentUpload { media_type: "application/pdf".into(), content }];
    pb::PostCommentRequest { attachments, ..comment }
}

fn files(service: &Running) -> usize {
    fs::read_dir(service.data.path().join("attachments")).unwrap().count()
}

#[test]
fn a_tenant_has_so_much_room_for_files_and_texts_without_are_taken() {
    run(async {
        let service = start_with(Config { tenant_attachments_mib: 1, ..Config::default() }).await;
        let procedure = service.procedure().await;
        let comment = |words| service.comment(&procedure, "ziele", words);
        let mut anna = service.by("anna");
        let first = with_file(comment("Mit Plan"), 700_000);
        let text = first.contribution_id.clone();
        anna.post_comment(first).await.unwrap();
        let refused = refusal(anna.post_comment(with_file(comment("Mit Foto"), 700_000)).await);
        assert_eq!(refused, (Code::ResourceExhausted, "ATTACHMENTS_FULL".to_owned()));
        assert_eq!(files(&service), 1);
        anna.post_comment(comment("Ohne")).await.unwrap();
        // What is erased gives its room back.
        let tenant = allmende_kernel::TenantId::parse(crate::support::TENANT).unwrap();
        let reason = allmende_participation_domain::contribution::ErasureReason::Request;
        let text = uuid::Uuid::parse_str(&text).unwrap().into();
        service.participation.eraser().contribution(&tenant, text, reason).await.unwrap();
        anna.post_comment(with_file(comment("Mit Foto"), 700_000)).await.unwrap();
        assert_eq!(files(&service), 1);
        service.stop().await;
    });
}

#[test]
fn one_of_two_texts_under_one_id_keeps_its_file() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        for _ in 0..20 {
            let comment = with_file(service.comment(&procedure, "ziele", "Mit Plan"), 100);
            let again = pb::PostCommentRequest { request_id: service.request_id(), ..comment.clone() };
            let (before, mut anna, mut other) = (files(&service), service.by("anna"), service.by("anna"));
            let (one, two) = tokio::join!(anna.post_comment(comment), other.post_comment(again));
            assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
            assert_eq!(files(&service), before + 1);
        }
        // The same request twice at once is one.
        for _ in 0..20 {
            let comment = with_file(service.comment(&procedure, "ziele", "Mit Plan"), 100);
            let (before, mut anna, mut other) = (files(&service), service.by("anna"), service.by("anna"));
            let (one, two) = tokio::join!(anna.post_comment(comment.clone()), other.post_comment(comment));
            assert_eq!(one.unwrap().into_inner().contribution, two.unwrap().into_inner().contribution);
            assert_eq!(files(&service), before + 1);
        }
        service.stop().await;
    });
}

#[test]
fn a_start_removes_what_no_text_names() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let late = pb::PostCommentRequest {
            granted_licence: "cc0".into(),
            ..with_file(service.comment(&procedure, "ziele", "Mit Plan"), 100)
        };
        assert_eq!(refusal(service.by("anna").post_comment(late).await), precondition("LICENCE_NOT_GRANTED"));
        assert_eq!(files(&service), 0);
        let comment = with_file(service.comment(&procedure, "ziele", "Mit Plan"), 100);
        service.by("anna").post_comment(comment).await.unwrap();
        let (data, keyring) = service.stop().await;
        fs::write(data.path().join("attachments").join("ab".repeat(32)), b"of a crash").unwrap();
        let service = start_again(data, keyring).await;
        for _ in 0..6_000 {
            if files(&service) == 1 {
                service.stop().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} files", files(&service));
    });
}
