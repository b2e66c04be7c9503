use askama::Template;

use crate::words::{Language, Messages};

const LEFT: f64 = 46.0;
const RIGHT: f64 = 712.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 270.0;

/// A day in a chart.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) class: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) title: String,
}

/// Means of days as bars against a limit. Beside it stands a table with the same numbers.
#[derive(Debug, Clone, Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    m: &'static Messages,
    title: String,
    text: String,
    grid: Vec<(String, String)>,
    ticks: Vec<(String, String)>,
    bars: Vec<Bar>,
    limits: Vec<(String, String)>,
}

/// A mean to be drawn: its day, its value, whether it is valid.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) day: String,
    pub(crate) value: Option<f64>,
    pub(crate) is_valid: bool,
}

impl Chart {
    /// `limit` is the value and its name.
    pub(crate) fn new(
        m: &'static Messages,
        language: Language,
        title: String,
        text: String,
        points: &[Point],
        limit: Option<(f64, String)>,
    ) -> Self {
        let highest = points
            .iter()
            .filter_map(|point| point.value)
            .fold(limit.as_ref().map_or(0.0, |(value, _)| *value), f64::max);
        let lowest = points.iter().filter_map(|point| point.value).fold(0.0, f64::min);
        let step = step((highest - lowest).max(1.0));
        let (floor, ceiling) = ((lowest / step).floor() * step, ((highest * 1.04) / step).ceil().max(1.0) * step);
        let y = |value: f64| BOTTOM - (value - floor) / (ceiling - floor) * (BOTTOM - TOP);
        let slot = (RIGHT - LEFT) / points.len().max(1) as f64;
        let lines = ((ceiling - floor) / step).round() as usize;
        let decimals = usize::from(step < 1.0);
        let grid = (0..=lines).map(|line| floor + line as f64 * step);
        let grid = grid.map(|value| (at(y(value)), language.number(value, decimals))).collect();
        let every = points.len().div_ceil(7).max(1);
        let label = |iso: &str| {
            iso.get(5..).map_or(iso.to_owned(), |rest| match rest.split_once('-') {
                Some((month, day)) => language.of(format!("{day}.{month}."), format!("{day}/{month}")),
                None => rest.to_owned(),
            })
        };
        let middle = |index: usize| LEFT + slot * (index as f64 + 0.5);
        let ticks =
            points.iter().enumerate().step_by(every).map(|(index, point)| (at(middle(index)), label(&point.day)));
        let bars = points.iter().enumerate().filter_map(|(index, point)| {
            let value = point.value?;
            let over = limit.as_ref().is_some_and(|(limit, _)| value.round() > *limit);
            let class = if !point.is_valid {
                "thin"
            } else if over {
                "over"
            } else {
                "bar"
            };
            let (top, base) = (y(value.max(0.0)), y(value.min(0.0).max(floor)));
            let width = (slot * 0.78).max(0.8);
            Some(Bar {
                class,
                x: at(middle(index) - width / 2.0),
                y: at(top),
                width: at(width),
                height: at((base - top).max(0.5)),
                title: format!("{}: {}", label(&point.day), language.number(value, 1)),
            })
        });
        let limits = limit.iter().map(|(value, name)| (at(y(*value)), name.clone())).collect();
        Self { m, title, text, grid, ticks: ticks.collect(), bars: bars.collect(), limits }
    }
}

fn at(place: f64) -> String {
    format!("{place:.1}")
}

/// Distance of the lines: 1, 2 or 5 times a power of ten, so that there are four to ten of them.
fn step(range: f64) -> f64 {
    let power = 10_f64.powf((range / 4.0).log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|step| range / step >= 4.0).unwrap_or(power)
}
