//! The services' vocabulary in words.

use allmende_proto::gateway::v1::{
    self as gateway, ErasureGround, ErasureScope, ErasureState, FeedbackTopic, Role, TenantKind,
};
use allmende_proto::opendata::v1::{Format, Licence, Release, Requirement, WithdrawalReason};
use allmende_proto::participation::v1::{
    Channel, ContributionKind, ModerationDecision, ModerationReason, ModerationState, ObjectionState, PhaseKind,
    ProjectState, ProposalState, QueueReason, SectionChange, SignInLevel,
};
use allmende_proto::reporting::v1::LocalizedText;
use allmende_proto::telemetry::v1::{ObservedProperty, Period, StationKind};

use super::{Language, clean, theirs};

type Words = &'static str;

/// Choices of a form: the enum's number and its word.
macro_rules! choices {
    ($name:ident, $word:ident, $enum:ident, [$($variant:ident),*]) => {
        pub(crate) fn $name(language: Language) -> Vec<(String, String)> {
            [$($enum::$variant),*].map(|value| ((value as i32).to_string(), word($word(value, language)))).to_vec()
        }
    };
}

fn word<T: Into<Word>>(word: T) -> String {
    word.into().0.to_owned()
}

/// A word, with or without the tone of its badge.
struct Word(&'static str);

impl From<Words> for Word {
    fn from(word: Words) -> Self {
        Self(word)
    }
}

impl From<(Words, Words)> for Word {
    fn from((word, _): (Words, Words)) -> Self {
        Self(word)
    }
}

choices!(
    phase_kinds,
    phase_kind,
    PhaseKind,
    [Information, Submission, Consultation, Support, Evaluation, Implementation]
);
choices!(sign_in_levels, sign_in_level, SignInLevel, [None, Email, Substantial, High]);
choices!(contribution_kinds, contribution_kind, ContributionKind, [Idea, Proposal, Comment, Amendment]);
choices!(offline_channels, channel, Channel, [Letter, Postcard, Event, Phone]);
choices!(
    moderation_reasons,
    moderation_reason,
    ModerationReason,
    [OffTopic, Insult, Discrimination, PersonalData, Advertising, Unlawful, Duplicate, Other]
);
choices!(moderation_decisions, moderation_decision, ModerationDecision, [Publish, Redact, Reject, Hide]);
choices!(
    erasure_grounds,
    erasure_ground,
    ErasureGround,
    [FreedomOfExpression, LegalObligation, Archiving, LegalClaims, NotThePerson]
);
choices!(tenant_kinds, tenant_kind, TenantKind, [Municipality, County, Lab]);
choices!(withdrawals, withdrawal, WithdrawalReason, [Incorrect, Rights, Erasure]);
choices!(
    roles,
    role,
    Role,
    [
        Moderator,
        CaseWorker,
        ProcedureOwner,
        Approver,
        Surveyor,
        DeviceOwner,
        DataSteward,
        DataProtectionOfficer,
        Auditor,
        TenantAdministrator,
        Integrator
    ]
);

pub(crate) fn phase_kind(kind: PhaseKind, language: Language) -> Words {
    match kind {
        PhaseKind::Information | PhaseKind::Unspecified => language.of("Information", "Information"),
        PhaseKind::Submission => language.of("Ideen und Vorschläge", "Ideas and proposals"),
        PhaseKind::Consultation => language.of("Kommentierung", "Comments on the text"),
        PhaseKind::Support => language.of("Unterstützung", "Support"),
        PhaseKind::Evaluation => language.of("Auswertung", "Evaluation"),
        PhaseKind::Implementation => language.of("Umsetzung", "Implementation"),
    }
}

pub(crate) fn sign_in_level(level: SignInLevel, language: Language) -> Words {
    match level {
        SignInLevel::None | SignInLevel::Unspecified => language.of("jedes Konto", "any account"),
        SignInLevel::Email => language.of("bestätigte E-Mail-Adresse", "confirmed e-mail address"),
        SignInLevel::Substantial => language.of("Vertrauensniveau substanziell", "assurance level substantial"),
        SignInLevel::High => language.of("Vertrauensniveau hoch", "assurance level high"),
    }
}

/// A level as the gateway numbers it.
pub(crate) fn level(level: i32, language: Language) -> Words {
    match gateway::Level::try_from(level) {
        Ok(gateway::Level::Email) => sign_in_level(SignInLevel::Email, language),
        Ok(gateway::Level::Substantial) => sign_in_level(SignInLevel::Substantial, language),
        Ok(gateway::Level::High) => sign_in_level(SignInLevel::High, language),
        _ => language.of("nicht bestätigt", "not confirmed"),
    }
}

pub(crate) fn contribution_kind(kind: ContributionKind, language: Language) -> Words {
    match kind {
        ContributionKind::Idea => language.of("Idee", "Idea"),
        ContributionKind::Proposal => language.of("Vorschlag", "Proposal"),
        ContributionKind::Comment => language.of("Kommentar", "Comment"),
        ContributionKind::Amendment => language.of("Änderungsvorschlag", "Amendment"),
        ContributionKind::Unspecified => language.of("Beitrag", "Contribution"),
    }
}

pub(crate) fn channel(channel: Channel, language: Language) -> Words {
    match channel {
        Channel::Web | Channel::Unspecified => language.of("Portal", "Portal"),
        Channel::App => language.of("App", "App"),
        Channel::Letter => language.of("Brief", "Letter"),
        Channel::Postcard => language.of("Postkarte", "Postcard"),
        Channel::Event => language.of("Veranstaltung", "Event"),
        Channel::Phone => language.of("Telefon", "Telephone"),
    }
}

/// The state and the tone of its badge.
pub(crate) fn moderation_state(state: ModerationState, language: Language) -> (Words, Words) {
    match state {
        ModerationState::Pending | ModerationState::Unspecified => {
            (language.of("wartet auf Freigabe", "waits for release"), "warn")
        }
        ModerationState::Published => (language.of("veröffentlicht", "published"), "good"),
        ModerationState::Rejected => (language.of("nicht veröffentlicht", "not published"), "bad"),
        ModerationState::Hidden => (language.of("ausgeblendet", "hidden"), "bad"),
        ModerationState::Redacted => (language.of("gekürzt veröffentlicht", "published in part"), "warn"),
    }
}

pub(crate) fn moderation_reason(reason: ModerationReason, language: Language) -> Words {
    match reason {
        ModerationReason::OffTopic => language.of("gehört nicht zum Thema", "off topic"),
        ModerationReason::Insult => language.of("Beleidigung", "insult"),
        ModerationReason::Discrimination => language.of("Diskriminierung", "discrimination"),
        ModerationReason::PersonalData => language.of("Angaben über Personen", "things about people"),
        ModerationReason::Advertising => language.of("Werbung", "advertising"),
        ModerationReason::Unlawful => language.of("rechtswidrig", "unlawful"),
        ModerationReason::Duplicate => language.of("doppelt", "duplicate"),
        ModerationReason::Other | ModerationReason::Unspecified => language.of("etwas anderes", "something else"),
    }
}

pub(crate) fn moderation_decision(decision: ModerationDecision, language: Language) -> Words {
    match decision {
        ModerationDecision::Publish | ModerationDecision::Unspecified => language.of("veröffentlichen", "publish"),
        ModerationDecision::Redact => language.of("gekürzt veröffentlichen", "publish in part"),
        ModerationDecision::Reject => language.of("nicht veröffentlichen", "do not publish"),
        ModerationDecision::Hide => language.of("ausblenden (war öffentlich)", "hide (was public)"),
    }
}

pub(crate) fn objection_state(state: ObjectionState, language: Language) -> Words {
    match state {
        ObjectionState::Open | ObjectionState::Unspecified => {
            language.of("Widerspruch, noch nicht entschieden", "Objection, not decided yet")
        }
        ObjectionState::Granted => language.of("Widerspruch, stattgegeben", "Objection, granted"),
        ObjectionState::Dismissed => language.of("Widerspruch, zurückgewiesen", "Objection, dismissed"),
    }
}

pub(crate) fn queue_reason(reason: QueueReason, language: Language) -> (Words, Words) {
    match reason {
        QueueReason::Pending | QueueReason::Unspecified => (language.of("neu", "new"), "warn"),
        QueueReason::Reported => (language.of("gemeldet", "reported"), "bad"),
        QueueReason::Objection => (language.of("Widerspruch", "objection"), "bad"),
    }
}

pub(crate) fn proposal_state(state: ProposalState, language: Language) -> Words {
    match state {
        ProposalState::Submitted | ProposalState::Unspecified => language.of("eingereicht", "submitted"),
        ProposalState::Evaluating => language.of("in Prüfung", "under evaluation"),
        ProposalState::Accepted => language.of("angenommen", "accepted"),
        ProposalState::Rejected => language.of("abgelehnt", "rejected"),
        ProposalState::Withdrawn => language.of("zurückgezogen", "withdrawn"),
    }
}

pub(crate) fn project_state(state: ProjectState, language: Language) -> (Words, Words) {
    match state {
        ProjectState::Planned | ProjectState::Unspecified => (language.of("geplant", "planned"), ""),
        ProjectState::InProgress => (language.of("in Arbeit", "in progress"), "warn"),
        ProjectState::Done => (language.of("umgesetzt", "done"), "good"),
        ProjectState::Stopped => (language.of("eingestellt", "stopped"), "bad"),
    }
}

pub(crate) fn section_change(change: SectionChange, language: Language) -> (Words, Words) {
    match change {
        SectionChange::Unchanged | SectionChange::Unspecified => (language.of("unverändert", "unchanged"), ""),
        SectionChange::Changed => (language.of("geändert", "changed"), "warn"),
        SectionChange::Added => (language.of("neu", "new"), "good"),
        SectionChange::Removed => (language.of("entfallen", "removed"), "bad"),
    }
}

pub(crate) fn tenant_kind(kind: TenantKind, language: Language) -> Words {
    match kind {
        TenantKind::Municipality | TenantKind::Unspecified => language.of("Gemeinde", "Municipality"),
        TenantKind::County => language.of("Landkreis", "County"),
        TenantKind::Lab => language.of("Open-Government-Labor", "Open government lab"),
    }
}

pub(crate) fn role(role: Role, language: Language) -> Words {
    match role {
        Role::Participant | Role::Unspecified => language.of("Teilnehmende", "Participant"),
        Role::Moderator => language.of("Moderation", "Moderator"),
        Role::CaseWorker => language.of("Sachbearbeitung", "Case worker"),
        Role::ProcedureOwner => language.of("Verfahrensleitung", "Procedure owner"),
        Role::Approver => language.of("Freigabe", "Approver"),
        Role::Surveyor => language.of("Vermessung", "Surveyor"),
        Role::DeviceOwner => language.of("Gerätebesitz", "Device owner"),
        Role::DataSteward => language.of("Datenpflege", "Data steward"),
        Role::DataProtectionOfficer => language.of("Datenschutzbeauftragte", "Data-protection officer"),
        Role::Auditor => language.of("Revision", "Auditor"),
        Role::TenantAdministrator => language.of("Verwaltung der Kommune", "Municipality administrator"),
        Role::Integrator => language.of("Anbindung anderer Systeme", "Connection of other systems"),
        Role::PlatformOperator => language.of("Betrieb der Plattform", "Platform operator"),
    }
}

pub(crate) fn feedback_topic(topic: FeedbackTopic, language: Language) -> Words {
    match topic {
        FeedbackTopic::Accessibility => language.of("Barriere", "Barrier"),
        FeedbackTopic::Privacy => language.of("Datenschutz", "Privacy"),
        FeedbackTopic::Other | FeedbackTopic::Unspecified => language.of("Anderes", "Other"),
    }
}

pub(crate) fn erasure_scope(scope: ErasureScope, language: Language) -> Words {
    match scope {
        ErasureScope::Account | ErasureScope::Unspecified => {
            language.of("Konto und alle Texte", "account and all texts")
        }
        ErasureScope::Contributions => language.of("alle Texte", "all texts"),
        ErasureScope::NamedContributions => language.of("einzelne Texte", "single texts"),
    }
}

pub(crate) fn erasure_state(state: ErasureState, language: Language) -> (Words, Words) {
    match state {
        ErasureState::Requested | ErasureState::Unspecified => (language.of("beantragt", "requested"), "warn"),
        ErasureState::Accepted => (language.of("angenommen", "accepted"), "good"),
        ErasureState::PartlyAccepted => (language.of("teilweise angenommen", "accepted in part"), "good"),
        ErasureState::Refused => (language.of("abgelehnt", "refused"), "bad"),
    }
}

/// Article 17(3) of the GDPR.
pub(crate) fn erasure_ground(ground: ErasureGround, language: Language) -> Words {
    match ground {
        ErasureGround::FreedomOfExpression => {
            language.of("freie Meinungsäußerung und Information", "freedom of expression and information")
        }
        ErasureGround::LegalObligation => {
            language.of("rechtliche Pflicht oder öffentliche Aufgabe", "legal obligation or public task")
        }
        ErasureGround::Archiving => language.of("Archiv, Forschung, Statistik", "archiving, research, statistics"),
        ErasureGround::LegalClaims => language.of("Rechtsansprüche", "legal claims"),
        ErasureGround::NotThePerson => language.of("nicht die betroffene Person", "not the person it is about"),
        ErasureGround::Unspecified => "–",
    }
}

pub(crate) fn release(release: Release, language: Language) -> (Words, Words) {
    match release {
        Release::Draft | Release::Unspecified => (language.of("Entwurf", "draft"), "warn"),
        Release::Public => (language.of("öffentlich", "public"), ""),
        Release::Cleared => (language.of("Open Data", "open data"), "good"),
    }
}

pub(crate) fn format(format: Format) -> Words {
    match format {
        Format::Csv => "CSV",
        Format::Json => "JSON",
        Format::Parquet => "Parquet",
        Format::Geojson => "GeoJSON",
        Format::Unspecified => "–",
    }
}

pub(crate) fn licence(licence: Licence) -> Words {
    match licence {
        Licence::DlByDe20 => "Datenlizenz Deutschland – Namensnennung – 2.0",
        Licence::DlZeroDe20 => "Datenlizenz Deutschland – Zero – 2.0",
        Licence::CcBy40 => "CC BY 4.0",
        Licence::CcBySa40 => "CC BY-SA 4.0",
        Licence::CcZero10 => "CC0 1.0",
        Licence::Odbl10 => "ODbL 1.0",
        Licence::OfficialWork => "§ 5 UrhG",
        Licence::Unspecified => "–",
    }
}

/// The open licences that a procedure can ask contributors for, by the codes that the services know them by.
const OF_CONTRIBUTIONS: &[(&str, Licence)] = &[
    ("dl-de/by-2-0", Licence::DlByDe20),
    ("dl-de/zero-2-0", Licence::DlZeroDe20),
    ("CC-BY-4.0", Licence::CcBy40),
    ("CC-BY-SA-4.0", Licence::CcBySa40),
    ("CC0-1.0", Licence::CcZero10),
];

/// What people call a licence that the services name by its code.
pub(crate) fn licence_called(code: &str) -> String {
    let known = OF_CONTRIBUTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(code));
    known.map_or_else(|| super::clean(code), |(_, of)| licence(*of).to_owned())
}

