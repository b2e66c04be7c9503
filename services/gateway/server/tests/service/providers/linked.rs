use std::collections::HashMap;

use allmende_gateway::{Config, ProviderConfig};
use allmende_kernel::{Clock as _, Sealed, SubjectId, TenantId};
use allmende_keyring::{KeyId, Keyring as _, Opened, open_text};
use allmende_proto::gateway::events::v1 as events;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::decide_erasure_request::Verdict;
use prost::Message as _;
use serde_json::json;
use tonic::{Code, Status};

use super::fake::Fake;
use super::{begin, complete, sign_in, started};
use crate::passwords::stored;
use crate::support::{Clients, Running, mails, reason, start_with};

/// What was begun to link an identity, as `begin` has it.
async fn begin_link(caller: &Clients) -> Result<(String, HashMap<String, String>), Status> {
    let request = pb::BeginProviderLinkRequest { tenant: "koeln".into(), provider: "bund".into() };
    let begun = caller.identity.clone().begin_provider_link(request).await?.into_inner();
    let (_, query) = begun.authorization_url.split_once('?').unwrap();
    Ok((begun.link, form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
}

fn link_request(running: &Running, link: &str, state: &str, code: &str) -> pb::LinkProviderRequest {
    let (link, state, code) = (link.to_owned(), state.to_owned(), code.to_owned());
    pb::LinkProviderRequest { request_id: running.request_id(), link, state, code }
}

/// The whole way.
async fn link(running: &Running, fake: &Fake, caller: &Clients, sub: &str) -> Result<String, Status> {
    let (kept, asked) = begin_link(caller).await?;
    let code = fake.consent(&asked, fake.claims(running, &asked, sub));
    let request = link_request(running, &kept, &asked["state"], &code);
    Ok(caller.identity.clone().link_provider(request).await?.into_inner().consistency_token)
}

async fn methods(caller: &Clients, seen: &str) -> pb::GetSignInMethodsResponse {
    let request = pb::GetSignInMethodsRequest { consistency_token: seen.to_owned() };
    caller.identity.clone().get_sign_in_methods(request).await.unwrap().into_inner()
}

async fn unlink(running: &Running, caller: &Clients, linked: &pb::LinkedProvider) -> Result<String, Status> {
    let linked_provider_id = linked.linked_provider_id.clone();
    let request = pb::UnlinkProviderRequest { request_id: running.request_id(), linked_provider_id };
    Ok(caller.identity.clone().unlink_provider(request).await?.into_inner().consistency_token)
}

/// Waits until a mail to an address leads to a page.
async fn told(running: &Running, address: &str, page: &str) {
    for _ in 0..6_000 {
        if mails(&running.outbox()).iter().any(|mail| mail.contains(&format!("To: {address}")) && mail.contains(page)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no mail to {address}");
}

#[tokio::test]
async fn whoever_links_an_identity_signs_in_either_way() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (subject, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let before = methods(&maria, "").await;
    assert!(before.password && before.providers.is_empty());
    let seen = link(&running, &fake, &maria, "erika").await.unwrap();
    let found = methods(&maria, &seen).await;
    let [linked] = found.providers.as_slice() else { panic!("{found:?}") };
    assert!(found.password);
    assert_eq!((linked.provider.as_str(), linked.name.as_str()), ("bund", "Bürgerkonto"));
    told(&running, "maria@example.org", "/koeln/konto/anmeldewege").await;

    let by_provider = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    assert_eq!((by_provider.subject_id.as_str(), by_provider.level()), (subject.as_str(), pb::Level::Substantial));
    // Mail to the address was read, whatever the provider knows.
    let less = sign_in(&running, &fake, "erika", |said| said["acr"] = json!("other")).await.unwrap();
    assert_eq!(less.level(), pb::Level::Email);
    assert_eq!(running.sign_in("maria@example.org").await.subject_id, subject);

    // Again it is linked already.
    let seen = link(&running, &fake, &maria, "erika").await.unwrap();
    assert_eq!(methods(&maria, &seen).await.providers, std::slice::from_ref(linked));
}

#[tokio::test]
async fn an_identity_of_another_account_is_not_linked() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (_, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (_, paul) = running.somebody("bonn", "paul@example.org", &[]).await;
    link(&running, &fake, &maria, "erika").await.unwrap();
    let own = sign_in(&running, &fake, "max", |_| {}).await.unwrap();
    for taken in ["erika", "max"] {
        let refused = link(&running, &fake, &paul, taken).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "PROVIDER_LINKED_ELSEWHERE")
        );
    }
    assert!(methods(&paul, "").await.providers.is_empty());
    let again = sign_in(&running, &fake, "max", |_| {}).await.unwrap();
    assert_eq!(again.subject_id, own.subject_id);
}

#[tokio::test]
async fn of_two_who_link_an_identity_at_once_one_has_it() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (first, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (second, paul) = running.somebody("bonn", "paul@example.org", &[]).await;
    for round in 0..5 {
        let sub = format!("erika-{round}");
        let (a, b) = tokio::join!(link(&running, &fake, &maria, &sub), link(&running, &fake, &paul, &sub));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let (winner, refused) = if a.is_ok() { (&first, b) } else { (&second, a) };
        assert_eq!(reason(&refused.unwrap_err()), "PROVIDER_LINKED_ELSEWHERE");
        assert_eq!(&sign_in(&running, &fake, &sub, |_| {}).await.unwrap().subject_id, winner);
        // And of two of whom one signs in with it for the first time.
        let sub = format!("max-{round}");
        let (linked, begun) = tokio::join!(link(&running, &fake, &maria, &sub), sign_in(&running, &fake, &sub, |_| {}));
        let begun = begun.unwrap().subject_id;
        assert_eq!(begun == first, linked.is_ok());
    }
}

#[tokio::test]
async fn what_was_begun_is_completed_by_who_began_it_and_for_what() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (_, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (_, paul) = running.somebody("koeln", "paul@example.org", &[]).await;
    let (kept, asked) = begin_link(&maria).await.unwrap();
    let (signing_in, begun) = begin(&running, "koeln").await.unwrap();
    let code = |asked: &HashMap<String, String>| fake.consent(asked, fake.claims(&running, asked, "erika"));
    let (link_state, sign_in_state) = (asked["state"].as_str(), begun["state"].as_str());
    for (who, link, state, of) in [
        // Who was sent there by somebody else.
        (&paul, &kept, link_state, &asked),
        (&maria, &signing_in, sign_in_state, &begun),
        (&maria, &kept, sign_in_state, &asked),
    ] {
        let request = link_request(&running, link, state, &code(of));
        let refused = who.identity.clone().link_provider(request).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "SIGN_IN_OVER"));
    }
    let refused = complete(&running, &kept, link_state, &code(&asked)).await.unwrap_err();
    assert_eq!(reason(&refused), "SIGN_IN_OVER");

    // A repetition is told what came of the first one, though its code is used up.
    let request = link_request(&running, &kept, link_state, &code(&asked));
    let first = maria.identity.clone().link_provider(request.clone()).await.unwrap().into_inner();
    assert_eq!(maria.identity.clone().link_provider(request).await.unwrap().into_inner(), first);
    running.later(600);
    let late = link_request(&running, &kept, link_state, &code(&asked));
    assert_eq!(reason(&maria.identity.clone().link_provider(late).await.unwrap_err()), "SIGN_IN_OVER");
}

