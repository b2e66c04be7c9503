use super::{Call, Draft, Indicator, Municipality, Section, Table};
use allmende_proto::gateway::v1::TenantKind;

pub(super) static TOWN: Municipality = Municipality {
    key: "marburg-biedenkopf",
    name: "Landkreis Marburg-Biedenkopf",
    kind: TenantKind::County,
    regional_key: "065340000000",
    latitude: 50.810,
    longitude: 8.770,
    boxes: 1,
    announced: (
        "Heckenpflege im kommenden Winter",
        "Ab dem genannten Tag können Sie Abschnitte vorschlagen und Patenschaften übernehmen.",
    ),
    ideas: Call {
        title: "Hecken: Wo blüht es, wo fehlt es?",
        summary: "Hecken sind Lebensraum und Rohstoff. Melden Sie, was Ihnen auffällt; das Kataster wird nach Prüfung ergänzt.",
        entries: &[
            ("Lücke am Lahnradweg", "Zwischen den beiden Brücken fehlen etwa vierzig Meter."),
            ("Schlehen am Sportplatz", "Seit Jahren nicht geschnitten, die Hecke wird von innen kahl."),
            ("Neue Hecke am Bach", "Unser Ortsbeirat würde die Pflanzung übernehmen."),
            ("Schnitt zur falschen Zeit", "Im April wurde an der Landstraße gesägt. Da brüten Vögel."),
            ("Schnittgut für das Wärmenetz", "In unserem Dorf gibt es ein Heizwerk, das Hackschnitzel braucht."),
            ("Schautafel für Kinder", "Welche Tiere wohnen in der Hecke?"),
        ],
        theme: "Lücken und Alter",
        answer: "Beide Abschnitte sind aufgenommen. Die Schlehen kommen im Winter abschnittsweise auf den Stock.",
    },
    text: Draft {
        title: "Leitfaden Heckenmanagement",
        summary: "Naturschutz und Nutzung im Einklang: Kommentieren Sie den Entwurf.",
        sections: [
            Section {
                id: "zeit",
                heading: "Zeiten",
                text: "Vom 1. März bis zum 30. September dürfen Hecken nicht auf den Stock gesetzt werden (§ 39 Abs. 5 BNatSchG).",
            },
            Section { id: "abschnitte", heading: "Abschnitte", text: "Gepflegt wird in Abschnitten." },
            Section {
                id: "biomasse",
                heading: "Schnittgut",
                text: "Das Schnittgut wird möglichst in der Nähe verwertet.",
            },
        ],
        comments: [
            (0, "Bitte auch sagen, was mit dem schonenden Formschnitt ist."),
            (1, "Wie lang ist ein Abschnitt? Bei uns wurden hundert Meter auf einmal geschnitten."),
            (2, "Totholz sollte zum Teil liegen bleiben."),
            (2, "Wer bekommt den Erlös?"),
        ],
        amendment: (
            "Gepflegt wird in Abschnitten von etwa zwanzig Metern, benachbarte frühestens nach drei Jahren.",
            "Dann finden Tiere immer ein Stück zum Ausweichen.",
        ),
        answer: "Die Länge der Abschnitte steht nun im Text. Zum Formschnitt ergänzen wir einen Absatz.",
    },
    proposals: Call {
        title: "Patenschaften und Pflanzungen",
        summary: "Vorschläge aus den Gemeinden.",
        entries: &[
            ("Schulhecke", "Jede fünfte Klasse pflanzt zehn Sträucher."),
            ("Patenschaft am Radweg", "Unser Verein kümmert sich um zweihundert Meter."),
            ("Geräte ausleihen", "Astscheren und Häcksler für Ortsbeiräte."),
        ],
        theme: "Mithelfen",
        answer: "Der Landkreis stellt Pflanzen und Werkzeug; die erste Schule beginnt im Herbst.",
    },
    closed: Call {
        title: "Runder Tisch Hecke",
        summary: "Landwirtschaft, Naturschutz und Gemeinden an einem Tisch.",
        entries: &[
            ("Gemeinsames Kataster", "Alle sollen dieselbe Karte benutzen."),
            ("Feste Ansprechperson", "Heute sind es vier Ämter."),
            ("Jährliches Treffen", "Vor Beginn der Saison."),
        ],
        theme: "Zusammenarbeit",
        answer: "Kataster und Ansprechperson gibt es nun; das Treffen findet jeden September statt.",
    },
    project: ("Heckenkataster", "Das Kataster ist öffentlich und wird fortgeschrieben."),
    table: Table {
        title: "Gepflegte Hecken",
        description: "Gepflegte Hecken nach Gemeinde und Maßnahme, in Metern.",
        columns: &[("gemeinde", "Gemeinde"), ("massnahme", "Was getan wurde"), ("meter", "Länge in Metern")],
        rows: &[
            &["Kirchhain", "auf den Stock gesetzt", "420"],
            &["Biedenkopf", "durchforstet", "310"],
            &["Lohra", "neu gepflanzt", "150"],
        ],
    },
    indicator: Indicator {
        title: "Gepflegte Hecken in einem Jahr",
        unit: "m",
        baseline: 480.0,
        readings: [620.0, 790.0, 880.0],
        aim: 850.0,
        activity: "Pflegepläne mit den Gemeinden",
    },
};
