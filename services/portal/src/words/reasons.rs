use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::Language;

/// Why a service refused, for whoever reads the page: by the reason's code, or by the kind of error.
pub(crate) fn reason(status: &Status, language: Language) -> String {
    let info = status.get_details_error_info();
    let reason = info.as_ref().map_or("", |info| info.reason.as_str());
    let text = by_reason(reason).or_else(|| by_code(status.code()));
    let (german, english) = text.unwrap_or((
        "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
        "That did not work. Please try again later.",
    ));
    let text = language.of(german, english);
    match status.get_details_retry_info().and_then(|info| info.retry_delay) {
        Some(delay) if delay.as_secs() >= 2 => {
            let seconds = delay.as_secs().to_string();
            let again = language.of("Versuchen Sie es wieder in {} Sekunden.", "Try again in {} seconds.");
            format!("{text} {}", super::fill(again, &[&seconds]))
        }
        _ => text.to_owned(),
    }
}

/// Whether a service refused for this reason.
pub(crate) fn is_reason(status: &Status, reason: &str) -> bool {
    status.get_details_error_info().is_some_and(|info| info.reason == reason)
}

type Both = (&'static str, &'static str);

fn by_reason(reason: &str) -> Option<Both> {
    Some(match reason {
        "CREDENTIALS_WRONG" => (
            "Adresse oder Passwort stimmen nicht, oder die Adresse ist noch nicht bestätigt.",
            "Address or password are wrong, or the address is not confirmed yet.",
        ),
        "TOO_MANY_ATTEMPTS" => ("Zu viele Versuche.", "Too many attempts."),
        "CODE_WRONG" => (
            "Der Code ist unbekannt, abgelaufen oder schon benutzt. Fordern Sie einen neuen an.",
            "The code is unknown, too old or was used before. Ask for a new one.",
        ),
        "SIGN_IN_OVER" => (
            "Diese Anmeldung wurde nicht in diesem Browser begonnen oder ist zu lange her. Bitte beginnen Sie noch einmal.",
            "This sign-in was not begun in this browser, or too long ago. Please begin again.",
        ),
        "PROVIDER_UNKNOWN" => ("Diesen Anmeldedienst gibt es hier nicht.", "There is no such identity provider here."),
        "PROVIDER_NOT_BELIEVED" => (
            "Der Anmeldedienst hat Ihre Anmeldung nicht bestätigt. Bitte beginnen Sie noch einmal.",
            "The identity provider did not confirm your sign-in. Please begin again.",
        ),
        "PROVIDER_AWAY" => (
            "Der Anmeldedienst ist gerade nicht zu erreichen. Es liegt nicht an Ihnen.",
            "The identity provider cannot be reached at the moment. It is not your fault.",
        ),
        "PROVIDER_LINKED_ELSEWHERE" => (
            "Mit diesem Zugang meldet man sich schon bei einem anderen Konto an. Ist auch das Ihres, dann lösen Sie dort die Verknüpfung oder beantragen Sie dort die Löschung. Danach geht es hier.",
            "This identity signs in to another account already. If that is yours as well, unlink it there, or request erasure there. After that it can be linked here.",
        ),
        "LAST_SIGN_IN_METHOD" => (
            "Das ist der einzige Weg, sich bei Ihrem Konto anzumelden. Deshalb lässt er sich nicht lösen.",
            "This is the only way to sign in to your account. That is why it cannot be unlinked.",
        ),
        "TOO_MANY_PROVIDERS" => (
            "Mit Ihrem Konto sind schon sehr viele Zugänge verknüpft. Lösen Sie erst einen davon.",
            "A great many identities are linked to your account already. Unlink one of them first.",
        ),
        "EMAIL_HAS_ACCOUNT" => (
            "Zu Ihrer E-Mail-Adresse gibt es hier schon ein Konto. Bitte melden Sie sich mit seinem Passwort an: Danach können Sie den Anmeldedienst mit ihm verknüpfen.",
            "There is an account with your e-mail address here already. Please sign in with its password: after that you can link the identity provider to it.",
        ),
        "PERSON_UNKNOWN" => ("Diese Person gibt es hier nicht.", "There is no such person here."),
        "PERSON_ERASED" => ("Dieses Konto wurde gelöscht.", "This account was erased."),
        "GRANT_NOT_YOURS_TO_GIVE" => ("Diese Rolle können Sie nicht vergeben.", "This role is not yours to give."),
        "TOO_MANY_GRANTS" => {
            ("Diese Person hat schon sehr viele Rollen.", "This person has a great many roles already.")
        }
        "ERASURE_DECIDED" => ("Darüber ist schon entschieden.", "This was decided already."),
        "ERASURE_ELSEWHERE" => {
            ("Ein Konto wird dort gelöscht, wo es angelegt wurde.", "An account is erased where it was made.")
        }
        "EXCEPTION_OUT_OF_SCOPE" => (
            "Die Ausnahme nennt einen Text, um den es nicht geht.",
            "The exception names a text that was not asked for.",
        ),
        "PROCEDURE_UNKNOWN"
        | "CONTRIBUTION_UNKNOWN"
        | "DOCUMENT_UNKNOWN"
        | "SECTION_UNKNOWN"
        | "VERSION_UNKNOWN"
        | "PROJECT_UNKNOWN"
        | "THEME_UNKNOWN"
        | "ATTACHMENT_UNKNOWN"
        | "DATASET_UNKNOWN"
        | "TENANT_UNKNOWN"
        | "ERASURE_UNKNOWN"
        | "REPORT_UNKNOWN"
        | "RUN_UNKNOWN"
        | "STATION_UNKNOWN"
        | "INDICATOR_UNKNOWN"
        | "MAIL_UNKNOWN" => (
            "Das gibt es hier nicht, oder es ist nicht öffentlich.",
            "There is no such thing here, or it is not public.",
        ),
        "PROCEDURE_CLOSED" => ("Das Verfahren ist abgeschlossen.", "The procedure is closed."),
        "PHASE_CLOSED" => (
            "Dafür ist gerade keine Phase offen: Die Frist ist vorbei oder hat noch nicht begonnen.",
            "No phase for this is open: its time is over or has not begun yet.",
        ),
        "TRANSCRIPTION_CLOSED" => {
            ("Briefe werden hier nicht mehr abgeschrieben.", "Letters are no longer entered here.")
        }
        "SIGN_IN_LEVEL" => (
            "Dieses Verfahren verlangt eine sicherere Anmeldung als Ihre.",
            "This procedure asks for a surer sign-in than yours.",
        ),
        "LICENCE_NOT_GRANTED" => ("Bitte stimmen Sie der Lizenz zu.", "Please grant the licence."),
        "CONTRIBUTION_ERASED" => ("Dieser Text wurde gelöscht.", "This text was erased."),
        "CONTRIBUTION_WITHDRAWN" => ("Dieser Text wurde zurückgezogen.", "This text was taken back."),
        "NOT_PUBLISHED" => ("Das geht nur mit öffentlichen Texten.", "This is for public texts only."),
        "WRONG_KIND" => ("Mit Texten dieser Art geht das nicht.", "This is not possible with a text of that kind."),
        "NOT_THE_AUTHOR" => ("Das kann nur, wer den Text geschrieben hat.", "Only its author may do this."),
        "DECISION_UNFIT" => {
            ("Diese Entscheidung passt nicht zum Stand des Textes.", "This decision does not fit the text's state.")
        }
        "ATTACHMENTS_FULL" => (
            "Für Dateien ist hier kein Platz mehr. Ohne Dateien wird der Text angenommen.",
            "There is no more room for files here. The text is taken without them.",
        ),
        "OBJECTION_UNFIT" => {
            ("Hier ist nichts, dem widersprochen werden könnte.", "There is nothing here to object to.")
        }
        "OBJECTION_OPEN" => ("Erst wird über den Widerspruch entschieden.", "The objection is decided first."),
        "SECOND_PERSON_NEEDED" => (
            "Hier entscheidet jemand anderes: nicht, wer den Text geschrieben oder schon über ihn entschieden hat.",
            "Somebody else decides here: not who wrote the text or decided on it before.",
        ),
        "SUPPORTS_SPENT" => (
            "Sie haben alle Unterstützungen vergeben, die es in diesem Verfahren gibt.",
            "You have given all supports that this procedure gives a person.",
        ),
        "VERSION_OUTDATED" => (
            "Inzwischen gibt es eine neuere Fassung. Laden Sie die Seite neu und übernehmen Sie Ihre Änderungen.",
            "There is a later version by now. Load the page again and bring your changes over.",
        ),
        "DOCUMENT_FULL" => (
            "Dieser Text hat so viele Fassungen, wie es geben kann.",
            "This text has as many versions as there can be.",
        ),
        "PROPOSAL_ANSWERED" => ("Der Vorschlag ist schon beantwortet.", "The proposal was answered already."),
        "COUNTS_HIDDEN" => {
            ("Zahlen werden erst am Ende der Phase gezeigt.", "Counts are shown when the phase has ended.")
        }
        "CHECK_FAILED" => (
            "Die Prüfung vor der Freigabe ist nicht bestanden. Die Tabelle nennt, was fehlt.",
            "The release check was not passed. The table names what is missing.",
        ),
        "VERSION_RELEASED" => ("Die Fassung ist schon freigegeben.", "The version is released already."),
        "VERSION_WITHDRAWN" => ("Die Fassung wurde zurückgezogen.", "The version was withdrawn."),
        "VERSION_SUPERSEDED" => ("Es gibt eine spätere Fassung.", "There is a later version."),
        "PUBLISHER_UNKNOWN" => ("Es fehlt, wer die Daten veröffentlicht.", "Who publishes the data is not known yet."),
        _ => return by_reason_of_data(reason),
    })
}

