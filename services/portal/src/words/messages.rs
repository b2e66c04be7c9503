//! The catalogue. A message without one of its languages does not compile; `{}` is a gap, the same number in both.

macro_rules! catalogue {
    ($($name:ident: $german:literal, $english:literal;)*) => {
        /// Every message of the pages, in one language.
        #[derive(Debug)]
        #[allow(missing_docs)]
        pub(crate) struct Messages {
            $(pub(crate) $name: &'static str,)*
        }

        pub(super) static GERMAN: Messages = Messages { $($name: $german,)* };
        pub(super) static ENGLISH: Messages = Messages { $($name: $english,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $german, $english),)*];
    };
}

catalogue! {
    // The frame
    platform: "Allmende", "Allmende";
    claim: "Beteiligung, Umwelt und offene Daten", "Participation, environment and open data";
    skip: "Zum Inhalt", "Skip to content";
    main_navigation: "Hauptnavigation", "Main navigation";
    legal_navigation: "Rechtliches", "Legal";
    breadcrumb: "Pfad", "Breadcrumb";
    pages: "Seiten", "Pages";
    page_first: "Zum Anfang der Liste", "Back to the first page";
    page_next: "Weitere anzeigen", "Show more";
    footer: "Allmende – die Plattform für offene Kommunen. Freie Software unter der EUPL.", "Allmende – the platform for open municipalities. Free software under the EUPL.";
    demo: "Beispiel", "Demo";
    demo_notice: "Dies ist ein Beispiel: Alles hier ist erfunden.", "This is a demo: everything here was made up.";
    error_prefix: "Fehler:", "Error:";
    error_summary: "Bitte prüfen Sie Ihre Angaben.", "Please check what you entered.";
    error_missing: "Bitte füllen Sie dieses Feld aus.", "Please fill in this field.";
    error_number: "Bitte geben Sie eine Zahl ein.", "Please enter a number.";
    optional: "freiwillig", "optional";
    none: "–", "–";
    yes: "ja", "yes";
    no: "nein", "no";
    send: "Absenden", "Send";
    save: "Speichern", "Save";
    publish: "Veröffentlichen", "Publish";
    state: "Stand", "State";
    day: "Tag", "Day";
    // What goes wrong
    not_found_title: "Diese Seite gibt es nicht", "There is no such page";
    not_found_text: "Vielleicht ist der Link veraltet, oder der Inhalt ist nicht öffentlich.", "The link may be old, or what it leads to is not public.";
    foreign_title: "Dieses Formular passt nicht zu Ihrem Besuch", "This form does not belong to your visit";
    foreign_text: "Aus Sicherheitsgründen wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie das Formular noch einmal.", "To be safe, nothing was changed. Go back, load the page again and send the form once more.";
    refused_title: "Das geht so nicht", "This cannot be done";
    away_title: "Gerade nicht möglich", "Not possible at the moment";
    too_large: "Das ist mehr, als ein Formular fassen kann.", "That is more than a form can hold.";
    unreadable: "Das Formular ist nicht vollständig angekommen.", "The form did not arrive as a whole.";
    sign_in_needed: "Bitte melden Sie sich an.", "Please sign in.";
    // What was done
    done_received: "Danke! Ihr Text ist eingegangen. Er erscheint öffentlich, sobald er freigegeben ist.", "Thank you! Your text has arrived. It becomes public as soon as it is released.";
    done_supported: "Ihre Unterstützung zählt.", "Your support counts.";
    done_supported_no_more: "Ihre Unterstützung ist zurückgenommen.", "Your support was taken back.";
    done_taken_back: "Ihr Text ist zurückgezogen.", "Your text was taken back.";
    done_reported: "Danke für den Hinweis. Die Moderation sieht sich den Text an.", "Thank you for telling us. A moderator will look at the text.";
    done_objected: "Ihr Widerspruch ist eingegangen. Eine zweite Person entscheidet darüber.", "Your objection has arrived. A second person decides on it.";
    done_feedback: "Danke! Ihre Nachricht ist angekommen.", "Thank you! Your message has arrived.";
    done_registered: "Wir haben Ihnen eine E-Mail mit einem Code geschickt.", "We have sent you an e-mail with a code.";
    done_confirmed: "Ihre Adresse ist bestätigt. Sie können sich jetzt anmelden.", "Your address is confirmed. You can sign in now.";
    done_code_sent: "Wenn es zu dieser Adresse ein Konto gibt, ist eine E-Mail mit einem Code unterwegs.", "If there is an account with this address, an e-mail with a code is on its way.";
    done_password: "Ihr neues Passwort gilt. Bitte melden Sie sich an.", "Your new password is set. Please sign in.";
    done_signed_out: "Sie sind abgemeldet.", "You are signed out.";
    done_erasure: "Ihr Antrag auf Löschung ist eingegangen.", "Your request to be forgotten has arrived.";
    done_published: "Veröffentlicht.", "Published.";
    done_saved: "Gespeichert.", "Saved.";
    done_decided: "Die Entscheidung gilt.", "The decision is made.";
    done_transcribed: "Die Abschrift ist gespeichert und wartet auf Freigabe.", "The transcript is saved and waits for release.";
    done_answered: "Die Antwort ist gespeichert.", "The answer is saved.";
    // Start
    platform_title: "Mitreden, messen, nachprüfen", "Take part, measure, check";
    platform_lead: "Hier beteiligen sich Menschen an Entscheidungen ihrer Kommune, messen ihre Umwelt selbst und sehen, was daraus wird.", "Here people take part in their municipality's decisions, measure their own environment and see what comes of it.";
    places: "Kommunen", "Municipalities";
    all_places: "Alle Kommunen", "All municipalities";
    no_places: "Noch ist keine Kommune eingerichtet.", "No municipality has been set up yet.";
    tenant_title: "Gestalten Sie Ihre Kommune mit", "Help to shape your municipality";
    tenant_lead: "Reden Sie mit bei Plänen und Texten, bringen Sie Ideen ein und sehen Sie, was daraus geworden ist.", "Have a say in plans and texts, bring in ideas and see what came of them.";
    current_procedures: "Aktuelle Verfahren", "Current procedures";
    all_procedures: "Alle Verfahren", "All procedures";
    what_came_of_it: "Was daraus wurde", "What came of it";
    our_air: "Unsere Luft", "Our air";
    stations_in_service: "Messstellen in Betrieb", "stations in service";
    datastreams: "Messreihen", "series of measurements";
    all_stations: "Alle Messstellen", "All stations";
    // Procedures
    procedure: "Verfahren", "Procedure";
    procedures: "Beteiligung", "Participation";
    procedures_lead: "Verfahren, in denen Sie mitreden können, und was aus früheren wurde.", "Procedures in which you can have a say, and what came of earlier ones.";
    no_procedures: "Noch gibt es kein Verfahren.", "There is no procedure yet.";
    closed: "abgeschlossen", "closed";
    no_phase_open: "gerade keine Phase offen", "no phase open right now";
    phases: "Ablauf", "Course";
    phase: "Phase", "Phase";
    phase_open: "läuft", "open";
    contribute: "Beitrag schreiben", "Write a contribution";
    read_contributions: "Beiträge lesen", "Read contributions";
    administer: "Verfahren bearbeiten", "Work on the procedure";
    texts_to_discuss: "Texte zum Mitreden", "Texts to discuss";
    status_of: "Stand vom {}", "As of {}";
    latest_contributions: "Neueste Beiträge", "Latest contributions";
    themes: "Themen", "Themes";
    theme: "Thema", "Theme";
    rules: "Regeln", "Rules";
    required_level: "Anmeldung", "Sign-in";
    licence: "Lizenz", "Licence";
    letters_until: "Briefe werden abgeschrieben bis", "Letters are entered until";
    supports_per_person: "Unterstützungen je Person", "Supports per person";
    support_threshold: "Unterstützungen für eine amtliche Antwort", "Supports for an official answer";
    counts: "Zahlen", "Counts";
    counts_hidden: "werden erst am Ende gezeigt", "are shown at the end only";
    // Texts
    document: "Text", "Text";
    texts: "Texte", "Texts";
    section: "Abschnitt", "Section";
    version: "Fassung {}", "Version {}";
    version_of: "Fassung {} vom {}", "Version {} of {}";
    version_word: "Fassung", "Version";
    versions: "Fassungen", "Versions";
    on_version: "zu Fassung {}", "on version {}";
    contents: "Inhalt", "Contents";
    synopsis: "Synopse", "Synopsis";
    synopsis_lead: "Alle öffentlichen Kommentare und Änderungsvorschläge nach Abschnitten, mit den Antworten der Verwaltung.", "All public comments and amendments by section, with the administration's answers.";
    changes: "Änderungen", "Changes";
    changes_between: "Von Fassung {} zu Fassung {}", "From version {} to version {}";
    changes_lead: "Neues ist unterstrichen, Gestrichenes durchgestrichen.", "New words are underlined, deleted ones struck through.";
    open_for_comments: "offen für Kommentare", "open for comments";
    comments_closed: "Kommentare beendet", "comments closed";
    comments_until: "Sie können bis einschließlich {} kommentieren.", "You can comment up to and including {}.";
    comments_were: "Kommentare waren möglich vom {}.", "Comments were taken from {}.";
    comments_not_open: "Zu diesem Text werden noch keine Kommentare angenommen.", "No comments on this text are taken yet.";
    be_the_first: "Kommentieren Sie als Erste oder Erster", "Be the first to comment";
    text_before_headings: "Vorspann", "Preamble";
    comments: "Kommentare", "Comments";
    comments_on: "{} zu diesem Abschnitt", "{} on this section";
    no_comments: "Noch kein öffentlicher Kommentar.", "No public comment yet.";
    your_waiting: "Ihre Texte, die noch nicht öffentlich sind", "Your texts that are not public yet";
    waiting_text: "Diese Texte sehen nur Sie und die Moderation.", "Only you and the moderators see these texts.";
    comment_title: "Kommentar schreiben", "Write a comment";
    your_comment: "Ihr Kommentar", "Your comment";
    comment_hint: "Bitte nennen Sie keine Namen und keine Anschriften. Ihr Name erscheint nicht.", "Please give no names and no addresses. Your own name is not shown.";
    send_comment: "Kommentar absenden", "Send comment";
    amendment_title: "Andere Formulierung vorschlagen", "Suggest another wording";
    proposed_wording: "Vorgeschlagener Wortlaut", "Suggested wording";
    amendment_hint: "Hier steht der heutige Wortlaut. Ändern Sie ihn, wie er lauten soll.", "This is the present wording. Change it to what it should be.";
    why: "Begründung", "Reasons";
    send_amendment: "Änderung vorschlagen", "Suggest the change";
    sign_in_text: "Zum Kommentieren brauchen Sie ein Konto.", "You need an account to comment.";
    sign_in_to_comment: "Anmelden und kommentieren", "Sign in and comment";
    grant_licence: "Ich erlaube, meinen Text unter der Lizenz {} weiterzuverwenden.", "I allow my text to be used under the licence {}.";
    licence_hint: "So kann der Text in die Synopse und in offene Daten eingehen, ohne Ihren Namen.", "So the text can go into the synopsis and into open data, without your name.";
    // Contributions
    contribution: "Beitrag", "Contribution";
    contributions: "Beiträge", "Contributions";
    contributions_lead: "Was andere geschrieben haben, das Neueste zuerst.", "What others wrote, the newest first.";
    no_contributions: "Noch kein öffentlicher Beitrag.", "No public contribution yet.";
    untitled_on: "{} vom {}", "{} of {}";
    state_withdrawn: "zurückgezogen", "taken back";
    shortened: "gekürzt", "shortened";
    erased_text: "Dieser Text wurde gelöscht.", "This text was erased.";
    attachment: "Anhang", "Attachment";
    attachment_hint: "Ein Bild (JPEG, PNG) oder ein PDF, höchstens 1 MB.", "A picture (JPEG, PNG) or a PDF, at most 1 MB.";
    original_text: "Ursprünglicher Wortlaut (nicht öffentlich)", "Original wording (not public)";
    reason: "Grund", "Reason";
    note_of_moderation: "Anmerkung der Moderation", "Note by the moderators";
    answer_of: "Antwort der Verwaltung vom {}", "Answer by the administration of {}";
    official_answer: "Amtliche Antwort: {}", "Official answer: {}";
    cost: "Kosten", "Cost";
    amendment_accepted: "Übernommen", "Taken over";
    amendment_accepted_text: "Die nächste Fassung soll diesen Wortlaut haben.", "The next version is to have this wording.";
    the_text: "Der Text", "The text";
    support: "Unterstützen", "Support";
    support_no_more: "Unterstützung zurücknehmen", "Take support back";
    take_back: "Text zurückziehen", "Take the text back";
    take_back_title: "Text zurückziehen?", "Take the text back?";
    take_back_text: "Ein zurückgezogener Text ist nicht mehr öffentlich. Das lässt sich nicht rückgängig machen.", "A text that was taken back is public no more. This cannot be undone.";
    to_section: "Zum Abschnitt", "To the section";
    to_proposal: "Zum Vorschlag", "To the proposal";
    to_project: "Zum Vorhaben", "To the project";
    to_procedure: "Zum Verfahren", "To the procedure";
    object: "Widersprechen", "Object";
    object_title: "Der Entscheidung widersprechen", "Object to the decision";
    object_why: "Warum sind Sie anderer Meinung?", "Why do you disagree?";
    object_hint: "Jemand anderes sieht sich die Entscheidung noch einmal an.", "Somebody else looks at the decision again.";
    report_title: "Text melden", "Report this text";
    report_text: "Melden", "Report";
    report_note: "Anmerkung", "Note";
    contribute_lead: "Eine Idee ist schnell geschrieben. Einen Vorschlag können andere unterstützen, und er bekommt eine amtliche Antwort.", "An idea is quickly written. A proposal can be supported by others and gets an official answer.";
    submission_closed: "In diesem Verfahren werden gerade keine Ideen und Vorschläge angenommen.", "This procedure takes no ideas and proposals at the moment.";
    what_is_it: "Was ist es?", "What is it?";
    kind: "Art", "Kind";
    kind_hint: "Im Zweifel: eine Idee.", "If in doubt: an idea.";
    kind_idea: "Idee oder Hinweis", "Idea or hint";
    kind_proposal: "Vorschlag", "Proposal";
    headline: "Überschrift", "Heading";
    your_text: "Ihr Text", "Your text";
    send_contribution: "Beitrag absenden", "Send contribution";
    // Projects and search
    project: "Vorhaben", "Project";
    projects: "Vorhaben", "Projects";
    projects_lead: "Was aus Ideen und Vorschlägen geworden ist.", "What became of ideas and proposals.";
    no_projects: "Noch gibt es kein Vorhaben.", "There is no project yet.";
    goes_back_to: "Geht zurück auf", "Goes back to";
    search: "Suche", "Search";
    search_title: "Suchen", "Search";
    search_label: "Was suchen Sie?", "What are you looking for?";
    search_lead: "In Verfahren, Texten, Beiträgen und Vorhaben.", "In procedures, texts, contributions and projects.";
    hits_for: "Treffer für „{}“", "Hits for “{}”";
    no_hits: "Nichts gefunden. Versuchen Sie ein anderes Wort.", "Nothing found. Try another word.";
    // Stations
    stations: "Messstellen", "Stations";
    stations_lead: "Was Bürgerinnen, Bürger und amtliche Stellen messen. Der Ort ist ein Feld eines festen Gitters.", "What citizens and official stations measure. The place is a cell of a fixed grid.";
    no_stations: "Noch gibt es keine Messstelle.", "There is no station yet.";
    station_in: "Messstelle im Gitterfeld {}", "Station in grid cell {}";
    in_service: "in Betrieb", "in service";
    retired: "außer Betrieb", "retired";
    indicative: "Diese Werte sind orientierend: Aus dem Gerät einer Bürgerin oder eines Bürgers folgt keine rechtliche Überschreitung.", "These values are indicative: no legal exceedance follows from a citizen's device.";
    latest_values: "Neueste Werte", "Latest values";
    course: "Verlauf der Tagesmittel", "Daily means";
    nothing_observed: "Hier wurde noch nichts gemessen.", "Nothing has been measured here yet.";
    earlier: "Frühere Tage", "Earlier days";
    limit_line: "Grenzwert {} {}", "Limit {} {}";
    chart_title: "{}: Tagesmittel in {}", "{}: daily means in {}";
    chart_text: "{}: {} gültige Tage, der höchste Wert ist {} {}. Alle Werte stehen in der Tabelle darunter.", "{}: {} valid days, the highest value is {} {}. All values are in the table below.";
    chart_text_empty: "{}: kein gültiger Tag. Alle Werte stehen in der Tabelle darunter.", "{}: no valid day. All values are in the table below.";
    chart_valid: "gültig", "valid";
    chart_over: "über dem Grenzwert", "above the limit";
    chart_thin: "zu wenige Werte", "too few values";
    table_of_means: "{}: Tagesmittel (Tage in UTC+1)", "{}: daily means (days in UTC+1)";
    mean_in: "Mittel in {}", "Mean in {}";
    valid_hours: "gültige Stunden / nötig", "valid hours / required";
    valid: "gültig", "valid";
    limits_of_year: "Grenzwerte {}", "Limits {}";
    mean_over: "Mittel über", "Mean over";
    limit: "Grenzwert", "Limit";
    exceedances: "darüber / erlaubt", "above / allowed";
    valid_means: "gültige Mittel / nötig", "valid means / required";
    result: "Ergebnis", "Result";
    verdict_kept: "eingehalten", "kept";
    verdict_kept_indicative: "eingehalten (orientierend)", "kept (indicative)";
    verdict_exceeded: "überschritten", "exceeded";
    verdict_exceeded_indicative: "überschritten (orientierend)", "exceeded (indicative)";
    verdict_insufficient: "zu wenige Daten", "too few data";
    // Data and reports
    data: "Daten", "Data";
    data_lead: "Offene Daten zum Herunterladen: Messwerte, Beiträge, Synopsen. Jede Fassung bleibt, wie sie ist.", "Open data to download: observations, contributions, synopses. Each version stays as it is.";
    dataset: "Datensatz", "Dataset";
    datasets: "Datensätze", "Datasets";
    no_datasets: "Noch gibt es keinen Datensatz.", "There is no dataset yet.";
    for_machines: "Für Programme", "For programs";
    catalogue_as: "Katalog nach DCAT-AP.de", "Catalogue as DCAT-AP.de";
    deprecated: "Dieser Datensatz wird nicht mehr gepflegt.", "This dataset is no longer kept up.";
    files: "Dateien", "Files";
    file: "Datei", "File";
    no_files: "Zurzeit gibt es hier keine Datei.", "There is no file here at the moment.";
    format: "Format", "Format";
    size: "Größe", "Size";
    rows: "Zeilen", "Rows";
    checksum: "Prüfsumme (SHA-256, Anfang)", "Checksum (SHA-256, beginning)";
    issued: "herausgegeben", "issued";
    covers: "Zeitraum", "Period";
    keywords: "Schlagwörter", "Keywords";
    columns: "Spalten", "Columns";
    columns_of: "Spalten von {}", "Columns of {}";
    column: "Spalte", "Column";
    meaning: "Bedeutung", "Meaning";
    unit: "Einheit", "Unit";
    withdrawn: "zurückgezogen", "withdrawn";
    withdrawn_because: "zurückgezogen: {}", "withdrawn: {}";
    report: "Bericht", "Report";
    reports: "Berichte", "Reports";
    reports_lead: "Jede Zahl nennt die Abfrage, aus der sie stammt, und ist nachprüfbar.", "Every number names the query that it is from, and can be checked.";
    no_reports: "Noch ist kein Bericht veröffentlicht.", "No report has been published yet.";
    all_reports: "Alle Berichte", "All reports";
    read_report: "Bericht lesen", "Read the report";
    report_csv: "als CSV", "as CSV";
    report_json: "als JSON", "as JSON";
    run: "Lauf", "Run";
    runs: "Läufe", "Runs";
    runs_text: "Ein Lauf hält fest, was die Abfragen in einem Augenblick ergaben.", "A run keeps what the queries gave at one moment.";
    figures: "Zahlen", "Figures";
    suppressed: "davon unterdrückt", "of these suppressed";
    published: "veröffentlicht", "published";
    not_published: "nicht veröffentlicht", "not published";
    // Legal
    imprint: "Impressum", "Imprint";
    privacy: "Datenschutz", "Privacy";
    accessibility: "Barrierefreiheit", "Accessibility";
    accessibility_title: "Erklärung zur Barrierefreiheit", "Accessibility statement";
    text_missing: "Dieser Text fehlt noch. Die Verwaltung muss ihn ergänzen.", "This text is still missing. The administration has to add it.";
    cookies: "Cookies", "Cookies";
    cookies_text: "Dieses Portal setzt nur Cookies, ohne die es nicht arbeiten kann: für Ihre Anmeldung, zum Schutz der Formulare, für die Sprache und, eine Minute lang, damit Sie sehen, was Sie gerade geändert haben. Es gibt keine Zählung und keine Dienste von Dritten.", "This portal sets only cookies that it cannot work without: for your sign-in, to protect forms, for the language and, for a minute, so that you see what you have just changed. Nothing is counted and no third parties are involved.";
    your_rights: "Ihre Rechte", "Your rights";
    about_the_portal: "Zum Portal selbst", "About the portal itself";
    accessibility_text: "Alle Seiten arbeiten ohne Skripte, mit der Tastatur und mit Vorleseprogrammen. Sie passen sich schmalen Fenstern und starker Vergrößerung an. Diagramme stehen immer neben einer Tabelle mit denselben Zahlen.", "All pages work without scripts, with a keyboard and with screen readers. They fit narrow windows and strong magnification. Charts always stand beside a table with the same numbers.";
    report_barrier: "Barriere melden", "Report a barrier";
    feedback: "Rückmeldung", "Feedback";
    feedback_lead: "Sagen Sie uns, was nicht funktioniert, wo eine Barriere ist oder was besser werden soll.", "Tell us what does not work, where there is a barrier or what should be better.";
    what_about: "Worum geht es?", "What is it about?";
    topic_accessibility: "Eine Barriere", "A barrier";
    topic_privacy: "Datenschutz", "Privacy";
    topic_other: "Etwas anderes", "Something else";
    your_message: "Ihre Nachricht", "Your message";
    feedback_hint: "Ihre Nachricht wird verschlüsselt gespeichert.", "Your message is stored encrypted.";
    reply_to: "E-Mail-Adresse für eine Antwort", "E-mail address for an answer";
    reply_to_hint: "Nur wenn Sie eine Antwort wünschen.", "Only if you would like an answer.";
    contact: "Kontakt", "Contact";
    // Account
    sign_in: "Anmelden", "Sign in";
    sign_out: "Abmelden", "Sign out";
    sign_in_lead: "Mit Ihrer E-Mail-Adresse und Ihrem Passwort.", "With your e-mail address and your password.";
    email: "E-Mail-Adresse", "E-mail address";
    password: "Passwort", "Password";
    new_password: "Neues Passwort", "New password";
    password_hint: "Mindestens 10 Zeichen.", "At least 10 characters.";
    register: "Konto anlegen", "Create an account";
    register_lead: "Sie brauchen nur eine E-Mail-Adresse.", "All you need is an e-mail address.";
    email_hint: "Dorthin schicken wir einen Code. Die Adresse wird nicht veröffentlicht.", "We send a code there. The address is not published.";
    your_name: "Ihr Name", "Your name";
    name_hint: "Nur für die Anrede in E-Mails.", "Only for addressing you in e-mails.";
    have_account: "Ich habe schon ein Konto", "I have an account already";
    confirm: "Bestätigen", "Confirm";
    confirm_title: "E-Mail-Adresse bestätigen", "Confirm your e-mail address";
    confirm_lead: "Der Code steht in der E-Mail, die wir Ihnen geschickt haben.", "The code is in the e-mail that we sent you.";
    code: "Code", "Code";
    code_hint: "Über den Link in der E-Mail ist er schon eingetragen.", "The link in the e-mail has filled it in already.";
    password_forgotten: "Passwort vergessen", "Password forgotten";
    password_forgotten_lead: "Wir schicken Ihnen einen Code, mit dem Sie ein neues setzen.", "We send you a code to set a new one with.";
    send_code: "Code schicken", "Send a code";
    set_password: "Neues Passwort setzen", "Set a new password";
    my_account: "Mein Konto", "My account";
    my_contributions: "Meine Beiträge", "My contributions";
    my_contributions_lead: "Alles, was Sie hier geschrieben haben, mit seinem Stand.", "Everything that you wrote here, with its state.";
    what_you_wrote: "Was Sie geschrieben haben", "What you wrote";
    nothing_written: "Sie haben hier noch nichts geschrieben.", "You have written nothing here yet.";
    level: "Anmeldeniveau", "Sign-in level";
    role: "Rolle", "Role";
    roles: "Rollen", "Roles";
    erasure_request: "Antrag auf Löschung", "Request to be forgotten";
    erasure_lead: "Sie können verlangen, dass Ihre Texte oder Ihr ganzes Konto gelöscht werden.", "You can ask for your texts or your whole account to be erased.";
    erasure_warning: "Über den Antrag wird innerhalb eines Monats entschieden. Was gelöscht ist, kann niemand wiederherstellen.", "The request is decided within a month. What was erased cannot be brought back by anybody.";
    request_erasure: "Löschung beantragen", "Request erasure";
    what_to_erase: "Was soll gelöscht werden?", "What is to be erased?";
    which_texts: "Welche Texte?", "Which texts?";
    choose_texts: "Wählen Sie unten die Texte aus, oder „alle Texte“.", "Choose the texts below, or “all texts”.";
    scope_named: "Einzelne Texte", "Single texts";
    scope_contributions: "Alle meine Texte; das Konto bleibt", "All my texts; the account stays";
    scope_account: "Mein Konto und alle meine Texte", "My account and all my texts";
    erasure_due: "Darüber wird bis zum {} entschieden.", "It is decided by {}.";
    requested: "beantragt", "requested";
    due: "zu entscheiden bis", "to be decided by";
    decided: "entschieden", "decided";
    kept: "bleibt erhalten", "is kept";
    // Staff
    administration: "Verwaltung", "Administration";
    administration_lead: "Was zu tun ist.", "What there is to do.";
    tasks: "Aufgaben", "Tasks";
    open_procedure: "Verfahren eröffnen", "Open a procedure";
    open_procedure_lead: "Die Phasen gelten jeweils bis zum Ende ihres letzten Tages.", "Phases last to the end of their last day.";
    summary: "Zusammenfassung", "Summary";
    method: "Methode", "Method";
    method_hint: "Zum Beispiel: Konsultation, Ideenaufruf, Bürgervorschläge.", "For example: consultation, call for ideas, citizens' proposals.";
    first_day: "erster Tag", "first day";
    last_day: "letzter Tag", "last day";
    hide_counts: "Zahlen der Unterstützungen bis zum Ende verbergen", "Hide numbers of supports until the end";
    publish_status: "Stand mitteilen", "Publish how things stand";
    status_text: "Mitteilung", "Announcement";
    public_page: "Öffentliche Seite", "Public page";
    received: "eingegangen", "received";
    answered: "beantwortet", "answered";
    channel: "Weg", "Channel";
    reach: "Eingang nach Wegen", "What came in by channel";
    waiting_for_moderation: "warten auf Freigabe", "wait for release";
    moderation_queue: "Moderation", "Moderation";
    moderate: "Über einen Text entscheiden", "Decide about a text";
    waiting_count: "Es warten: {}", "Waiting: {}";
    nothing_waits: "Nichts wartet.", "Nothing waits.";
    reported_as: "Gemeldet: {}", "Reported: {}";
    decide: "Entscheiden", "Decide";
    decision: "Entscheidung", "Decision";
    reason_hint: "Nötig, außer beim Veröffentlichen.", "Needed, except to publish.";
    note_to_author: "Anmerkung für die Verfasserin oder den Verfasser", "Note to the author";
    shortened_headline: "Gekürzte Überschrift", "Shortened heading";
    shortened_text: "Gekürzter Wortlaut", "Shortened wording";
    shortened_hint: "Nur beim gekürzten Veröffentlichen. Der ganze Wortlaut bleibt nicht öffentlich erhalten.", "Only to publish in part. The full wording is kept, not public.";
    decide_objection: "Über den Widerspruch entscheiden", "Decide on the objection";
    grant_objection: "stattgeben: wie geschrieben veröffentlichen", "grant: publish as written";
    dismiss_objection: "zurückweisen", "dismiss";
    second_person_hint: "Nicht dieselbe Person wie bei der ersten Entscheidung.", "Not the same person as for the first decision.";
    transcribe: "Briefe abschreiben", "Enter letters";
    transcribe_lead: "Was auf Papier, am Telefon oder bei einer Veranstaltung kam. Es gilt der Tag des Eingangs.", "What came on paper, by telephone or at an event. The day of receipt counts.";
    received_on: "Eingegangen am", "Received on";
    received_on_hint: "Der Tag des Eingangsstempels.", "The day on the date stamp.";
    about_what: "Worauf bezieht es sich?", "What is it about?";
    about_nothing_else: "auf das Verfahren als Ganzes", "the procedure as a whole";
    wording: "Wortlaut", "Wording";
    transcript_hint: "Ohne Namen und Anschrift.", "Without name and address.";
    licence_in_letter: "Der Brief erlaubt die Nutzung unter {}.", "The letter grants the use under {}.";
    save_transcript: "Abschrift speichern", "Save transcript";
    themes_and_answers: "Themen und Antworten", "Themes and answers";
    no_themes: "Noch gibt es kein Thema.", "There is no theme yet.";
    define_theme: "Neues Thema", "New theme";
    description: "Beschreibung", "Description";
    assign_theme: "Texte einem Thema zuordnen", "Put texts under a theme";
    assign: "Zuordnen", "Assign";
    answer: "Antwort", "Answer";
    answer_theme: "Ein Thema beantworten", "Answer a theme";
    answer_theme_hint: "Gilt für alle Texte des Themas, auch für später zugeordnete.", "For all texts of the theme, also those assigned later.";
    publish_answer: "Antwort veröffentlichen", "Publish the answer";
    no_answer_yet: "noch keine", "none yet";
    unanswered: "Unbeantwortete Kommentare", "Unanswered comments";
    unanswered_count: "Ohne Antwort: {}", "Without an answer: {}";
    all_answered: "Alle öffentlichen Kommentare sind beantwortet.", "All public comments are answered.";
    start_evaluation: "Prüfung beginnen", "Start the evaluation";
    evaluation: "Prüfung", "Evaluation";
    answer_proposal: "Amtliche Antwort", "Official answer";
    accept: "annehmen", "accept";
    reject: "ablehnen", "refuse";
    reasons: "Begründung", "Reasons";
    cost_euros: "Kosten in Euro", "Cost in euros";
    accept_amendment: "Übernehmen", "Take over";
    take_over: "Änderungsvorschlag übernehmen", "Take the amendment over";
    publish_draft: "Entwurf veröffentlichen", "Publish a draft";
    publish_draft_lead: "Markdown, an den Überschriften in Abschnitte geteilt. Kommentare öffnen Sie danach.", "Markdown, cut into sections at its headings. You open it for comments afterwards.";
    markdown_file: "Markdown-Datei", "Markdown file";
    markdown_file_hint: "Wenn Sie eine Datei wählen, gilt sie statt des Textes unten.", "If you choose a file, it counts instead of the text below.";
    markdown: "Text in Markdown", "Text in Markdown";
    markdown_hint: "Ein {#kennung} hinter einer Überschrift gibt dem Abschnitt eine feste Kennung.", "An {#id} behind a heading gives the section a fixed id.";
    consultation: "Konsultation", "Consultation";
    open_consultation: "Für Kommentare öffnen", "Open for comments";
    to_day_hint: "Bis zum Ende dieses Tages, Berliner Zeit.", "To the end of this day, Berlin time.";
    revision: "Neue Fassung", "Next version";
    publish_revision: "Fassung veröffentlichen", "Publish the version";
    despite_unanswered: "Auch veröffentlichen, wenn Kommentare noch ohne Antwort sind", "Publish even while comments lack an answer";
    revision_waits: "Nichts wurde veröffentlicht: {} Kommentare sind noch ohne Antwort. Beantworten Sie sie, oder setzen Sie das Häkchen unten.", "Nothing was published: {} comments lack an answer. Answer them, or tick the box below.";
    erasure_requests: "Anträge auf Löschung", "Requests to be forgotten";
    erasure_requests_lead: "Unentschiedene zuerst, nach ihrer Frist.", "Undecided ones first, by the day they are due.";
    requests: "Anträge", "Requests";
    request_of: "Antrag vom {}", "Request of {}";
    due_on: "bis {}", "by {}";
    erasure_is_final: "Was angenommen ist, wird sofort und überall gelöscht. Das lässt sich nicht rückgängig machen.", "What is accepted is erased at once and everywhere. This cannot be undone.";
    keep_these: "Diese Texte ausnehmen", "Keep these texts";
    keep_hint: "Für Ausnahmen sind Grund und Rechtsgrundlage nötig.", "Exceptions need a ground and a legal basis.";
    ground: "Grund nach Art. 17 Abs. 3 DSGVO", "Ground by article 17(3) GDPR";
    ground_hint: "Nötig beim Ablehnen und für Ausnahmen.", "Needed to refuse and for exceptions.";
    legal_basis: "Rechtsgrundlage", "Legal basis";
    legal_basis_hint: "Zum Beispiel: § 3 Archivgesetz NRW. Nichts über die Person.", "For example: § 3 Archivgesetz NRW. Nothing about the person.";
    people_and_roles: "Personen und Rollen", "People and roles";
    people_lead: "Wer was darf. Eine Änderung gilt ab dem nächsten Aufruf.", "Who may do what. A change counts from the next call on.";
    people: "Personen", "People";
    person: "Person", "Person";
    confirmed: "Adresse bestätigt", "Address confirmed";
    registered: "angelegt", "registered";
    erased_account: "gelöschtes Konto", "erased account";
    no_roles: "Niemand hat hier eine Rolle.", "Nobody has a role here.";
    give_role: "Rolle geben", "Give a role";
    take_role: "Rolle entziehen", "Take the role back";
    grant_email_hint: "Die Person braucht ein Konto.", "The person needs an account.";
    no_account: "Zu dieser Adresse gibt es kein Konto.", "There is no account with this address.";
    only_procedure: "Nur für ein Verfahren", "For one procedure only";
    only_procedure_hint: "Kennung des Verfahrens; leer: für alles hier.", "Id of the procedure; empty: for all of this place.";
    whole_tenant: "für alles hier", "for all of this place";
    for_procedure: "für Verfahren {}", "for procedure {}";
    data_release: "Datenfreigabe", "Data release";
    data_release_lead: "Öffentlich und „für Open Data freigegeben“ sind zweierlei. Vor beidem steht die Prüfung.", "Public and “cleared for open data” are two things. A check comes before either.";
    release_check: "Prüfung vor der Freigabe", "Release check";
    run_check: "Prüfen", "Check";
    check_passed: "bestanden", "passed";
    not_checked: "nicht geprüft", "not checked";
    release_hint: "Open Data: im Katalog und für andere Portale.", "Open data: in the catalogue and for other portals.";
    withdraw: "Zurückziehen", "Withdraw";
    withdraw_version: "Fassung zurückziehen", "Withdraw a version";
    withdraw_hint: "Die Dateien verschwinden, ein Vermerk bleibt.", "The files go, a note stays.";
    feedback_received: "Rückmeldungen", "Feedback received";
    messages: "Nachrichten", "Messages";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_languages_say_everything() {
        let mut names = BTreeSet::new();
        for (name, german, english) in ALL {
            assert!(names.insert(name), "{name} is there twice");
            assert!(!german.trim().is_empty() && !english.trim().is_empty(), "{name} is empty");
            let gaps = |text: &str| text.matches("{}").count();
            assert_eq!(gaps(german), gaps(english), "{name} has other gaps in English");
        }
        // What is the same in both is so on purpose.
        let same: Vec<_> =
            ALL.iter().filter(|(_, german, english)| german == english).map(|(name, ..)| *name).collect();
        let meant = [
            "platform",
            "none",
            "phase",
            "document",
            "format",
            "cookies",
            "code",
            "moderation_queue",
            "markdown",
            "person",
        ];
        assert_eq!(same, meant);
    }
}