/// The same to choose from.
pub(crate) fn licences_of_contributions() -> Vec<(String, String)> {
    OF_CONTRIBUTIONS.iter().map(|(code, of)| ((*code).to_owned(), licence(*of).to_owned())).collect()
}

pub(crate) fn requirement(requirement: Requirement, language: Language) -> Words {
    match requirement {
        Requirement::Licence => language.of("Lizenz fehlt", "licence is missing"),
        Requirement::Attribution => language.of("Namensnennung fehlt", "attribution is missing"),
        Requirement::Distribution => language.of("keine Datei", "no file"),
        Requirement::Schema => language.of("Spalten nicht beschrieben", "columns not described"),
        Requirement::NoPersonalData => language.of("Spalte mit personenbezogenen Daten", "column with personal data"),
        Requirement::Checksum => language.of("Prüfsumme fehlt", "checksum is missing"),
        Requirement::Unspecified => language.of("unbekannt", "unknown"),
    }
}

pub(crate) fn withdrawal(reason: WithdrawalReason, language: Language) -> Words {
    match reason {
        WithdrawalReason::Erasure => language.of("enthielt Gelöschtes", "held what was erased"),
        WithdrawalReason::Incorrect => language.of("fehlerhaft", "incorrect"),
        WithdrawalReason::Rights => {
            language.of("hätte nicht freigegeben werden dürfen", "should not have been released")
        }
        WithdrawalReason::Unspecified => language.of("ohne Angabe", "not said"),
    }
}

