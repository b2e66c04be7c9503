use std::time::Duration;

use allmende_kernel::{Sealed, StreamName, SubjectId, TenantId};
use allmende_keyring::{KeyId, Keyring as _, Opened, open_text};
use allmende_proto::gateway::events::v1 as events;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_runtime::limits::{Network, Origin};
use prost::Message as _;
use tokio::task::JoinSet;
use tonic::{Request, Status};

use crate::support::{PASSWORD, Running, reason, start};

/// Everything that gateway has stored.
pub(crate) fn stored(running: &Running) -> Vec<(StreamName, String, Vec<u8>)> {
    let log = running.gateway.log();
    let groups = log.read_groups(0, usize::MAX).unwrap();
    let mut stored = Vec::new();
    for group in &groups {
        for event in group.commits().flat_map(|commit| commit.events().collect::<Vec<_>>()) {
            let stream = StreamName::parse(event.stream()).unwrap();
            stored.push((stream, event.event_type().to_owned(), event.payload().to_vec()));
        }
    }
    stored
}

#[tokio::test]
async fn the_hash_of_a_password_goes_with_its_persons_key() {
    let running = start().await;
    let subject = running.registered("koeln", "maria@example.org").await;
    let reset = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: "maria@example.org".into() };
    running.later(120);
    running.visitor().identity.request_password_reset(reset).await.unwrap();
    let code = running.code_for("maria@example.org", "/konto/passwort?").await;
    let new = pb::ResetPasswordRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        code,
        new_password: PASSWORD.into(),
    };
    running.visitor().identity.reset_password(new).await.unwrap();
    running.sign_in("maria@example.org").await;

    let (tenant, context) = (TenantId::parse("koeln").unwrap(), format!("person/{subject}/password"));
    let open = |sealed: &[u8]| {
        open_text(running.keyring.as_ref(), &tenant, &context, &Sealed::from_bytes(sealed.to_vec())).unwrap()
    };
    let stored = stored(&running);
    let boxes: Vec<_> = stored
        .iter()
        .filter(|(stream, ..)| stream.id() == subject)
        .filter_map(|(_, event_type, payload)| match event_type.rsplit('.').next().unwrap() {
            "EmailConfirmed" => Some(events::EmailConfirmed::decode(&payload[..]).unwrap().password_sealed),
            "PasswordChanged" => Some(events::PasswordChanged::decode(&payload[..]).unwrap().password_sealed),
            _ => None,
        })
        .collect();
    assert_eq!(boxes.len(), 2);
    for sealed in &boxes {
        let Opened::Content(hash) = open(sealed) else { panic!("the key is there") };
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let found =
            |needle: &[u8]| stored.iter().any(|(.., payload)| payload.windows(needle.len()).any(|at| at == needle));
        assert!(!found(hash.as_bytes()) && !found(b"argon2") && found(sealed));
    }
    running.keyring.erase(&tenant, KeyId::person(SubjectId::new(subject.parse().unwrap()))).await.unwrap();
    assert!(boxes.iter().all(|sealed| open(sealed) == Opened::Erased));
    // Whoever has the password has nothing any more to compare it with.
    let again =
        pb::SignInRequest { email: "maria@example.org".into(), password: PASSWORD.into(), ..Default::default() };
    let refused = running.visitor().identity.sign_in(again).await.unwrap_err();
    assert_eq!(reason(&refused), "CREDENTIALS_WRONG");
}

/// Passwords that one caller tries at once: more than may wait of theirs, and fewer than may wait in all.
const AT_ONCE: usize = 40;

fn sign_in(email: &str, password: &str) -> Request<pb::SignInRequest> {
    let request = pb::SignInRequest { email: email.into(), password: password.into(), ..Default::default() };
    let mut request = Request::new(request);
    // Nobody's machine hashes so slowly.
    request.set_timeout(Duration::from_secs(60));
    request
}

/// Tries passwords, always so many at once, until one is turned away as there are too many. The others go on.
async fn tries_until_turned_away<F>(try_one: impl Fn(Request<pb::SignInRequest>) -> F) -> JoinSet<Status>
where
    F: Future<Output = Status> + Send + 'static,
{
    let mut tried = JoinSet::new();
    // One after the other they would be told to wait, so each is for another address.
    for number in 0..5_000 {
        tried.spawn(try_one(sign_in(&format!("x{number}@example.org"), "geraten")));
        if tried.len() == AT_ONCE && reason(&tried.join_next().await.unwrap().unwrap()) == "OVERLOADED" {
            return tried;
        }
    }
    panic!("nobody is turned away");
}

#[tokio::test]
async fn who_tries_passwords_all_at_once_keeps_nobody_from_signing_in() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let (_, paul) = running.somebody("koeln", "paul@example.org", &[]).await;
    let with_a_token = tries_until_turned_away(|guess| {
        let mut paul = paul.identity.clone();
        async move { paul.sign_in(guess).await.unwrap_err() }
    });
    let _going_on = with_a_token.await;
    running.visitor().identity.sign_in(sign_in("maria@example.org", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn who_tries_them_by_the_pages_is_one_caller_as_well() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let from = |address: &str, mut request: Request<pb::SignInRequest>| {
        Origin::Address(Network::of(address.parse().unwrap())).tell(request.metadata_mut());
        let mut pages = IdentityServiceClient::new(running.own.clone());
        async move { pages.sign_in(request).await }
    };
    let by_pages = tries_until_turned_away(|guess| {
        let guessed = from("192.0.2.7", guess);
        async move { guessed.await.unwrap_err() }
    });
    let _going_on = by_pages.await;
    from("192.0.2.8", sign_in("maria@example.org", PASSWORD)).await.unwrap();
}
