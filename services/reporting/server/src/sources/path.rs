//! Where a number stands in an answer: the part of JSON path (RFC 9535) that reports need, and what is made of the
//! values there.

use allmende_reporting_domain::table::{Source, Take};
use serde_json::Value;

/// A path outside the part that is understood here, or one that leads to no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} leads to no number")]
pub struct InvalidPath {
    /// The path.
    pub path: String,
}

/// The values at a path: `$`, then any of `.name`, `[3]`, `[-1]`, `[*]` and `[?@.name=='text']`. Nothing for a path of
/// another form; no value where the answer has none.
pub fn select<'a>(answer: &'a Value, path: &str) -> Option<Vec<&'a Value>> {
    let mut rest = path.strip_prefix('$')?;
    let mut values = vec![answer];
    while !rest.is_empty() {
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at(end);
            values = values.into_iter().filter_map(|value| value.get(name)).collect();
            rest = after;
        } else {
            let (selector, after) = bracketed(rest)?;
            values = values.into_iter().flat_map(|value| children(value, &selector)).collect();
            rest = after;
        }
    }
    Some(values)
}

enum Selector<'a> {
    All,
    Index(i64),
    Equal(&'a str, &'a str),
}

/// The selector in brackets at the beginning, and what comes after it.
fn bracketed(text: &str) -> Option<(Selector<'_>, &str)> {
    let inner = text.strip_prefix('[')?;
    if let Some(filter) = inner.strip_prefix("?@.") {
        let (name, value) = filter.split_once("=='")?;
        let (value, after) = value.split_once("']")?;
        return Some((Selector::Equal(name, value), after));
    }
    let (index, after) = inner.split_once(']')?;
    match index {
        "*" => Some((Selector::All, after)),
        index => Some((Selector::Index(index.parse().ok()?), after)),
    }
}

fn children<'a>(value: &'a Value, selector: &Selector<'_>) -> Vec<&'a Value> {
    let Some(items) = value.as_array() else { return Vec::new() };
    match selector {
        Selector::All => items.iter().collect(),
        Selector::Index(index) => {
            let from_end = index.unsigned_abs() as usize;
            let at = if *index < 0 { items.len().checked_sub(from_end) } else { Some(from_end) };
            at.and_then(|at| items.get(at)).into_iter().collect()
        }
        Selector::Equal(name, wanted) => {
            items.iter().filter(|item| item.get(name).and_then(Value::as_str) == Some(*wanted)).collect()
        }
    }
}

/// The number of these sources: their sum. `answer` tells what each query answered.
pub fn figure<'a>(sources: &[Source], answer: impl Fn(u32) -> Option<&'a Value>) -> Result<f64, InvalidPath> {
    sources.iter().try_fold(0.0, |sum, source| {
        let wrong = || InvalidPath { path: source.path.clone() };
        let values = select(answer(source.query).ok_or_else(wrong)?, &source.path).ok_or_else(wrong)?;
        let value = match (source.take, values.as_slice()) {
            (Take::Value, [value]) => number(value).ok_or_else(wrong)?,
            (Take::Value, _) => return Err(wrong()),
            (Take::Count, values) => values.len() as f64,
            (Take::Sum, values) => values.iter().map(|value| number(value)).sum::<Option<f64>>().ok_or_else(wrong)?,
        };
        Ok(if source.subtracted { sum - value } else { sum + value })
    })
}

/// Integers of 64 bits are text in the JSON of protobuf.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse::<i64>().ok().map(|number| number as f64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(path: &str, take: Take) -> Source {
        Source { query: 0, path: path.into(), take, subtracted: false }
    }

    #[test]
    fn a_number_is_found_where_its_path_leads() {
        let answer = json!({
            "checks": [{"rule_id": "eu/pm10-day", "exceedances": 36}, {"rule_id": "eu/pm10-year", "mean": 19.5}],
            "at": "7",
            "none": [],
        });
        let value = |path: &str, take| figure(&[source(path, take)], |_| Some(&answer));
        assert_eq!(value("$.checks[?@.rule_id=='eu/pm10-day'].exceedances", Take::Value), Ok(36.0));
        assert_eq!(value("$.checks[-1].mean", Take::Value), Ok(19.5));
        assert_eq!(value("$.checks[0].exceedances", Take::Value), Ok(36.0));
        assert_eq!(value("$.checks[*].exceedances", Take::Sum), Ok(36.0));
        assert_eq!(value("$.checks[*]", Take::Count), Ok(2.0));
        assert_eq!(value("$.none[*]", Take::Sum), Ok(0.0));
        assert_eq!(value("$.at", Take::Value), Ok(7.0));
        for wrong in ["checks", "$.checks[9].mean", "$.checks[x]", "$.checks[?@.rule_id==x]", "$.nothing", "$x"] {
            assert!(value(wrong, Take::Value).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sources_are_added_and_subtracted() {
        let answer = json!({"published": 7, "answered": 3});
        let mut sources = vec![source("$.published", Take::Value), source("$.answered", Take::Value)];
        sources[1].subtracted = true;
        assert_eq!(figure(&sources, |_| Some(&answer)), Ok(4.0));
    }
}
