use allmende_kernel::{Sealed, StreamName, SubjectId, TenantId};
use allmende_keyring::{KeyId, Keyring as _, Opened, open_text};
use allmende_proto::gateway::events::v1 as events;
use allmende_proto::gateway::v1 as pb;
use prost::Message as _;
use tokio::task::JoinSet;

use crate::support::{PASSWORD, Running, reason, start};

/// Everything that gateway has stored.
fn stored(running: &Running) -> Vec<(StreamName, String, Vec<u8>)> {
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

#[tokio::test]
async fn who_tries_passwords_all_at_once_keeps_nobody_from_signing_in() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let (_, paul) = running.somebody("koeln", "paul@example.org", &[]).await;
    let with = |email: &str, password: &str| pb::SignInRequest {
        email: email.into(),
        password: password.into(),
        ..Default::default()
    };
    // One after the other they would be told to wait, so each is for another address.
    let mut tried = JoinSet::new();
    for number in 0..64 {
        // Without a token, and with one, as somebody may have who has an account.
        for mut caller in [running.visitor().identity, paul.identity.clone()] {
            let guess = with(&format!("x{number}@example.org"), "geraten");
            tried.spawn(async move { caller.sign_in(guess).await.unwrap_err() });
        }
    }
    running.operator().identity.sign_in(with("maria@example.org", PASSWORD)).await.unwrap();
    for refused in tried.join_all().await {
        let reason = reason(&refused);
        assert!(["CREDENTIALS_WRONG", "TOO_MANY_CALLS", "OVERLOADED"].contains(&reason.as_str()), "{reason}");
    }
}
