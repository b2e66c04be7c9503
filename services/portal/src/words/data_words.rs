//! The vocabulary of data in words: what staff choose when they describe it.

use allmende_proto::gateway::v1::{MailKind, MailState};
use allmende_proto::opendata::v1::{ColumnType, Frequency, Licence, Theme};
use allmende_proto::participation::v1::ProjectState;
use allmende_proto::reporting::v1::{AirSelection, Comparison};
use allmende_proto::telemetry::v1::{FlagReason, ObservedProperty, StationKind};

use super::Language;
use super::vocabulary::{licence, observed_property, project_state, station_kind};

type Words = &'static str;
type Choices = Vec<(String, String)>;

/// Choices of a form: an enum's number and its word.
fn choices<E: Copy + Into<i32>>(values: &[E], word: impl Fn(E) -> Words) -> Choices {
    values.iter().map(|value| ((*value).into().to_string(), word(*value).to_owned())).collect()
}

pub(crate) fn licences() -> Choices {
    use Licence::{CcBy40, CcBySa40, CcZero10, DlByDe20, DlZeroDe20, Odbl10, OfficialWork};
    choices(&[DlByDe20, DlZeroDe20, CcBy40, CcBySa40, CcZero10, Odbl10, OfficialWork], licence)
}

pub(crate) fn project_states(language: Language) -> Choices {
    use ProjectState::{Done, InProgress, Planned, Stopped};
    choices(&[Planned, InProgress, Done, Stopped], |state| project_state(state, language).0)
}

pub(crate) fn station_kinds(language: Language) -> Choices {
    choices(&[StationKind::Citizen, StationKind::Reference], |kind| station_kind(kind, language))
}

pub(crate) fn observed_properties(language: Language) -> Choices {
    use ObservedProperty::{AirPressure, AirTemperature, No2, Pm10, Pm25, RelativeHumidity};
    choices(&[Pm10, Pm25, No2, AirTemperature, RelativeHumidity, AirPressure], |property| {
        observed_property(property, language)
    })
}

/// The EU's data themes.
pub(crate) fn themes(language: Language) -> Choices {
    use Theme::{Agri, Econ, Educ, Ener, Envi, Gove, Heal, Intr, Just, Regi, Soci, Tech, Tran};
    choices(&[Agri, Econ, Educ, Ener, Envi, Gove, Heal, Intr, Just, Regi, Soci, Tech, Tran], |theme| match theme {
        Agri => language.of("Landwirtschaft, Fischerei, Forstwirtschaft", "Agriculture, fisheries, forestry"),
        Econ => language.of("Wirtschaft und Finanzen", "Economy and finance"),
        Educ => language.of("Bildung, Kultur und Sport", "Education, culture and sport"),
        Ener => language.of("Energie", "Energy"),
        Envi => language.of("Umwelt", "Environment"),
        Gove => language.of("Regierung und öffentlicher Sektor", "Government and public sector"),
        Heal => language.of("Gesundheit", "Health"),
        Intr => language.of("Internationale Themen", "International issues"),
        Just => language.of("Justiz und öffentliche Sicherheit", "Justice and public safety"),
        Regi => language.of("Regionen und Städte", "Regions and cities"),
        Soci => language.of("Bevölkerung und Gesellschaft", "Population and society"),
        Tech => language.of("Wissenschaft und Technologie", "Science and technology"),
        Tran => language.of("Verkehr", "Transport"),
        Theme::Unspecified => "–",
    })
}

pub(crate) fn frequencies(language: Language) -> Choices {
    use Frequency::{Annual, Continuous, Daily, Irregular, Monthly, Never, Weekly};
    choices(&[Irregular, Continuous, Daily, Weekly, Monthly, Annual, Never], |frequency| match frequency {
        Continuous => language.of("laufend", "continuously"),
        Daily => language.of("täglich", "daily"),
        Weekly => language.of("wöchentlich", "weekly"),
        Monthly => language.of("monatlich", "monthly"),
        Annual => language.of("jährlich", "once a year"),
        Irregular | Frequency::Unspecified => language.of("unregelmäßig", "irregularly"),
        Never => language.of("nie", "never"),
    })
}

pub(crate) fn column_types(language: Language) -> Choices {
    use ColumnType::{Boolean, Date, Datetime, Integer, Number, String};
    choices(&[String, Integer, Number, Boolean, Date, Datetime], |kind| match kind {
        String | ColumnType::Unspecified => language.of("Text", "text"),
        Integer => language.of("ganze Zahl", "whole number"),
        Number => language.of("Zahl", "number"),
        Boolean => language.of("ja oder nein", "yes or no"),
        Date => language.of("Tag (2019-09-27)", "day (2019-09-27)"),
        Datetime => language.of("Zeitpunkt in UTC (2019-09-27T12:00:00Z)", "moment in UTC (2019-09-27T12:00:00Z)"),
    })
}

/// Kinds of publishers, by the last part of their address in the vocabulary of DCAT-AP.
pub(crate) fn publisher_types(language: Language) -> Choices {
    let known = [
        ("LocalAuthority", "Kommune", "Local authority"),
        ("RegionalAuthority", "Land oder Region", "Regional authority"),
        ("NationalAuthority", "Bund", "National authority"),
        ("Academia-ScientificOrganisation", "Wissenschaft", "Academia"),
        ("NonProfitOrganisation", "Verein oder Stiftung", "Non-profit organisation"),
        ("Company", "Unternehmen", "Company"),
    ];
    known.map(|(code, german, english)| (code.to_owned(), language.of(german, english).to_owned())).to_vec()
}

