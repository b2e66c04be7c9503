use allmende_proto::gateway::v1 as pb;
use tonic::Code;

use crate::support::{PASSWORD, mails, reason, start, start_with};

fn sign_in(email: &str, password: &str) -> pb::SignInRequest {
    pb::SignInRequest { email: email.to_owned(), password: password.to_owned() }
}

fn refresh(token: &str) -> pb::RefreshRequest {
    pb::RefreshRequest { refresh_token: token.to_owned() }
}

#[tokio::test]
async fn from_registration_to_a_token_that_others_accept() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "Maria@Example.org")).await.unwrap();
    let early = visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::Unauthenticated, "CREDENTIALS_WRONG"));

    let code = running.code_for("maria@example.org", "/konto/bestaetigen").await;
    let confirm = pb::ConfirmEmailRequest { tenant: "koeln".into(), request_id: running.request_id(), code };
    let subject = visitor.confirm_email(confirm.clone()).await.unwrap().into_inner().subject_id;
    let again = pb::ConfirmEmailRequest { request_id: running.request_id(), ..confirm };
    assert_eq!(visitor.confirm_email(again).await.unwrap().into_inner().subject_id, subject);

    let session = running.sign_in("MARIA@example.org").await;
    assert_eq!((session.subject_id.as_str(), session.home_tenant.as_str()), (subject.as_str(), "koeln"));
    assert_eq!(session.level(), pb::Level::Email);
    let me = running.with(Some(&session.access_token)).identity.get_me(pb::GetMeRequest::default()).await;
    let me = me.unwrap().into_inner();
    let person = me.person.unwrap();
    assert_eq!((person.email.as_str(), person.name.as_str()), ("maria@example.org", "Maria Muster"));
    assert!(person.email_confirmed && me.grants.is_empty());

    // It is all there after a restart.
    let (data, keyring) = running.stop().await;
    let running = start_with(data, keyring, crate::support::NOW, |config| config).await;
    let me = running.with(Some(&session.access_token)).identity.get_me(pb::GetMeRequest::default()).await.unwrap();
    assert_eq!(me.into_inner().person.unwrap().email, "maria@example.org");
    assert_eq!(running.sign_in("maria@example.org").await.subject_id, subject);
}

#[tokio::test]
async fn no_answer_tells_whether_an_address_has_an_account() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    visitor.register(running.register_request("bonn", "maria@example.org")).await.unwrap();
    for email in ["maria@example.org", "nobody@example.org"] {
        let wrong = visitor.sign_in(sign_in(email, "not the password")).await.unwrap_err();
        assert_eq!((wrong.code(), reason(&wrong).as_str()), (Code::Unauthenticated, "CREDENTIALS_WRONG"));
        let reset = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: email.into() };
        visitor.request_password_reset(reset).await.unwrap();
    }
    running.code_for("maria@example.org", "/konto/passwort?").await;
    let told = mails(&running.outbox());
    assert_eq!(told.iter().filter(|text| text.contains("/konto/passwort-vergessen")).count(), 1);
    assert!(!told.iter().any(|text| text.contains("nobody@example.org")));
}

#[tokio::test]
async fn an_account_that_was_never_confirmed_keeps_nobody_out() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    // Somebody else was there before, at another town even, and knows the password that they set.
    visitor.register(running.register_request("bonn", "maria@example.org")).await.unwrap();
    running.code_for("maria@example.org", "/bonn/konto/bestaetigen").await;
    running.later(120);
    let own = pb::RegisterRequest {
        password: "mein eigenes Passwort".into(),
        ..running.register_request("koeln", "maria@example.org")
    };
    visitor.register(own).await.unwrap();
    let code = running.code_for("maria@example.org", "/koeln/konto/bestaetigen").await;
    let confirm = pb::ConfirmEmailRequest { tenant: "koeln".into(), request_id: running.request_id(), code };
    visitor.confirm_email(confirm).await.unwrap();
    assert!(visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.is_err());
    let session = visitor.sign_in(sign_in("maria@example.org", "mein eigenes Passwort")).await.unwrap().into_inner();
    assert_eq!(session.session.unwrap().home_tenant, "koeln");
}

