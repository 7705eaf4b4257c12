use alloc::vec;
use alloc::vec::Vec;

use super::market::Choice;

/// The cheapest plans of a day for every target, exactly: from the last slot to the first, what the slots from there on
/// cost at least, by the lowest rate they may have and by the parts that they must sell.
pub(super) struct Cheapest {
    pub(super) choices: Vec<Vec<Choice>>,
    /// By slot, the end of the day last; then by level; then by parts to sell.
    costs: Vec<Vec<Vec<i64>>>,
}

/// No plan sells that much. It stays above every cost when ten costs are added.
const UNREACHABLE: i64 = i64::MAX / 2;

impl Cheapest {
    /// The choices of slots I … X, whose rates have so many levels, for targets up to `most` parts.
    pub(super) fn of(choices: Vec<Vec<Choice>>, levels: usize, most: usize) -> Self {
        let mut closing = vec![UNREACHABLE; most.saturating_add(1)];
        if let Some(nothing) = closing.first_mut() {
            *nothing = 0;
        }
        let mut costs = vec![vec![closing; levels.max(1)]];
        for slot in choices.iter().rev() {
            let after = costs.last().map_or(&[][..], Vec::as_slice);
            costs.push(before(slot, after));
        }
        costs.reverse();
        Self { choices, costs }
    }

    /// What reaching a target costs at least.
    pub(super) fn cost(&self, target: usize) -> i64 {
        self.cost_from(0, 0, target)
    }

    /// The first of the cheapest plans that reach a target: in each slot the first choice after which it can be reached at
    /// its cost.
    pub(super) fn plan(&self, target: usize) -> Vec<Choice> {
        let (mut level, mut left) = (0, target);
        let mut plan = Vec::new();
        for (slot, choices) in self.choices.iter().enumerate() {
            let cost = self.cost_from(slot, level, left);
            let after = |choice: &Choice| {
                let rest = left.saturating_sub(choice.parts);
                choice.cost.saturating_add(self.cost_from(slot.saturating_add(1), choice.level_from(level), rest))
            };
            let chosen = choices.iter().find(|choice| choice.is_open(level) && after(choice) == cost);
            let Some(chosen) = chosen else { break };
            (level, left) = (chosen.level_from(level), left.saturating_sub(chosen.parts));
            plan.push(*chosen);
        }
        plan
    }

    fn cost_from(&self, slot: usize, level: usize, target: usize) -> i64 {
        let costs = self.costs.get(slot).and_then(|levels| levels.get(level)).and_then(|costs| costs.get(target));
        costs.copied().unwrap_or(UNREACHABLE)
    }
}

impl Choice {
    /// Whether the rate is not below the level of the slots before.
    fn is_open(&self, level: usize) -> bool {
        self.gives.is_none_or(|gives| gives.level >= level)
    }

    /// The level of the slots after this choice.
    fn level_from(&self, level: usize) -> usize {
        self.gives.map_or(level, |gives| gives.level)
    }
}

/// What a slot and those after it cost at least.
fn before(choices: &[Choice], after: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let nothing = || after.first().map_or_else(Vec::new, |costs| vec![UNREACHABLE; costs.len()]);
    // Going down the levels, the choices of those above stay open.
    let mut open = nothing();
    let mut levels: Vec<Vec<i64>> = Vec::new();
    for (level, rest) in after.iter().enumerate().rev() {
        for choice in choices.iter().filter(|choice| choice.gives.is_some_and(|gives| gives.level == level)) {
            lower(&mut open, rest, choice);
        }
        let mut costs = open.clone();
        for held in choices.iter().filter(|choice| choice.gives.is_none()) {
            lower(&mut costs, rest, held);
        }
        levels.push(costs);
    }
    levels.reverse();
    levels
}

/// Lowers costs to those of a choice, where it is cheaper.
fn lower(costs: &mut [i64], rest: &[i64], choice: &Choice) {
    let all_sold = rest.first().copied().unwrap_or(UNREACHABLE);
    let rests = core::iter::repeat_n(all_sold, choice.parts).chain(rest.iter().copied());
    for (cost, rest) in costs.iter_mut().zip(rests) {
        *cost = rest.saturating_add(choice.cost).min(*cost);
    }
}
