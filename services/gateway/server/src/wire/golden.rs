//! Every stored event of every version, as bytes that were written once.

use allmende_gateway_domain::address::{self, Holder};
use allmende_gateway_domain::attempts;
use allmende_gateway_domain::erasure::{self, Decision, Due, Exception, Ground, Scope, Verdict};
use allmende_gateway_domain::feedback::{self, Topic};
use allmende_gateway_domain::grants::{self, Given, Grant};
use allmende_gateway_domain::mail::{self, Kind as MailKind};
use allmende_gateway_domain::person::{self, Code, Details};
use allmende_gateway_domain::session::{self, End};
use allmende_gateway_domain::tenant::{self, Kind, Profile, Text};
use allmende_gateway_domain::{
    AddressKey, CodeHash, ContributionId, ErasureId, KeptPassword, Language, PasswordHash, ProcedureId, TokenHash,
};
use allmende_kernel::{Level, Role, Sealed, SubjectId, TenantId, Timestamp};
use allmende_testkit::Golden;
use uuid::Uuid;

use super::{Address, Attempts, Erasure, Feedback, Grants, Mail, Person, Session, Tenant};

const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_790_000_000 + secs)
}

fn subject(number: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(number))
}

fn koeln() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

#[test]
fn events_of_people_are_written_and_read_as_ever() {
    let code = Code { hash: CodeHash::from_bytes([2; 32]), expires: at(86_400) };
    let password = PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned());
    let details = Details {
        email: sealed("email"),
        address: AddressKey::from_bytes([1; 32]),
        name: Some(sealed("name")),
        password: Some(password.clone()),
        language: Language::German,
        code: Some(code),
        level: Level::None,
    };
    let vouched = Details {
        name: None,
        password: None,
        language: Language::English,
        code: None,
        level: Level::Substantial,
        ..details.clone()
    };
    let erasure = ErasureId::new(Uuid::from_u128(9));
    GOLDEN.check::<Person>("person_registered_v1", &person::Event::Registered { details, at: at(0) });
    GOLDEN.check::<Person>("person_registered_vouched_v1", &person::Event::Registered { details: vouched, at: at(0) });
    GOLDEN.check::<Person>("email_confirmed_v1", &person::Event::EmailConfirmed { password: None, at: at(1) });
    let (open, boxed) = (KeptPassword::Open(password), KeptPassword::Sealed(sealed("password")));
    for (name, password) in [("password", open.clone()), ("sealed", boxed.clone())] {
        let confirmed = person::Event::EmailConfirmed { password: Some(password), at: at(1) };
        GOLDEN.check::<Person>(&format!("email_confirmed_{name}_v1"), &confirmed);
    }
    GOLDEN.check::<Person>("password_reset_requested_v1", &person::Event::PasswordResetRequested { code, at: at(2) });
    GOLDEN.check::<Person>("password_changed_v1", &person::Event::PasswordChanged { password: open, at: at(3) });
    let changed = person::Event::PasswordChanged { password: boxed, at: at(3) };
    GOLDEN.check::<Person>("password_changed_sealed_v1", &changed);
    GOLDEN.check::<Person>("sign_in_failed_v1", &person::Event::SignInFailed { at: at(4) });
    GOLDEN.check::<Person>("sign_in_succeeded_v1", &person::Event::SignInSucceeded { at: at(5) });
    let (identity, provider) = (AddressKey::from_bytes([3; 32]), sealed("provider"));
    let linked = person::Event::ProviderLinked { identity, provider, at: at(8) };
    GOLDEN.check::<Person>("provider_linked_v1", &linked);
    GOLDEN.check::<Person>("provider_unlinked_v1", &person::Event::ProviderUnlinked { identity, at: at(9) });
    GOLDEN.check::<Person>("person_erased_v1", &person::Event::Erased { erasure, at: at(6) });
    GOLDEN.check::<Person>("person_abandoned_v1", &person::Event::Abandoned { at: at(7) });
    let holder = Holder { subject: subject(1), home: koeln() };
    GOLDEN.check::<Address>("address_taken_v1", &address::Event::Taken(holder));
    GOLDEN.check::<Address>("address_released_v1", &address::Event::Released { subject: subject(1) });
    GOLDEN.check::<Attempts>("attempt_failed_v1", &attempts::Event::Failed { at: at(1) });
    GOLDEN.check::<Attempts>("attempt_succeeded_v1", &attempts::Event::Succeeded { at: at(2) });
    GOLDEN.check::<Attempts>("code_sent_v1", &attempts::Event::CodeSent { at: at(3) });
    GOLDEN.check::<Attempts>("code_used_v1", &attempts::Event::CodeUsed { at: at(4) });
}

