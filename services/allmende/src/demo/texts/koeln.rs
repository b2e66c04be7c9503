use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "koeln",
    name: "Stadt Köln",
    kind: TenantKind::Municipality,
    regional_key: "053150000000",
    latitude: 50.938,
    longitude: 6.957,
    boxes: 4,
    announced: (
        "Lärm messen im Veedel",
        "Nach dem Feinstaub der Lärm: Ab dem genannten Tag suchen wir Standorte für Messgeräte.",
    ),
    ideas: Call {
        title: "Saubere Luft: Ihre Ideen",
        summary: "Über hundert Haushalte messen mit. Was soll aus den Messwerten folgen?",
        entries: &[
            (
                "Grüne Welle für Räder",
                "Wer nicht ständig bremst und anfährt, kommt schneller an, und mehr Leute steigen um.",
            ),
            (
                "Ladezonen statt Parken in zweiter Reihe",
                "Lieferwagen stehen auf dem Radweg. Feste Ladezonen würden helfen.",
            ),
            ("Anzeige am Neumarkt", "Eine Tafel mit den aktuellen Werten, verständlich erklärt."),
            ("Weniger Laubbläser", "Sie wirbeln Staub auf. Besen gehen auch."),
            ("Begrünte Haltestellendächer", "Andere Städte machen es vor."),
            ("Messwerte im Unterricht", "Schulen sollten mit den offenen Daten arbeiten."),
        ],
        theme: "Verkehr",
        answer: "Beide Vorschläge gehen in den Verkehrsversuch auf dem Ring ein, der im Frühjahr beginnt.",
    },
    text: Draft {
        title: "Leitfaden für Messungen von Bürgerinnen und Bürgern",
        summary: "Was ein Sensor am Balkon sagen kann und was nicht.",
        sections: [
            Section {
                id: "standort",
                heading: "Standort",
                text: "Der Sensor hängt in zwei bis vier Metern Höhe und frei im Wind.",
            },
            Section {
                id: "genauigkeit",
                heading: "Genauigkeit",
                text: "Bei hoher Luftfeuchte zeigen die Geräte zu hohe Werte.",
            },
            Section {
                id: "daten",
                heading: "Ihre Daten",
                text: "Veröffentlicht wird nie der genaue Ort, sondern eine Fläche von 250 Metern Kantenlänge.",
            },
        ],
        comments: [
            (0, "Was gilt für Erdgeschosse? Nicht jeder hat einen Balkon."),
            (1, "Ab welcher Feuchte? Eine Zahl würde helfen."),
            (2, "Kann ich auch eine gröbere Fläche wählen?"),
            (0, "Bitte ein Bild eines guten Standorts."),
        ],
        amendment: (
            "Bei einer relativen Feuchte über 70 Prozent zeigen die Geräte zu hohe Werte. Solche Werte werden gekennzeichnet, nicht gelöscht.",
            "So steht es auch in der Auswertung.",
        ),
        answer: "Die Grenze von 70 Prozent steht nun im Text. Für Erdgeschosse ergänzen wir einen Hinweis.",
    },
    proposals: Call {
        title: "Vorschläge zum Luftreinhalteplan",
        summary: "Informelle Beteiligung: Der Rat nimmt die Ergebnisse zur Kenntnis.",
        entries: &[
            ("Tempo 30 an Schulen", "Überall, nicht nur zu bestimmten Zeiten."),
            ("Landstrom für Schiffe", "Am Rheinufer laufen die Motoren auch im Liegen."),
            ("Heizpilze abschaffen", "Decken tun es auch."),
        ],
        theme: "Quellen von Schadstoffen",
        answer: "Die Verwaltung setzt den Vorschlag an zwölf Schulen um und berichtet nach einem Jahr.",
    },
    closed: Call {
        title: "Standorte für die Referenzmessung",
        summary: "Wo sollen Bürgersensoren neben einer amtlichen Station hängen?",
        entries: &[
            ("Clevischer Ring", "Dort ist die Luft am schlechtesten."),
            ("Chorweiler", "Als Vergleich im Hintergrund."),
            ("Turiner Straße", "Zwischen hohen Häusern steht die Luft."),
        ],
        theme: "Standorte",
        answer: "An allen drei Stationen hängen nun Sensoren zum Vergleich.",
    },
    project: ("Vergleichsmessung", "Drei Sensoren messen neben amtlichen Stationen."),
    table: Table {
        title: "Dauerzählstellen des Radverkehrs",
        description: "Zählstellen mit der mittleren Zahl der Räder an einem Werktag.",
        columns: &[
            ("zaehlstelle", "Wo gezählt wird"),
            ("stadtbezirk", "In welchem Bezirk"),
            ("raeder", "Räder an einem Werktag"),
        ],
        rows: &[
            &["Deutzer Brücke", "Innenstadt", "8700"],
            &["Zülpicher Straße", "Lindenthal", "9400"],
            &["Venloer Straße", "Ehrenfeld", "7800"],
        ],
    },
    indicator: Indicator {
        title: "Haushalte, die mitmessen",
        unit: "",
        baseline: 23.0,
        readings: [58.0, 84.0, 112.0],
        aim: 100.0,
        activity: "Ausgabe von Bausätzen in den Bezirken",
    },
};
