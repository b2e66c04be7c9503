use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "oldenburg",
    name: "Stadt Oldenburg",
    kind: TenantKind::Municipality,
    regional_key: "034030000000",
    latitude: 53.141,
    longitude: 8.214,
    boxes: 1,
    announced: (
        "Fliegerhorst: Plätze und Wege",
        "Ab dem genannten Tag sammeln wir Wünsche für die Freiflächen im neuen Stadtteil.",
    ),
    ideas: Call {
        title: "Wie wollen Sie beteiligt werden?",
        summary: "Die Stadt baut einen Baukasten für Beteiligung. Welche Formate passen zu Ihnen?",
        entries: &[
            ("Spaziergang statt Sitzung", "Vor Ort sieht man, worum es geht, und kommt leichter ins Gespräch."),
            ("Losverfahren", "Sonst kommen immer dieselben, mich eingeschlossen."),
            ("Kinderbetreuung bei Abendterminen", "Ohne Betreuung fällt für viele Eltern alles aus."),
            ("Einfache Sprache", "Die letzte Einladung habe ich dreimal lesen müssen."),
            ("Ergebnisse zurückmelden", "Nach dem letzten Workshop haben wir nie wieder etwas gehört."),
            ("Onlinekarte", "Auf einer Karte zeigen ist leichter als beschreiben."),
        ],
        theme: "Formate",
        answer: "Rundgänge und Losverfahren nehmen wir in den Methodenkatalog auf, mit Angaben zu Aufwand und Dauer.",
    },
    text: Draft {
        title: "Standards guter Beteiligung",
        summary: "Was sich Bürgerschaft, Politik und Verwaltung gegenseitig zusagen.",
        sections: [
            Section { id: "frueh", heading: "Früh genug", text: "Beteiligt wird, solange noch etwas offen ist." },
            Section {
                id: "rahmen",
                heading: "Klarer Rahmen",
                text: "Zu Beginn wird gesagt, worüber entschieden wird.",
            },
            Section {
                id: "ergebnis",
                heading: "Ergebnis",
                text: "Am Ende steht, was übernommen wurde und was nicht, mit Gründen.",
            },
        ],
        comments: [
            (0, "Sehr gut. Bitte auch sagen, woran man das erkennt."),
            (1, "Und worüber nicht entschieden wird! Das ist fast wichtiger."),
            (2, "Bis wann? Manche Berichte kamen nach zwei Jahren."),
            (2, "Die Gründe sollten auch für Laien verständlich sein."),
        ],
        amendment: (
            "Zu Beginn wird gesagt, worüber entschieden wird, worüber nicht und wer am Ende entscheidet.",
            "Das erspart Enttäuschungen.",
        ),
        answer: "Der Rahmen nennt künftig auch, was feststeht. Eine Checkliste kommt in den Anhang.",
    },
    proposals: Call {
        title: "Vorschläge für den Methodenkatalog",
        summary: "Methoden, die sich anderswo bewährt haben.",
        entries: &[
            ("Planungszelle", "Ausgeloste Menschen arbeiten vier Tage an einer Frage und werden dafür bezahlt."),
            ("Bürgerbox im Bus", "Kurze Fragen mit drei Antworten, auf dem Weg zur Arbeit."),
            ("Jugendforum", "Mit eigenem kleinem Budget."),
        ],
        theme: "Methoden",
        answer: "Die Planungszelle wird im nächsten Jahr zum Thema Innenstadt erprobt.",
    },
    closed: Call {
        title: "Name der Beteiligungsplattform",
        summary: "Wie soll sie heißen?",
        entries: &[
            ("Gemeinsam Oldenburg", "Sagt, worum es geht."),
            ("Mitreden", "Kurz und klar."),
            ("Stadtgespräch", "Lädt ein."),
        ],
        theme: "Namen",
        answer: "Gewählt wurde „Gemeinsam Oldenburg“.",
    },
    project: ("Gemeinsam Oldenburg", "Die Plattform trägt ihren Namen."),
    table: Table {
        title: "Katalog der Beteiligungsmethoden",
        description: "Methoden mit Ziel und üblicher Dauer in Tagen.",
        columns: &[("methode", "Name der Methode"), ("ziel", "Wozu sie dient"), ("tage", "Übliche Dauer in Tagen")],
        rows: &[
            &["Planungszelle", "Gutachten", "4"],
            &["Zukunftswerkstatt", "Ideen", "2"],
            &["Stadtrundgang", "Austausch", "0.5"],
        ],
    },
    indicator: Indicator {
        title: "Verfahren nach den Standards",
        unit: "%",
        baseline: 20.0,
        readings: [33.0, 52.0, 70.0],
        aim: 80.0,
        activity: "Beratung der Fachämter",
    },
};