#[tokio::test]
async fn who_has_no_account_here_links_nothing_and_bad_input_is_named() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    assert_eq!(begin_link(&running.visitor()).await.unwrap_err().code(), Code::Unauthenticated);
    let operator = begin_link(&running.operator()).await.unwrap_err();
    assert_eq!((operator.code(), reason(&operator).as_str()), (Code::NotFound, "PERSON_UNKNOWN"));
    assert_eq!(methods(&running.operator(), "").await.providers, []);
    let (_, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let mut identity = maria.identity.clone();
    let unknown = pb::BeginProviderLinkRequest { tenant: "koeln".into(), provider: "bank".into() };
    assert_eq!(reason(&identity.begin_provider_link(unknown).await.unwrap_err()), "PROVIDER_UNKNOWN");
    let fields = |refused: Status| {
        use tonic_types::StatusExt as _;
        let violations = refused.get_details_bad_request().unwrap().field_violations;
        violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    let refused = identity.link_provider(pb::LinkProviderRequest::default()).await.unwrap_err();
    assert_eq!(fields(refused), ["request_id", "link", "state", "code"]);
    let refused = identity.unlink_provider(pb::UnlinkProviderRequest::default()).await.unwrap_err();
    assert_eq!(fields(refused), ["request_id", "linked_provider_id"]);
}

#[tokio::test]
async fn unlinking_ends_all_sessions_and_frees_the_identity() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (subject, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let seen = link(&running, &fake, &maria, "erika").await.unwrap();
    let stolen = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    let linked = methods(&maria, &seen).await.providers.remove(0);
    running.later(1);
    unlink(&running, &maria, &linked).await.unwrap();
    for token in [&stolen.access_token, &running.operator] {
        let me = running.with(Some(token)).identity.get_me(pb::GetMeRequest::default()).await;
        assert_eq!(me.is_ok(), *token == running.operator);
    }
    assert_eq!(
        maria.identity.clone().get_me(pb::GetMeRequest::default()).await.unwrap_err().code(),
        Code::Unauthenticated
    );
    let refresh = pb::RefreshRequest { refresh_token: stolen.refresh_token };
    assert_eq!(reason(&running.visitor().identity.refresh(refresh).await.unwrap_err()), "REFRESH_TOKEN_WRONG");
    told(&running, "maria@example.org", "Anmeldeweg weniger").await;

    let maria = running.with(Some(&running.sign_in("maria@example.org").await.access_token));
    assert!(methods(&maria, "").await.providers.is_empty());
    // Again, and for what never was linked, nothing changes, and nobody is signed out.
    unlink(&running, &maria, &linked).await.unwrap();
    assert!(methods(&maria, "").await.password);
    // Somebody else's account it is now.
    let other = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    assert_ne!(other.subject_id, subject);
}

#[tokio::test]
async fn nobody_unlinks_the_last_way_to_sign_in() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let begun = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    let erika = running.with(Some(&begun.access_token));
    let only = methods(&erika, "").await;
    assert_eq!((only.password, only.providers[0].provider.as_str()), (false, "bund"));
    let refused = unlink(&running, &erika, &only.providers[0]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "LAST_SIGN_IN_METHOD"));

    running.later(1);
    let seen = link(&running, &fake, &erika, "max").await.unwrap();
    let both = methods(&erika, &seen).await.providers;
    assert_eq!((both.len(), both[0] == only.providers[0]), (2, true));
    // Both at once: one of them stays.
    let (a, b) = tokio::join!(unlink(&running, &erika, &both[0]), unlink(&running, &erika, &both[1]));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let (gone, left) = if a.is_ok() { ("erika", "max") } else { ("max", "erika") };
    assert_eq!(sign_in(&running, &fake, left, |_| {}).await.unwrap().subject_id, begun.subject_id);
    let other = sign_in(&running, &fake, gone, |_| {}).await.unwrap();
    assert_ne!(other.subject_id, begun.subject_id);
}