#[test]
fn events_of_sessions_and_grants_are_written_and_read_as_ever() {
    let begun = session::Event::Begun {
        subject: subject(1),
        level: Level::Email,
        token: TokenHash::from_bytes([3; 32]),
        at: at(0),
        ends_at: at(1_209_600),
    };
    GOLDEN.check::<Session>("session_begun_v1", &begun);
    let refreshed = session::Event::Refreshed { token: TokenHash::from_bytes([4; 32]), at: at(900) };
    GOLDEN.check::<Session>("session_refreshed_v1", &refreshed);
    for (name, reason) in [("signed_out", End::SignedOut), ("token_reused", End::TokenReused)] {
        GOLDEN.check::<Session>(&format!("session_ended_{name}_v1"), &session::Event::Ended { reason, at: at(901) });
    }
    let given = Given { by: subject(2), at: at(10) };
    for role in Role::ALL {
        let grant = Grant { role, procedure: None };
        GOLDEN.check::<Grants>(&format!("role_granted_{}_v1", role.as_str()), &grants::Event::Granted(grant, given));
    }
    let grant = Grant { role: Role::Moderator, procedure: Some(ProcedureId::new(Uuid::from_u128(7))) };
    GOLDEN.check::<Grants>("role_granted_procedure_v1", &grants::Event::Granted(grant, given));
    GOLDEN.check::<Grants>("role_revoked_v1", &grants::Event::Revoked(grant, given));
}

#[test]
fn events_of_tenants_are_written_and_read_as_ever() {
    let text = |de: &str| Text { de: de.to_owned(), en: format!("{de} (en)") };
    let profile = |kind| Profile {
        name: "Stadt Köln".to_owned(),
        kind,
        regional_key: "053150000000".to_owned(),
        imprint: text("Impressum"),
        privacy_notice: text("Datenschutz"),
        accessibility_statement: text("Barrierefreiheit"),
        contact: text("Kontakt"),
    };
    let registered = tenant::Event::Registered { profile: profile(Kind::Municipality), demo: true, at: at(0) };
    GOLDEN.check::<Tenant>("tenant_registered_v1", &registered);
    for (name, kind) in [("county", Kind::County), ("lab", Kind::Lab)] {
        let updated = tenant::Event::Updated { profile: profile(kind), at: at(1) };
        GOLDEN.check::<Tenant>(&format!("tenant_updated_{name}_v1"), &updated);
    }
    for (name, topic) in [("accessibility", Topic::Accessibility), ("privacy", Topic::Privacy), ("other", Topic::Other)]
    {
        let told = feedback::Feedback {
            topic,
            text: sealed("text"),
            reply_to: (topic == Topic::Other).then(|| sealed("reply to")),
            page: "/koeln".to_owned(),
            by: None,
            at: at(2),
        };
        GOLDEN.check::<Feedback>(&format!("feedback_sent_{name}_v1"), &feedback::Event::Sent(told.clone()));
        if topic == Topic::Other {
            let by = Some(subject(3));
            GOLDEN.check::<Feedback>("feedback_sent_by_v1", &feedback::Event::Sent(feedback::Feedback { by, ..told }));
        }
    }
    let erased = |by| feedback::Event::Erased { by, at: at(3) };
    GOLDEN.check::<Feedback>("feedback_erased_v1", &erased(None));
    GOLDEN.check::<Feedback>("feedback_erased_by_v1", &erased(Some(subject(4))));
}

