use alloc::vec::Vec;
use core::iter::{repeat, repeat_n};

/// A whole number of any size, zero or more, in limbs of nine decimal digits from the lowest: what is divided by a power of
/// ten is read off its limbs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Natural(Vec<u32>);

const LIMB: u64 = 1_000_000_000;

impl Natural {
    /// 10⁹ to a power.
    pub(crate) fn billion_to(power: usize) -> Self {
        Self(repeat_n(0, power).chain([1]).collect())
    }

    /// The product.
    pub(crate) fn times(mut self, factor: u32) -> Self {
        let mut carry = 0_u64;
        for limb in &mut self.0 {
            // A limb below 2³⁰ by a factor below 2³², and a carry below 2³², stay below 2⁶³.
            let product = u64::from(*limb).wrapping_mul(factor.into()).wrapping_add(carry);
            *limb = low(product);
            carry = product / LIMB;
        }
        while carry > 0 {
            self.0.push(low(carry));
            carry /= LIMB;
        }
        self
    }

    /// The quotient, rounded down; zero for a divisor of zero.
    pub(crate) fn over(mut self, divisor: u32) -> Self {
        let mut rest = 0_u64;
        for limb in self.0.iter_mut().rev() {
            // The rest is below 2³², so this is below 2⁶³.
            let part = rest.wrapping_mul(LIMB).wrapping_add((*limb).into());
            *limb = part.checked_div(divisor.into()).and_then(|part| u32::try_from(part).ok()).unwrap_or_default();
            rest = part.checked_rem(divisor.into()).unwrap_or_default();
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    /// Takes away a number that is not larger.
    pub(crate) fn take(&mut self, other: &Self) {
        let mut borrow = 0;
        for (limb, less) in self.0.iter_mut().zip(other.0.iter().copied().chain(repeat(0))) {
            let left = u64::from(*limb).wrapping_add(LIMB).wrapping_sub(less.into()).wrapping_sub(borrow);
            *limb = low(left);
            borrow = u64::from(left < LIMB);
        }
    }

    /// What stands from the limb of a power of 10⁹ on, of which only this limb is told, and whether anything stands below.
    pub(crate) fn limb(&self, power: usize) -> (u32, bool) {
        let below = self.0.get(..power).unwrap_or(&self.0);
        (self.0.get(power).copied().unwrap_or_default(), below.iter().any(|limb| *limb > 0))
    }
}

/// The lowest nine digits.
fn low(number: u64) -> u32 {
    u32::try_from(number % LIMB).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limbs_are_those_of_the_number() {
        let number = (1..=30).fold(Natural::billion_to(0), Natural::times);
        assert_eq!(number.0, [480_000_000, 58_636_308, 859_812_191, 265_252]); // 30!
        assert_eq!((1..=30).fold(number.clone(), Natural::over), Natural::billion_to(0));
        let mut rest = number.clone().times(3);
        rest.take(&number);
        assert_eq!(rest, number.clone().times(2));
        assert_eq!(number.limb(3), (265_252, true));
        assert_eq!(Natural::billion_to(2).limb(2), (1, false));
    }
}
