//! What was found into what is answered.

use allmende_gateway_domain::erasure::{Erasure, Exception, Scope, Verdict};
use allmende_gateway_domain::feedback::Topic;
use allmende_gateway_domain::mail::{Kind, Progress, Queued};
use allmende_gateway_domain::tenant::{self, Tenant, Text};
use allmende_gateway_domain::{ErasureId, MailId, PLATFORM_TENANT};
use allmende_kernel::{Level, TenantId, Timestamp};
use allmende_proto::gateway::v1 as pb;

use super::parse::{ground_message, language_message, role_message};
use crate::app::{Begun, Known, LinkedProvider, Told};
use crate::views::GrantRow;
use crate::wire::same_values;

same_values!(level, level_of: Level = pb::Level {
    None = None, Email = Email, Substantial = Substantial, High = High,
});
same_values!(kind_message, kind_of: tenant::Kind = pb::TenantKind {
    Municipality = Municipality, County = County, Lab = Lab,
});
same_values!(topic_message, topic_of: Topic = pb::FeedbackTopic {
    Accessibility = Accessibility, Privacy = Privacy, Other = Other,
});
same_values!(mail_kind, mail_kind_of: Kind = pb::MailKind {
    ConfirmEmail = ConfirmEmail,
    AlreadyRegistered = AlreadyRegistered,
    ResetPassword = ResetPassword,
    PasswordChanged = PasswordChanged,
    ContributionReceived = ContributionReceived,
    ContributionPublished = ContributionPublished,
    ContributionNotPublished = ContributionNotPublished,
    ContributionAnswered = ContributionAnswered,
    DeadlineNear = DeadlineNear,
    ErasureReceived = ErasureReceived,
    ErasureDecided = ErasureDecided,
    ProviderLinked = ProviderLinked,
    ProviderUnlinked = ProviderUnlinked,
});

fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_micros)
}

pub(super) fn session(begun: Begun) -> pb::Session {
    pb::Session {
        access_token: begun.access_token,
        expires_at_us: begun.expires.as_micros(),
        refresh_token: begun.refresh_token,
        session_ends_at_us: begun.ends_at.as_micros(),
        subject_id: begun.subject.to_string(),
        home_tenant: begun.home.to_string(),
        level: level(begun.level).into(),
    }
}

pub(super) fn person(known: Known) -> pb::Person {
    let (email, name) = known.words.unwrap_or_default();
    pb::Person {
        subject_id: known.subject.to_string(),
        home_tenant: known.home.map(|home| home.to_string()).unwrap_or_default(),
        email,
        name,
        email_confirmed: known.confirmed,
        language: language_message(known.language).into(),
        registered_at_us: micros(known.registered_at),
        erased: known.erased,
    }
}

pub(super) fn linked_provider(linked: LinkedProvider) -> pb::LinkedProvider {
    pb::LinkedProvider {
        linked_provider_id: linked.id.to_string(),
        provider: linked.provider.unwrap_or_default(),
        name: linked.name.unwrap_or_default(),
        linked_at_us: linked.at.as_micros(),
    }
}

pub(super) fn grant(row: GrantRow) -> pb::Grant {
    let tenant = if row.tenant.as_str() == PLATFORM_TENANT { String::new() } else { row.tenant.to_string() };
    pb::Grant {
        subject_id: row.subject.to_string(),
        tenant,
        role: role_message(row.grant.role).into(),
        procedure_id: row.grant.procedure.map(|id| id.to_string()).unwrap_or_default(),
        granted_by: row.given.by.to_string(),
        granted_at_us: row.given.at.as_micros(),
    }
}