pub(crate) fn station_kind(kind: StationKind, language: Language) -> Words {
    match kind {
        StationKind::Reference => language.of("Amtliche Messstelle", "Official station"),
        StationKind::Citizen | StationKind::Unspecified => {
            language.of("Messstelle von Bürgerinnen und Bürgern", "Citizens' station")
        }
    }
}

pub(crate) fn observed_property(property: ObservedProperty, language: Language) -> Words {
    match property {
        ObservedProperty::Pm10 => language.of("Feinstaub PM10", "Particulate matter PM10"),
        ObservedProperty::Pm25 => language.of("Feinstaub PM2,5", "Particulate matter PM2.5"),
        ObservedProperty::AirTemperature => language.of("Lufttemperatur", "Air temperature"),
        ObservedProperty::RelativeHumidity => language.of("Luftfeuchte", "Relative humidity"),
        ObservedProperty::AirPressure => language.of("Luftdruck", "Air pressure"),
        ObservedProperty::No2 => language.of("Stickstoffdioxid", "Nitrogen dioxide"),
        ObservedProperty::Unspecified => "–",
    }
}

pub(crate) fn period(period: Period, language: Language) -> Words {
    match period {
        Period::Hour => language.of("Stunde", "hour"),
        Period::Day => language.of("Tag", "day"),
        Period::Year => language.of("Jahr", "year"),
        Period::Unspecified => "–",
    }
}

