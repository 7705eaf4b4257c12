use loyalty_rules::quantity::Count;

/// A shopper's draws in their order; the fifth is taken and not used.
#[derive(Clone, Copy)]
pub(crate) enum Draw {
    Behaviour,
    GivesUp,
    Basket,
    Digit,
}

/// The draws of one run (`SplitMix64`). The state after any number of draws is known, so that a shopper's are taken only
/// where they matter, and again for who comes back to a later slot.
#[derive(Clone, Copy)]
pub(crate) struct Draws {
    state: u64,
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
const RUN: u64 = 0xD1B5_4A32_D192_ED03;
const DRAWS_A_SHOPPER: u64 = 5;

impl Draws {
    pub(crate) fn of_run(seed: Count, run: u64) -> Self {
        Self { state: u64::try_from(seed.get()).unwrap_or_default() ^ run.wrapping_mul(RUN) }
    }

    /// A number below n: the high 64 bits of draw × n. Each comes up with its chance to within 2⁻⁶⁴.
    #[inline]
    pub(crate) fn below(self, shopper: u64, draw: Draw, n: u64) -> u64 {
        let place = shopper.wrapping_mul(DRAWS_A_SHOPPER).wrapping_add(draw.place());
        let mut z = self.state.wrapping_add(place.wrapping_mul(GAMMA));
        z = (z ^ z.wrapping_shr(30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z.wrapping_shr(27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z.wrapping_shr(31);
        u64::try_from(u128::from(z).wrapping_mul(n.into()).wrapping_shr(64)).unwrap_or_default()
    }
}

impl Draw {
    const fn place(self) -> u64 {
        match self {
            Self::Behaviour => 1,
            Self::GivesUp => 2,
            Self::Basket => 3,
            Self::Digit => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_the_published_generator() {
        let draws = Draws::of_run(Count::new(1_234_567).unwrap_or_default(), 0);
        // The high bits of the first outputs for this seed: 6457827717110365317, 3203168211198807973, 9817491932198370423.
        let draw = |draw| draws.below(0, draw, u64::MAX);
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for (drawn, published) in [Draw::Behaviour, Draw::GivesUp, Draw::Basket].map(draw).into_iter().zip(published) {
            assert_eq!(drawn, published - 1); // z × (2⁶⁴ − 1) ÷ 2⁶⁴ is one less
        }
    }
}
