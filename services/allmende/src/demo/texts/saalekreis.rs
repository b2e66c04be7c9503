use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "saalekreis",
    name: "Landkreis Saalekreis",
    kind: TenantKind::County,
    regional_key: "150880000000",
    latitude: 51.355,
    longitude: 11.992,
    boxes: 1,
    announced: (
        "Tag des offenen Denkmals",
        "Ab dem genannten Tag nehmen wir Vorschläge für Führungen und Orte entgegen.",
    ),
    ideas: Call {
        title: "Kulturschatz: Was soll mehr Menschen begeistern?",
        summary: "Vereine und Ehrenamtliche treten unter einer gemeinsamen Marke auf. Welche Schätze gehören dazu?",
        entries: &[
            ("Orgelnacht im Dom", "Eine Nacht mit kurzen Konzerten und Führungen auf die Empore."),
            ("Industriekultur mit dem Rad", "Eine Tour von Leuna nach Merseburg mit Tafeln am Weg."),
            ("Dorfkirchen öffnen", "Viele Kirchen sind verschlossen. Eine Liste mit Schlüsselpersonen würde reichen."),
            ("Zeitzeugen erzählen", "Aufnahmen, bevor es zu spät ist."),
            ("Gemeinsamer Kalender", "Termine überschneiden sich ständig."),
            ("Kulturpass für Kinder", "Mit Stempeln von jedem Ort."),
        ],
        theme: "Erlebnisse",
        answer: "Die Orgelnacht ist für September geplant. Für die Radtour entwerfen Ehrenamtliche die Tafeln.",
    },
    text: Draft {
        title: "Regeln der Marke Kulturschatz",
        summary: "Wer darf das Zeichen führen, und was sagen wir einander zu?",
        sections: [
            Section {
                id: "partner",
                heading: "Partner",
                text: "Partner kann werden, wer im Landkreis Kultur anbietet.",
            },
            Section {
                id: "protokolle",
                heading: "Protokolle",
                text: "Protokolle der Arbeitsgruppen werden veröffentlicht.",
            },
            Section {
                id: "zeichen",
                heading: "Das Zeichen",
                text: "Das Zeichen darf auf Plakaten und im Netz verwendet werden.",
            },
        ],
        comments: [
            (0, "Gilt das auch für Einzelpersonen ohne Verein?"),
            (1, "Bitte erst, wenn alle Anwesenden zugestimmt haben."),
            (2, "In welchen Farben? Eine Vorlage wäre hilfreich."),
            (1, "Namen sollten geschwärzt werden."),
        ],
        amendment: (
            "Protokolle der Arbeitsgruppen werden nach ihrer Freigabe durch die Gruppe veröffentlicht, ohne Namen der Anwesenden.",
            "Sonst sagt niemand mehr offen seine Meinung.",
        ),
        answer: "Einzelpersonen sind willkommen. Protokolle erscheinen erst nach der Freigabe.",
    },
    proposals: Call {
        title: "Vorschläge der Arbeitsgruppen",
        summary: "Was sollte der Landkreis unterstützen?",
        entries: &[
            ("Anhänger mit Bühnentechnik", "Zum Ausleihen für kleine Feste."),
            ("Schulung Öffentlichkeitsarbeit", "Fotos, Texte und Rechte, an zwei Abenden."),
            ("Schilder an Denkmälern", "Mit kurzem Text auch in Leichter Sprache."),
        ],
        theme: "Unterstützung",
        answer: "Der Anhänger wird angeschafft und vom Kreisheimatbund verliehen.",
    },
    closed: Call {
        title: "Ein Zeichen für den Kulturschatz",
        summary: "Entwürfe und Meinungen.",
        entries: &[
            ("Der Rabe", "Er gehört zu Merseburg."),
            ("Die Saale", "Sie verbindet alle Orte."),
            ("Das Fenster", "Wie im Dom."),
        ],
        theme: "Entwürfe",
        answer: "Das Zeichen zeigt den Fluss. Es darf von allen Partnern verwendet werden.",
    },
    project: ("Zeichen des Kulturschatzes", "Vorlagen stehen zum Herunterladen bereit."),
    table: Table {
        title: "Partner des Kulturschatzes",
        description: "Zahl der Partner nach Art des Angebots.",
        columns: &[
            ("angebot", "Art des Angebots"),
            ("gebiet", "Teil des Landkreises"),
            ("partner", "Zahl der Partner"),
        ],
        rows: &[&["Museen", "Merseburg", "7"], &["Musik", "Bad Dürrenberg", "11"], &["Heimatpflege", "Querfurt", "14"]],
    },
    indicator: Indicator {
        title: "Partner mit Angeboten",
        unit: "",
        baseline: 9.0,
        readings: [18.0, 26.0, 32.0],
        aim: 30.0,
        activity: "Arbeitsgruppen des Kulturschatzes",
    },
};
