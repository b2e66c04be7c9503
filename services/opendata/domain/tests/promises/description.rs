//! What may be said of a dataset and its files.

use allmende_opendata_domain::{
    ColumnName, Day, Description, FileName, Format, InvalidDescription, Sha256, Text, Theme, Wording,
};

fn wording() -> Wording {
    Wording {
        title: Text::new("Titel", ""),
        description: Text::new("Eine Zeile.\nNoch eine.", ""),
        themes: vec![Theme::Environment, Theme::Health],
        keywords: vec!["Feinstaub".into()],
        frequency: None,
        days: ("2018-07-01".into(), "2018-07-31".into()),
    }
}

#[test]
fn each_part_is_checked() {
    assert!(Description::new(wording()).is_ok());
    let with = |change: fn(&mut Wording)| {
        let mut wording = wording();
        change(&mut wording);
        Description::new(wording).unwrap_err()
    };
    assert_eq!(with(|w| w.title.de.clear()), InvalidDescription::Title);
    assert_eq!(with(|w| w.title.de = "a\nb".into()), InvalidDescription::Title);
    assert_eq!(with(|w| w.title.en = "x".repeat(201)), InvalidDescription::Title);
    assert_eq!(with(|w| w.description.de = "\u{7}".into()), InvalidDescription::Description);
    assert_eq!(with(|w| w.themes.clear()), InvalidDescription::Themes);
    assert_eq!(with(|w| w.themes.push(Theme::Health)), InvalidDescription::Themes);
    assert_eq!(with(|w| w.keywords.push("Feinstaub".into())), InvalidDescription::Keywords);
    assert_eq!(with(|w| w.keywords = vec![String::new()]), InvalidDescription::Keywords);
    assert_eq!(with(|w| w.days.1.clear()), InvalidDescription::Days);
    assert_eq!(with(|w| w.days.1 = "2018-06-30".into()), InvalidDescription::Order);
}

#[test]
fn days_are_days_of_the_calendar() {
    assert!(Day::parse("2024-02-29").is_some());
    for wrong in ["2023-02-29", "2024-2-29", "2024-02-00", "2024-02-+1", "2024-02", "heute"] {
        assert_eq!(Day::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn names_of_files_and_columns_lead_nowhere_else() {
    assert!(FileName::parse("observations.csv", Format::Csv).is_ok());
    for wrong in ["", ".csv", "../a.csv", "a/b.csv", "a.json", "A.csv", "-a.csv", &format!("{}.csv", "a".repeat(60))] {
        assert!(FileName::parse(wrong, Format::Csv).is_err(), "{wrong}");
    }
    assert!(ColumnName::parse("phenomenon_time").is_ok());
    for wrong in ["", "1st", "Time", "a-b", "a b", &"a".repeat(61)] {
        assert!(ColumnName::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_hash_has_64_digits() {
    let text = "00ff".repeat(16);
    assert_eq!(Sha256::parse(&text).unwrap().to_string(), text);
    for wrong in ["", "0", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)] {
        assert_eq!(Sha256::parse(wrong), None, "{wrong}");
    }
}
