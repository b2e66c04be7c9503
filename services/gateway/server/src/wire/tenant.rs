use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::tenant::{Event, Kind, Model, Profile, State, Text};
use allmende_proto::gateway::events::v1 as stored;

use super::{Malformed, event, moment, read, same_values, unknown};

pub(super) const REGISTERED: &str = "allmende.gateway.events.v1.TenantRegistered";
pub(super) const UPDATED: &str = "allmende.gateway.events.v1.TenantUpdated";

same_values!(kind_message, kind_of: Kind = stored::TenantKind {
    Municipality = Municipality, County = County, Lab = Lab,
});

/// A tenant as the log keeps it.
#[derive(Debug)]
pub(crate) enum Tenant {}

impl Aggregate for Tenant {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Registered { profile, demo, at } => event(
                REGISTERED,
                &stored::TenantRegistered {
                    profile: Some(profile_message(profile)),
                    demo: *demo,
                    at_us: at.as_micros(),
                },
            ),
            Event::Updated { profile, at } => event(
                UPDATED,
                &stored::TenantUpdated { profile: Some(profile_message(profile)), at_us: at.as_micros() },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            REGISTERED => read(event_type, payload, |message: stored::TenantRegistered| {
                let stored::TenantRegistered { profile, demo, at_us } = message;
                Ok(Event::Registered { profile: profile_of(profile)?, demo, at: moment(at_us) })
            }),
            UPDATED => read(event_type, payload, |message: stored::TenantUpdated| {
                Ok(Event::Updated { profile: profile_of(message.profile)?, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let text = |text: &Text| text.de.len() + text.en.len();
        let texts = |profile: &Profile| {
            [&profile.imprint, &profile.privacy_notice, &profile.accessibility_statement, &profile.contact]
                .into_iter()
                .map(text)
                .sum::<usize>()
        };
        256 + state.as_ref().map_or(0, |tenant| texts(&tenant.profile))
    }
}

fn profile_message(profile: &Profile) -> stored::TenantProfile {
    let text = |text: &Text| Some(stored::LocalizedText { de: text.de.clone(), en: text.en.clone() });
    stored::TenantProfile {
        name: profile.name.clone(),
        kind: kind_message(profile.kind).into(),
        regional_key: profile.regional_key.clone(),
        imprint: text(&profile.imprint),
        privacy_notice: text(&profile.privacy_notice),
        accessibility_statement: text(&profile.accessibility_statement),
        contact: text(&profile.contact),
    }
}

fn profile_of(message: Option<stored::TenantProfile>) -> Result<Profile, Malformed> {
    let message = message.ok_or(Malformed)?;
    let text = |text: Option<stored::LocalizedText>| {
        text.map(|stored::LocalizedText { de, en }| Text { de, en }).unwrap_or_default()
    };
    Ok(Profile {
        kind: kind_of(message.kind())?,
        name: message.name,
        regional_key: message.regional_key,
        imprint: text(message.imprint),
        privacy_notice: text(message.privacy_notice),
        accessibility_statement: text(message.accessibility_statement),
        contact: text(message.contact),
    })
}
