use allmende_proto::gateway::v1 as pb;
use tonic::Code;

use crate::support::{PASSWORD, mails, reason, start, start_with};

fn sign_in(email: &str, password: &str) -> pb::SignInRequest {
    pb::SignInRequest { email: email.to_owned(), password: password.to_owned(), device: String::new() }
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
    let confirm = running.confirm_request("koeln", code);
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
    // Somebody else was there before, at another town even.
    visitor.register(running.register_request("bonn", "maria@example.org")).await.unwrap();
    let before = running.code_for("maria@example.org", "/bonn/konto/bestaetigen").await;
    running.later(120);
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    let code = running.code_for("maria@example.org", "/koeln/konto/bestaetigen").await;
    // There nothing is left of it.
    let over = visitor.confirm_email(running.confirm_request("bonn", before)).await.unwrap_err();
    assert_eq!(reason(&over), "CODE_WRONG");
    visitor.confirm_email(running.confirm_request("koeln", code)).await.unwrap();
    assert_eq!(running.sign_in("maria@example.org").await.home_tenant, "koeln");
}

#[tokio::test]
async fn whoever_registers_an_address_last_does_not_know_its_password() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    let register = |password: &str| pb::RegisterRequest {
        password: password.into(),
        ..running.register_request("koeln", "maria@example.org")
    };
    visitor.register(register("mein eigenes Passwort")).await.unwrap();
    let own = running.code_for("maria@example.org", "/konto/bestaetigen").await;
    running.later(60);
    visitor.register(register("das eines anderen")).await.unwrap();
    let latest = running.code_after("maria@example.org", "/konto/bestaetigen", 1).await;
    // Until somebody has read the mail nothing is given to the address.
    let (_, mut admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let grant = pb::GrantRoleRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        email: "maria@example.org".into(),
        role: pb::Role::Moderator.into(),
        ..pb::GrantRoleRequest::default()
    };
    assert_eq!(reason(&admin.identity.grant_role(grant.clone()).await.unwrap_err()), "PERSON_UNKNOWN");
    // Both links are good, whoever asked for them, and neither brings a password along.
    visitor.confirm_email(running.confirm_request("koeln", own)).await.unwrap();
    visitor.confirm_email(running.confirm_request("koeln", latest)).await.unwrap();
    for wrong in ["mein eigenes Passwort", "das eines anderen"] {
        assert!(visitor.sign_in(sign_in("maria@example.org", wrong)).await.is_err());
    }
    running.sign_in("maria@example.org").await;
    admin.identity.grant_role(grant).await.unwrap();
}

/// Everything that an answer tells.
fn told<T: std::fmt::Debug>(answer: Result<tonic::Response<T>, tonic::Status>, of: impl Fn(T) -> bool) -> String {
    match answer {
        Ok(answer) => format!("{}", of(answer.into_inner())),
        Err(status) => format!("{:?} {}", status.code(), reason(&status)),
    }
}

#[tokio::test]
async fn however_often_it_is_asked_no_answer_tells_whether_an_address_has_an_account() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let mut visitor = running.visitor().identity;
    let mut answers = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for email in ["maria@example.org", "nobody@example.org"] {
        let found = answers.entry(email).or_default();
        for seconds in [0, 10, 60] {
            running.later(seconds);
            let answer = visitor.register(running.register_request("bonn", email)).await;
            found.push(told(answer, |answer| answer.consistency_token.is_empty()));
        }
        // A request id that is too old, one that was used for another address, and a good one.
        let reset = |request_id: &str, email: &str| pb::RequestPasswordResetRequest {
            request_id: request_id.into(),
            email: email.into(),
        };
        let used = running.request_id();
        visitor.request_password_reset(reset(&used, &format!("other-than-{email}"))).await.unwrap();
        for id in ["0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57", &used, &running.request_id()] {
            found.push(told(visitor.request_password_reset(reset(id, email)).await, |_| true));
        }
        for _ in 0..8 {
            running.later(1);
            found.push(told(visitor.sign_in(sign_in(email, "not the password")).await, |_| true));
        }
    }
    assert_eq!(answers["maria@example.org"], answers["nobody@example.org"]);
    let [.., last] = &answers["nobody@example.org"][..] else { unreachable!() };
    assert_eq!(last, "ResourceExhausted TOO_MANY_ATTEMPTS");
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_from_one_town_after_the_other() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    for tenant in ["koeln", "bonn", "koeln", "bonn"] {
        visitor.register(running.register_request(tenant, "maria@example.org")).await.unwrap();
        running.later(1);
    }
    running.code_for("maria@example.org", "/koeln/konto/bestaetigen").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(mails(&running.outbox()).len(), 1);
}

#[tokio::test]
async fn strangers_who_register_an_address_keep_nobody_from_a_new_password() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let mut visitor = running.visitor().identity;
    for minutes in [0, 1, 2, 4] {
        running.later(60 * minutes);
        visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    }
    let ask = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: "maria@example.org".into() };
    visitor.request_password_reset(ask).await.unwrap();
    running.code_for("maria@example.org", "/konto/passwort?").await;
}

