use crate::error::{Error, Fault};

/// A rate in basis points, 0 … 10,000 (CV-2): 350 is 3.5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u16);

impl Rate {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const WHOLE: Self = Self(10_000);

    /// A rate from basis points.
    ///
    /// # Errors
    /// `out_of_range` above 10,000.
    pub const fn from_bp(bp: u16) -> Result<Self, Error> {
        if bp <= Self::WHOLE.0 { Ok(Self(bp)) } else { Err(Fault::RateOutOfRange.error()) }
    }

    /// The number of basis points.
    pub const fn bp(self) -> u16 {
        self.0
    }

    /// The rate of a rate, truncated to a whole basis point: 10 % of 50 % is 5 %.
    ///
    /// ```
    /// use loyalty_rules::quantity::Rate;
    ///
    /// assert_eq!(Rate::from_bp(1_000)?.times(Rate::from_bp(5_000)?).bp(), 500);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        // At most the rate itself.
        let bp = u32::from(self.0).wrapping_mul(other.0.into()) / 10_000;
        Self(u16::try_from(bp).unwrap_or(self.0))
    }

    /// A rate from text with its sign: digits, an optional point with one or two digits, `%`.
    ///
    /// ```
    /// use loyalty_rules::quantity::Rate;
    ///
    /// assert_eq!(Rate::parse("3.5%")?.bp(), 350);
    /// assert_eq!(Rate::parse("3.5").unwrap_err().kind().name(), "bad_rate");
    /// assert_eq!(Rate::parse("100.01%").unwrap_err().kind().name(), "out_of_range");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_rate` outside the grammar, `out_of_range` above 100 %.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some(number) = text.strip_suffix('%') else {
            let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            return Err(if bare { Fault::RateWithoutSign } else { Fault::RateText }.error());
        };
        if number.contains(',') {
            return Err(Fault::RateWithComma.error());
        }
        let (whole, hundredths) = number.split_once('.').map_or((number, "00"), |(whole, part)| (whole, part));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(hundredths) || hundredths.len() > 2 {
            return Err(Fault::RateText.error());
        }
        // Saturation ends above 100 % and is refused there.
        let read =
            |text: &str| text.bytes().fold(0_u16, |sum, digit| sum.saturating_mul(10).saturating_add(u16::from(digit.wrapping_sub(b'0'))));
        let hundredths = if hundredths.len() == 1 { read(hundredths).saturating_mul(10) } else { read(hundredths) };
        Self::from_bp(read(whole).saturating_mul(100).saturating_add(hundredths))
    }
}

/// The rate as a fraction of one: 350 bp is 0.0350.
///
/// ```
/// # use loyalty_rules::quantity::Rate;
/// use rust_decimal::Decimal;
/// assert_eq!(Decimal::from(Rate::from_bp(350)?), Decimal::new(350, 4));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[cfg(feature = "decimal")]
impl From<Rate> for rust_decimal::Decimal {
    fn from(rate: Rate) -> Self {
        Self::new(rate.0.into(), 4)
    }
}