pub(super) fn tenant(id: &TenantId, tenant: Tenant) -> pb::Tenant {
    let text = |Text { de, en }| Some(pb::LocalizedText { de, en });
    let profile = tenant.profile;
    pb::Tenant {
        tenant: id.to_string(),
        name: profile.name,
        kind: kind_message(profile.kind).into(),
        regional_key: profile.regional_key,
        imprint: text(profile.imprint),
        privacy_notice: text(profile.privacy_notice),
        accessibility_statement: text(profile.accessibility_statement),
        contact: text(profile.contact),
        demo: tenant.demo,
        registered_at_us: tenant.registered_at.as_micros(),
    }
}

/// A tenant in a list: without the long texts.
pub(super) fn tenant_in_list((id, tenant_found): (TenantId, Tenant)) -> pb::Tenant {
    let (imprint, privacy_notice, accessibility_statement, contact) = (None, None, None, None);
    pb::Tenant { imprint, privacy_notice, accessibility_statement, contact, ..tenant(&id, tenant_found) }
}

pub(super) fn feedback(told: Told) -> pb::Feedback {
    let erased = told.words.is_none();
    let (text, reply_to) = told.words.unwrap_or_default();
    pb::Feedback {
        feedback_id: told.id.to_string(),
        topic: topic_message(told.topic).into(),
        text,
        reply_to,
        page: told.page,
        sent_at_us: told.at.as_micros(),
        erased,
    }
}

pub(super) fn erasure(id: ErasureId, erasure: Erasure) -> pb::Erasure {
    let (scope, named) = match erasure.request.scope {
        Scope::Account => (pb::ErasureScope::Account, Vec::new()),
        Scope::Contributions => (pb::ErasureScope::Contributions, Vec::new()),
        Scope::Named(named) => (pb::ErasureScope::NamedContributions, named),
    };
    let mut message = pb::Erasure {
        erasure_id: id.to_string(),
        subject_id: erasure.request.subject.to_string(),
        scope: scope.into(),
        contribution_ids: named.iter().map(ToString::to_string).collect(),
        state: pb::ErasureState::Requested.into(),
        requested_at_us: erasure.request.at.as_micros(),
        due_day: erasure.request.due.day,
        due_us: erasure.request.due.until.as_micros(),
        account_erased_at_us: micros(erasure.executed_at),
        ..pb::Erasure::default()
    };
    let Some(decision) = erasure.decision else { return message };
    message.decided_at_us = decision.at.as_micros();
    message.decided_by = decision.by.to_string();
    match decision.verdict {
        Verdict::Accepted { exceptions } => {
            let partly = !exceptions.is_empty();
            message.set_state(if partly { pb::ErasureState::PartlyAccepted } else { pb::ErasureState::Accepted });
            message.exceptions = exceptions.into_iter().map(exception).collect();
        }
        Verdict::Refused { ground, legal_basis } => {
            message.set_state(pb::ErasureState::Refused);
            message.set_refused_on(ground_message(ground));
            message.refusal_basis = legal_basis;
        }
    }
    message
}

fn exception(exception: Exception) -> pb::ErasureException {
    pb::ErasureException {
        contribution_id: exception.contribution.to_string(),
        ground: ground_message(exception.ground).into(),
        legal_basis: exception.legal_basis,
    }
}

/// What state a mail is in, as the list filters by it.
pub(super) fn mail_state(queued: &Queued) -> pb::MailState {
    match queued.progress {
        Progress::Waiting { .. } if queued.attempts == 0 => pb::MailState::Queued,
        Progress::Waiting { .. } => pb::MailState::Failed,
        Progress::Sent => pb::MailState::Sent,
        Progress::GivenUp => pb::MailState::GivenUp,
        Progress::Dropped => pb::MailState::Dropped,
    }
}

pub(super) fn mail((id, queued): (MailId, Queued)) -> pb::Mail {
    pb::Mail {
        mail_id: id.to_string(),
        kind: mail_kind(queued.mail.kind).into(),
        state: mail_state(&queued).into(),
        attempts: queued.attempts,
        queued_at_us: queued.queued_at.as_micros(),
        tried_at_us: micros(queued.tried_at),
        reply_code: queued.reply_code,
    }
}
