//! Places and addresses as people type and read them.

use allmende_proto::participation::v1::CoarsePoint;
use uuid::Uuid;

use super::Language;

/// The id of a thing whose page's address was entered, or the id itself; otherwise what was entered.
pub(crate) fn id_in(text: &str) -> String {
    let address = text.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = address.rsplit('/').next().unwrap_or_default();
    Uuid::parse_str(last).map_or_else(|_| text.trim().to_owned(), |id| id.to_string())
}

/// A place as it was entered, no more exact than a thousandth of a degree (about 100 m): the rest is nobody's business.
pub(crate) fn parse_place(text: &str) -> Option<CoarsePoint> {
    let (latitude, longitude) = coordinates(text)?;
    let coarse = |degrees: f64| (degrees * 1_000.0).round() / 1_000.0;
    Some(CoarsePoint { latitude: coarse(latitude), longitude: coarse(longitude) })
}

/// Latitude and longitude in degrees from coordinates as maps show them: `51.246, 6.642`, `51,246 6,642`,
/// `51.246° N, 6.642° E`, `geo:51.246,6.642`.
pub(crate) fn coordinates(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_start_matches("geo:").replace('°', " ").to_uppercase();
    let sign = |mark: char| if text.contains(mark) { -1.0 } else { 1.0 };
    let (south, west) = (sign('S'), sign('W'));
    let plain: String = text.chars().map(|c| if "NSWEO".contains(c) { ' ' } else { c }).collect();
    let parts: Vec<&str> = plain.split([';', ' ', '\t']).map(|part| part.trim_matches(',')).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let parts = match parts.as_slice() {
        [one] => one.split_once(',').map(|(latitude, longitude)| [latitude, longitude]),
        [latitude, longitude] => Some([*latitude, *longitude]),
        _ => None,
    };
    let [latitude, longitude] = parts?.map(|part| part.replace(',', ".").parse::<f64>().ok());
    let (latitude, longitude) = (latitude? * south, longitude? * west);
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
}

/// A place for people: 51,246° N, 6,642° O.
pub(crate) fn place(point: &CoarsePoint, language: Language) -> String {
    degrees((point.latitude, point.longitude), language)
}

/// The same of latitude and longitude.
pub(crate) fn degrees((latitude, longitude): (f64, f64), language: Language) -> String {
    let of = |degrees: f64, plus: &str, minus: &str| {
        format!("{}° {}", language.number(degrees.abs(), 3), if degrees < 0.0 { minus } else { plus })
    };
    format!("{}, {}", of(latitude, "N", "S"), of(longitude, language.of("O", "E"), "W"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_read_as_maps_show_them() {
        let here = Some(CoarsePoint { latitude: 51.246, longitude: 6.642 });
        for typed in [
            "51.246, 6.642",
            "51.246,6.642",
            "51,246 6,642",
            "51,246; 6,642",
            " 51.24629° N, 6.64183° E ",
            "N 51.246 O 6.642",
            "geo:51.246,6.642",
        ] {
            assert_eq!(parse_place(typed), here, "{typed}");
        }
        assert_eq!(parse_place("33.9 S 18.4 W"), Some(CoarsePoint { latitude: -33.9, longitude: -18.4 }));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for typed in ["", "Rathausplatz 1", "51", "91 6", "51.2, 181", "51,2,6,6", "51.2 6.6 7", "nan nan", "1e400 0"] {
            assert_eq!(parse_place(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_thing_is_named_by_the_address_of_its_page() {
        let id = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a08";
        for typed in [
            format!("https://mitmachen.example.org/musterstadt/daten/{id}"),
            format!("/musterstadt/daten/{id}/?lang=en#x"),
            format!(" {id} "),
            id.to_uppercase(),
        ] {
            assert_eq!(id_in(&typed), id, "{typed}");
        }
        assert_eq!(id_in(" /musterstadt/daten "), "/musterstadt/daten");
    }

    #[test]
    fn a_place_is_written_out() {
        let point = CoarsePoint { latitude: 51.2, longitude: -6.642 };
        assert_eq!(place(&point, Language::German), "51,200° N, 6,642° W");
        assert_eq!(place(&CoarsePoint { longitude: 6.642, ..point }, Language::English), "51.200° N, 6.642° E");
    }
}
