//! Four numbers side by side: one register of WebAssembly, an array elsewhere.

#[cfg(target_feature = "simd128")]
mod register {
    use core::arch::wasm32 as wasm;

    pub(in super::super) type Four = wasm::v128;

    #[inline(always)]
    pub fn four([a, b, c, d]: [u32; 4]) -> Four {
        wasm::u32x4(a, b, c, d)
    }

    #[inline(always)]
    pub fn array(four: Four) -> [u32; 4] {
        let lane = wasm::u32x4_extract_lane::<0>(four);
        [lane, wasm::u32x4_extract_lane::<1>(four), wasm::u32x4_extract_lane::<2>(four), wasm::u32x4_extract_lane::<3>(four)]
    }

    #[inline(always)]
    pub fn halves([a, b, c, d]: [u64; 4]) -> (Four, Four) {
        let (one, other) = (wasm::u64x2(a, b), wasm::u64x2(c, d));
        (wasm::u32x4_shuffle::<0, 2, 4, 6>(one, other), wasm::u32x4_shuffle::<1, 3, 5, 7>(one, other))
    }

    #[inline(always)]
    pub fn any_negative(four: Four) -> bool {
        wasm::i32x4_bitmask(four) != 0
    }

    /// The high halves of the products; the numbers are below 2³¹.
    #[inline(always)]
    pub fn high(four: Four, by: u32) -> Four {
        // The compiler turns a product with a constant into one of 64 bits, which takes three times as long. It does not know
        // that the highest bit of a number is zero.
        let by = wasm::v128_xor(wasm::u32x4_splat(by), wasm::u32x4_shr(four, 31));
        let (one, other) = (wasm::u64x2_extmul_low_u32x4(four, by), wasm::u64x2_extmul_high_u32x4(four, by));
        wasm::u32x4_shuffle::<1, 3, 5, 7>(one, other)
    }

    /// The sum of all numbers, in 64 bits.
    #[inline(always)]
    pub fn sum<const FOURS: usize>(numbers: [Four; FOURS]) -> u64 {
        let sums = numbers.into_iter().fold(wasm::u64x2_splat(0), |sums, four| {
            let pairs = wasm::u64x2_add(wasm::u64x2_extend_low_u32x4(four), wasm::u64x2_extend_high_u32x4(four));
            wasm::u64x2_add(sums, pairs)
        });
        wasm::u64x2_extract_lane::<0>(sums).wrapping_add(wasm::u64x2_extract_lane::<1>(sums))
    }

    /// An intrinsic cannot be handed to another function; these can.
    macro_rules! functions {
        ($($name:ident($($operand:ident: $of:ty),+) = $intrinsic:ident;)+) => {$(
            #[inline(always)]
            pub fn $name($($operand: $of),+) -> Four {
                wasm::$intrinsic($($operand),+)
            }
        )+};
    }

    functions! {
        add(one: Four, other: Four) = i32x4_add;
        above(one: Four, other: Four) = i32x4_gt;
        mul(one: Four, other: Four) = i32x4_mul;
        sub(one: Four, other: Four) = i32x4_sub;
        shr(four: Four, bits: u32) = u32x4_shr;
        same(number: u32) = u32x4_splat;
        and(one: Four, other: Four) = v128_and;
        or(one: Four, other: Four) = v128_or;
        not(bits: Four) = v128_not;
    }

    #[inline(always)]
    pub fn choose(one: Four, other: Four, mask: Four) -> Four {
        // Not bitselect itself, through which the compiler does not see constants; it ends as one.
        wasm::v128_or(wasm::v128_and(one, mask), wasm::v128_andnot(other, mask))
    }
}

#[cfg(not(target_feature = "simd128"))]
mod register {
    pub(in super::super) type Four = [u32; 4];

    #[inline(always)]
    fn each(one: Four, other: Four, op: impl Fn(u32, u32) -> u32) -> Four {
        let mut result = one;
        for (number, other) in result.iter_mut().zip(other) {
            *number = op(*number, other);
        }
        result
    }

    pub const fn four(numbers: [u32; 4]) -> Four {
        numbers
    }

    pub const fn array(four: Four) -> [u32; 4] {
        four
    }

    pub const fn same(number: u32) -> Four {
        [number; 4]
    }

    /// All bits where a number with its sign is above the other.
    #[inline(always)]
    pub fn above(one: Four, other: Four) -> Four {
        let signed = |number: u32| i32::from_ne_bytes(number.to_ne_bytes());
        each(one, other, |one, other| if signed(one) > signed(other) { u32::MAX } else { 0 })
    }

    #[inline(always)]
    pub fn add(one: Four, other: Four) -> Four {
        each(one, other, u32::wrapping_add)
    }

    #[inline(always)]
    pub fn sub(one: Four, other: Four) -> Four {
        each(one, other, u32::wrapping_sub)
    }

    #[inline(always)]
    pub fn mul(one: Four, other: Four) -> Four {
        each(one, other, u32::wrapping_mul)
    }

    #[inline(always)]
    pub fn and(one: Four, other: Four) -> Four {
        each(one, other, |one, other| one & other)
    }

    #[inline(always)]
    pub fn or(one: Four, other: Four) -> Four {
        each(one, other, |one, other| one | other)
    }

    /// The sum of all numbers, in 64 bits.
    #[inline(always)]
    pub fn sum<const FOURS: usize>(numbers: [Four; FOURS]) -> u64 {
        numbers.as_flattened().iter().fold(0, |sum, number| sum.wrapping_add((*number).into()))
    }

    /// The low halves and the high halves.
    pub fn halves(words: [u64; 4]) -> (Four, Four) {
        let halves = words.map(|word| {
            let ([low @ .., _, _, _, _], [_, _, _, _, high @ ..]) = (word.to_le_bytes(), word.to_le_bytes());
            (u32::from_le_bytes(low), u32::from_le_bytes(high))
        });
        (halves.map(|(low, _)| low), halves.map(|(_, high)| high))
    }

    /// Whether the highest bit of any is set.
    pub fn any_negative(four: Four) -> bool {
        four.iter().fold(0, |bits, number| bits | number) > u32::MAX / 2
    }

    #[inline(always)]
    pub fn not(four: Four) -> Four {
        four.map(|bits| !bits)
    }

    /// The high halves of the products; the numbers are below 2³¹.
    #[inline(always)]
    pub fn high(four: Four, by: u32) -> Four {
        four.map(|number| u32::try_from(u64::from(number).wrapping_mul(by.into()) >> 32).unwrap_or_default())
    }

    #[inline(always)]
    pub fn shr(four: Four, bits: u32) -> Four {
        four.map(|number| number.wrapping_shr(bits))
    }

    /// The bits of one where the mask has them, else of the other.
    #[inline(always)]
    pub fn choose(one: Four, other: Four, mask: Four) -> Four {
        or(and(one, mask), each(other, mask, |other, mask| other & !mask))
    }
}

pub(super) use register::{Four, above, add, and, any_negative, array, choose, four, halves, high, mul, not, or, same, shr, sub, sum};
