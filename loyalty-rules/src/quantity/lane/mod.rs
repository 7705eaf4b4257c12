//! The numbers of one receipt, or of several side by side.
//!
//! A rule that is written over a [`Lane`] runs for one receipt in 64 bits and for blocks of receipts in vectors of the
//! processor, so that no fast path repeats it.
#![expect(clippy::inline_always, reason = "a number in a register would be passed through memory")]

mod vector;

use vector::Four;

/// Numbers, masks, and the choice between two numbers.
pub(crate) trait Lane: Copy {
    /// A setting, the same for every receipt.
    type Setting: Copy;
    /// One number for each receipt.
    type Number: Copy;
    /// One truth for each receipt.
    type Mask: Copy;

    /// The same setting for each receipt.
    fn same(setting: Self::Setting) -> Self::Number;
    /// The same 32 bits for each receipt.
    fn word(word: u32) -> Self::Number;
    /// The same truth for each receipt.
    fn all(holds: bool) -> Self::Mask;
    /// Whether the first number is the larger.
    fn above(one: Self::Number, other: Self::Number) -> Self::Mask;
    /// Whether both hold.
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask;
    /// Whether it does not hold.
    fn not(mask: Self::Mask) -> Self::Mask;
    /// The first number where the mask holds, else the other.
    fn choose(mask: Self::Mask, one: Self::Number, other: Self::Number) -> Self::Number;
    /// The first mask where the mask holds, else the other.
    fn choose_mask(mask: Self::Mask, one: Self::Mask, other: Self::Mask) -> Self::Mask;
    /// The number where the mask holds, else zero.
    fn only(mask: Self::Mask, number: Self::Number) -> Self::Number;
    /// Some of the low 32 bits.
    fn bits(number: Self::Number, bits: u32) -> Self::Number;
    /// The sum; it wraps.
    fn add(one: Self::Number, other: Self::Number) -> Self::Number;
    /// The difference; it wraps.
    fn sub(one: Self::Number, other: Self::Number) -> Self::Number;
    /// The product; it wraps.
    fn times(one: Self::Number, by: u32) -> Self::Number;
    /// A ten-thousandth of amount × rate, rounded down, and the ten-thousandths left. An amount is zero or more, a rate at
    /// most 10,000.
    fn part(amount: Self::Number, rate: Self::Number) -> (Self::Number, Self::Number);
    /// How many whole units a number of zero or more has; the unit is 1, 10, 50, 100, 500 or 1,000.
    fn over(number: Self::Number, unit: u32) -> Self::Number;
}

/// One receipt, in 64 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct One;

/// Below it a product with a rate stays below 2⁶³.
const PRODUCT_FITS: u64 = 1 << 49;

impl Lane for One {
    type Setting = i64;
    type Number = i64;
    type Mask = bool;

    #[inline(always)]
    fn same(setting: i64) -> i64 {
        setting
    }

    #[inline(always)]
    fn word(word: u32) -> i64 {
        word.into()
    }

    #[inline(always)]
    fn all(holds: bool) -> bool {
        holds
    }

    #[inline(always)]
    fn above(one: i64, other: i64) -> bool {
        one > other
    }

    #[inline(always)]
    fn and(one: bool, other: bool) -> bool {
        one & other
    }

    #[inline(always)]
    fn not(mask: bool) -> bool {
        !mask
    }

    #[inline(always)]
    fn choose(mask: bool, one: i64, other: i64) -> i64 {
        // No branch to mispredict: which of the two a receipt gets differs from receipt to receipt.
        other ^ ((other ^ one) & i64::from(mask).wrapping_neg())
    }

    #[inline(always)]
    fn choose_mask(mask: bool, one: bool, other: bool) -> bool {
        if mask { one } else { other }
    }

    #[inline(always)]
    fn only(mask: bool, number: i64) -> i64 {
        i64::from(mask).wrapping_neg() & number
    }

    #[inline(always)]
    fn bits(number: i64, bits: u32) -> i64 {
        number & i64::from(bits)
    }

    #[inline(always)]
    fn add(one: i64, other: i64) -> i64 {
        one.wrapping_add(other)
    }

    #[inline(always)]
    fn sub(one: i64, other: i64) -> i64 {
        one.wrapping_sub(other)
    }

    #[inline(always)]
    fn times(one: i64, by: u32) -> i64 {
        one.wrapping_mul(by.into())
    }

