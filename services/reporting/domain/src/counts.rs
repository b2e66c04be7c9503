//! Numbers of persons in rows, broken down in one or two ways, with their totals: the only way of such numbers into a
//! report. What must not be shown is left out in all tables at once, since they share their totals, and so that what is
//! public elsewhere does not give it away.

use crate::suppression::{Edge, Network, suppressed, suppressed_too};
use crate::table::{Cell, Kind, Label, Row, Source, Table, Value};
use crate::{Text, Word};

/// A number of persons and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// How many.
    pub count: u64,
    /// How many of them everybody can count without a report.
    pub public: u64,
    /// The sum of them.
    pub sources: Vec<Source>,
}

/// One way to break the rows' totals down.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// What it shows.
    pub kind: Kind,
    /// Its columns.
    pub columns: Vec<Word>,
    /// Of each row, a count for each column.
    pub rows: Vec<Vec<Count>>,
}

/// Rows that are broken down in two ways with the same totals.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// What the rows are.
    pub row_heading: Word,
    /// The rows.
    pub labels: Vec<Text>,
    /// The total of each row.
    pub totals: Vec<Count>,
    /// The one way.
    pub first: Breakdown,
    /// The other.
    pub second: Breakdown,
}

/// The tables of [`Counts`], and the cell of the grand total.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Broken down the one way.
    pub first: Table,
    /// Broken down the other way.
    pub second: Table,
    /// The sum of everything.
    pub grand_total: Cell,
}

impl Counts {
    /// The tables, each with a last column and a last row of totals, without what must not be shown.
    pub fn show(&self) -> Shown {
        let plan = Plan::of(self);
        // What is public hides nothing, so it stays if it can: the rest comes first.
        let hidden = suppressed_too(&plan.network, suppressed(&plan.rest));
        let cell = |edge: usize, count: &Count| match hidden[edge] {
            true => Cell { value: Value::Suppressed, sources: count.sources.clone() },
            false => Cell::number(count.count as f64, 0, count.sources.clone()),
        };
        let grand_total = cell(plan.grand_total, &sum(self.totals.iter()));
        let table = |breakdown: &Breakdown, edges: &Edges| {
            let mut columns: Vec<Label> = breakdown.columns.iter().copied().map(Label::Word).collect();
            columns.push(Word::Total.into());
            let row = |(index, label): (usize, &Text)| {
                let counts = breakdown.rows[index].iter().zip(&edges.cells[index]);
                let mut cells: Vec<Cell> = counts.map(|(count, edge)| cell(*edge, count)).collect();
                cells.push(cell(plan.totals[index], &self.totals[index]));
                Row { labels: vec![label.clone().into()], cells }
            };
            let mut rows: Vec<Row> = self.labels.iter().enumerate().map(row).collect();
            let column = |index: usize| sum(breakdown.rows.iter().map(|row| &row[index]));
            let mut totals: Vec<Cell> =
                edges.columns.iter().enumerate().map(|(index, edge)| cell(*edge, &column(index))).collect();
            totals.push(grand_total.clone());
            rows.push(Row { labels: vec![Word::Total.into()], cells: totals });
            Table {
                kind: breakdown.kind,
                subject: String::new(),
                row_headings: vec![self.row_heading.into()],
                columns,
                rows,
            }
        };
        Shown {
            first: table(&self.first, &plan.first),
            second: table(&self.second, &plan.second),
            grand_total: grand_total.clone(),
        }
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a Count>) -> Count {
    counts.fold(Count::default(), |mut sum, count| {
        sum.count += count.count;
        sum.public += count.public;
        sum.sources.extend(count.sources.iter().cloned());
        sum
    })
}

/// Numbers of the edges of a breakdown.
struct Edges {
    cells: Vec<Vec<usize>>,
    columns: Vec<usize>,
}

/// The network of both tables: the grand total flows into the columns of the one, from them into its rows, on through
/// the rows' totals into the rows of the other, into its columns, and together again. That the rows' totals sum up to
/// the grand total follows from this and needs no node.
struct Plan {
    network: Network,
    /// The same of what is not public.
    rest: Network,
    grand_total: usize,
    totals: Vec<usize>,
    first: Edges,
    second: Edges,
}

impl Plan {
    fn of(counts: &Counts) -> Self {
        const BEGIN: usize = 0;
        const END: usize = 1;
        let rows = counts.labels.len();
        let (rows_in, rows_out) = (2, 2 + rows);
        let (columns_in, columns_out) = (2 + 2 * rows, 2 + 2 * rows + counts.first.columns.len());
        let (mut network, mut rest) = (Network::default(), Network::default());
        let mut edge = |from, to, Count { count, public, .. }: &Count| {
            network.edges.push(Edge { from, to, count: *count });
            rest.edges.push(Edge { from, to, count: count.saturating_sub(*public) });
            network.edges.len() - 1
        };
        let of_column = |breakdown: &Breakdown, column: usize| sum(breakdown.rows.iter().map(|row| &row[column]));
        let grand_total = edge(END, BEGIN, &sum(counts.totals.iter()));
        let totals = (0..rows).map(|row| edge(rows_in + row, rows_out + row, &counts.totals[row])).collect();
        let first = Edges {
            columns: (0..counts.first.columns.len())
                .map(|column| edge(BEGIN, columns_in + column, &of_column(&counts.first, column)))
                .collect(),
            cells: (0..rows)
                .map(|row| {
                    let counts = counts.first.rows[row].iter().enumerate();
                    counts.map(|(column, count)| edge(columns_in + column, rows_in + row, count)).collect()
                })
                .collect(),
        };
        let second = Edges {
            columns: (0..counts.second.columns.len())
                .map(|column| edge(columns_out + column, END, &of_column(&counts.second, column)))
                .collect(),
            cells: (0..rows)
                .map(|row| {
                    let counts = counts.second.rows[row].iter().enumerate();
                    counts.map(|(column, count)| edge(rows_out + row, columns_out + column, count)).collect()
                })
                .collect(),
        };
        Self { network, rest, grand_total, totals, first, second }
    }
}