fn by_reason_of_data(reason: &str) -> Option<Both> {
    Some(match reason {
        "DATASET_FILLED" => (
            "Diesen Datensatz füllt die Plattform selbst; er nimmt keine Dateien an.",
            "The platform fills this dataset by itself; it takes no files.",
        ),
        "DATASET_UPLOADED" => (
            "Dieser Datensatz hat keine Quelle, aus der eine Fassung entstehen könnte.",
            "This dataset has no source that a version could be made from.",
        ),
        "DATASET_DEPRECATED" => ("Dieser Datensatz wird nicht mehr gepflegt.", "This dataset is no longer kept up."),
        "VERSION_FULL" => ("Eine Fassung hat höchstens 16 Dateien.", "A version has at most 16 files."),
        "DISTRIBUTION_DIFFERS" => (
            "Die Fassung hat schon eine andere Datei dieses Namens.",
            "The version has another file of that name already.",
        ),
        "LICENCE_DIFFERS" => (
            "Die Lizenz der Quelle erlaubt diese nicht, oder sie lässt sich nicht zurücknehmen.",
            "The source's licence does not allow this one, or cannot be taken back.",
        ),
        "UPLOAD_INCOMPLETE" => ("Die Datei kam nicht vollständig an.", "The file did not arrive as a whole."),
        "STATION_RETIRED" => ("Die Messstelle ist außer Betrieb.", "The station is out of service."),
        "STATION_FULL" => (
            "Eine Messstelle hat höchstens 32 Sensoren und 64 Messreihen.",
            "A station has at most 32 sensors and 64 series.",
        ),
        "BASELINE_MISSING" => (
            "Ohne Ausgangswert von vor dem Beginn der Maßnahmen geht es nicht.",
            "This needs a baseline from before the activities began.",
        ),
        "BASELINE_TOO_LATE" => (
            "Der Ausgangswert muss vor dem Beginn der Maßnahmen gemessen sein.",
            "The baseline must be measured before the activities begin.",
        ),
        "RULES_OVERLAP" => {
            ("An einem dieser Tage gilt schon eine andere Grenze.", "Another limit is in force on one of these days.")
        }
        "READING_DIFFERS" => (
            "Für diesen Tag ist schon ein anderer Wert da. Wenn er falsch war, setzen Sie das Häkchen.",
            "There is another value for that day already. If it was wrong, tick the box.",
        ),
        "READING_UNKNOWN" => (
            "Für diesen Tag gibt es keinen Wert, der zu berichtigen wäre.",
            "There is no value of that day to be corrected.",
        ),
        "READING_BEFORE_BASELINE" => {
            ("Der Tag liegt vor dem des Ausgangswerts.", "The day is before that of the baseline.")
        }
        "INDICATOR_FULL" => (
            "Eine Kennzahl hat höchstens 4.000 Werte und 50 Grenzen.",
            "An indicator has at most 4,000 values and 50 limits.",
        ),
        "SOURCES_MOVING" => (
            "Die Zahlen ändern sich gerade. Lassen Sie den Bericht gleich noch einmal laufen.",
            "The numbers are changing at the moment. Run the report again shortly.",
        ),
        "SOURCE_REFUSED" => (
            "Eine der Abfragen ist Ihnen nicht erlaubt oder findet nicht mehr, worüber berichtet wird.",
            "One of the queries is not allowed to you, or what is reported on is there no more.",
        ),
        "REPORT_TOO_LARGE" => (
            "Der Bericht würde zu groß: weniger Messstellen, Verfahren oder Jahre.",
            "The report would be too large: fewer stations, procedures or years.",
        ),
        "SOURCE_AWAY" => {
            ("Eine der Abfragen wurde nicht rechtzeitig beantwortet.", "One of the queries was not answered in time.")
        }
        "MAIL_OVER" => ("Diese E-Mail ist schon erledigt.", "This e-mail is over already."),
        "REQUEST_DIFFERS" | "REQUEST_ID_REUSED" => (
            "Dieses Formular wurde schon mit anderem Inhalt gesendet. Laden Sie die Seite neu.",
            "This form was sent before with other content. Load the page again.",
        ),
        "REQUEST_TOO_OLD" | "REQUEST_ID_TOO_OLD" | "REQUEST_ID_EXPIRED" => {
            ("Dieses Formular ist zu alt. Laden Sie die Seite neu.", "This form is too old. Load the page again.")
        }
        _ if reason.ends_with("_DIFFERS") => (
            "Das gibt es schon mit anderem Inhalt. Laden Sie die Seite neu.",
            "There is another one already. Load the page again.",
        ),
        _ => return None,
    })
}