/// A unit as people write it, from its UCUM code.
pub(crate) fn unit(ucum: &str) -> &str {
    match ucum {
        "ug/m3" => "µg/m³",
        "Cel" => "°C",
        other => other,
    }
}

/// The one of two texts; German where English is missing.
pub(crate) fn localized(text: Option<&LocalizedText>, language: Language) -> String {
    let Some(text) = text else { return String::new() };
    match language {
        Language::English if !text.en.is_empty() => clean(&text.en),
        _ => theirs(&text.de, language),
    }
}

fn counted(number: u32, one: Words, many: Words) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(crate) fn comments(number: u32, language: Language) -> String {
    language.of(counted(number, "Kommentar", "Kommentare"), counted(number, "comment", "comments"))
}

pub(crate) fn contributions(number: u32, language: Language) -> String {
    language.of(counted(number, "Beitrag", "Beiträge"), counted(number, "contribution", "contributions"))
}

pub(crate) fn supports(number: u32, language: Language) -> String {
    language.of(counted(number, "Unterstützung", "Unterstützungen"), counted(number, "support", "supports"))
}

pub(crate) fn bytes(bytes: u64, language: Language) -> String {
    let kilo = bytes as f64 / 1_000.0;
    if kilo < 1_000.0 {
        return format!("{} kB", language.number(kilo.max(0.1), usize::from(kilo < 10.0)));
    }
    format!("{} MB", language.number(kilo / 1_000.0, 1))
}