#[tokio::test]
async fn a_provider_that_is_not_configured_any_more_is_no_way_to_sign_in() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let begun = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    let other = ProviderConfig { id: "stadt".into(), client_secret_file: None, ..fake.config("none".into()) };
    let now = running.clock.now();
    let (data, keyring) = running.stop().await;
    let running = start_with(data, keyring, now, |config| Config { providers: vec![other], ..config }).await;
    let erika = running.with(Some(&begun.access_token));
    let found = methods(&erika, "").await.providers;
    assert_eq!((found[0].provider.as_str(), found[0].name.as_str()), ("bund", ""));
    assert_eq!(reason(&unlink(&running, &erika, &found[0]).await.unwrap_err()), "LAST_SIGN_IN_METHOD");
}

#[tokio::test]
async fn whose_address_has_an_account_signs_in_with_the_password_and_links() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (subject, erika) = running.somebody("bonn", "erika@example.org", &[]).await;
    let keys = running.keyring.copy_keys().len();
    for _ in 0..2 {
        let refused = sign_in(&running, &fake, "erika", |_| {}).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "EMAIL_HAS_ACCOUNT"));
    }
    assert_eq!(running.keyring.copy_keys().len(), keys, "what is refused gets no key");
    // In capital letters it is the same address.
    let loud = sign_in(&running, &fake, "erika", |said| said["email"] = json!("ERIKA@Example.org")).await.unwrap_err();
    assert_eq!(reason(&loud), "EMAIL_HAS_ACCOUNT");
    link(&running, &fake, &erika, "erika").await.unwrap();
    assert_eq!(sign_in(&running, &fake, "erika", |_| {}).await.unwrap().subject_id, subject);

    // An address that the provider has not verified is nobody's.
    running.registered("koeln", "max@example.org").await;
    let unverified = sign_in(&running, &fake, "max", |said| said["email_verified"] = json!(false)).await.unwrap();
    assert_ne!(unverified.subject_id, subject);
    // And who never confirmed an address keeps nobody out.
    running.visitor().identity.register(running.register_request("koeln", "paul@example.org")).await.unwrap();
    sign_in(&running, &fake, "paul", |_| {}).await.unwrap();
}

