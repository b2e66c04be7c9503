//! Column names that point to a person. A list is no judge: it stops what nobody looked at.

/// Parts of a name that point to a person wherever they stand: `kontakt_email`, `telefon_privat`.
const ANYWHERE: &[&str] = &[
    "ausweisnummer",
    "birthdate",
    "birthday",
    "email",
    "familienname",
    "firstname",
    "geburtsdatum",
    "geburtsort",
    "handy",
    "hausnummer",
    "iban",
    "kfz",
    "kontonummer",
    "krankenversicherung",
    "lastname",
    "mail",
    "mobil",
    "mobilnummer",
    "nachname",
    "passport",
    "personalnummer",
    "phone",
    "sozialversicherungsnummer",
    "steuernummer",
    "surname",
    "telefon",
    "telefonnummer",
    "username",
    "vorname",
    "wohnort",
];

/// Names that point to a person if they are the whole name: a `name` is somebody's, a `station_name` is not.
const WHOLE: &[&str] = &[
    "address",
    "adresse",
    "anschrift",
    "author",
    "autor",
    "autorin",
    "birth_date",
    "buerger",
    "citizen",
    "date_of_birth",
    "e_mail",
    "first_name",
    "ip",
    "ip_address",
    "ip_adresse",
    "last_name",
    "name",
    "person",
    "strasse",
    "street",
    "subject",
    "subject_id",
    "user",
    "user_id",
    "verfasser",
];

/// Whether a column of this name is on the list of personal data.
pub fn is_personal(column: &str) -> bool {
    let name = column.to_lowercase().replace(['-', ' ', '.'], "_");
    let name = name.trim_matches('_').trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_matches('_');
    WHOLE.contains(&name) || name.contains("e_mail") || name.split('_').any(|part| ANYWHERE.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_to_a_person_is_found_in_its_usual_spellings() {
        for name in [
            "name",
            "Name",
            "vorname",
            "kontakt_email",
            "E-Mail",
            "e_mail_adresse",
            "telefon2",
            "user_id",
            "IP Address",
        ] {
            assert!(is_personal(name), "{name}");
        }
        for name in ["station_name", "result", "phenomenon_time", "grid_cell", "theme", "addressed_to", "mailing_year"]
        {
            assert!(!is_personal(name), "{name}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_spelled_as_names_are_compared() {
        for list in [ANYWHERE, WHOLE] {
            assert!(list.is_sorted());
            assert!(list.iter().all(|name| is_personal(name)));
        }
    }
}