    #[inline(always)]
    fn part(amount: i64, rate: i64) -> (i64, i64) {
        // Unsigned division needs fewer instructions, and neither number is negative.
        let [amount, rate] = [amount, rate].map(|number| u64::from_ne_bytes(number.to_ne_bytes()));
        let (whole, part) = if amount < PRODUCT_FITS {
            let product = amount.wrapping_mul(rate);
            (product / 10_000, product % 10_000)
        } else {
            // Each of the two terms stays at or below the amount.
            let low = (amount % 10_000).wrapping_mul(rate);
            ((amount / 10_000).wrapping_mul(rate).wrapping_add(low / 10_000), low % 10_000)
        };
        (i64::from_ne_bytes(whole.to_ne_bytes()), i64::from_ne_bytes(part.to_ne_bytes()))
    }

    #[inline(always)]
    fn over(number: i64, unit: u32) -> i64 {
        number.checked_div(unit.into()).unwrap_or(number)
    }
}

/// So many fours of receipts side by side; their numbers are below 2³¹.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abreast<const FOURS: usize>;

/// The numbers of a block.
pub(crate) type Numbers<const FOURS: usize> = [Four; FOURS];

#[inline(always)]
fn each<const FOURS: usize>(mut one: Numbers<FOURS>, other: Numbers<FOURS>, op: impl Fn(Four, Four) -> Four) -> Numbers<FOURS> {
    for (number, other) in one.iter_mut().zip(other) {
        *number = op(*number, other);
    }
    one
}

impl<const FOURS: usize> Abreast<FOURS> {
    /// The numbers of a block.
    #[inline(always)]
    pub(crate) fn numbers(numbers: [[u32; 4]; FOURS]) -> Numbers<FOURS> {
        numbers.map(vector::four)
    }

    /// The numbers of a block as an array.
    #[inline(always)]
    pub(crate) fn array(numbers: Numbers<FOURS>) -> [[u32; 4]; FOURS] {
        numbers.map(vector::array)
    }

    /// The low and the high halves of 64 bits.
    #[inline(always)]
    pub(crate) fn halves(words: [[u64; 4]; FOURS]) -> (Numbers<FOURS>, Numbers<FOURS>) {
        let halves = words.map(vector::halves);
        (halves.map(|(low, _)| low), halves.map(|(_, high)| high))
    }

    /// The bits that are set in either.
    #[inline(always)]
    pub(crate) fn either(one: Numbers<FOURS>, other: Numbers<FOURS>) -> Numbers<FOURS> {
        each(one, other, vector::or)
    }

    /// The sum of the numbers of a block.
    #[inline(always)]
    pub(crate) fn sum(numbers: Numbers<FOURS>) -> u64 {
        vector::sum(numbers)
    }

    /// Whether the highest bit of any number is set.
    #[inline(always)]
    pub(crate) fn any_negative(numbers: Numbers<FOURS>) -> bool {
        vector::any_negative(numbers.into_iter().fold(vector::same(0), vector::or))
    }

    #[inline(always)]
    fn shr(numbers: Numbers<FOURS>, bits: u32) -> Numbers<FOURS> {
        numbers.map(|four| vector::shr(four, bits))
    }

    /// How many whole ten-thousands a number below 2³¹ counts as, and what is left: less than 2¹⁶, which may be 10,000 or
    /// more.
    #[inline(always)]
    fn ten_thousands(numbers: Numbers<FOURS>) -> (Numbers<FOURS>, Numbers<FOURS>) {
        let counted = Self::shr(Self::times(Self::shr(numbers, 15), 53_687), 14);
        (counted, Self::sub(numbers, Self::times(counted, 10_000)))
    }

    /// A ten-thousandth of numbers below 2³¹, rounded down.
    #[inline(always)]
    fn ten_thousandth(numbers: Numbers<FOURS>) -> Numbers<FOURS> {
        // 3,518,437,209 ÷ 2⁴⁵ is a little more than a ten-thousandth.
        numbers.map(|four| vector::shr(vector::high(four, 3_518_437_209), 13))
    }
}

impl<const FOURS: usize> Lane for Abreast<FOURS> {
    type Setting = i32;
    type Number = Numbers<FOURS>;
    type Mask = Numbers<FOURS>;

    #[inline(always)]
    fn same(setting: i32) -> Self::Number {
        Self::word(u32::from_ne_bytes(setting.to_ne_bytes()))
    }

    #[inline(always)]
    fn word(word: u32) -> Self::Number {
        [vector::same(word); FOURS]
    }

    #[inline(always)]
    fn all(holds: bool) -> Self::Mask {
        Self::word(if holds { u32::MAX } else { 0 })
    }

    #[inline(always)]
    fn above(one: Self::Number, other: Self::Number) -> Self::Mask {
        each(one, other, vector::above)
    }

    #[inline(always)]
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask {
        each(one, other, vector::and)
    }

    #[inline(always)]
    fn not(mask: Self::Mask) -> Self::Mask {
        mask.map(vector::not)
    }