#[tokio::test]
async fn which_provider_somebody_signs_in_with_goes_with_their_key() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (subject, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    link(&running, &fake, &maria, "erika").await.unwrap();
    sign_in(&running, &fake, "max", |_| {}).await.unwrap();
    let stored = stored(&running);
    for word in ["bund", "erika", "max", fake.address.as_str()] {
        let found = |payload: &[u8]| payload.windows(word.len()).any(|at| at == word.as_bytes());
        assert!(stored.iter().all(|(.., payload)| !found(payload)), "{word}");
    }
    let of = |id: &str| {
        stored
            .iter()
            .filter(|(stream, event_type, _)| {
                (stream.id() == id || id.is_empty()) && event_type.ends_with("ProviderLinked")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(of("").len(), 2, "an account that was begun with a provider says so as well");
    let linked = events::ProviderLinked::decode(&of(&subject)[0].2[..]).unwrap();
    let (tenant, context) = (TenantId::parse("koeln").unwrap(), format!("person/{subject}/provider"));
    let sealed = Sealed::from_bytes(linked.provider_sealed.to_vec());
    let open = || open_text(running.keyring.as_ref(), &tenant, &context, &sealed).unwrap();
    assert_eq!(open(), Opened::Content("bund".to_owned()));
    running.keyring.erase(&tenant, KeyId::person(SubjectId::new(subject.parse().unwrap()))).await.unwrap();
    assert_eq!(open(), Opened::Erased);
}

#[tokio::test]
async fn with_an_account_goes_everything_that_leads_to_it() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &[pb::Role::DataProtectionOfficer]).await;
    for sub in ["erika", "max"] {
        link(&running, &fake, &maria, sub).await.unwrap();
    }
    let erasure_id = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".to_owned();
    let request = pb::RequestErasureRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        erasure_id: erasure_id.clone(),
        scope: pb::ErasureScope::Account.into(),
        ..pb::RequestErasureRequest::default()
    };
    maria.erasure.request_erasure(request).await.unwrap();
    let verdict = Some(Verdict::Accepted(pb::ErasureAccepted::default()));
    let (tenant, request_id) = ("koeln".to_owned(), running.request_id());
    let decide = pb::DecideErasureRequest { tenant, request_id, erasure_id: erasure_id.clone(), verdict };
    officer.erasure.decide_erasure(decide).await.unwrap();
    let get = || pb::GetErasureRequest { tenant: "koeln".into(), erasure_id: erasure_id.clone(), ..Default::default() };
    for _ in 0..6_000 {
        let now = officer.erasure.get_erasure(get()).await.unwrap().into_inner().erasure.unwrap();
        if now.account_erased_at_us > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut others = Vec::new();
    for sub in ["erika", "max"] {
        others.push(sign_in(&running, &fake, sub, |_| {}).await.unwrap().subject_id);
    }
    running.later(120);
    others.push(running.registered("koeln", "maria@example.org").await);
    assert!(!others.contains(&subject) && others[0] != others[1], "{others:?}");
}
