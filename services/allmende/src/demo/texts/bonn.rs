use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "bonn",
    name: "Bundesstadt Bonn",
    kind: TenantKind::Municipality,
    regional_key: "053140000000",
    latitude: 50.735,
    longitude: 7.102,
    boxes: 1,
    announced: ("Woche der offenen Daten", "Ab dem genannten Tag können Sie Themen und Vorträge vorschlagen."),
    ideas: Call {
        title: "Welche Daten fehlen Ihnen?",
        summary: "Im Portal stehen über dreihundert Datensätze. Sagen Sie uns, welche noch fehlen und wofür Sie sie brauchen.",
        entries: &[
            ("Baustellen mit Umleitungen", "Als Schnittstelle, damit Apps sie anzeigen können."),
            ("Kitaplätze nach Ortsteil", "Mit Zahl der freien Plätze, einmal im Monat."),
            ("Haushalt zum Nachrechnen", "Nicht nur als PDF, sondern als Tabelle."),
            ("Stellplätze für Lastenräder", "Mit Maßen, damit man weiß, was passt."),
            ("Grundwasserstände", "Viele Keller in der Nordstadt sind feucht."),
            ("Historische Luftbilder", "Für die Schule und die Heimatforschung."),
        ],
        theme: "Daten zum Alltag",
        answer: "Baustellen veröffentlichen wir ab Januar als Schnittstelle. Zu den Kitaplätzen stimmen wir uns mit den Trägern ab.",
    },
    text: Draft {
        title: "Leitlinien für offene Daten",
        summary: "Nach welchen Regeln veröffentlicht die Stadt? Kommentieren Sie den Entwurf.",
        sections: [
            Section {
                id: "grundsatz",
                heading: "Offen als Regel",
                text: "Daten der Verwaltung sind offen, wenn nichts dagegen spricht.",
            },
            Section { id: "formate", heading: "Formate", text: "Daten werden in gängigen Formaten veröffentlicht." },
            Section {
                id: "ratsinfo",
                heading: "Ratsinformation",
                text: "Vorlagen und Beschlüsse sind über die Schnittstelle OParl abrufbar.",
            },
        ],
        comments: [
            (0, "Wer entscheidet, ob etwas dagegen spricht? Das sollte begründet werden."),
            (1, "Excel ist auch gängig. Gemeint sind hoffentlich offene Formate."),
            (2, "Bitte auch die Anlagen der Vorlagen."),
            (0, "Gilt das auch für die Stadtwerke?"),
        ],
        amendment: (
            "Daten werden in offenen, maschinenlesbaren Formaten veröffentlicht, mindestens als CSV oder JSON.",
            "„Gängig“ ist zu weich.",
        ),
        answer: "Ablehnungen werden künftig begründet und veröffentlicht. Die Formulierung zu den Formaten übernehmen wir.",
    },
    proposals: Call {
        title: "Ideen für Anwendungen",
        summary: "Was sollte jemand mit den Daten bauen?",
        entries: &[
            ("Karte der kühlen Orte", "Schatten, Wasser und offene Kirchen für heiße Tage."),
            ("Erinnerung an Müllabfuhr", "Als Kalender zum Abonnieren, nach Straße."),
            ("Ratsbeschlüsse suchen", "Mit Benachrichtigung zu Stichworten."),
        ],
        theme: "Anwendungen",
        answer: "Die Karte wird gemeinsam mit der Hochschule gebaut und als freie Software veröffentlicht.",
    },
    closed: Call {
        title: "Neugestaltung des Datenportals",
        summary: "Was stört am alten Portal?",
        entries: &[
            ("Suche", "Man findet nur, was man genau so schreibt."),
            ("Aktualität", "Man sieht nicht, von wann die Daten sind."),
            ("Lizenzen", "Mal dl-de, mal nichts."),
        ],
        theme: "Bedienung",
        answer: "Das neue Portal zeigt Stand und Lizenz zu jeder Datei; die Suche kennt Wortformen.",
    },
    project: ("Neues Datenportal", "Das Portal ist seit dem Sommer in Betrieb."),
    table: Table {
        title: "Einwohnerzahl nach Stadtbezirk",
        description: "Einwohnerinnen und Einwohner nach Stadtbezirk, gerundet.",
        columns: &[("bezirk", "Stadtbezirk"), ("stand", "Stichtag"), ("einwohner", "Zahl der Menschen")],
        rows: &[
            &["Bonn", "31.12.", "156000"],
            &["Bad Godesberg", "31.12.", "76000"],
            &["Beuel", "31.12.", "67000"],
            &["Hardtberg", "31.12.", "34000"],
        ],
    },
    indicator: Indicator {
        title: "Datensätze mit Schnittstelle",
        unit: "",
        baseline: 41.0,
        readings: [66.0, 97.0, 120.0],
        aim: 150.0,
        activity: "Sprechstunde offene Daten in den Ämtern",
    },
};
