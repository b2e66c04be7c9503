//! Nobody can tell from a report's tables that under five persons stand in a cell.

use std::collections::BTreeMap;

use crate::attacker::{Attacker, Equation};
use crate::text;
use allmende_reporting_domain::Word;
use allmende_reporting_domain::counts::{Breakdown, Count, Counts, Shown};
use allmende_reporting_domain::suppression::THRESHOLD;
use allmende_reporting_domain::table::{Kind, Table, Value};
use proptest::prelude::*;

const CHANNELS: [Word; 4] = [Word::ChannelWeb, Word::ChannelLetter, Word::ChannelPostcard, Word::ChannelEvent];
const STATES: [Word; 3] = [Word::Answered, Word::Unanswered, Word::NotPublic];

fn count(count: u64) -> Count {
    public(count, 0)
}

fn public(count: u64, public: u64) -> Count {
    Count { count, public, sources: Vec::new() }
}

fn counts(channels: &[Vec<u64>], states: &[[u64; 3]]) -> Counts {
    let of = |row: &[u64]| row.iter().copied().map(count).collect::<Vec<_>>();
    Counts {
        row_heading: Word::Procedure,
        labels: (0..channels.len()).map(|row| text(&format!("Verfahren {row}"))).collect(),
        totals: channels.iter().map(|row| count(row.iter().sum())).collect(),
        first: Breakdown {
            kind: Kind::Reach,
            columns: CHANNELS[..channels[0].len()].to_vec(),
            rows: channels.iter().map(|row| of(row)).collect(),
        },
        second: Breakdown {
            kind: Kind::Responses,
            columns: STATES.to_vec(),
            rows: states.iter().map(|row| of(row)).collect(),
        },
    }
}

/// The same where everybody can count what is published: in all rows by channel, and whether it is answered.
fn published(mut counts: Counts, published: &[Vec<u64>]) -> Counts {
    for (row, published) in published.iter().enumerate() {
        counts.totals[row].public = published.iter().sum();
        for (count, published) in counts.first.rows[row].iter_mut().zip(published) {
            count.public = *published;
        }
        for count in &mut counts.second.rows[row][..2] {
            count.public = count.count;
        }
    }
    counts
}

/// What is shown of a table, by row and column; the last ones are the totals.
fn shown(table: &Table) -> Vec<Vec<Option<u64>>> {
    let value = |value: &Value| match value {
        Value::Number { value, .. } => Some(*value as u64),
        Value::Suppressed => None,
        other => panic!("{other:?} is no count"),
    };
    table.rows.iter().map(|row| row.cells.iter().map(|cell| value(&cell.value)).collect()).collect()
}

/// The same without what is public; what is so altogether is zero, marked or not.
fn rest(table: &Table, breakdown: &Breakdown, totals: &[Count]) -> Vec<Vec<Option<u64>>> {
    let of = |row: usize, column: usize| breakdown.rows[row].get(column).unwrap_or(&totals[row]).clone();
    let mut rest = shown(table);
    for (row, cells) in rest.iter_mut().enumerate() {
        let rows = if row < totals.len() { row..row + 1 } else { 0..totals.len() };
        for (column, cell) in cells.iter_mut().enumerate() {
            let (count, public) = rows
                .clone()
                .map(|row| of(row, column))
                .fold((0, 0), |(count, public), of| (count + of.count, public + of.public));
            *cell = if count == public && column < 2 && breakdown.kind == Kind::Responses {
                Some(0)
            } else {
                cell.map(|shown| shown - public)
            };
        }
    }
    rest
}

/// The attacker, and the number of each unknown by table, row and column.
fn attack(
    tables: &[Vec<Vec<Option<u64>>>; 2],
    (least, most): (i64, i64),
) -> (Attacker, BTreeMap<(usize, usize, usize), usize>) {
    let mut unknowns = BTreeMap::new();
    let mut number = 0;
    for (table, rows) in tables.iter().enumerate() {
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                if cell.is_some() {
                    continue;
                }
                // The rows' totals are the same in both.
                let twin = (table == 1 && column == cells.len() - 1).then(|| (0, row, tables[0][row].len() - 1));
                let known = twin.and_then(|twin| unknowns.get(&twin).copied());
                let unknown = known.unwrap_or_else(|| {
                    number += 1;
                    number - 1
                });
                unknowns.insert((table, row, column), unknown);
            }
        }
    }
    let mut equations = Vec::new();
    for (table, rows) in tables.iter().enumerate() {
        let (height, width) = (rows.len() - 1, rows[0].len() - 1);
        let mut equation = |parts: Vec<(usize, usize)>, total: (usize, usize)| {
            let sum: i64 = parts.iter().filter_map(|(row, column)| rows[*row][*column]).map(|known| known as i64).sum();
            let unknown = |(row, column): (usize, usize)| unknowns.get(&(table, row, column)).copied();
            equations.push(Equation {
                plus: parts.into_iter().filter_map(unknown).collect(),
                minus: unknown(total).into_iter().collect(),
                equals: rows[total.0][total.1].map_or(0, |total| total as i64) - sum,
            });
        };
        (0..=height).for_each(|row| equation((0..width).map(|column| (row, column)).collect(), (row, width)));
        (0..=width).for_each(|column| equation((0..height).map(|row| (row, column)).collect(), (height, column)));
    }
    (Attacker { unknowns: number, equations, least, most }, unknowns)
}

