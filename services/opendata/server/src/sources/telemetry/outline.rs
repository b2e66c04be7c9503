use std::sync::Arc;

use allmende_opendata_domain::{Column, ColumnName, ColumnType, Description, Frequency, Month, Text, Theme, Wording};
use allmende_proto::telemetry::events::v1::StationKind;
use uuid::Uuid;

use super::station::{Station, cell_code};
use crate::sources::{Outline, Terms};

/// What a month of observations is called. `None` only if the words broke a rule, which a test shows they do not.
pub(super) fn of(id: Uuid, month: Month, station: &Station) -> Option<Outline> {
    let cell = station.cells.last().map(|(_, cell)| cell_code(cell)).unwrap_or_default();
    let (kind_de, kind_en) = match station.kind {
        StationKind::Reference => ("einer amtlichen Messstation", "an official station"),
        _ => ("einer Messstation von Bürgerinnen und Bürgern", "a citizens' station"),
    };
    let caution_de = match station.kind {
        StationKind::Reference => "",
        _ => " Die Werte sind orientierend; eine Überschreitung von Grenzwerten im Rechtssinn folgt aus ihnen nicht.",
    };
    let description = Wording {
        title: Text::new(
            format!("Messwerte der Station {} im Monat {month}", short(id)),
            format!("Observations of station {} in {month}", short(id)),
        ),
        description: Text::new(
            format!(
                "Alle Messwerte {kind_de} in der Rasterzelle {cell}, wie sie gemessen wurden, mit den Vermerken, die \
                 Menschen dazu gemacht haben. Tage und Monate sind die der Luftqualität: ganzjährig UTC+1.{caution_de}"
            ),
            format!(
                "All readings of {kind_en} in grid cell {cell}, as they were observed, with what people noted about \
                 them. Days and months are those of air quality: UTC+1 all year."
            ),
        ),
        themes: vec![Theme::Environment, Theme::Health],
        keywords: ["Luftqualität", "Feinstaub", "Umweltmessung", "Citizen Science"].map(str::to_owned).into(),
        frequency: Some(Frequency::Daily),
        days: (format!("{month}-01"), format!("{month}-{:02}", month.days())),
    };
    let description = Description::new(description).ok()?;
    Some(Outline { description, terms: Terms::Declared(id), columns: columns(), file: "observations" })
}

/// The last part of an id, enough to tell stations apart in a title.
fn short(id: Uuid) -> String {
    id.hyphenated().to_string().split_off(24)
}

/// What a row holds, in the order in which [`super::write`] writes it.
pub(super) fn columns() -> Arc<[Column]> {
    let column = |(name, kind, de, en): (&str, ColumnType, &str, &str)| {
        let name = ColumnName::parse(name).ok()?;
        Some(Column { name, kind: Some(kind), description: Text::new(de, en), unit: String::new() })
    };
    [
        ("phenomenon_time", ColumnType::DateTime, "Zeitpunkt der Messung, UTC", "When it was observed, UTC"),
        ("observed_property", ColumnType::String, "Was gemessen wurde", "What was observed"),
        ("unit", ColumnType::String, "Einheit, als UCUM-Code", "Unit, as a UCUM code"),
        ("result", ColumnType::Number, "Messwert in dieser Einheit", "The reading in that unit"),
        (
            "flag",
            ColumnType::String,
            "Vermerk eines Menschen: maintenance (Wartung), defect (defekt), local_source (örtliche Quelle)",
            "What a person noted: maintenance, defect, local_source",
        ),
        ("sensor_model", ColumnType::String, "Bauart des Sensors", "Model of the sensor"),
        (
            "grid_cell",
            ColumnType::String,
            "Rasterzelle (INSPIRE, ETRS89-LAEA), in der die Station stand",
            "Grid cell (INSPIRE, ETRS89-LAEA) in which the station stood",
        ),
        ("datastream_id", ColumnType::String, "Kennung der Messreihe", "Id of the datastream"),
    ]
    .into_iter()
    .filter_map(column)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_break_no_rule_and_every_column_is_described() {
        let outline = of(Uuid::from_bytes([7; 16]), Month::new(2018, 7).unwrap(), &Station::default()).unwrap();
        assert_eq!(outline.columns.len(), 8);
        assert!(outline.columns.iter().all(Column::is_described));
        assert!(outline.columns.iter().all(|column| !allmende_opendata_domain::is_personal(column.name.as_str())));
        assert_eq!(outline.description.wording().days, ("2018-07-01".into(), "2018-07-31".into()));
    }
}
