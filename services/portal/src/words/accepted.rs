//! What a browser would rather read: `Accept-Language` (RFC 9110, sections 12.4.2 and 12.5.4).

use super::Language;

/// The most ranges that are looked at.
const MOST: usize = 20;

/// One range of the header: the language it begins with or `*`, its weight in thousandths, and its place.
struct Range<'a> {
    language: &'a str,
    weight: u16,
    place: usize,
}

/// The language of the portal that weighs most; of two that weigh the same, the one that is named first. `*` is every
/// language that is not named, German before English. Nothing, where the header wants none of them.
pub(super) fn preferred(accept: &str) -> Option<Language> {
    let ranges: Vec<_> =
        accept.split(',').take(MOST).enumerate().filter_map(|(place, part)| range(part, place)).collect();
    let wanted = [Language::German, Language::English].into_iter().enumerate().filter_map(|(order, language)| {
        let heaviest = |name: &str| {
            let named = ranges.iter().filter(|range| range.language.eq_ignore_ascii_case(name));
            named.max_by_key(|range| (range.weight, std::cmp::Reverse(range.place)))
        };
        let range = heaviest(language.code()).or_else(|| heaviest("*")).filter(|range| range.weight > 0)?;
        Some(((std::cmp::Reverse(range.weight), range.place, order), language))
    });
    wanted.min_by_key(|(rank, _)| *rank).map(|(_, language)| language)
}

/// `en-GB ; q=0.8`. What is written otherwise counts for nothing.
fn range(part: &str, place: usize) -> Option<Range<'_>> {
    let mut pieces = part.split(';').map(|piece| piece.trim_matches([' ', '\t']));
    let language = pieces.next()?.split('-').next()?;
    let weight = match pieces.next() {
        Some(piece) => {
            let (name, value) = piece.split_once('=')?;
            name.eq_ignore_ascii_case("q").then(|| thousandths(value))??
        }
        None => 1_000,
    };
    (!language.is_empty() && pieces.next().is_none()).then_some(Range { language, weight, place })
}

/// `0.85` as 850: a weight has one digit before the point and at most three behind it, and is no more than 1.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    let is_one = match whole {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{rest:0<3}").parse().ok()?;
    match (is_one, part) {
        (true, 0) => Some(1_000),
        (true, _) => None,
        (false, part) => Some(part),
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{English, German};
    use super::*;

    #[test]
    fn the_heaviest_language_counts_and_the_first_of_equals() {
        for (accept, language) in [
            ("de", Some(German)),
            ("fr-FR,en;q=0.7,de;q=0.8", Some(German)),
            ("en-GB,en;q=0.9,de;q=0.8", Some(English)),
            ("en,de", Some(English)),
            ("de;q=0.5,en;q=0.5", Some(German)),
            ("de;q=0.3, en;q=0.2, de-AT;q=0.1", Some(German)),
            ("EN-us", Some(English)),
        ] {
            assert_eq!(preferred(accept), language, "{accept}");
        }
    }

    #[test]
    fn space_may_stand_around_a_weight() {
        for accept in ["en; q=0.8", "en ;q=0.8", "de;q=0.7, en ; q=0.8", "de\t;\tq=0.7,en;Q=0.8"] {
            assert_eq!(preferred(accept), Some(English), "{accept}");
        }
    }

    #[test]
    fn a_star_is_what_is_not_named() {
        assert_eq!(preferred("*"), Some(German));
        assert_eq!(preferred("fr, *;q=0.5"), Some(German));
        assert_eq!(preferred("de;q=0, *"), Some(English));
        assert_eq!(preferred("en;q=0.4, *;q=0.5"), Some(German));
        assert_eq!(preferred("*;q=0.1, en;q=0.2"), Some(English));
        assert_eq!(preferred("*;q=0"), None);
    }

    #[test]
    fn what_is_not_wanted_or_no_weight_is_not_chosen() {
        for accept in ["", "fr", "de;q=0,fr", "en;q=0.000", ";;;q=x,,", "de;q=nan", "de;q=2", "de;q=1.5", "de;q=.5"] {
            assert_eq!(preferred(accept), None, "{accept}");
        }
        assert_eq!(preferred("de;q=0.1234, en;q=0.1"), Some(English));
        let many = "fr,".repeat(MOST) + "en";
        assert_eq!(preferred(&many), None);
    }
}
