use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "merzenich",
    name: "Gemeinde Merzenich",
    kind: TenantKind::Municipality,
    regional_key: "053580032032",
    latitude: 50.827,
    longitude: 6.527,
    boxes: 1,
    announced: ("Neues Dorfzentrum", "Ab dem genannten Tag fragen wir, was rund um den Bürgerplatz Platz finden soll."),
    ideas: Call {
        title: "Gut unterwegs: Mobilität in der Gemeinde",
        summary: "Wie kommen Sie zum Bahnhof, zur Ärztin, zum Einkaufen? Sammeln Sie mit uns, wo es hakt.",
        entries: &[
            ("Bürgerbus am Samstag", "Am Wochenende fährt zwischen Golzheim und Merzenich nichts."),
            ("Mitfahrbank", "Eine Bank mit Schildern für die Richtung, wie es sie anderswo gibt."),
            ("Bordsteine absenken", "An der Kirche kommt man mit dem Rollator nicht über die Straße."),
            ("Sichere Abstellplätze", "Am Haltepunkt wurden zwei Räder gestohlen. Abschließbare Boxen wären gut."),
            ("Licht am Feldweg", "Der Weg zum Sportplatz ist im Winter stockdunkel."),
            ("Fahrplan in großer Schrift", "Die Aushänge kann ich nicht lesen."),
        ],
        theme: "Ohne Auto",
        answer: "Der Bürgerbus wird ab Frühjahr samstags erprobt. Für die Mitfahrbank suchen wir zwei Standorte.",
    },
    text: Draft {
        title: "Karte der Barrierefreiheit: Was soll hinein?",
        summary: "Die Karte zeigt, wo man gut hinkommt. Wir schlagen Merkmale vor und bitten um Kommentare.",
        sections: [
            Section { id: "eingang", heading: "Eingänge", text: "Zu jedem Ort steht, ob der Eingang stufenlos ist." },
            Section { id: "unbekannt", heading: "Was wir nicht wissen", text: "Fehlende Angaben werden nachgetragen." },
            Section { id: "pflege", heading: "Pflege", text: "Ehrenamtliche prüfen die Angaben einmal im Jahr." },
        ],
        comments: [
            (0, "Auch die Breite der Tür ist wichtig."),
            (1, "„Unbekannt“ darf nie wie „ja“ aussehen!"),
            (2, "Wir vom Seniorenbeirat helfen gern."),
            (2, "Einmal im Jahr ist zu selten."),
        ],
        amendment: (
            "Fehlende Angaben werden als „unbekannt“ gezeigt und nie als erfüllt.",
            "Wer sich darauf verlässt, steht sonst vor der Treppe.",
        ),
        answer: "Die Türbreite nehmen wir auf. Unbekanntes wird deutlich als unbekannt gezeigt.",
    },
    proposals: Call {
        title: "Vorschläge für die Ortsteile",
        summary: "Kleine Vorhaben, die bald umgesetzt werden können.",
        entries: &[
            ("Bouleplatz in Girbelsrath", "Der Platz an der Halle liegt brach."),
            ("Offener Bücherschrank", "Am Rathaus, wettergeschützt."),
            ("Ruhebänke am Friedhof", "Der Weg ist lang."),
        ],
        theme: "Treffpunkte",
        answer: "Der Bauhof legt den Platz im Mai an.",
    },
    closed: Call {
        title: "App der Gemeinde",
        summary: "Was soll sie können?",
        entries: &[
            ("Veranstaltungen", "Ein Kalender für alle Vereine."),
            ("Mängel melden", "Mit Foto und Ort."),
            ("Abfalltermine", "Mit Erinnerung am Vorabend."),
        ],
        theme: "Funktionen",
        answer: "Alle drei Funktionen sind in der ersten Fassung enthalten.",
    },
    project: ("Gemeinde-App", "Die App steht bereit."),
    table: Table {
        title: "Orte und ihre Barrierefreiheit",
        description: "Öffentliche Orte mit stufenlosem Eingang und Breite der Tür.",
        columns: &[
            ("ort", "Name des Orts"),
            ("stufenlos", "ja, nein oder unbekannt"),
            ("tuer_cm", "Breite der Tür in Zentimetern"),
        ],
        rows: &[&["Rathaus", "ja", "95"], &["Bücherei", "nein", "85"], &["Sporthalle", "unbekannt", "110"]],
    },
    indicator: Indicator {
        title: "Orte mit geprüften Angaben",
        unit: "",
        baseline: 12.0,
        readings: [34.0, 57.0, 81.0],
        aim: 80.0,
        activity: "Rundgänge mit dem Seniorenbeirat",
    },
};