#[tokio::test]
async fn an_access_token_is_good_for_a_quarter_of_an_hour_and_a_refresh_token_once() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let first = running.sign_in("maria@example.org").await;
    let me = |token: String| {
        let mut identity = running.with(Some(&token)).identity;
        async move { identity.get_me(pb::GetMeRequest::default()).await }
    };
    running.later(899);
    me(first.access_token.clone()).await.unwrap();
    running.later(1);
    let over = me(first.access_token.clone()).await.unwrap_err();
    assert_eq!((over.code(), reason(&over).as_str()), (Code::Unauthenticated, "TOKEN_EXPIRED"));

    let mut visitor = running.visitor().identity;
    let second = visitor.refresh(refresh(&first.refresh_token)).await.unwrap().into_inner().session.unwrap();
    me(second.access_token.clone()).await.unwrap();
    running.later(60);
    // Somebody else has the first token: nobody goes on with the session.
    let reused = visitor.refresh(refresh(&first.refresh_token)).await.unwrap_err();
    assert_eq!(reason(&reused), "REFRESH_TOKEN_WRONG");
    assert_eq!(reason(&visitor.refresh(refresh(&second.refresh_token)).await.unwrap_err()), "REFRESH_TOKEN_WRONG");
    assert_eq!(me(second.access_token).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn several_pages_at_once_go_on_with_one_session() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let first = running.sign_in("maria@example.org").await;
    running.later(900);
    let mut pages = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (mut visitor, token) = (running.visitor().identity, first.refresh_token.clone());
        pages.spawn(async move { visitor.refresh(refresh(&token)).await });
    }
    let answers = pages.join_all().await;
    let sessions: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().into_inner().session.unwrap()).collect();
    assert!(sessions.iter().all(|session| session.refresh_token == sessions[0].refresh_token));
    // Whichever answer the browser kept, it goes on with it; who comes later than that is not believed.
    running.later(20);
    let mut visitor = running.visitor().identity;
    let second = visitor.refresh(refresh(&sessions[3].refresh_token)).await.unwrap().into_inner().session.unwrap();
    running.later(10);
    let late = visitor.refresh(refresh(&first.refresh_token)).await.unwrap().into_inner().session.unwrap();
    assert_eq!(late.refresh_token, second.refresh_token);
    running.later(900);
    visitor.refresh(refresh(&late.refresh_token)).await.unwrap();
}

#[tokio::test]
async fn after_signing_out_no_token_of_the_session_is_good() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let (one, other) = (running.sign_in("maria@example.org").await, running.sign_in("maria@example.org").await);
    let mut visitor = running.visitor().identity;
    let sign_out = pb::SignOutRequest { refresh_token: one.refresh_token.clone() };
    visitor.sign_out(sign_out.clone()).await.unwrap();
    visitor.sign_out(sign_out).await.unwrap();
    let me = pb::GetMeRequest::default();
    let over = running.with(Some(&one.access_token)).identity.get_me(me.clone()).await.unwrap_err();
    assert_eq!(over.code(), Code::Unauthenticated);
    running.with(Some(&other.access_token)).identity.get_me(me).await.unwrap();
    assert!(visitor.refresh(refresh(&one.refresh_token)).await.is_err());
    visitor.refresh(refresh(&other.refresh_token)).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_all_sessions() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let session = running.sign_in("maria@example.org").await;
    running.later(60);
    let mut visitor = running.visitor().identity;
    let ask = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: "maria@example.org".into() };
    visitor.request_password_reset(ask).await.unwrap();
    let code = running.code_for("maria@example.org", "/konto/passwort?").await;
    running.later(10);
    let reset = pb::ResetPasswordRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        code,
        new_password: "ein neues Passwort".into(),
    };
    visitor.reset_password(reset.clone()).await.unwrap();
    let used = pb::ResetPasswordRequest { request_id: running.request_id(), ..reset };
    assert_eq!(reason(&visitor.reset_password(used).await.unwrap_err()), "CODE_WRONG");
    let me = running.with(Some(&session.access_token)).identity.get_me(pb::GetMeRequest::default()).await;
    assert_eq!(me.unwrap_err().code(), Code::Unauthenticated);
    assert!(visitor.refresh(refresh(&session.refresh_token)).await.is_err());
    assert!(visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.is_err());
    visitor.sign_in(sign_in("maria@example.org", "ein neues Passwort")).await.unwrap();
}

#[tokio::test]
async fn failures_make_everybody_wait_but_not_for_ever() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let mut visitor = running.visitor().identity;
    for attempt in 0..5 {
        let wrong = visitor.sign_in(sign_in("maria@example.org", "not the password")).await.unwrap_err();
        assert_eq!(reason(&wrong), "CREDENTIALS_WRONG", "{attempt}");
        running.later(1);
    }
    let locked = visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.unwrap_err();
    assert_eq!((locked.code(), reason(&locked).as_str()), (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS"));
    use tonic_types::StatusExt as _;
    assert_eq!(locked.get_details_retry_info().unwrap().retry_delay, Some(std::time::Duration::from_secs(4)));
    running.later(4);
    visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.unwrap();
    visitor.sign_in(sign_in("maria@example.org", PASSWORD)).await.unwrap();
}
