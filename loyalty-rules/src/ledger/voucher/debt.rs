use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::award::Origin;
use crate::calendar::CivilTime;
use crate::error::{Error, Fault, Field};
use crate::quantity::Rupiah;
use crate::sort;

/// A voucher that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedVoucher<'a> {
    /// Its unique id.
    pub id: &'a str,
    /// The shop that owes it.
    pub issuer: &'a str,
    /// What it is worth in rupiah, zero or more.
    pub value: Rupiah,
    /// When it was issued.
    pub issued_at: CivilTime,
    /// From when it can no longer be used.
    pub expires: Option<CivilTime>,
    /// Whether it was given or paid for.
    pub origin: Origin,
}

/// A redemption of a voucher, in whole or in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherRedemption<'a> {
    /// The voucher.
    pub id: &'a str,
    /// How much of it in rupiah, zero or more.
    pub amount: Rupiah,
    /// When.
    pub time: CivilTime,
}

/// What vouchers owe at an instant. Amounts are rupiah.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt<'a> {
    /// All of it.
    pub debt: Rupiah,
    /// The same by issuer, zeros included.
    pub by_issuer: BTreeMap<&'a str, Rupiah>,
    /// Of vouchers that were given.
    pub promotional: Rupiah,
    /// Of vouchers that were paid for (VC-8).
    pub purchased: Rupiah,
    /// Vouchers redeemed above their value, sorted; they owe nothing.
    pub over_redeemed: Vec<&'a str>,
    /// Ids of redemptions without a voucher, sorted.
    pub unknown: Vec<&'a str>,
}

/// What the vouchers issued up to an instant, and not expired at it, still owe: their values less the redemptions up
/// to it (VC-1, VC-5).
///
/// ```
/// use loyalty_rules::award::Origin;
/// use loyalty_rules::ledger::voucher::{IssuedVoucher, VoucherRedemption, debt};
/// use loyalty_rules::quantity::Rupiah;
///
/// let at = |text: &str| text.parse().unwrap();
/// let (issued_at, expires) = (at("2025-03-01T10:00:00+07:00"), Some(at("2025-03-15T00:00:00+07:00")));
/// let value = Rupiah::new(15_000)?;
/// let vouchers = [IssuedVoucher { id: "V1", issuer: "A", value, issued_at, expires, origin: Origin::Promotional }];
/// let redeemed = [VoucherRedemption { id: "V1", amount: Rupiah::new(12_000)?, time: at("2025-03-02T10:00:00+07:00") }];
/// assert_eq!(debt(&vouchers, &redeemed, &at("2025-03-10T00:00:00+07:00"))?.by_issuer["A"].get(), 3_000);
/// assert_eq!(debt(&vouchers, &redeemed, &at("2025-03-15T00:00:00+07:00"))?.debt.get(), 0); // expired
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for an id that stands twice; `out_of_range` for a negative value, for more undone of a voucher than was
/// redeemed, or if the debt leaves the domain.
pub fn debt<'a>(vouchers: &[IssuedVoucher<'a>], redemptions: &[VoucherRedemption<'a>], as_of: &CivilTime) -> Result<Debt<'a>, Error> {
    let mut redeemed = BTreeMap::<&str, i128>::new();
    for (index, voucher) in vouchers.iter().enumerate() {
        if voucher.value < Rupiah::ZERO {
            return Err(Fault::Negative.error().at(Field::within("vouchers", index, "value")));
        }
        if redeemed.insert(voucher.id, 0).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::within("vouchers", index, "id")));
        }
    }
    let mut unknown = BTreeSet::new();
    for redemption in redemptions {
        if redemption.time.nanos_since(as_of) > 0 {
            continue;
        }
        match redeemed.get_mut(redemption.id) {
            // A list in memory has fewer than 2⁶⁴ entries, so a sum stays below 2¹¹⁷.
            Some(sum) => *sum = sum.wrapping_add(redemption.amount.get().into()),
            None => _ = unknown.insert(redemption.id),
        }
    }
    if redeemed.values().any(|sum| *sum < 0) {
        return Err(Fault::UndoneMore.error().at("redemptions"));
    }
    let zero = Rupiah::ZERO;
    let (mut by_issuer, mut by_origin, mut over_redeemed) = (BTreeMap::new(), [zero, zero], Vec::new());
    for voucher in vouchers {
        let sum = redeemed.get(voucher.id).copied().unwrap_or_default();
        let is_out = voucher.issued_at.nanos_since(as_of) <= 0;
        let is_past = voucher.expires.is_some_and(|expires| as_of.nanos_since(&expires) >= 0);
        let left = match i64::try_from(sum) {
            Ok(sum) if sum <= voucher.value.get() => voucher.value.left_after(Rupiah::part(sum)),
            _ => {
                over_redeemed.push(voucher.id);
                zero
            }
        };
        let owed = if is_out && !is_past { left } else { zero };
        let of_issuer = by_issuer.entry(voucher.issuer).or_insert(zero);
        *of_issuer = of_issuer.checked_add(owed)?;
        let [promotional, purchased] = &mut by_origin;
        let of_origin = if voucher.origin == Origin::Promotional { promotional } else { purchased };
        *of_origin = of_origin.checked_add(owed)?;
    }
    sort::ascending(&mut over_redeemed);
    let [promotional, purchased] = by_origin;
    let debt = promotional.checked_add(purchased)?;
    Ok(Debt { debt, by_issuer, promotional, purchased, over_redeemed, unknown: unknown.into_iter().collect() })
}
