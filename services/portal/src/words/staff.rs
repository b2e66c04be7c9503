//! What the administration's forms say, apart from what all pages share.

use super::catalogue::catalogue;

catalogue! {
    /// Every message of the administration's own pages, in one language.
    StaffMessages;
    // What was done
    done_opened: "Das Verfahren ist eröffnet.", "The procedure is open.";
    done_amended: "Der neue Ablauf gilt und ist öffentlich.", "The new course is in force and public.";
    done_closed: "Das Verfahren ist abgeschlossen.", "The procedure is closed.";
    done_project: "Das Vorhaben ist angelegt.", "The project has been started.";
    done_registered: "Der Datensatz ist angelegt. Laden Sie jetzt eine Datei hoch.", "The dataset is registered. Now upload a file.";
    done_uploaded: "Die Datei ist hochgeladen. Prüfen Sie die Fassung, dann geben Sie sie frei.", "The file is uploaded. Check the version, then release it.";
    done_licence: "Die Lizenz ist erklärt. Die Messwerte werden unter ihr veröffentlicht.", "The licence is declared. The observations are published under it.";
    done_retired: "Die Messstelle ist außer Betrieb.", "The station is out of service.";
    done_flagged: "Die Messwerte sind gekennzeichnet.", "The observations are flagged.";
    done_ran: "Der Bericht ist gelaufen. Sehen Sie ihn an, bevor Sie ihn veröffentlichen.", "The report has run. Look at it before you publish it.";
    done_mail_retried: "Die E-Mail wird noch einmal versucht.", "The e-mail is tried once more.";
    done_feedback_erased: "Die Rückmeldung ist gelöscht.", "The feedback is erased.";
    done_mail_dropped: "Die E-Mail wird nicht mehr versucht.", "The e-mail is not tried any more.";
    // What is wrong
    error_day_missing: "Bitte geben Sie beide Tage an.", "Please give both days.";
    error_moment: "Bitte geben Sie Tag und Uhrzeit an.", "Please give day and time.";
    error_file_text: "Die Datei ist kein Text in UTF-8.", "The file is not text in UTF-8.";
    error_file_large: "Die Datei ist zu groß für das Formular, das höchstens 2 MB fasst. Größere nimmt die Schnittstelle.", "The file is too large for the form, which holds up to 2 MB. The API takes larger ones.";
    error_file_header: "Die erste Zeile muss die Spalten nennen, durch Komma getrennt: je 1 bis 60 Zeichen aus a–z, 0–9 und _, keine zweimal. Hier stört: {}", "The first line must name the columns, separated by commas: 1 to 60 characters of a–z, 0–9 and _ each, none twice. At fault here: {}";
    error_file_rows: "Zeile {} hat nicht so viele Felder wie die erste, oder ihre Anführungszeichen sind nicht geschlossen.", "Line {} does not have as many fields as the first one, or its quotes are not closed.";
    // Both languages
    in_german: "{} auf Deutsch", "{} in German";
    in_english: "{} auf Englisch", "{} in English";
    title: "Titel", "Title";
    about_which_text: "Zu welchem Text?", "About which text?";
    answer_text: "Text beantworten", "Answer a text";
    // Feedback
    no_feedback: "Noch hat niemand etwas zurückgemeldet.", "Nobody has sent feedback yet.";
    erase_feedback: "Rückmeldung löschen", "Erase the feedback";
    erase_feedback_text: "Was gelöscht ist, kann niemand wiederherstellen.", "Nobody can bring back what was erased.";
    // Decisions
    no_erasures: "Es gibt keine Anträge.", "There are no requests.";
    queue_unread: "Ob und warum dieser Text auf eine Entscheidung wartet, ließ sich gerade nicht feststellen. Was über ihn gemeldet wurde, fehlt hier.", "Whether and why this text waits for a decision could not be found out at the moment. What was reported about it is missing here.";
    reported_on: "{}, gemeldet am {}", "{}, reported on {}";
    texts_concerned: "Um diese Texte geht es", "The texts it is about";
    text_of: "Text vom {}", "Text of {}";
    kept_texts: "Texte, die bleiben", "Texts that stay";
    kept_texts_hint: "Die Adressen ihrer Seiten, eine in jeder Zeile. Ohne Eintrag bleibt keiner.", "The addresses of their pages, one on each line. Without any, none stays.";
    error_no_text: "In Zeile {} steht keine Adresse eines Textes, den es hier gibt.", "Line {} is not the address of a text on this platform.";
    // Roles
    person_elsewhere: "Person …{}, Konto in einer anderen Kommune", "Person …{}, account with another municipality";
    person_unnamed: "Konto …{}", "Account …{}";
    given_by: "vergeben von {}", "given by {}";
    // Phases
    licence_of_contributions: "Unter ihr dürfen Beiträge weiterverwendet werden. Wer schreibt, stimmt ihr zu.", "Contributions may be used under it. Whoever writes one agrees to it.";
    amend_phases: "Ablauf ändern", "Change the course";
    amend_phases_lead: "Was hier steht, gilt als Ganzes. Eine Phase ohne Art entfällt.", "What stands here counts as a whole. A phase without a kind is left out.";
    new_course: "Neuer Ablauf", "New course";
    reason_public: "Begründung für die Öffentlichkeit", "Reason told to the public";
    reason_public_hint: "Erscheint als Mitteilung auf der Seite des Verfahrens.", "Shown as an announcement on the procedure's page.";
    close_procedure: "Verfahren abschließen", "Close the procedure";
    close_procedure_hint: "Ein abgeschlossenes Verfahren nimmt nichts mehr an und lässt sich nicht wieder öffnen.", "A closed procedure takes nothing more and cannot be opened again.";
    close_understood: "Ja, abschließen", "Yes, close it";
    procedure_is_closed: "Dieses Verfahren ist abgeschlossen. Sein Ablauf lässt sich nicht mehr ändern.", "This procedure is closed. Its course cannot be changed any more.";
    number_of_phase: "Phase {}", "Phase {}";
    kind_of_phase: "Art der Phase", "Kind of phase";
    first_day: "Erster Tag", "First day";
    last_day: "Letzter Tag", "Last day";
    limits: "Unterstützungen und Zahlen", "Supports and counts";
    // Projects
    start_project: "Vorhaben beginnen", "Start a project";
    start_project_lead: "Aus Ideen und Vorschlägen wird ein Vorhaben. Wer sie geschrieben hat, sieht, was daraus wird.", "Ideas and proposals become a project. Those who wrote them see what comes of it.";
    goes_back_to: "Beiträge, auf die es zurückgeht", "Contributions that it goes back to";
    no_ideas: "Noch gibt es keine öffentlichen Ideen oder Vorschläge, aus denen ein Vorhaben werden kann.", "There are no public ideas or proposals yet that could become a project.";
    projects_of_procedure: "Vorhaben des Verfahrens", "Projects of the procedure";
    update_project: "Vorhaben fortschreiben", "Update the project";
    update_text: "Was ist geschehen?", "What has happened?";
    // Datasets
    register_dataset: "Datensatz anlegen", "Register a dataset";
    register_dataset_lead: "Beschreiben Sie zuerst, worum es geht und unter welcher Lizenz. Danach laden Sie die Datei hoch.", "First say what it is about and under which licence. Then upload the file.";
    what_it_is: "Worum es geht", "What it is about";
    themes: "Themen", "Themes";
    keywords: "Schlagwörter", "Keywords";
    keywords_hint: "Durch Komma getrennt, höchstens 20.", "Separated by commas, at most 20.";
    frequency: "Neue Fassungen kommen", "New versions come";
    days_hint: "Beide Tage oder keinen.", "Both days or neither.";
    terms: "Lizenz", "Licence";
    attribution: "Wen müssen Nutzende nennen?", "Whom do users have to name?";
    attribution_hint: "Nötig bei Lizenzen mit Namensnennung, zum Beispiel: Stadt Musterstadt, Vermessungsamt.", "Needed for licences with attribution, for example: City of Musterstadt, survey office.";
    upload_file: "Datei hochladen", "Upload a file";
    upload_lead: "Eine CSV-Datei, UTF-8, durch Komma getrennt, mit den Namen der Spalten in der ersten Zeile. Keine Namen, Adressen oder Geburtstage.", "A CSV file, UTF-8, separated by commas, with the names of the columns in the first line. No names, addresses or birthdays.";
    csv_file: "CSV-Datei", "CSV file";
    csv_file_hint: "Höchstens 2 MB.", "At most 2 MB.";
    file_name: "Name der Datei", "Name of the file";
    file_name_hint: "Unter ihm wird sie heruntergeladen: a–z, 0–9, - und _, mit der Endung .csv.", "It is downloaded under it: a–z, 0–9, - and _, with the ending .csv.";
    read_file: "Weiter zu den Spalten", "On to the columns";
    describe_columns: "Spalten beschreiben", "Describe the columns";
    describe_columns_text: "Ihre Datei ist gelesen und noch nicht gespeichert. Ohne Beschreibung jeder Spalte wird sie nicht freigegeben.", "Your file has been read and is not stored yet. It is not released without a description of each column.";
    first_rows: "Die ersten Zeilen", "The first lines";
    rows_read: "Gelesen: {} Zeilen mit {} Spalten", "Read: {} lines of {} columns";
    column_type: "Art der Werte", "Kind of values";
    unit_hint: "UCUM-Code, zum Beispiel ug/m3 oder Cel.", "UCUM code, for example ug/m3 or Cel.";
    store_file: "Datei speichern", "Store the file";
    another_file: "Andere Datei wählen", "Choose another file";
    upkeep: "Datensatz pflegen", "Maintain the dataset";
    issue_version: "Fassung jetzt herausgeben", "Issue a version now";
    issue_version_hint: "Nimmt auf, was die Quelle jetzt enthält. Ändert nichts, wenn sich dort nichts geändert hat.", "Takes up what the source holds now. Changes nothing if nothing changed there.";
    mark_high_value: "Als hochwertigen Datensatz kennzeichnen", "Mark as a high-value dataset";
    high_value: "Kategorien nach der Durchführungsverordnung (EU) 2023/138", "Categories of Implementing Regulation (EU) 2023/138";
    deprecate: "Pflege beenden", "Stop maintaining it";
    deprecate_hint: "Es kommen keine neuen Fassungen mehr; was freigegeben ist, bleibt.", "No further versions come; what was released stays.";
    successor: "Nachfolger", "Its successor";
    successor_hint: "Der Datensatz, der stattdessen gilt: die Adresse seiner Seite.", "The dataset to use instead: the address of its page.";
    // Publisher
    publisher: "Herausgeber der Daten", "Publisher of the data";
    publisher_lead: "Steht im Katalog zu jedem Datensatz: eine Stelle, keine Person.", "Named in the catalogue with every dataset: an office, not a person.";
    publisher_missing: "Noch ist nicht gesagt, wer die Daten herausgibt.", "It has not been said yet who publishes the data.";
    publisher_name: "Name", "Name";
    publisher_type: "Art der Stelle", "Kind of publisher";
    homepage: "Internetseite", "Web page";
    contact_name: "Wer antwortet auf Fragen?", "Who answers questions?";
    contact_name_hint: "Der Name der Stelle, nicht einer Person.", "The name of the office, not of a person.";
    contributor_id: "Kennung bei GovData", "Id at GovData";
    contributor_id_hint: "Beginnt mit http://dcat-ap.de/def/contributors/", "Begins with http://dcat-ap.de/def/contributors/";
    place_iri: "Adresse des Ortes", "Address of the place";
    place_iri_hint: "Zum Beispiel http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05315000", "For example http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05315000";
    // Stations
    stations_and_licences: "Messstellen und ihre Lizenzen", "Stations and their licences";
    station_work_lead: "Lizenzen der Messwerte, Orte und Geräte.", "Licences of the observations, places and devices.";
    station_licence: "Lizenz der Messwerte", "Licence of the observations";
    station_licence_hint: "Ohne Lizenz werden die Messwerte nicht als Daten veröffentlicht. ODbL und CC BY-SA lassen sich nicht zurücknehmen.", "Without a licence the observations are not published as data. ODbL and CC BY-SA cannot be taken back.";
    declare: "Lizenz erklären", "Declare the licence";
    register_station: "Messstelle anlegen", "Register a station";
    register_station_lead: "Der Ort wird sofort zu einem Feld eines festen Gitters vergröbert. Die genauen Koordinaten werden nicht gespeichert.", "The place becomes a cell of a fixed grid at once. The exact coordinates are not stored.";
    kind_of_station: "Art der Messstelle", "Kind of station";
    coordinates: "Koordinaten", "Coordinates";
    coordinates_hint: "Breite und Länge in Grad, zum Beispiel 51,246 6,642.", "Latitude and longitude in degrees, for example 51.246, 6.642.";
    cell_size: "Kantenlänge des Gitterfelds", "Edge of the grid cell";
    move_station: "Messstelle versetzen", "Move the station";
    move_station_hint: "Was schon gemessen wurde, bleibt bei dem Ort, an dem es gemessen wurde.", "What was measured stays with the place where it was measured.";
    retire_station: "Außer Betrieb nehmen", "Take out of service";
    retire_station_hint: "Die Messwerte bleiben. Neue nimmt die Messstelle nicht mehr an.", "The observations stay. The station takes no new ones.";
    add_sensor: "Sensor anschließen", "Add a sensor";
    sensor_model: "Modell", "Model";
    sensor_model_hint: "Wie der Hersteller es schreibt, zum Beispiel SDS011.", "As its maker writes it, for example SDS011.";
    properties: "Was er misst", "What it measures";
    interval: "Sekunden zwischen zwei Messungen", "Seconds between two readings";
    sensors: "Sensoren", "Sensors";
    no_sensors: "Noch ist kein Sensor angeschlossen.", "No sensor has been added yet.";
    flag: "Messwerte kennzeichnen", "Flag observations";
    flag_hint: "Gekennzeichnete Werte bleiben sichtbar. Höchstens 31 Tage auf einmal.", "Flagged values stay visible. At most 31 days at once.";
    datastream: "Messreihe", "Series";
    from_moment: "Von", "From";
    to_moment: "Bis vor", "To before";
    conflicts: "Widersprüche", "Conflicts";
    conflicts_text: "Werte, die zu einer Zeit kamen, zu der schon ein anderer gespeichert war. Der erste gilt.", "Values that came for a time at which another one was stored already. The first one stays.";
    no_conflicts: "Kein Wert widerspricht einem gespeicherten.", "No value contradicts a stored one.";
    measured_at: "gemessen", "measured";
    kept_value: "gilt", "kept";
    refused_value: "abgelehnt", "refused";
    // Reports
    report_work: "Berichte erstellen", "Make reports";
    report_work_lead: "Festlegen, was ein Bericht zeigt, ihn laufen lassen, ansehen und veröffentlichen.", "Say what a report shows, run it, look at it and publish it.";
    define_report: "Bericht festlegen", "Define a report";
    change_report: "Bericht ändern", "Change the report";
    change_report_hint: "Was schon gelaufen ist, bleibt, wie es ist.", "What has run stays as it was.";
    first_reported: "Erster Tag des Zeitraums", "First day of the period";
    last_reported: "Letzter Tag des Zeitraums", "Last day of the period";
    air_section: "Luft", "Air";
    air_in_report: "Luft mit Grenzwerten im Bericht", "Air with limits in the report";
    air_selection: "Werte", "Values";
    only_stations: "Nur diese Messstellen", "Only these stations";
    participation_section: "Beteiligung", "Participation";
    participation_in_report: "Beteiligung im Bericht", "Participation in the report";
    only_procedures: "Nur diese Verfahren", "Only these procedures";
    none_is_all: "Ohne Auswahl: alle.", "None chosen: all.";
    more_sections: "Kennzahlen und Wirkung", "Indicators and impact";
    impact_logics: "Wirkungslogiken", "Impact logics";
    run_report: "Bericht laufen lassen", "Run the report";
    run_report_text: "Fragt jetzt alle Zahlen ab und hält sie fest. Veröffentlicht wird noch nichts.", "Asks for all numbers now and keeps them. Nothing is published yet.";
    publish_run: "Lauf veröffentlichen", "Publish a run";
    publish_run_hint: "Sehen Sie ihn vorher an. Ein veröffentlichter Lauf bleibt öffentlich.", "Look at it first. A published run stays public.";
    which_run: "Welcher Lauf?", "Which run?";
    preview: "Vorschau", "Preview";
    preview_of: "Vorschau vom {}", "Preview of {}";
    no_runs: "Noch ist der Bericht nicht gelaufen.", "The report has not run yet.";
    // Indicators
    indicators: "Kennzahlen", "Indicators";
    indicator: "Kennzahl", "Indicator";
    indicators_lead: "Woran Wirkung zu sehen ist. Jede hat einen Ausgangswert von vor dem Beginn der Maßnahmen.", "What effects are seen by. Each has a baseline from before its activities began.";
    no_indicators: "Noch gibt es keine Kennzahl.", "There is no indicator yet.";
    define_indicator: "Kennzahl festlegen", "Define an indicator";
    unit_free_hint: "Wie man sie schreibt, zum Beispiel % oder µg/m³; leer bei bloßen Zahlen.", "As people write it, for example % or µg/m³; empty for mere numbers.";
    decimals: "Nachkommastellen", "Decimal places";
    counts_persons: "Zählt Personen (Werte unter fünf erscheinen in Berichten nicht)", "Counts persons (values under five do not appear in reports)";
    activities_begin: "Die Maßnahmen beginnen am", "The activities begin on";
    baseline: "Ausgangswert", "Baseline";
    measured_on: "Gemessen am", "Measured on";
    value: "Wert", "Value";
    source: "Quelle", "Source";
    source_hint: "Wer hat gemessen, und wie?", "Who measured it, and how?";
    record_reading: "Wert eintragen", "Record a value";
    correction: "Berichtigt den Wert, der für diesen Tag schon da ist", "Corrects the value that is there for this day";
    readings: "Werte", "Values";
    no_readings: "Seit dem Ausgangswert wurde nichts gemessen.", "Nothing was measured since the baseline.";
    add_rule: "Grenze oder Ziel hinzufügen", "Add a limit or an aim";
    rule_id: "Kurzname", "Short name";
    rule_id_hint: "a–z, 0–9 und -, zum Beispiel ziel-2030.", "a–z, 0–9 and -, for example aim-2030.";
    rule_source: "Wo steht es?", "Where is it written?";
    valid_from: "Gilt ab", "In force from";
    valid_until: "Gilt bis", "In force until";
    comparison: "Der Wert soll sein", "The value is to be";
    rule: "Grenze oder Ziel", "Limit or aim";
    limit_kept: "eingehalten", "kept";
    limit_exceeded: "überschritten", "exceeded";
    aim_reached: "erreicht", "reached";
    aim_missed: "verfehlt", "missed";
    // Tenant
    tenant_texts: "Angaben und Pflichttexte", "Details and legal texts";
    tenant_texts_lead: "Impressum, Datenschutz, Barrierefreiheit und Kontakt, in Markdown. Sie gelten sofort.", "Imprint, privacy, accessibility and contact, in Markdown. They count at once.";
    tenant_name: "Name der Kommune", "Name of the municipality";
    kind_of_tenant: "Art", "Kind";
    regional_key: "Amtlicher Regionalschlüssel", "Official regional key";
    regional_key_hint: "12 Ziffern.", "12 digits.";
    // Mail
    mail: "Ausgehende E-Mails", "Outgoing e-mails";
    mail_lead: "Was gesendet wurde und was hängt, ohne Adressen und Texte.", "What was sent and what is stuck, without addresses and texts.";
    no_mail: "Es gibt keine E-Mails.", "There are no e-mails.";
    attempts: "Versuche: {}", "Attempts: {}";
    answer_code: "Antwort des Servers: {}", "Answer of the server: {}";
    last_attempt: "zuletzt {}", "last {}";
    retry: "Noch einmal versuchen", "Try once more";
    drop: "Verwerfen", "Drop";
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::assert_whole;
    use super::ALL;

    #[test]
    fn both_languages_say_everything() {
        assert_whole(ALL, &["number_of_phase", "publisher_name"]);
    }
}