#[test]
fn events_of_erasure_are_written_and_read_as_ever() {
    let contribution = |number| ContributionId::new(Uuid::from_u128(number));
    let scopes = [
        ("account", Scope::Account),
        ("contributions", Scope::Contributions),
        ("named", Scope::Named(vec![contribution(1), contribution(2)])),
    ];
    let due = Due { day: "2026-10-21".to_owned(), until: at(2_592_000) };
    for (name, scope) in &scopes {
        let request = erasure::Request { subject: subject(1), scope: scope.clone(), due: due.clone(), at: at(0) };
        GOLDEN.check::<Erasure>(&format!("erasure_requested_{name}_v1"), &erasure::Event::Requested(request));
    }
    let exception =
        |ground| Exception { contribution: contribution(2), ground, legal_basis: "§ 3 ArchivG NRW".to_owned() };
    let grounds = [Ground::FreedomOfExpression, Ground::LegalObligation, Ground::Archiving, Ground::LegalClaims];
    let verdicts = [
        ("accepted", Verdict::Accepted { exceptions: Vec::new() }),
        ("partly", Verdict::Accepted { exceptions: grounds.into_iter().map(exception).collect() }),
        ("refused", Verdict::Refused { ground: Ground::NotThePerson, legal_basis: "Art. 12 Abs. 6 DSGVO".to_owned() }),
    ];
    for ((name, verdict), (_, scope)) in verdicts.into_iter().zip(scopes) {
        let decision = Decision { verdict, by: subject(3), at: at(5) };
        let decided = erasure::Event::Decided { subject: subject(1), scope, decision };
        GOLDEN.check::<Erasure>(&format!("erasure_decided_{name}_v1"), &decided);
    }
    GOLDEN.check::<Erasure>("erasure_executed_v1", &erasure::Event::Executed { at: at(6) });
}

#[test]
fn events_of_mails_are_written_and_read_as_ever() {
    let mail = |kind| mail::Mail {
        recipient: subject(1),
        home: koeln(),
        kind,
        language: Language::German,
        code: (kind == MailKind::ConfirmEmail).then(|| sealed("code")),
        about: (kind == MailKind::ContributionPublished).then(|| Uuid::from_u128(7)),
        address: (kind == MailKind::ErasureDecided).then(|| sealed("address")),
        deadline: None,
    };
    let kinds = [
        ("confirm_email", MailKind::ConfirmEmail),
        ("already_registered", MailKind::AlreadyRegistered),
        ("reset_password", MailKind::ResetPassword),
        ("password_changed", MailKind::PasswordChanged),
        ("contribution_received", MailKind::ContributionReceived),
        ("contribution_published", MailKind::ContributionPublished),
        ("contribution_not_published", MailKind::ContributionNotPublished),
        ("contribution_answered", MailKind::ContributionAnswered),
        ("deadline_near", MailKind::DeadlineNear),
        ("erasure_received", MailKind::ErasureReceived),
        ("erasure_decided", MailKind::ErasureDecided),
        ("provider_linked", MailKind::ProviderLinked),
        ("provider_unlinked", MailKind::ProviderUnlinked),
    ];
    for (name, kind) in kinds {
        GOLDEN.check::<Mail>(&format!("mail_queued_{name}_v1"), &mail::Event::Queued { mail: mail(kind), at: at(0) });
    }
    let dated = mail::Mail { deadline: Some("2026-09-27".into()), ..mail(MailKind::DeadlineNear) };
    GOLDEN.check::<Mail>("mail_queued_deadline_day_v1", &mail::Event::Queued { mail: dated, at: at(0) });
    GOLDEN.check::<Mail>("mail_sent_v1", &mail::Event::Sent { attempt: 1, at: at(1) });
    let failed = mail::Event::Failed { attempt: 1, reply_code: 421, at: at(1), next_at: at(61) };
    GOLDEN.check::<Mail>("mail_failed_v1", &failed);
    GOLDEN.check::<Mail>("mail_given_up_v1", &mail::Event::GivenUp { attempts: 9, reply_code: 550, at: at(99) });
    GOLDEN.check::<Mail>("mail_retried_v1", &mail::Event::Retried { at: at(100) });
    GOLDEN.check::<Mail>("mail_dropped_v1", &mail::Event::Dropped { at: at(101) });
}