    #[inline(always)]
    fn choose(mask: Self::Mask, one: Self::Number, other: Self::Number) -> Self::Number {
        let mut chosen = other;
        for ((number, one), mask) in chosen.iter_mut().zip(one).zip(mask) {
            *number = vector::choose(one, *number, mask);
        }
        chosen
    }

    #[inline(always)]
    fn choose_mask(mask: Self::Mask, one: Self::Mask, other: Self::Mask) -> Self::Mask {
        Self::choose(mask, one, other)
    }

    #[inline(always)]
    fn only(mask: Self::Mask, number: Self::Number) -> Self::Number {
        Self::and(mask, number)
    }

    #[inline(always)]
    fn bits(number: Self::Number, bits: u32) -> Self::Number {
        Self::and(number, Self::word(bits))
    }

    #[inline(always)]
    fn add(one: Self::Number, other: Self::Number) -> Self::Number {
        each(one, other, vector::add)
    }

    #[inline(always)]
    fn sub(one: Self::Number, other: Self::Number) -> Self::Number {
        each(one, other, vector::sub)
    }

    #[inline(always)]
    fn times(one: Self::Number, by: u32) -> Self::Number {
        each(one, Self::word(by), vector::mul)
    }

    #[inline(always)]
    fn part(amount: Self::Number, rate: Self::Number) -> (Self::Number, Self::Number) {
        let product = |one, other| each(one, other, vector::mul);
        // The amount is cut in ten-thousands, so that no product leaves 32 bits.
        let (most, rest) = Self::ten_thousands(amount);
        let rest = product(rest, rate);
        let more = Self::ten_thousandth(rest);
        (Self::add(product(most, rate), more), Self::sub(rest, Self::times(more, 10_000)))
    }

    #[inline(always)]
    fn over(number: Self::Number, unit: u32) -> Self::Number {
        // Exact below 2³¹: halved as often as the unit allows, then a 5th, 25th or 125th by its reciprocal.
        let (halved, reciprocal, more) = match unit {
            1 => return number,
            10 => (1, 0xCCCC_CCCD, 2),
            50 => (1, 0x51EB_851F, 3),
            100 => (2, 0x51EB_851F, 3),
            500 => (2, 0x1062_4DD3, 3),
            _ => (3, 0x1062_4DD3, 3),
        };
        number.map(|four| vector::shr(vector::high(vector::shr(four, halved), reciprocal), more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Four = Abreast<1>;

    fn first([[number, ..]]: [[u32; 4]; 1]) -> u32 {
        number
    }

    /// With both, a part is exact for every amount and rate.
    #[test]
    fn every_step_is_as_exact_as_stated() {
        for high in 0..1_u32 << 16 {
            // What is counted depends on the high bits alone: the least left is that of the first number, the most of the last.
            let [least, most] = [0, (1 << 15) - 1].map(|low| first(Four::array(Four::ten_thousands(Four::word(high << 15 | low)).1)));
            assert!(least <= most && most < 1 << 16, "{high}");
        }
        // A quotient that is rounded down rises only at whole ten-thousands.
        for whole in 1..=(1 << 31) / 10_000_u32 {
            for number in [whole * 10_000 - 1, whole * 10_000] {
                assert_eq!(first(Four::array(Four::ten_thousandth(Four::word(number)))), number / 10_000, "{number}");
            }
        }
    }

    fn amounts(seed: &mut u32) -> [u32; 8] {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let any = *seed >> 1;
        [0, 1, 9_999, 10_000, (1 << 31) - 1, any, any.wrapping_sub(any % 10_000), any.wrapping_sub(any % 1_000)]
    }

    #[test]
    fn a_part_is_exact() {
        let mut seed = 0x2545_F491;
        for rate in 0..=10_000_u32 {
            for amount in amounts(&mut seed) {
                let (whole, part) = Four::part(Four::word(amount), Four::word(rate));
                let exact = u64::from(amount) * u64::from(rate);
                assert_eq!(u64::from(first(Four::array(whole))), exact / 10_000, "{amount} at {rate}");
                assert_eq!(u64::from(first(Four::array(part))), exact % 10_000, "{amount} at {rate}");
                let [one_whole, one_part] = [exact / 10_000, exact % 10_000].map(|number| i64::try_from(number).unwrap_or(-1));
                assert_eq!(One::part(amount.into(), rate.into()), (one_whole, one_part));
            }
        }
    }

    #[test]
    fn units_are_exact() {
        let mut seed = 0x9E37_79B9;
        for _ in 0..200_000 {
            for amount in amounts(&mut seed) {
                for unit in [1, 10, 50, 100, 500, 1_000] {
                    for amount in [amount, amount / unit * unit, (amount / unit * unit).saturating_sub(1)] {
                        assert_eq!(first(Four::array(Four::over(Four::word(amount), unit))), amount / unit, "{amount} by {unit}");
                    }
                }
            }
        }
    }
}