fn by_code(code: Code) -> Option<Both> {
    Some(match code {
        Code::InvalidArgument | Code::OutOfRange => (
            "Eine Angabe passt nicht. Bitte prüfen Sie das Formular.",
            "Something entered does not fit. Please check the form.",
        ),
        Code::NotFound => ("Das gibt es hier nicht.", "There is no such thing here."),
        Code::PermissionDenied => ("Dafür fehlt Ihnen das Recht.", "You may not do this."),
        Code::Unauthenticated => ("Bitte melden Sie sich an.", "Please sign in."),
        Code::Unavailable | Code::DeadlineExceeded | Code::Unimplemented => (
            "Dieser Teil ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
            "This part cannot be reached at the moment. Please try again shortly.",
        ),
        Code::ResourceExhausted => ("Gerade ist zu viel los.", "There is too much going on at the moment."),
        Code::DataLoss => {
            ("Hier sind Daten beschädigt. Die Betreiber wissen davon.", "Data is damaged here. Operators know of it.")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use allmende_runtime::errors;

    use super::*;

    #[test]
    fn a_reason_is_said_in_the_reader_s_language() {
        let status = errors::rejection("participation.allmende", "PHASE_CLOSED", Code::FailedPrecondition, "no phase");
        assert!(reason(&status, Language::German).contains("Frist"));
        assert!(reason(&status, Language::English).contains("No phase"));
        let busy = errors::resource_exhausted("BUSY", "busy", Duration::from_secs(30));
        assert!(reason(&busy, Language::German).ends_with("in 30 Sekunden."));
        // Nothing of an error that was not foreseen is passed on.
        assert!(!reason(&Status::internal("secret"), Language::English).contains("secret"));
    }
}
