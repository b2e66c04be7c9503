//! The reports' vocabulary in words.

use allmende_reporting_domain::Word;
use allmende_reporting_domain::table::{Kind, Table};

use super::Language;

/// A word. Runs that were published are rendered with it, so another one changes bytes that people have fetched already.
pub(super) fn word(word: Word, language: Language) -> &'static str {
    let (german, english) = match word {
        Word::KeyFigure => ("Kennzahl", "Key figure"),
        Word::Number => ("Anzahl", "Number"),
        Word::Procedures => ("Beteiligungsverfahren", "Participation procedures"),
        Word::ProceduresOpen => ("davon offen für Beiträge", "of these open for contributions"),
        Word::ContributionsReceived => ("Beiträge eingegangen", "Contributions received"),
        Word::ResponsesGiven => ("Beiträge beantwortet", "Contributions answered"),
        Word::ResponsesOpen => ("Antworten offen", "Answers outstanding"),
        Word::Stations => ("Messstellen", "Measuring stations"),
        Word::Station => ("Messstelle", "Station"),
        Word::Pollutant => ("Schadstoff", "Pollutant"),
        Word::Pm10 => ("Feinstaub PM10", "Particulates PM10"),
        Word::Pm25 => ("Feinstaub PM2,5", "Particulates PM2.5"),
        Word::No2 => ("Stickstoffdioxid", "Nitrogen dioxide"),
        Word::AveragingTime => ("Mittel über", "Mean over"),
        Word::Hour => ("Stunde", "hour"),
        Word::Day => ("Tag", "day"),
        Word::Year => ("Jahr", "year"),
        Word::LimitValue => ("Grenzwert in µg/m³", "Limit in µg/m³"),
        Word::AllowedExceedances => ("Mal erlaubt", "times allowed"),
        Word::Exceedances => ("Mal darüber", "times above"),
        Word::ValidPeriods => ("gültige Mittel", "valid means"),
        Word::RequiredPeriods => ("nötige Mittel", "required means"),
        Word::YearlyMean => ("Jahresmittel in µg/m³", "Yearly mean in µg/m³"),
        Word::Verdict => ("Ergebnis", "Result"),
        Word::VerdictKept => ("eingehalten", "kept"),
        Word::VerdictExceeded => ("überschritten", "exceeded"),
        Word::VerdictKeptIndicative => ("eingehalten (orientierend)", "kept (indicative)"),
        Word::VerdictExceededIndicative => ("überschritten (orientierend)", "exceeded (indicative)"),
        Word::VerdictInsufficientData => ("zu wenige Daten", "too few data"),
        Word::Procedure => ("Verfahren", "Procedure"),
        Word::State => ("Stand", "State"),
        Word::ProcedureOpen => ("offen für Beiträge", "open for contributions"),
        Word::ProcedureOngoing => ("läuft", "under way"),
        Word::ProcedureClosed => ("abgeschlossen", "closed"),
        Word::FirstDay => ("von", "from"),
        Word::LastDay => ("bis", "to"),
        Word::ChannelWeb => ("Portal", "Portal"),
        Word::ChannelApp => ("App", "App"),
        Word::ChannelLetter => ("Brief", "Letter"),
        Word::ChannelPostcard => ("Postkarte", "Postcard"),
        Word::ChannelEvent => ("Veranstaltung", "Event"),
        Word::ChannelPhone => ("Telefon", "Phone"),
        Word::Total => ("Summe", "Total"),
        Word::Answered => ("beantwortet", "answered"),
        Word::Unanswered => ("Antwort offen", "answer outstanding"),
        Word::NotPublic => ("nicht öffentlich", "not public"),
        Word::Indicator => ("Indikator", "Indicator"),
        Word::Unit => ("Einheit", "Unit"),
        Word::BaselineValue => ("Ausgangswert", "Baseline"),
        Word::BaselineOn => ("gemessen am", "measured on"),
        Word::LatestValue => ("letzter Wert", "Latest value"),
        Word::LatestOn => ("gemessen am", "measured on"),
        Word::RuleValue => ("Vorgabe", "Rule"),
        Word::RuleAsks => ("Vorgabe verlangt", "Rule asks for"),
        Word::AtMost => ("höchstens", "at most"),
        Word::AtLeast => ("mindestens", "at least"),
        Word::Judgement => ("Ergebnis", "Result"),
        Word::RuleKept => ("erreicht", "met"),
        Word::RuleMissed => ("verfehlt", "missed"),
        Word::MeasuredOn => ("gemessen am", "measured on"),
        Word::MeasuredValue => ("Wert", "Value"),
    };
    language.of(german, english)
}

/// What a table shows.
pub(super) fn caption(table: &Table, language: Language) -> String {
    match table.kind {
        Kind::Overview => language.of("Auf einen Blick", "At a glance").to_owned(),
        Kind::AirLimits => {
            format!("{} {}", language.of("Luft und Grenzwerte im Jahr", "Air and limit values in"), table.subject)
        }
        Kind::Procedures => language.of("Verfahren und ihr Stand", "Procedures and how they stand").to_owned(),
        Kind::Reach => language.of("Eingegangene Beiträge nach Kanal", "Contributions received, by channel").to_owned(),
        Kind::Responses => language.of("Was aus den Beiträgen wurde", "What became of the contributions").to_owned(),
        Kind::Indicators => language.of("Ausgangswerte und letzte Werte", "Baselines and latest values").to_owned(),
        Kind::Readings => {
            let of = table.columns.first().map(|column| super::values::label(column, language)).unwrap_or_default();
            format!("{} {of}", language.of("Messwerte:", "Readings:"))
        }
    }
}

/// What is to be known to read a table rightly.
pub(super) fn note(kind: Kind, language: Language) -> Option<&'static str> {
    let (german, english) = match kind {
        Kind::AirLimits => (
            "Geprüft wird gegen die Grenzwerte, die am letzten Tag des Jahres galten; gerundet wird zuletzt, wie es das \
             Recht verlangt. Werte von Bürgersensoren sind orientierend: Aus ihnen folgt keine Überschreitung im Sinne \
             des Rechts.",
            "Checked against the limit values in force on the last day of the year; rounding comes last, as the law asks. \
             Values of citizens' sensors are indicative: no exceedance in the legal sense follows from them.",
        ),
        Kind::Procedures => (
            "Verfahren, die in den Berichtszeitraum reichen. Die Zahlen zu ihren Beiträgen gelten zum Stand des Berichts.",
            "Procedures that reach into the time of the report. The numbers of their contributions are as of the report.",
        ),
        Kind::Responses => (
            "Beantwortet und offen zählen öffentliche Beiträge. Nicht öffentlich ist, was noch geprüft wird, abgelehnt, \
             verborgen oder zurückgezogen wurde.",
            "Answered and outstanding count public contributions. Not public is what is still being looked at, or was \
             rejected, hidden or withdrawn.",
        ),
        Kind::Indicators => (
            "Jeder Ausgangswert wurde gemessen, bevor die Maßnahmen begannen. Es gilt die Vorgabe, die am Tag des \
             letzten Wertes in Kraft war.",
            "Each baseline was measured before the measures began. The rule is the one in force on the day of the latest \
             value.",
        ),
        Kind::Overview | Kind::Reach | Kind::Readings => return None,
    };
    Some(language.of(german, english))
}

/// What the mark for a suppressed cell means.
pub(super) fn suppression(language: Language) -> &'static str {
    language.of(
        "Mit • sind Angaben unter fünf Personen unterdrückt, und weitere, aus denen sie sich errechnen ließen.",
        "• marks suppressed numbers under five persons, and further ones from which they could be computed.",
    )
}
