use super::Funding;
use crate::error::{Error, Fault};
use crate::quantity::Rate;
use crate::words::words;

words! {
    /// The bonus family (*Program Loyalitas Employee to Owner*): each bonus has a band for its rates, and
    /// two have preset funding.
    pub enum Bonus {
        /// Goods at once (*Bonus Surprise Barang Langsung*), 20 … 30 %.
        Goods = "BN-1",
        /// Voucher points (*Bonus Surprise Poin Voucher*), up to 30 %.
        VoucherPoints = "BN-2",
        /// Standby points (*Bonus Poin Siaga*), 1 … 5 %.
        StandbyPoints = "BN-3",
        /// Stopwatch points (*Bonus Poin Stopwatch*), 1 … 10 %.
        StopwatchPoints = "BN-4",
        /// Time-auction points (*Bonus Poin Lelang Waktu*), up to 15 %.
        TimeAuctionPoints = "BN-5",
    }
}

/// Producer, retailer, network operator (SP-2).
const GOODS_SHARES_BP: [u32; 3] = [5_000, 4_000, 1_000];
const VOUCHER_SHARES_BP: [u32; 3] = [4_500, 3_500, 2_000];

impl Bonus {
    /// The lowest and the highest rate, both allowed, in basis points.
    pub const fn band_bp(self) -> (u16, u16) {
        match self {
            Self::Goods => (2_000, 3_000),
            Self::VoucherPoints => (0, 3_000),
            Self::StandbyPoints => (100, 500),
            Self::StopwatchPoints => (100, 1_000),
            Self::TimeAuctionPoints => (0, 1_500),
        }
    }

    /// Refuses a rate outside the band.
    ///
    /// # Errors
    /// `outside_band`.
    pub const fn check(self, rate: Rate) -> Result<(), Error> {
        let (lowest, highest) = self.band_bp();
        if lowest <= rate.bp() && rate.bp() <= highest { Ok(()) } else { Err(Fault::OutsideBonusBand.error()) }
    }

    /// The preset shares of producer, retailer and operator (SP-2); `None` where the retailer pays unless
    /// told.
    pub fn preset(self) -> Option<Funding> {
        match self {
            Self::Goods => Funding::from_shares_bp(&GOODS_SHARES_BP).ok(),
            Self::VoucherPoints => Funding::from_shares_bp(&VOUCHER_SHARES_BP).ok(),
            _ => None,
        }
    }
}
