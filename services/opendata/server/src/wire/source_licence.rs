use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_opendata_domain::source_licence::{Declared, Model};
use allmende_opendata_domain::{Licence, LicenceTerms};
use allmende_proto::opendata::events::v1 as stored;

use super::{Malformed, event, read, unknown};

pub(crate) const SOURCE_LICENCE_DECLARED: &str = "allmende.opendata.events.v1.SourceLicenceDeclared";

/// A source's licence as the log keeps it.
#[derive(Debug)]
pub(crate) enum SourceLicence {}

impl Aggregate for SourceLicence {
    type Model = Model;

    fn encode(happened: &Declared) -> NewEvent {
        let Declared { terms, at } = happened;
        event(
            SOURCE_LICENCE_DECLARED,
            &stored::SourceLicenceDeclared { terms: Some(terms_message(terms)), at_us: at.as_micros() },
        )
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Declared, UnknownEvent> {
        match event_type {
            SOURCE_LICENCE_DECLARED => read(event_type, payload, |message: stored::SourceLicenceDeclared| {
                let terms = terms_of(&message.terms.ok_or(Malformed)?)?;
                Ok(Declared { terms, at: Timestamp::from_micros(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &Option<LicenceTerms>) -> usize {
        256
    }
}

pub(super) fn terms_message(terms: &LicenceTerms) -> stored::LicenceTerms {
    let licence = match terms.licence {
        Licence::DlByDe2 => stored::Licence::DlByDe20,
        Licence::DlZeroDe2 => stored::Licence::DlZeroDe20,
        Licence::CcBy4 => stored::Licence::CcBy40,
        Licence::CcBySa4 => stored::Licence::CcBySa40,
        Licence::CcZero => stored::Licence::CcZero10,
        Licence::Odbl => stored::Licence::Odbl10,
        Licence::OfficialWork => stored::Licence::OfficialWork,
    };
    stored::LicenceTerms { licence: licence.into(), attribution: terms.attribution.clone() }
}

/// Stored terms.
pub(crate) fn terms_of(message: &stored::LicenceTerms) -> Result<LicenceTerms, Malformed> {
    let licence = match message.licence() {
        stored::Licence::DlByDe20 => Licence::DlByDe2,
        stored::Licence::DlZeroDe20 => Licence::DlZeroDe2,
        stored::Licence::CcBy40 => Licence::CcBy4,
        stored::Licence::CcBySa40 => Licence::CcBySa4,
        stored::Licence::CcZero10 => Licence::CcZero,
        stored::Licence::Odbl10 => Licence::Odbl,
        stored::Licence::OfficialWork => Licence::OfficialWork,
        stored::Licence::Unspecified => return Err(Malformed),
    };
    Ok(LicenceTerms { licence, attribution: message.attribution.clone() })
}
