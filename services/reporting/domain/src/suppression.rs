//! Leaving out numbers of persons that are too small, and as many others as it takes for nobody to compute them.
//!
//! Counts that are shown together obey equations: a row's cells sum up to its total, and so do a column's. Every count
//! stands in at most two of them, so that they are the edges of a network in which, at every node, as much flows in as
//! out. A reader who solves the equations for a count that is left out finds an interval for it. The promise is about
//! that interval: **it reaches to five or more for every count under five**, so that no reader can tell from what is
//! shown that under five persons stand there, let alone how many. The mark tells nothing either, as the counts left out
//! for the others' sake carry the same one.
//!
//! A count of zero concerns nobody, is always shown, and never helps to hide another; a reader knows therefore that at
//! least one person stands behind every mark, and the promise holds against that reader.
//!
//! What can be counted elsewhere by everybody, such as published contributions, is no secret and hides none: of such a
//! count only the rest is. So [`crate::counts`] asks twice, for the counts and for what of them is not public, and leaves
//! out both; what is left out for the one only adds to what is possible for the other.
//!
//! The promise is about what is shown together. Two reports of different days tell whoever compares them how much came in
//! between.
//!
//! How far a count could be higher is a maximum flow from the end of its edge back to its beginning, over the other
//! edges that are left out: along an edge its count rises, without an end; against it, it falls, to one. Where that is
//! not enough, further edges are left out along the cheapest path, which costs as many persons as are hidden. Such a
//! path always exists: what flows through the edge flows on and comes back to it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Version of these rules; stored with what they made.
pub const RULES: &str = "suppression/2";

/// Counts from one up to before this are too small.
pub const THRESHOLD: u64 = 5;

/// A count: it flows from one node to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Where it comes from.
    pub from: usize,
    /// Where it goes.
    pub to: usize,
    /// How many persons.
    pub count: u64,
}

/// Counts and the equations they obey: what flows into a node flows out of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// The counts.
    pub edges: Vec<Edge>,
}

impl Network {
    fn nodes(&self) -> usize {
        self.edges.iter().map(|edge| edge.from.max(edge.to) + 1).max().unwrap_or(0)
    }

    /// The ways that leave each node, along edges and against them; zeros are none.
    fn ways(&self) -> Vec<Vec<Way>> {
        let mut ways = vec![Vec::new(); self.nodes()];
        for (edge, Edge { from, to, .. }) in self.edges.iter().copied().enumerate().filter(|(_, edge)| edge.count > 0) {
            ways[from].push(Way { edge, to, against: false });
            ways[to].push(Way { edge, to: from, against: true });
        }
        ways
    }
}

/// An edge on the way to a node.
#[derive(Debug, Clone, Copy)]
struct Way {
    edge: usize,
    to: usize,
    /// Whether it leads from the edge's end to its beginning.
    against: bool,
}

/// Which counts are left out. The same network gives the same answer.
pub fn suppressed(network: &Network) -> Vec<bool> {
    suppressed_too(network, vec![false; network.edges.len()])
}

/// The same where some are left out already, for another reason.
pub(crate) fn suppressed_too(network: &Network, mut hidden: Vec<bool>) -> Vec<bool> {
    let small: Vec<usize> = (0..hidden.len()).filter(|edge| is_small(network.edges[*edge].count)).collect();
    small.iter().for_each(|edge| hidden[*edge] = true);
    let ways = network.ways();
    for edge in small {
        if protect((network, &ways), edge, &mut hidden).is_none() {
            // What flows in does not flow out, so nothing can be promised of anything.
            return network.edges.iter().zip(hidden).map(|(edge, hidden)| hidden || edge.count > 0).collect();
        }
    }
    hidden
}

/// Whether it may not be shown by itself.
pub fn is_small(count: u64) -> bool {
    (1..THRESHOLD).contains(&count)
}

/// Leaves out what it takes for the count of `small` to be [`THRESHOLD`] for all that is shown. What is left out later
/// only adds to what is possible, so it stays so.
fn protect((network, ways): (&Network, &[Vec<Way>]), small: usize, hidden: &mut [bool]) -> Option<()> {
    let target = network.edges[small];
    // How much each count has been moved from what it is.
    let mut moved = vec![0_i64; network.edges.len()];
    let mut missing = (THRESHOLD - target.count) as i64;
    while missing > 0 {
        let path = cheapest_path((network, ways), small, (hidden, &moved))?;
        let room = path.iter().filter_map(|step| step.room).min().unwrap_or(missing).min(missing);
        for step in path {
            hidden[step.edge] = true;
            moved[step.edge] += if step.room.is_some() { -room } else { room };
        }
        missing -= room;
    }
    Some(())
}

/// An edge of a path, and how far its count can fall if the path goes against it.
#[derive(Debug, Clone, Copy)]
struct Step {
    edge: usize,
    room: Option<i64>,
}

/// How a node was reached at the least cost so far: persons and edges, from which node, and by which step.
#[derive(Debug, Clone, Copy)]
struct Reached {
    cost: (u64, u64),
    before: usize,
    step: Step,
}

/// From the end of `small` back to its beginning, over edges that are not shown as zero; the fewest persons, then the
/// fewest edges, then the edges that come first.
fn cheapest_path(
    (network, ways): (&Network, &[Vec<Way>]),
    small: usize,
    (hidden, moved): (&[bool], &[i64]),
) -> Option<Vec<Step>> {
    let Edge { from: goal, to: start, .. } = network.edges[small];
    let step = |way: &Way| {
        let room = way.against.then(|| network.edges[way.edge].count as i64 + moved[way.edge] - 1);
        (way.edge != small && room.is_none_or(|room| room > 0)).then_some(Step { edge: way.edge, room })
    };
    let mut best: Vec<Option<Reached>> = vec![None; network.nodes()];
    let mut done = vec![false; network.nodes()];
    let mut queue = BinaryHeap::from([Reverse(((0, 0), start))]);
    while let Some(Reverse((cost, node))) = queue.pop() {
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        if node == goal {
            return Some(walk_back(&best, start, goal));
        }
        for way in &ways[node] {
            let Some(step) = step(way) else { continue };
            let next = way.to;
            let lost = if hidden[step.edge] { 0 } else { network.edges[step.edge].count };
            let cost = (cost.0 + lost, cost.1 + 1);
            if !done[next] && best[next].is_none_or(|known| cost < known.cost) {
                best[next] = Some(Reached { cost, before: node, step });
                queue.push(Reverse((cost, next)));
            }
        }
    }
    None
}

fn walk_back(best: &[Option<Reached>], start: usize, goal: usize) -> Vec<Step> {
    let mut path = Vec::new();
    let mut node = goal;
    while node != start {
        let Some(Reached { before, step, .. }) = best[node] else { break };
        path.push(step);
        node = before;
    }
    path
}