/// Cells under five of which somebody who reads nothing but the report can tell that they are.
fn given_away(counts: &Counts, Shown { first, second, .. }: &Shown) -> Vec<(usize, usize, usize)> {
    told(counts, &[shown(first), shown(second)], 1, |count| count.count)
}

/// Cells of which less than five is not public, and somebody who has counted what is can tell.
fn given_away_by_the_public(counts: &Counts, Shown { first, second, .. }: &Shown) -> Vec<(usize, usize, usize)> {
    let tables = [rest(first, &counts.first, &counts.totals), rest(second, &counts.second, &counts.totals)];
    told(counts, &tables, 0, |count| count.count - count.public)
}

fn told(
    counts: &Counts,
    tables: &[Vec<Vec<Option<u64>>>; 2],
    least: i64,
    of: impl Fn(&Count) -> u64,
) -> Vec<(usize, usize, usize)> {
    let most = counts.totals.iter().map(|total| total.count as i64).sum::<i64>() + 20;
    let (attacker, unknowns) = attack(tables, (least, most));
    let truth = |(table, row, column): (usize, usize, usize)| {
        let breakdown = [&counts.first, &counts.second][table];
        let rows = if row < counts.labels.len() { row..row + 1 } else { 0..counts.labels.len() };
        rows.map(|row| of(breakdown.rows[row].get(column).unwrap_or(&counts.totals[row]))).sum::<u64>()
    };
    let small = unknowns.iter().filter(|(place, _)| (1..THRESHOLD).contains(&truth(**place)));
    small
        .filter(|(_, unknown)| !attacker.thinks_possible(**unknown, THRESHOLD as i64))
        .map(|(place, _)| *place)
        .collect()
}

/// Numbers of which less than five is not public, and that are shown all the same.
fn shown_all_the_same(counts: &Counts, Shown { first, second, .. }: &Shown) -> usize {
    let tables = [rest(first, &counts.first, &counts.totals), rest(second, &counts.second, &counts.totals)];
    tables.iter().flatten().flatten().flatten().filter(|rest| (1..THRESHOLD).contains(*rest)).count()
}

#[test]
fn what_is_large_enough_is_shown() {
    let counts = counts(&[vec![10, 5], vec![0, 7]], &[[15, 0, 0], [0, 7, 0]]);
    let Shown { first, second, grand_total } = counts.show();
    let some = |row: &[u64]| row.iter().copied().map(Some).collect::<Vec<_>>();
    assert_eq!(shown(&first), [some(&[10, 5, 15]), some(&[0, 7, 7]), some(&[10, 12, 22])]);
    assert_eq!(shown(&second), [some(&[15, 0, 0, 15]), some(&[0, 7, 0, 7]), some(&[15, 7, 0, 22])]);
    assert_eq!(grand_total.value, Value::Number { value: 22.0, decimals: 0 });
}

#[test]
fn a_small_cell_takes_others_with_it_that_would_give_it_away() {
    // Three letters; the row's total would give them away, so another cell of the row goes, and so on by columns.
    let counts = counts(&[vec![20, 3], vec![30, 12]], &[[23, 0, 0], [42, 0, 0]]);
    let shown_counts = counts.show();
    assert_eq!(
        shown(&shown_counts.first),
        [vec![None, None, Some(23)], vec![None, None, Some(42)], vec![Some(50), Some(15), Some(65)]]
    );
    assert_eq!(given_away(&counts, &shown_counts), []);
}

#[test]
fn a_small_total_of_one_table_is_not_told_by_the_other() {
    let counts = counts(&[vec![3, 0], vec![40, 12]], &[[3, 0, 0], [30, 20, 2]]);
    let shown_counts = counts.show();
    assert_eq!(shown(&shown_counts.first)[0][2], None);
    assert_eq!(shown(&shown_counts.second)[0][3], None);
    assert_eq!(given_away(&counts, &shown_counts), []);
}

#[test]
fn the_attacker_finds_what_is_left_out_alone() {
    let counts = counts(&[vec![20, 3], vec![30, 12]], &[[23, 0, 0], [42, 0, 0]]);
    let mut naive = counts.show();
    let all = |cells: &mut Table, truth: &[[f64; 3]; 3]| {
        for (row, truth) in cells.rows.iter_mut().zip(truth) {
            for (cell, truth) in row.cells.iter_mut().zip(truth) {
                cell.value =
                    if *truth < 5.0 { Value::Suppressed } else { Value::Number { value: *truth, decimals: 0 } };
            }
        }
    };
    all(&mut naive.first, &[[20.0, 3.0, 23.0], [30.0, 12.0, 42.0], [50.0, 15.0, 65.0]]);
    assert_eq!(given_away(&counts, &naive), [(0, 0, 1)]);
}

