use std::sync::Arc;

use allmende_opendata_domain::{Column, ColumnName, ColumnType, Description, Frequency, Month, Text, Theme, Wording};
use allmende_proto::telemetry::events::v1::StationKind;
use uuid::Uuid;

use super::station::Station;
use crate::sources::{Outline, Terms};

/// Days of air quality begin at midnight of UTC+1, all year.
const AIR_QUALITY_OFFSET_US: i64 = 3_600_000_000;

/// What a month of observations is called. `None` only if the words broke a rule, which a test shows they do not.
pub(super) fn of(id: Uuid, month: Month, station: &Station) -> Option<Outline> {
    let cell = station.cell_at(end_of(month));
    let ((called_de, called_en), (kind_de, kind_en)) = match station.kind {
        StationKind::Reference => {
            (("Amtliche Messstelle", "Official station"), ("einer amtlichen Messstelle", "an official station"))
        }
        _ => {
            let kind = ("einer Messstelle von Bürgerinnen und Bürgern", "a citizens' station");
            (("Bürgersensor", "Citizens' sensor"), kind)
        }
    };
    let (observed_de, observed_en) = observed(station);
    let (place, own) = (short_cell(&cell), short(id));
    let caution_de = match station.kind {
        StationKind::Reference => "",
        _ => " Die Werte sind orientierend; eine Überschreitung von Grenzwerten im Rechtssinn folgt aus ihnen nicht.",
    };
    let description = Wording {
        title: Text::new(
            format!("{called_de} im Gitterfeld {place} ({own}): {observed_de}, {}", month.in_german()),
            format!("{called_en} in grid cell {place} ({own}): {observed_en}, {}", month.in_english()),
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

/// The end of an id, enough to tell stations in one cell apart.
fn short(id: Uuid) -> String {
    id.hyphenated().to_string().split_off(30)
}

/// The part of a cell's code that differs from one place to the next.
fn short_cell(code: &str) -> &str {
    code.split_once('m').map_or(code, |(_, place)| place)
}

/// The month's last moment, in microseconds: the station stood where it stood then.
fn end_of(month: Month) -> i64 {
    let day = jiff::civil::date(month.year() as i16, month.of_year() as i8, month.days() as i8);
    let end = jiff::tz::TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 999_999_000));
    end.map_or(i64::MAX, |end| end.as_microsecond() - AIR_QUALITY_OFFSET_US)
}

/// What the station observes, each once, in the order in which people look for it.
fn observed(station: &Station) -> (String, String) {
    const NAMES: [(&str, &str, &str); 6] = [
        ("pm10", "Feinstaub PM10", "particulate matter PM10"),
        ("pm2.5", "Feinstaub PM2,5", "particulate matter PM2.5"),
        ("no2", "Stickstoffdioxid", "nitrogen dioxide"),
        ("air_temperature", "Temperatur", "temperature"),
        ("relative_humidity", "Luftfeuchte", "humidity"),
        ("air_pressure", "Luftdruck", "air pressure"),
    ];
    let known = |property: &str| station.datastreams.iter().any(|datastream| datastream.property == property);
    let (de, en): (Vec<&str>, Vec<&str>) =
        NAMES.iter().filter(|(property, ..)| known(property)).map(|(_, de, en)| (*de, *en)).unzip();
    match de.is_empty() {
        true => ("Messwerte".to_owned(), "observations".to_owned()),
        false => (de.join(", "), en.join(", ")),
    }
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
            "Rasterzelle (INSPIRE, ETRS89-LAEA), in der die Messstelle stand",
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
    use allmende_proto::telemetry::events::v1::GridCell;

    use super::super::station::Datastream;
    use super::*;

    fn station(observes: &[&'static str]) -> Station {
        let cell = |northing_m| GridCell { size_m: 250, northing_m, easting_m: 4_110_250 };
        // It moved an hour before the end of July, as air quality counts it: 2018-07-31T22:00:00Z.
        let datastreams =
            observes.iter().map(|property| Datastream { id: Uuid::nil(), property, unit: "", model: String::new() });
        Station {
            kind: StationKind::Citizen,
            cells: vec![(0, cell(3_098_500)), (1_533_074_400_000_000, cell(3_098_750))],
            datastreams: datastreams.collect(),
        }
    }

    #[test]
    fn a_title_says_where_what_and_when_as_people_say_it() {
        let title = |month, station: &Station| {
            let outline = of(Uuid::from_bytes([0xab; 16]), Month::new(2018, month).unwrap(), station).unwrap();
            outline.description.wording().title.clone()
        };
        let box_of_dust = station(&["relative_humidity", "pm2.5", "pm10", "pm10"]);
        let june = title(6, &box_of_dust);
        assert_eq!(
            june.de,
            "Bürgersensor im Gitterfeld N3098500E4110250 (ababab): Feinstaub PM10, Feinstaub PM2,5, Luftfeuchte, Juni 2018"
        );
        assert_eq!(
            june.en,
            "Citizens' sensor in grid cell N3098500E4110250 (ababab): particulate matter PM10, particulate matter PM2.5, humidity, June 2018"
        );
        assert!(title(7, &box_of_dust).de.contains("N3098750"));
        assert!(title(7, &station(&[])).de.ends_with("(ababab): Messwerte, Juli 2018"));
        let all = ["pm10", "pm2.5", "no2", "air_temperature", "relative_humidity", "air_pressure"];
        assert!(title(9, &station(&all)).en.ends_with("air pressure, September 2018"));
    }

    #[test]
    fn the_words_break_no_rule_and_every_column_is_described() {
        let outline = of(Uuid::from_bytes([7; 16]), Month::new(2018, 7).unwrap(), &Station::default()).unwrap();
        assert_eq!(outline.columns.len(), 8);
        assert!(outline.columns.iter().all(Column::is_described));
        assert!(outline.columns.iter().all(|column| !allmende_opendata_domain::is_personal(column.name.as_str())));
        assert_eq!(outline.description.wording().days, ("2018-07-01".into(), "2018-07-31".into()));
    }
}
