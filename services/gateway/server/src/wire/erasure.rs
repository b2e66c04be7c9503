use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::ContributionId;
use allmende_gateway_domain::erasure::{
    Decision, Due, Event, Exception, Ground, Model, Request, Scope, State, Verdict,
};
use allmende_proto::gateway::events::v1 as stored;
use bytes::Bytes;

use super::{Malformed, event, id_bytes, moment, read, same_values, subject, unknown, uuid};

pub(super) const REQUESTED: &str = "allmende.gateway.events.v1.ErasureRequested";
pub(super) const DECIDED: &str = "allmende.gateway.events.v1.ErasureDecided";
pub(super) const EXECUTED: &str = "allmende.gateway.events.v1.ErasureExecuted";

same_values!(ground_message, ground_of: Ground = stored::ErasureGround {
    FreedomOfExpression = FreedomOfExpression,
    LegalObligation = LegalObligation,
    Archiving = Archiving,
    LegalClaims = LegalClaims,
    NotThePerson = NotThePerson,
});

/// A request to be forgotten, as the log keeps it.
#[derive(Debug)]
pub(crate) enum Erasure {}

impl Aggregate for Erasure {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Requested(request) => {
                let (scope, contribution_ids) = scope_message(&request.scope);
                event(
                    REQUESTED,
                    &stored::ErasureRequested {
                        subject_id: id_bytes(request.subject.as_bytes()),
                        scope: scope.into(),
                        contribution_ids,
                        due_day: request.due.day.clone(),
                        due_us: request.due.until.as_micros(),
                        at_us: request.at.as_micros(),
                    },
                )
            }
            Event::Decided { subject, scope, decision } => {
                let (scope, contribution_ids) = scope_message(scope);
                let mut message = stored::ErasureDecided {
                    subject_id: id_bytes(subject.as_bytes()),
                    scope: scope.into(),
                    contribution_ids,
                    by: id_bytes(decision.by.as_bytes()),
                    at_us: decision.at.as_micros(),
                    ..stored::ErasureDecided::default()
                };
                put_verdict(&mut message, &decision.verdict);
                event(DECIDED, &message)
            }
            Event::Executed { at } => event(EXECUTED, &stored::ErasureExecuted { at_us: at.as_micros() }),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            REQUESTED => read(event_type, payload, |message: stored::ErasureRequested| {
                Ok(Event::Requested(Request {
                    subject: subject(&message.subject_id)?,
                    scope: scope_of(message.scope(), &message.contribution_ids)?,
                    due: Due { until: moment(message.due_us), day: message.due_day },
                    at: moment(message.at_us),
                }))
            }),
            DECIDED => read(event_type, payload, |message: stored::ErasureDecided| {
                let decision =
                    Decision { verdict: verdict_of(&message)?, by: subject(&message.by)?, at: moment(message.at_us) };
                let scope = scope_of(message.scope(), &message.contribution_ids)?;
                Ok(Event::Decided { subject: subject(&message.subject_id)?, scope, decision })
            }),
            EXECUTED => read(event_type, payload, |message: stored::ErasureExecuted| {
                Ok(Event::Executed { at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let named = state.as_ref().map_or(0, |erasure| match &erasure.request.scope {
            Scope::Named(named) => named.len(),
            Scope::Account | Scope::Contributions => 0,
        });
        512 + named * 256
    }
}

fn scope_message(scope: &Scope) -> (stored::ErasureScope, Vec<Bytes>) {
    match scope {
        Scope::Account => (stored::ErasureScope::Account, Vec::new()),
        Scope::Contributions => (stored::ErasureScope::Contributions, Vec::new()),
        Scope::Named(named) => {
            let ids = named.iter().map(|id| id_bytes(id.as_bytes())).collect();
            (stored::ErasureScope::NamedContributions, ids)
        }
    }
}

fn scope_of(scope: stored::ErasureScope, named: &[Bytes]) -> Result<Scope, Malformed> {
    match scope {
        stored::ErasureScope::Account => Ok(Scope::Account),
        stored::ErasureScope::Contributions => Ok(Scope::Contributions),
        stored::ErasureScope::NamedContributions => {
            named.iter().map(|id| uuid(id).map(ContributionId::new)).collect::<Result<_, _>>().map(Scope::Named)
        }
        stored::ErasureScope::Unspecified => Err(Malformed),
    }
}

fn put_verdict(message: &mut stored::ErasureDecided, verdict: &Verdict) {
    match verdict {
        Verdict::Accepted { exceptions } if exceptions.is_empty() => {
            message.set_verdict(stored::ErasureVerdict::Accepted);
        }
        Verdict::Accepted { exceptions } => {
            message.set_verdict(stored::ErasureVerdict::PartlyAccepted);
            let exception = |exception: &Exception| stored::ErasureException {
                contribution_id: id_bytes(exception.contribution.as_bytes()),
                ground: ground_message(exception.ground).into(),
                legal_basis: exception.legal_basis.clone(),
            };
            message.exceptions = exceptions.iter().map(exception).collect();
        }
        Verdict::Refused { ground, legal_basis } => {
            message.set_verdict(stored::ErasureVerdict::Refused);
            message.set_ground(ground_message(*ground));
            message.legal_basis.clone_from(legal_basis);
        }
    }
}

fn verdict_of(message: &stored::ErasureDecided) -> Result<Verdict, Malformed> {
    match message.verdict() {
        stored::ErasureVerdict::Accepted => Ok(Verdict::Accepted { exceptions: Vec::new() }),
        stored::ErasureVerdict::PartlyAccepted => {
            let exception = |message: &stored::ErasureException| {
                Ok(Exception {
                    contribution: ContributionId::new(uuid(&message.contribution_id)?),
                    ground: ground_of(message.ground())?,
                    legal_basis: message.legal_basis.clone(),
                })
            };
            let exceptions = message.exceptions.iter().map(exception).collect::<Result<_, _>>()?;
            Ok(Verdict::Accepted { exceptions })
        }
        stored::ErasureVerdict::Refused => {
            Ok(Verdict::Refused { ground: ground_of(message.ground())?, legal_basis: message.legal_basis.clone() })
        }
        stored::ErasureVerdict::Unspecified => Err(Malformed),
    }
}
