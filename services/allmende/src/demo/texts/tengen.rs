use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "tengen",
    name: "Stadt Tengen",
    kind: TenantKind::Municipality,
    regional_key: "",
    latitude: 47.821,
    longitude: 8.661,
    boxes: 1,
    announced: (
        "Leitbild: die jährliche Ampel",
        "Ab dem genannten Tag bewerten Sie mit uns, welche Ziele auf Grün, Gelb oder Rot stehen.",
    ),
    ideas: Call {
        title: "Welche Dienstleistung der Stadt ist umständlich?",
        summary: "Mülltonne ummelden, Halle buchen, Hund anmelden: Erzählen Sie, wo es hakt. Wir bauen es mit Ihnen um.",
        entries: &[
            ("Halle buchen", "Formular drucken, ausfüllen, einscannen, anrufen. Warum nicht ein Kalender im Netz?"),
            ("Mülltonne tauschen", "Man muss zweimal ins Rathaus, weil die Marke getrennt bezahlt wird."),
            ("Brennholz bestellen", "Die Liste liegt nur im Rathaus aus."),
            ("Hund anmelden", "Ging schnell, aber ich musste dreimal dasselbe schreiben."),
            ("Anmeldung zur Kita", "Die Frist stand nur im Mitteilungsblatt."),
            ("Öffnungszeiten", "Ein langer Abend im Monat würde Pendlern helfen."),
        ],
        theme: "Medienbrüche",
        answer: "Für die Hallenbuchung und die Mülltonne beginnen wir mit je einer Gruppe aus sechs ausgelosten Personen.",
    },
    text: Draft {
        title: "Leitbild Tengen 2035",
        summary: "Das Leitbild nennt Ziele, an denen wir uns jedes Jahr messen lassen.",
        sections: [
            Section {
                id: "ortskern",
                heading: "Lebendige Ortskerne",
                text: "Leerstand in den Ortskernen wird verringert.",
            },
            Section {
                id: "nahversorgung",
                heading: "Nahversorgung",
                text: "Jeder Teilort hat eine Möglichkeit einzukaufen.",
            },
            Section {
                id: "ehrenamt",
                heading: "Ehrenamt",
                text: "Vereine finden in der Stadt einen festen Ansprechpartner.",
            },
        ],
        comments: [
            (0, "Um wie viel? Sonst ist die Ampel immer grün."),
            (1, "Ein Automat mit Hofprodukten zählt hoffentlich auch."),
            (2, "Gute Idee, unser Musikverein wartet darauf."),
            (0, "Bitte auch an bezahlbare Mieten denken."),
        ],
        amendment: (
            "Jeder Teilort hat bis 2030 eine Möglichkeit, an mindestens drei Tagen in der Woche Lebensmittel einzukaufen.",
            "Nur so lässt sich die Ampel stellen.",
        ),
        answer: "Die Ziele bekommen Zahlen und Jahre. Automaten zählen, wenn sie regelmäßig bestückt werden.",
    },
    proposals: Call {
        title: "Vorschläge für den Ablauf der Hallenbuchung",
        summary: "So soll es künftig gehen.",
        entries: &[
            ("Kalender mit Anfrage", "Freie Zeiten sehen, anfragen, Antwort binnen drei Tagen."),
            ("Schlüssel im Tresor", "Mit einmaligem Code, ohne Weg ins Rathaus."),
            ("Vereine zuerst", "Bis zum Ersten des Monats dürfen Vereine vorbuchen."),
        ],
        theme: "Hallenbuchung",
        answer: "Der Kalender geht im Februar in Erprobung, zunächst für die Randenhalle.",
    },
    closed: Call {
        title: "Mülltonne ummelden: der neue Ablauf",
        summary: "Gemeinsam entworfen, ein Vierteljahr erprobt.",
        entries: &[
            ("Ein Formular", "Alles auf einer Seite, mit Bezahlung."),
            ("Bestätigung per Mail", "Damit man weiß, dass es angekommen ist."),
            ("Hilfe am Telefon", "Für alle ohne Internet."),
        ],
        theme: "Ablauf",
        answer: "Der neue Ablauf ist eingeführt. Aus vier Wegen wurde einer.",
    },
    project: ("Mülltonne online", "Die Ummeldung dauert nun fünf Minuten."),
    table: Table {
        title: "Ampel zum Leitbild",
        description: "Ziele des Leitbilds mit ihrem Stand und dem Grad der Erreichung in Prozent.",
        columns: &[
            ("ziel", "Ziel des Leitbilds"),
            ("ampel", "grün, gelb oder rot"),
            ("prozent", "Erreicht in Prozent"),
        ],
        rows: &[&["Lebendige Ortskerne", "gelb", "45"], &["Nahversorgung", "rot", "20"], &["Ehrenamt", "grün", "85"]],
    },
    indicator: Indicator {
        title: "Maßnahmen auf Grün",
        unit: "%",
        baseline: 30.0,
        readings: [36.0, 41.0, 55.0],
        aim: 50.0,
        activity: "Jährliche Bewertung des Leitbilds",
    },
};
