//! What staff do about datasets, stations, reports and indicators.

use super::Case;
use super::staff::staff;
use crate::town::{DATASET, DRAFT_RUN, FILLED, INDICATOR, REPORT, STATION};

pub(super) fn cases() -> Vec<Case> {
    [datasets(), stations(), reports(), indicators()].concat()
}

fn datasets() -> Vec<Case> {
    let dataset = format!("daten/{DATASET}");
    vec![
        Case {
            good: &[("version", "3")],
            refused: Some(("version", "version")),
            ..staff(&dataset, "pruefung", "RunReleaseCheck")
        },
        Case {
            good: &[("version", "3"), ("release", "3")],
            bad: Some(("version", "")),
            refused: Some(("release", "release")),
            ..staff(&dataset, "freigabe", "Publish")
        },
        Case {
            good: &[("reason", "2")],
            refused: Some(("reason", "reason")),
            ..staff(&dataset, "rueckzug", "Withdraw")
        },
        Case {
            good: &[
                ("description.title.de", "Sitzbänke"),
                ("description.description.de", "Wo Bänke stehen."),
                ("description.themes", "10"),
                ("description.keywords", "Bank, Park; Rhein"),
                ("terms.licence", "2"),
            ],
            bad: Some(("description.title.de", "")),
            refused: Some(("description.title", "description.title.de")),
            ..staff("daten/neu", "datensatz", "RegisterDataset")
        },
        Case {
            good: &[("publisher.homepage", "https://example.org")],
            bad: Some(("publisher.contact_name", "")),
            refused: Some(("publisher.contact_email", "publisher.contact_email")),
            ..staff("daten/herausgeber", "herausgeber", "DescribePublisher")
        },
        Case {
            good: &[("high_value.categories", "http://data.europa.eu/bna/c_dd313021")],
            refused: Some(("high_value.categories", "high_value.categories")),
            ..staff(format!("{dataset}/pflege"), "hochwertig", "MarkHvd")
        },
        Case {
            refused: Some(("successor_id", "successor_id")),
            ..staff(format!("{dataset}/pflege"), "pflegeende", "Deprecate")
        },
        staff(format!("daten/{FILLED}/pflege"), "ausgabe", "IssueVersion"),
    ]
}

fn stations() -> Vec<Case> {
    let station = format!("messstellen/{STATION}");
    vec![
        Case {
            good: &[("location", "51.24629, 6.64183"), ("cell_size_m", "500")],
            bad: Some(("location", "Rathausplatz 1")),
            refused: Some(("location.latitude", "location")),
            ..staff("messstellen/neu", "messstelle", "RegisterStation")
        },
        Case {
            good: &[("terms.licence", "6")],
            bad: Some(("terms.licence", "")),
            refused: Some(("terms.attribution", "terms.attribution")),
            ..staff(&station, "lizenz", "DeclareSourceLicence")
        },
        Case {
            good: &[("sensor.model", "SDS011"), ("sensor.datastreams", "1")],
            bad: Some(("interval", "oft")),
            refused: Some(("sensor.datastreams[0].expected_interval_s", "sensor.datastreams")),
            ..staff(&station, "sensor", "RegisterSensor")
        },
        Case {
            good: &[("from_us", "2019-09-20T12:00"), ("to_us", "2019-09-20T18:00")],
            bad: Some(("from_us", "mittags")),
            refused: Some(("to_us", "to_us")),
            ..staff(&station, "kennzeichen", "FlagObservations")
        },
        Case {
            good: &[("location", "51,246 6,642")],
            bad: Some(("location", "nebenan")),
            refused: Some(("cell_size_m", "cell_size_m")),
            ..staff(&station, "versetzen", "RelocateStation")
        },
        staff(&station, "stilllegen", "RetireStation"),
    ]
}

fn reports() -> Vec<Case> {
    let report = format!("berichte/{REPORT}");
    vec![
        Case {
            good: &[
                ("definition.title.de", "Luft & Beteiligung"),
                ("definition.first_day", "2025-01-01"),
                ("definition.last_day", "2025-12-31"),
                ("definition.indicator_ids", INDICATOR),
            ],
            bad: Some(("definition.last_day", "")),
            refused: Some(("definition.air.station_ids[0]", "definition.air.station_ids")),
            ..staff("berichte/neu", "bericht", "DefineReport")
        },
        Case {
            good: &[("definition.title.en", "Report of 2019")],
            bad: Some(("definition.title.de", "")),
            refused: Some(("definition.title.en", "definition.title.en")),
            ..staff(&report, "bericht", "DefineReport")
        },
        staff(&report, "lauf", "RunReport"),
        Case {
            good: &[("run_id", DRAFT_RUN)],
            bad: Some(("run_id", "")),
            refused: Some(("run_id", "run_id")),
            ..staff(&report, "veroeffentlichen", "PublishReport")
        },
    ]
}

fn indicators() -> Vec<Case> {
    let indicator = format!("kennzahlen/{INDICATOR}");
    vec![
        Case {
            good: &[
                ("title.de", "Anteil Radverkehr"),
                ("unit", "%"),
                ("activities_begin_on", "2026-01-01"),
                ("baseline.measured_on", "2025-06-01"),
                ("baseline.value", "18,5"),
                ("baseline.source", "Haushaltsbefragung"),
            ],
            bad: Some(("baseline.value", "viel")),
            refused: Some(("baseline.source", "baseline.source")),
            ..staff("kennzahlen/neu", "kennzahl", "DefineIndicator")
        },
        Case {
            good: &[("measured_on", "2026-06-01"), ("value", "21,5"), ("source", "Haushaltsbefragung")],
            bad: Some(("value", "mehr")),
            refused: Some(("measured_on", "measured_on")),
            ..staff(&indicator, "wert", "RecordReading")
        },
        Case {
            good: &[
                ("rule.rule_id", "ziel-2030"),
                ("rule.source", "Ratsbeschluss"),
                ("rule.value", "30"),
                ("rule.valid_from", "2030-01-01"),
            ],
            bad: Some(("rule.value", "dreißig")),
            refused: Some(("rule.valid_until", "rule.valid_until")),
            ..staff(&indicator, "ziel", "AddIndicatorRule")
        },
    ]
}
