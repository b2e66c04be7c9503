//! Somebody who solves for what was left out. Knows nothing of how it was chosen, only what is shown: the tables, that
//! rows and columns sum up to their totals, and how many persons stand behind every mark at least.

/// Equations: the sum of the unknowns of the one list, less that of the other, is the number.
pub(crate) struct Equation {
    pub(crate) plus: Vec<usize>,
    pub(crate) minus: Vec<usize>,
    pub(crate) equals: i64,
}

/// What the unknowns may be.
type Intervals = Vec<(i64, i64)>;

pub(crate) struct Attacker {
    pub(crate) unknowns: usize,
    pub(crate) equations: Vec<Equation>,
    /// How many stand behind a mark at least.
    pub(crate) least: i64,
    /// More than anything the attacker thinks possible.
    pub(crate) most: i64,
}

impl Attacker {
    /// Whether all that is shown allows unknown `index` to be `least` or more.
    pub(crate) fn thinks_possible(&self, index: usize, least: i64) -> bool {
        let mut intervals = vec![(self.least, self.most); self.unknowns];
        intervals[index].0 = least;
        self.search(intervals)
    }

    fn search(&self, mut intervals: Intervals) -> bool {
        if !self.narrow(&mut intervals) {
            return false;
        }
        let open = intervals.iter().enumerate().filter(|(_, (low, high))| low < high);
        let Some((index, (low, high))) = open.min_by_key(|(_, (low, high))| high - low) else { return true };
        let middle = (low + high).div_euclid(2);
        [(*low, middle), (middle + 1, *high)].into_iter().any(|half| {
            let mut narrower = intervals.clone();
            narrower[index] = half;
            self.search(narrower)
        })
    }

    /// Draws each unknown's interval from those of the others, until nothing changes. False if one is empty.
    fn narrow(&self, intervals: &mut Intervals) -> bool {
        loop {
            let before = intervals.clone();
            for Equation { plus, minus, equals } in &self.equations {
                let bounds = |list: &[usize], intervals: &Intervals| {
                    list.iter()
                        .fold((0, 0), |(low, high), index| (low + intervals[*index].0, high + intervals[*index].1))
                };
                for (index, sign) in plus.iter().map(|index| (*index, 1)).chain(minus.iter().map(|index| (*index, -1)))
                {
                    let ((plus_low, plus_high), (minus_low, minus_high)) =
                        (bounds(plus, intervals), bounds(minus, intervals));
                    let (low, high) = intervals[index];
                    // What is left for this one when the others are as large, or as small, as they can be.
                    let (least, most) = match sign {
                        1 => (equals + minus_low - (plus_high - high), equals + minus_high - (plus_low - low)),
                        _ => (plus_low - equals - (minus_high - high), plus_high - equals - (minus_low - low)),
                    };
                    intervals[index] = (low.max(least), high.min(most));
                    if intervals[index].0 > intervals[index].1 {
                        return false;
                    }
                }
                if plus.is_empty() && minus.is_empty() && *equals != 0 {
                    return false;
                }
            }
            if *intervals == before {
                return true;
            }
        }
    }
}