pub(crate) fn euros(cents: u64, language: Language) -> String {
    let (whole, rest) = ((cents / 100).to_string(), cents % 100);
    let digits = whole.chars().enumerate().flat_map(|(at, digit)| {
        let begins_group = at > 0 && (whole.len() - at).is_multiple_of(3);
        begins_group.then_some(language.of('.', ',')).into_iter().chain([digit])
    });
    let whole: String = digits.collect();
    language.of(format!("{whole},{rest:02} €"), format!("€{whole}.{rest:02}"))
}

/// An amount of euros as people type it, in cents.
pub(crate) fn cents(text: &str) -> Option<u64> {
    let text = text.trim_end_matches('€').trim().replace(',', ".");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let rest = match rest.len() {
        1 => format!("{rest}0"),
        2 => rest.to_owned(),
        _ => return None,
    };
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(rest.parse().ok()?)
}

/// What was done, for a line at the top of the page after it; nothing for other codes.
pub(crate) fn done(code: &str, language: Language) -> Words {
    let (m, s) = (language.messages(), language.staff());
    match code {
        "eingegangen" => m.done_received,
        "unterstuetzt" => m.done_supported,
        "nicht-mehr-unterstuetzt" => m.done_supported_no_more,
        "zurueckgezogen" => m.done_taken_back,
        "gemeldet" => m.done_reported,
        "widersprochen" => m.done_objected,
        "rueckmeldung" => m.done_feedback,
        "registriert" => m.done_registered,
        "bestaetigt" => m.done_confirmed,
        "code-gesandt" => m.done_code_sent,
        "passwort" => m.done_password,
        "abgemeldet" => m.done_signed_out,
        "verknuepft" => m.done_linked,
        "geloest" => m.done_unlinked,
        "loeschung" => m.done_erasure,
        "veroeffentlicht" => m.done_published,
        "gespeichert" => m.done_saved,
        "entschieden" => m.done_decided,
        "abgeschrieben" => m.done_transcribed,
        "beantwortet" => m.done_answered,
        "eroeffnet" => s.done_opened,
        "geaendert" => s.done_amended,
        "abgeschlossen" => s.done_closed,
        "vorhaben" => s.done_project,
        "angelegt" => s.done_registered,
        "hochgeladen" => s.done_uploaded,
        "lizenz" => s.done_licence,
        "stillgelegt" => s.done_retired,
        "gekennzeichnet" => s.done_flagged,
        "gelaufen" => s.done_ran,
        "post-erneut" => s.done_mail_retried,
        "post-verworfen" => s.done_mail_dropped,
        "rueckmeldung-geloescht" => s.done_feedback_erased,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_are_written_with_their_thousands_apart() {
        let written = [0, 5, 99_999, 1_250_000, 123_456_789].map(|cents| euros(cents, Language::German));
        assert_eq!(written, ["0,00 €", "0,05 €", "999,99 €", "12.500,00 €", "1.234.567,89 €"]);
        assert_eq!(euros(1_250_000, Language::English), "€12,500.00");
    }

    #[test]
    fn euros_are_read_as_people_type_them() {
        let typed = ["12", "12,5", "12.50 €", "1,234", "x", ""].map(cents);
        assert_eq!(typed, [Some(1_200), Some(1_250), Some(1_250), None, None, None]);
    }
}