/// Categories of high-value datasets: the addresses that the EU gave them.
pub(crate) fn high_values(language: Language) -> Choices {
    let known = [
        ("c_ac64a52d", "Georaum", "Geospatial"),
        ("c_dd313021", "Erdbeobachtung und Umwelt", "Earth observation and environment"),
        ("c_164e0bf5", "Meteorologie", "Meteorological"),
        ("c_e1da4e07", "Statistik", "Statistics"),
        ("c_a9135398", "Unternehmen", "Companies and company ownership"),
        ("c_b79e35eb", "Mobilität", "Mobility"),
    ];
    let iri = |code: &str| format!("http://data.europa.eu/bna/{code}");
    known.map(|(code, german, english)| (iri(code), language.of(german, english).to_owned())).to_vec()
}

pub(crate) fn flag_reasons(language: Language) -> Choices {
    use FlagReason::{Defect, LocalSource, Maintenance};
    choices(&[Maintenance, Defect, LocalSource], |reason| match reason {
        Maintenance | FlagReason::Unspecified => language.of("Wartung", "maintenance"),
        Defect => language.of("Defekt", "defect"),
        LocalSource => language.of("Quelle in der Nähe (Baustelle, Grill)", "source nearby (building site, barbecue)"),
    })
}

pub(crate) fn air_selections(language: Language) -> Choices {
    use AirSelection::{All, Dry, Unflagged};
    choices(&[All, Dry, Unflagged], |selection| match selection {
        All | AirSelection::Unspecified => language.of("alle Werte", "all values"),
        Dry => language.of("nur bei höchstens 70 % Luftfeuchte", "only at up to 70 % humidity"),
        Unflagged => language.of("nur Werte ohne Vermerk", "only values without a flag"),
    })
}

pub(crate) fn comparison(comparison: Comparison, language: Language) -> Words {
    match comparison {
        Comparison::AtMost | Comparison::Unspecified => language.of("höchstens", "at most"),
        Comparison::AtLeast => language.of("mindestens", "at least"),
    }
}

pub(crate) fn comparisons(language: Language) -> Choices {
    choices(&[Comparison::AtMost, Comparison::AtLeast], |value| comparison(value, language))
}

pub(crate) fn mail_kind(kind: MailKind, language: Language) -> Words {
    match kind {
        MailKind::ConfirmEmail => language.of("Adresse bestätigen", "confirm the address"),
        MailKind::AlreadyRegistered => language.of("Konto gibt es schon", "account is there already"),
        MailKind::ResetPassword => language.of("neues Passwort", "new password"),
        MailKind::PasswordChanged => language.of("Passwort geändert", "password changed"),
        MailKind::ContributionReceived => language.of("Beitrag eingegangen", "contribution received"),
        MailKind::ContributionPublished => language.of("Beitrag veröffentlicht", "contribution published"),
        MailKind::ContributionNotPublished => language.of("Beitrag nicht veröffentlicht", "contribution not published"),
        MailKind::ContributionAnswered => language.of("Beitrag beantwortet", "contribution answered"),
        MailKind::DeadlineNear => language.of("Frist endet bald", "deadline is near"),
        MailKind::ErasureReceived => language.of("Antrag auf Löschung eingegangen", "request to be forgotten received"),
        MailKind::ErasureDecided => language.of("Antrag auf Löschung entschieden", "request to be forgotten decided"),
        MailKind::ProviderLinked => language.of("Anmeldedienst verknüpft", "identity provider linked"),
        MailKind::ProviderUnlinked => language.of("Anmeldedienst gelöst", "identity provider unlinked"),
        MailKind::Unspecified => language.of("E-Mail", "e-mail"),
    }
}

/// The state and the tone of its badge.
pub(crate) fn mail_state(state: MailState, language: Language) -> (Words, Words) {
    match state {
        MailState::Queued | MailState::Unspecified => (language.of("wartet", "waits"), "warn"),
        MailState::Sent => (language.of("gesendet", "sent"), "good"),
        MailState::Failed => (language.of("fehlgeschlagen, wird wiederholt", "failed, is tried again"), "warn"),
        MailState::GivenUp => (language.of("aufgegeben", "given up"), "bad"),
        MailState::Dropped => (language.of("verworfen", "dropped"), ""),
    }
}

/// A number as people type it: with a comma or a point.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_words_of_its_own() {
        let of = |language| {
            [
                licences(),
                themes(language),
                frequencies(language),
                column_types(language),
                publisher_types(language),
                high_values(language),
                observed_properties(language),
            ]
        };
        for list in of(Language::German).into_iter().chain(of(Language::English)) {
            let words: std::collections::BTreeSet<_> = list.iter().map(|(_, word)| word).collect();
            assert_eq!(words.len(), list.len(), "{list:?}");
        }
    }

    #[test]
    fn numbers_are_read_with_comma_or_point() {
        assert_eq!(["1,5", "1.5", "x", "inf", ""].map(decimal), [Some(1.5), Some(1.5), None, None, None]);
    }
}