#[test]
fn zeros_are_always_shown_and_everything_small_is_not() {
    let counts = counts(&[vec![1, 0, 0], vec![0, 0, 2]], &[[1, 0, 0], [0, 2, 0]]);
    let shown_counts = counts.show();
    let first = shown(&shown_counts.first);
    assert_eq!(first[0], [None, Some(0), Some(0), None]);
    assert_eq!(first[2], [None, Some(0), None, None]);
    assert_eq!(given_away(&counts, &shown_counts), []);
}

#[test]
fn what_is_public_elsewhere_does_not_tell_how_little_is_not() {
    // Twenty came in, and eighteen of them can be counted on the portal: two are not public.
    let counts =
        published(counts(&[vec![20, 0], vec![30, 12]], &[[10, 8, 2], [20, 22, 0]]), &[vec![18, 0], vec![30, 12]]);
    let shown_counts = counts.show();
    assert_eq!(
        shown(&shown_counts.second),
        [
            vec![Some(10), Some(8), None, None],
            vec![Some(20), Some(22), Some(0), Some(42)],
            vec![Some(30), Some(30), None, None]
        ]
    );
    assert_eq!(
        shown(&shown_counts.first),
        [vec![None, Some(0), None], vec![Some(30), Some(12), Some(42)], vec![None, Some(12), None]]
    );
    // Enough that is not public may be shown beside what is.
    let enough = published(self::counts(&[vec![20, 0]], &[[10, 5, 5]]), &[vec![15, 0]]);
    let enough_shown = enough.show();
    assert_eq!(shown(&enough_shown.first), [[Some(20), Some(0), Some(20)], [Some(20), Some(0), Some(20)]]);
    for (counts, shown) in [(&counts, &shown_counts), (&enough, &enough_shown)] {
        assert_eq!((given_away_by_the_public(counts, shown), shown_all_the_same(counts, shown)), (vec![], 0));
    }
}

#[test]
fn whoever_counts_what_is_public_finds_what_is_left_out_without_regard_to_it() {
    let counts = counts(&[vec![20, 0], vec![30, 12]], &[[10, 8, 2], [20, 12, 10]]);
    let naive = counts.show();
    let counts = published(counts, &[vec![18, 0], vec![22, 10]]);
    assert!(!given_away_by_the_public(&counts, &naive).is_empty() || shown_all_the_same(&counts, &naive) > 0);
}

/// Rows by channel, each row's total split into three states, and what of the first two came over which channel.
fn any_counts() -> impl Strategy<Value = Counts> {
    let cell = || prop_oneof![3 => Just(0_u64), 4 => 1..5_u64, 4 => 5..13_u64];
    let row = move |width: usize| (proptest::collection::vec(cell(), width), 0..=100_u64, 0..=100_u64);
    (1..=3_usize, 1..=3_usize)
        .prop_flat_map(move |(width, height)| proptest::collection::vec(row(width), height))
        .prop_map(|rows| {
            let states: Vec<[u64; 3]> = rows
                .iter()
                .map(|(cells, one, other)| {
                    let total: u64 = cells.iter().sum();
                    let answered = total * one / 100;
                    let open = (total - answered) * other / 100;
                    [answered, open, total - answered - open]
                })
                .collect();
            let public = rows.iter().zip(&states).map(|((cells, ..), states)| {
                let mut hidden = states[2];
                let mut take = |cell: &u64| {
                    let taken = hidden.min(*cell);
                    hidden -= taken;
                    cell - taken
                };
                cells.iter().map(&mut take).collect()
            });
            let public: Vec<Vec<u64>> = public.collect();
            published(counts(&rows.into_iter().map(|(cells, ..)| cells).collect::<Vec<_>>(), &states), &public)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_attacker_can_tell_that_under_five_stand_in_a_cell(counts in any_counts()) {
        let shown_counts = counts.show();
        prop_assert_eq!(given_away(&counts, &shown_counts), vec![], "{:?}", shown_counts);
        prop_assert_eq!(given_away_by_the_public(&counts, &shown_counts), vec![], "{:?}", shown_counts);
        prop_assert_eq!(shown_all_the_same(&counts, &shown_counts), 0, "{:?}", shown_counts);
        prop_assert_eq!(&counts.show(), &shown_counts, "the same counts are shown alike");
        for table in [&shown_counts.first, &shown_counts.second] {
            for cell in shown(table).iter().flatten() {
                prop_assert!(cell.is_none_or(|value| value == 0 || value >= THRESHOLD));
            }
        }
    }

    #[test]
    fn nothing_is_left_out_without_need(cells in proptest::collection::vec(5..50_u64, 1..=4)) {
        let total: u64 = cells.iter().sum();
        let shown_counts = counts(&[cells], &[[total, 0, 0]]).show();
        prop_assert!(shown(&shown_counts.first).iter().flatten().all(Option::is_some));
    }
}
