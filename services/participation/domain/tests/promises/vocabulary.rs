//! Words that cannot be made wrong.

use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{CoarsePoint, Day, InvalidDay};
use proptest::prelude::*;

#[test]
fn a_day_is_one_of_the_calendar() {
    for (text, date) in [("2019-09-27", (2019, 9, 27)), ("2024-02-29", (2024, 2, 29)), ("2000-02-29", (2000, 2, 29))] {
        assert_eq!(text.parse::<Day>().unwrap().date(), date);
    }
    for wrong in [
        "",
        "2019-9-27",
        "2019-02-29",
        "1900-02-29",
        "2019-13-01",
        "2019-00-10",
        "2019-04-31",
        "1899-12-31",
        "2100-01-01",
        "27.09.2019",
        "2019-09-27T00",
        "2019-+9-27",
        "२०१९-09-2",
    ] {
        assert_eq!(wrong.parse::<Day>(), Err(InvalidDay), "{wrong}");
    }
}

#[test]
fn a_place_is_coarse() {
    let point = CoarsePoint::nearest(51.335_678_9, 12.609_412_3).unwrap();
    assert_eq!((point.milli(), point.degrees()), ((51_336, 12_609), (51.336, 12.609)));
    for (latitude, longitude) in [(f64::NAN, 0.0), (91.0, 0.0), (0.0, -181.0), (1e300, 0.0)] {
        assert!(CoarsePoint::nearest(latitude, longitude).is_err());
    }
}

proptest! {
    #[test]
    fn days_read_as_they_are_written_and_sort_like_their_text(
        one in (1900u16..2100, 1u8..=12, 1u8..=31), other in (1900u16..2100, 1u8..=12, 1u8..=31)
    ) {
        let day = |(year, month, day)| Day::from_date(year, month, day);
        if let (Ok(one), Ok(other)) = (day(one), day(other)) {
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_without_a_panic(text in "\\PC{0,12}") {
        let _ = text.parse::<Day>();
        let _ = SectionId::parse(&text);
        let _ = allmende_participation_domain::document::parse(&text);
    }
}
