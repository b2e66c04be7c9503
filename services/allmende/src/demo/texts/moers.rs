use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "moers",
    name: "Stadt Moers",
    kind: TenantKind::Municipality,
    regional_key: "051700024024",
    latitude: 51.452,
    longitude: 6.623,
    boxes: 2,
    announced: (
        "Programm des Hackerspace im Frühjahr",
        "Welche Werkstätten wünschen Sie sich? Ab dem genannten Tag sammeln wir Vorschläge.",
    ),
    ideas: Call {
        title: "Luftsensoren: Wo sollen wir messen?",
        summary: "In den Werkstätten werden Feinstaubsensoren gebaut. Sagen Sie uns, wo sie hängen sollen.",
        entries: &[
            (
                "An der Grundschule",
                "Morgens stauen sich die Autos vor dem Eingang. Eltern und Kinder sollten wissen, was sie einatmen.",
            ),
            ("Homberger Straße", "Dort fahren viele Lastwagen, und es gibt keine amtliche Messung."),
            ("Im Schlosspark", "Zum Vergleich: ein Ort ohne Verkehr."),
            ("Am Bahnhof", "Busse stehen mit laufendem Motor."),
            ("Kleingärten im Norden", "Im Winter riecht es nach Holzrauch, gerade am Abend."),
            ("Neben der amtlichen Station", "Damit man sieht, wie genau die Selbstbau-Sensoren sind."),
        ],
        theme: "Messorte an Straßen",
        answer: "Für beide Orte geben wir Bausätze aus. Die Schule stellt einen Außenmast bereit.",
    },
    text: Draft {
        title: "Hausordnung des offenen Hackerspace",
        summary: "Der Raum gehört allen, die ihn nutzen. Deshalb schreiben wir die Regeln gemeinsam.",
        sections: [
            Section {
                id: "offen",
                heading: "Offen für alle",
                text: "Der Raum ist zu den Öffnungszeiten ohne Anmeldung zugänglich.",
            },
            Section {
                id: "geraete",
                heading: "Geräte",
                text: "Laserschneider und Lötplätze dürfen nach einer Einweisung benutzt werden.",
            },
            Section {
                id: "freifunk",
                heading: "Freifunk",
                text: "Im Haus gibt es freies WLAN. Es wird von Ehrenamtlichen betreut.",
            },
        ],
        comments: [
            (0, "Bitte prüft, ob man mit dem Rollstuhl hineinkommt, und schreibt es dazu."),
            (1, "Wer gibt die Einweisung, und wann?"),
            (2, "Wir würden den Freifunk auch im Jugendzentrum anbieten."),
            (1, "Lötplätze brauchen eine Absaugung."),
        ],
        amendment: (
            "Laserschneider und Lötplätze dürfen nach einer Einweisung benutzt werden. Einweisungen gibt es jeden ersten Samstag im Monat.",
            "Dann weiß man, woran man ist.",
        ),
        answer: "Der Eingang ist stufenlos, das steht nun im Text. Die Einweisungen finden monatlich statt.",
    },
    proposals: Call {
        title: "Was soll die Werkstatt anschaffen?",
        summary: "Vorschläge für Geräte und Kurse.",
        entries: &[
            (
                "Leihkoffer mit Messgeräten",
                "Schulen sollen Feinstaub, Lärm und Temperatur für eine Woche selbst messen können.",
            ),
            ("Nähmaschinen", "Drei robuste Maschinen für Reparaturen."),
            ("Programmierkurs für Ältere", "Langsam, mit Pausen und ohne Fachwörter."),
        ],
        theme: "Ausstattung",
        answer: "Der Leihkoffer wird angeschafft. Ausleihen kann ihn jede Schule über die Stadtbibliothek.",
    },
    closed: Call {
        title: "Welche Daten soll die Stadt öffnen?",
        summary: "Ideen für das Portal offener Daten.",
        entries: &[
            ("Sitzungskalender", "Termine des Rats zum Abonnieren."),
            ("Öffentliche Toiletten", "Mit Öffnungszeiten und ob sie barrierefrei sind."),
            ("Baumkataster", "Damit Schulen damit arbeiten können."),
        ],
        theme: "Offene Daten",
        answer: "Alle drei Datensätze sind veröffentlicht.",
    },
    project: ("Drei neue Datensätze", "Sitzungskalender, Toiletten und Bäume stehen zum Herunterladen bereit."),
    table: Table {
        title: "Öffentliche Toiletten",
        description: "Öffentliche Toiletten mit Stadtteil und Zahl der Plätze.",
        columns: &[
            ("ort", "Wo sie steht"),
            ("barrierefrei", "ja, nein oder unbekannt"),
            ("plaetze", "Zahl der Plätze"),
        ],
        rows: &[&["Bahnhof", "ja", "6"], &["Neuer Markt", "ja", "4"], &["Schlosspark", "unbekannt", "2"]],
    },
    indicator: Indicator {
        title: "Gebaute Sensoren in Betrieb",
        unit: "",
        baseline: 4.0,
        readings: [11.0, 19.0, 27.0],
        aim: 25.0,
        activity: "Werkstätten für Luftsensoren",
    },
};