#[tokio::test]
async fn two_who_register_an_address_at_once_are_both_answered() {
    let running = start().await;
    for round in 0..20 {
        let email = format!("maria{round}@example.org");
        let mut both = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (mut visitor, request) = (running.visitor().identity, running.register_request("koeln", &email));
            both.spawn(async move { visitor.register(request).await });
        }
        for answer in both.join_all().await {
            answer.unwrap();
        }
    }
}

#[tokio::test]
async fn strangers_keep_nobody_out_of_a_device_that_is_known() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let mut visitor = running.visitor().identity;
    let right = |device: &str| pb::SignInRequest { device: device.into(), ..sign_in("maria@example.org", PASSWORD) };
    let device = visitor.sign_in(right("")).await.unwrap().into_inner().device;
    for _ in 0..5 {
        running.later(1);
        visitor.sign_in(sign_in("maria@example.org", "not the password")).await.unwrap_err();
    }
    assert_eq!(reason(&visitor.sign_in(right("")).await.unwrap_err()), "TOO_MANY_ATTEMPTS");
    assert_eq!(reason(&visitor.sign_in(right(&"A".repeat(43))).await.unwrap_err()), "TOO_MANY_ATTEMPTS");
    let again = visitor.sign_in(right(&device)).await.unwrap().into_inner();
    assert_eq!(again.device, device);
    // There the same is counted.
    for _ in 0..5 {
        running.later(1);
        let wrong = pb::SignInRequest { password: "not the password".into(), ..right(&device) };
        assert_eq!(reason(&visitor.sign_in(wrong).await.unwrap_err()), "CREDENTIALS_WRONG");
    }
    assert_eq!(reason(&visitor.sign_in(right(&device)).await.unwrap_err()), "TOO_MANY_ATTEMPTS");
    // A new password opens the account to its holder at once, wherever they are.
    let ask = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: "maria@example.org".into() };
    visitor.request_password_reset(ask).await.unwrap();
    let code = running.code_for("maria@example.org", "/konto/passwort?").await;
    let reset = pb::ResetPasswordRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        code,
        new_password: PASSWORD.into(),
    };
    visitor.reset_password(reset).await.unwrap();
    visitor.sign_in(right("")).await.unwrap();
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
async fn a_token_of_a_moment_before_the_new_password_is_over() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    running.later(60);
    let mut visitor = running.visitor().identity;
    let ask = pb::RequestPasswordResetRequest { request_id: running.request_id(), email: "maria@example.org".into() };
    visitor.request_password_reset(ask).await.unwrap();
    let code = running.code_for("maria@example.org", "/konto/passwort?").await;
    let before = running.sign_in("maria@example.org").await.access_token;
    running.clock.advance(allmende_kernel::Duration::from_micros(300_000));
    let reset = pb::ResetPasswordRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        code,
        new_password: PASSWORD.into(),
    };
    visitor.reset_password(reset).await.unwrap();
    let after = running.sign_in("maria@example.org").await.access_token;
    let me = pb::GetMeRequest::default();
    let over = running.with(Some(&before)).identity.get_me(me.clone()).await.unwrap_err();
    assert_eq!(over.code(), Code::Unauthenticated);
    running.with(Some(&after)).identity.get_me(me).await.unwrap();
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

/// Waits until so many keys are left.
async fn keys_left(running: &crate::support::Running, number: usize) {
    for _ in 0..6_000 {
        if running.keyring.copy_keys().len() == number {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{} keys are left", running.keyring.copy_keys().len());
}

#[tokio::test]
async fn of_an_account_that_nobody_confirms_nothing_is_kept() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("bonn", "maria@example.org")).await.unwrap();
    keys_left(&running, 1).await;
    running.later(60);
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    // In Bonn it is gone at once, and nobody there is told of it.
    keys_left(&running, 1).await;
    let (_, mut admin) = running.somebody("bonn", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let list = pb::ListPeopleRequest { tenant: "bonn".into(), ..pb::ListPeopleRequest::default() };
    assert_eq!(admin.identity.list_people(list).await.unwrap().into_inner().people.len(), 1);
    let code = running.code_for("maria@example.org", "/koeln/konto/bestaetigen").await;
    // A week after the code's day it is gone in Köln, too; whoever confirmed stays.
    running.later(8 * 86_400);
    visitor.register(running.register_request("koeln", "paul@example.org")).await.unwrap();
    keys_left(&running, 2).await;
    let over = visitor.confirm_email(running.confirm_request("koeln", code)).await.unwrap_err();
    assert_eq!(reason(&over), "CODE_WRONG");
    running.sign_in("admin@example.org").await;
    // The address is free.
    running.registered("koeln", "maria@example.org").await;
}
