use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::mail::{self, Event, Kind, Model, State};
use allmende_proto::gateway::events::v1 as stored;

use super::{
    Malformed, event, id_bytes, language_message, language_of, maybe_sealed, maybe_sealed_bytes, moment, read,
    same_values, subject, tenant_id, unknown, uuid,
};

pub(super) const QUEUED: &str = "allmende.gateway.events.v1.MailQueued";
pub(super) const SENT: &str = "allmende.gateway.events.v1.MailSent";
pub(super) const FAILED: &str = "allmende.gateway.events.v1.MailFailed";
pub(super) const GIVEN_UP: &str = "allmende.gateway.events.v1.MailGivenUp";
pub(super) const RETRIED: &str = "allmende.gateway.events.v1.MailRetried";
pub(super) const DROPPED: &str = "allmende.gateway.events.v1.MailDropped";

same_values!(kind_message, kind_of: Kind = stored::MailKind {
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

/// A mail as the log keeps it.
#[derive(Debug)]
pub(crate) enum Mail {}

impl Aggregate for Mail {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Queued { mail, at } => event(
                QUEUED,
                &stored::MailQueued {
                    recipient: id_bytes(mail.recipient.as_bytes()),
                    home_tenant: mail.home.to_string(),
                    kind: kind_message(mail.kind).into(),
                    language: language_message(mail.language).into(),
                    code_sealed: maybe_sealed_bytes(mail.code.as_ref()),
                    about: mail.about.map(|id| id_bytes(id.as_bytes())).unwrap_or_default(),
                    address_sealed: maybe_sealed_bytes(mail.address.as_ref()),
                    at_us: at.as_micros(),
                    deadline_day: mail.deadline.clone().unwrap_or_default(),
                },
            ),
            Event::Sent { attempt, at } => event(SENT, &stored::MailSent { attempt: *attempt, at_us: at.as_micros() }),
            Event::Failed { attempt, reply_code, at, next_at } => event(
                FAILED,
                &stored::MailFailed {
                    attempt: *attempt,
                    reply_code: *reply_code,
                    at_us: at.as_micros(),
                    next_at_us: next_at.as_micros(),
                },
            ),
            Event::GivenUp { attempts, reply_code, at } => event(
                GIVEN_UP,
                &stored::MailGivenUp { attempts: *attempts, reply_code: *reply_code, at_us: at.as_micros() },
            ),
            Event::Retried { at } => event(RETRIED, &stored::MailRetried { at_us: at.as_micros() }),
            Event::Dropped { at } => event(DROPPED, &stored::MailDropped { at_us: at.as_micros() }),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            QUEUED => read(event_type, payload, queued),
            SENT => read(event_type, payload, |message: stored::MailSent| {
                Ok(Event::Sent { attempt: message.attempt, at: moment(message.at_us) })
            }),
            FAILED => read(event_type, payload, |message: stored::MailFailed| {
                let stored::MailFailed { attempt, reply_code, at_us, next_at_us } = message;
                Ok(Event::Failed { attempt, reply_code, at: moment(at_us), next_at: moment(next_at_us) })
            }),
            GIVEN_UP => read(event_type, payload, |message: stored::MailGivenUp| {
                let stored::MailGivenUp { attempts, reply_code, at_us } = message;
                Ok(Event::GivenUp { attempts, reply_code, at: moment(at_us) })
            }),
            RETRIED => read(event_type, payload, |message: stored::MailRetried| {
                Ok(Event::Retried { at: moment(message.at_us) })
            }),
            DROPPED => read(event_type, payload, |message: stored::MailDropped| {
                Ok(Event::Dropped { at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &State) -> usize {
        768
    }
}

fn queued(message: stored::MailQueued) -> Result<Event, Malformed> {
    let mail = mail::Mail {
        recipient: subject(&message.recipient)?,
        home: tenant_id(&message.home_tenant)?,
        kind: kind_of(message.kind())?,
        language: language_of(message.language())?,
        code: maybe_sealed(&message.code_sealed),
        about: (!message.about.is_empty()).then(|| uuid(&message.about)).transpose()?,
        address: maybe_sealed(&message.address_sealed),
        deadline: (!message.deadline_day.is_empty()).then_some(message.deadline_day),
    };
    Ok(Event::Queued { mail, at: moment(message.at_us) })
}
