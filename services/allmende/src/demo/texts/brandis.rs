use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "brandis",
    name: "Stadt Brandis",
    kind: TenantKind::Municipality,
    regional_key: "",
    latitude: 51.336,
    longitude: 12.610,
    boxes: 2,
    announced: (
        "Bürgerfonds im nächsten Jahr",
        "Mit 50.000 Euro fördert die Stadt Vorhaben aus der Bürgerschaft. Ab dem genannten Tag nehmen wir Anträge an.",
    ),
    ideas: Call {
        title: "Mit-Mach-Stadt: Was fehlt in Ihrem Viertel?",
        summary: "Ob per App, Postkarte, Briefkasten oder im Café Communale: Jede Idee zählt. Wir lesen alle und sagen, \
            was aus ihnen wird.",
        entries: &[
            (
                "Trinkbrunnen am Markt",
                "Im Sommer gibt es in der Innenstadt kein Trinkwasser. Ein Brunnen am Markt wäre schön.",
            ),
            (
                "Spielplatz mit Schatten",
                "Auf dem Spielplatz am Westbruch steht kein Baum. Zwei Linden oder ein Sonnensegel würden helfen.",
            ),
            (
                "Leihräder am Bahnhof",
                "Vom Bahnhof Beucha zur Schule fährt am Nachmittag kein Bus. Leihräder könnten die Lücke schließen.",
            ),
            ("Bücherzelle in Polenz", "Eine alte Telefonzelle als Tauschregal: Wir betreuen sie gern."),
            ("Café Communale auch abends", "Einmal im Monat bis 21 Uhr, damit auch Berufstätige kommen können."),
            (
                "Streuobstwiese pflegen",
                "Die Bäume hinter der Kirche werden nicht mehr geschnitten. Der Heimatverein würde mithelfen.",
            ),
        ],
        theme: "Öffentlicher Raum",
        answer: "Trinkwasser und Schatten sind uns wichtig. Für den Markt prüfen wir bis zum Frühjahr einen Anschluss; die \
            Bäume am Westbruch werden im Herbst gepflanzt.",
    },
    text: Draft {
        title: "Gebrauchsanleitung für die Mit-Mach-Stadt",
        summary: "Wie wird aus einer Idee ein Projekt? Wir haben die Regeln aufgeschrieben und bitten um Ihre Kommentare.",
        sections: [
            Section {
                id: "wege",
                heading: "Viele Wege",
                text: "Ideen kommen über die Website, die App, per Postkarte, Brief und im Café Communale. Alle werden gleich behandelt.",
            },
            Section {
                id: "antwort",
                heading: "Eine Antwort für jede Idee",
                text: "Die Verwaltung antwortet zeitnah auf jede Idee.",
            },
            Section {
                id: "fonds",
                heading: "Der Bürgerfonds",
                text: "Über die Mittel entscheidet ein Beirat aus zwölf Personen, von denen sechs ausgelost werden.",
            },
        ],
        comments: [
            (0, "Bitte auch das Telefon nennen: Nicht jede hat ein Handy oder schreibt gern."),
            (1, "„Zeitnah“ kann alles heißen. Bitte eine Frist nennen."),
            (2, "Ich finde das Losen gut. Wer wird gefragt, und wie oft?"),
            (2, "Zwölf Personen sind zu viele, acht reichen."),
        ],
        amendment: (
            "Die Verwaltung antwortet innerhalb von vier Wochen auf jede Idee und nennt eine Ansprechperson.",
            "Eine Frist lässt sich nachprüfen.",
        ),
        answer: "Das Telefon nehmen wir auf. Die Frist von vier Wochen übernehmen wir in die neue Fassung.",
    },
    proposals: Call {
        title: "Bürgerfonds: Vorschläge für dieses Jahr",
        summary: "Vorschläge bis 5.000 Euro, die allen zugutekommen.",
        entries: &[
            (
                "Reparaturcafé im Bürgerhaus",
                "Werkzeug und ein Raum, zweimal im Monat. Acht Ehrenamtliche haben zugesagt.",
            ),
            ("Bänke am Mühlteich", "Drei Bänke mit Lehne, eine davon neben einem Platz für Rollstühle."),
            ("Freiluftkino", "An vier Abenden im Sommer Filme auf dem Schulhof."),
        ],
        theme: "Begegnung",
        answer: "Der Beirat nimmt den Vorschlag an. Der Raum steht ab März zur Verfügung, das Werkzeug wird beschafft.",
    },
    closed: Call {
        title: "Neuer Name für den Stadtpark",
        summary: "Der Park hinter dem Rathaus bekommt einen Namen.",
        entries: &[
            ("Park der Ideen", "Weil dort die erste Versammlung der Mit-Mach-Stadt war."),
            ("Schlosspark", "So haben ihn schon unsere Großeltern genannt."),
            ("Lindenpark", "Nach den Bäumen an seinem Weg."),
        ],
        theme: "Namen",
        answer: "Der Stadtrat hat sich für „Lindenpark“ entschieden.",
    },
    project: ("Lindenpark", "Der Park trägt seinen neuen Namen, die Schilder stehen."),
    table: Table {
        title: "Bürgerfonds: geförderte Vorhaben",
        description: "Vorhaben des Bürgerfonds mit Träger und bewilligter Summe in Euro.",
        columns: &[
            ("vorhaben", "Was gefördert wird"),
            ("bereich", "Zu welchem Bereich es gehört"),
            ("euro", "Bewilligte Summe in Euro"),
        ],
        rows: &[
            &["Reparaturcafé", "Begegnung", "4200"],
            &["Bänke am Mühlteich", "Öffentlicher Raum", "3100"],
            &["Schulgarten", "Bildung", "2600"],
        ],
    },
    indicator: Indicator {
        title: "Ideen mit Antwort binnen vier Wochen",
        unit: "%",
        baseline: 35.0,
        readings: [48.0, 61.0, 78.0],
        aim: 75.0,
        activity: "Café Communale und Ideenbriefkasten",
    },
};
