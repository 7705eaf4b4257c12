//! A voucher used, and given back.

use crate::api::document::{ProgramDocument, agreed};
use crate::api::operations::voucher::token::VoucherTerms;
use crate::api::wire::{Amount, AsWritten, Refusal, answer, record};
use crate::calendar::{CivilTime, Month, Offset};
use crate::error::Fault;
use crate::ledger::voucher::{self, MonthCounters, Payable, RedeemLimits, RedeemReason, Redeemable, UndoReason, Undoable};
use crate::operations;
use crate::quantity::{Cash, Count, Mode, Rate, Rupiah};

crate::wire_words! {
    RedeemReason;
    UndoReason;
}

operations! {
    "voucher.redeem" ["VC-3 VC-4 VC-5 VC-6 VC-7"] "A voucher redeemed on a purchase.": redeem, RedeemRequest => RedeemedAnswer;
    "voucher.undo" ["VC-4 VC-5 VC-6"] "A redemption that goes back, in part or whole.": undo, UndoRequest => UndoneAnswer;
    "voucher.cash_rounding" ["VC-9"] "The last line of a cash payment.": cash_rounding, CashRequest => CashAnswer;
}

record! {
    /// A voucher and a purchase.
    pub struct RedeemRequest {
        /// The voucher as it stands.
        voucher: RedeemableFields,
        /// The purchase in rupiah, which the limits look at.
        purchase: Amount,
        /// What of the purchase is left to pay, in rupiah; all of it if absent.
        left_to_pay: Option<Amount>,
        /// What vouchers paid of the purchase before, in rupiah; `max_share_bp` counts it.
        paid_by_vouchers: Amount = Amount(Rupiah::ZERO),
        /// How much the voucher is to pay in rupiah, 1 or more; as much as it can if absent.
        amount: Option<Amount>,
        /// When it is paid.
        at: CivilTime,
        /// The purchase that a redemption needs, in rupiah; 0 if absent.
        min_purchase: Option<Amount>,
        /// The most that vouchers may pay of the purchase; rounded down to a rupiah.
        max_share_bp: Option<Rate>,
        /// The offset at which instants are read, `±HH:MM`; not beside a program that states one.
        utc_offset: Option<Offset>,
        /// The program, whose terms hold where this request states none.
        program: Option<ProgramDocument>,
        /// The most vouchers redeemed in a calendar month.
        limits: LimitFields = LimitFields { program: None, shopper: None },
        /// The vouchers redeemed in the month so far.
        counters: MonthCounterFields = MonthCounterFields { month: None, program: Count::ZERO, shopper: Count::ZERO },
    }
}

record! {
    /// A voucher as it stands.
    pub struct RedeemableFields {
        /// What it is worth, in rupiah.
        value: Amount,
        /// What was redeemed of it before, in rupiah.
        redeemed: Amount = Amount(Rupiah::ZERO),
        /// From when it can be used.
        valid_from: Option<CivilTime>,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// Whether a part that is not used at once is lost; false if absent.
        single_use: Option<bool>,
    }
}

record! {
    /// The most vouchers redeemed in a calendar month; without a number any.
    pub struct LimitFields {
        /// In the whole program.
        program: Option<Count>,
        /// By one shopper.
        shopper: Option<Count>,
    }
}

record! {
    /// Vouchers redeemed in a calendar month.
    pub struct MonthCounterFields {
        /// The month, `YYYY-MM`; a later month than this starts from zero, an earlier one is refused.
        month: Option<Month>,
        /// In the whole program.
        program: Count = Count::ZERO,
        /// By this shopper.
        shopper: Count = Count::ZERO,
    }
}

answer! {
    /// A judged redemption.
    pub struct RedeemedAnswer {
        /// What became of it.
        reason: RedeemReason,
        /// What the voucher pays, in rupiah.
        amount: Rupiah,
        /// What the shopper still pays, in rupiah.
        to_pay: Rupiah,
        /// What of the voucher stays valid, in rupiah.
        left: Rupiah,
        /// What a single-use voucher loses, in rupiah.
        forfeited: Rupiah,
        /// The counters after it.
        counters: MonthCountersAfter,
    }
}

answer! {
    /// Vouchers redeemed in the payment's month.
    pub struct MonthCountersAfter {
        /// The month.
        month: Option<Month>,
        /// In the whole program.
        program: Count,
        /// By this shopper.
        shopper: Count,
    }
}

record! {
    /// A redemption that goes back.
    pub struct UndoRequest {
        /// The voucher as it stands now.
        voucher: RedeemableFields,
        /// The redemption.
        redemption: UndoableFields,
        /// How much goes back, in rupiah, 1 or more; all that is left of the redemption if absent.
        amount: Option<Amount>,
        /// When it goes back.
        at: CivilTime,
        /// The days for which the voucher can be used from then on, even past its own expiry; 0 … 36,500, 0 if absent.
        grace_days: Option<Count>,
        /// The vouchers redeemed in the month of the redemption so far.
        counters: Option<MonthCounterFields>,
        /// The offset at which instants are read, `±HH:MM`; not beside a program that states one.
        utc_offset: Option<Offset>,
        /// The program, whose terms hold where this request states none.
        program: Option<ProgramDocument>,
    }
}

record! {
    /// A redemption, as `voucher.redeem` answered it.
    pub struct UndoableFields {
        /// What the voucher paid, in rupiah.
        amount: Amount,
        /// What a single-use voucher lost by it, in rupiah.
        forfeited: Amount = Amount(Rupiah::ZERO),
        /// When it paid.
        at: CivilTime,
        /// What was undone of it before, in rupiah.
        undone: Amount = Amount(Rupiah::ZERO),
    }
}

answer! {
    /// A judged undo.
    pub struct UndoneAnswer {
        /// What became of it.
        reason: UndoReason,
        /// What goes back on the voucher, in rupiah.
        amount: Rupiah,
        /// What is undone of the redemption in all, in rupiah; the `undone` of the next request.
        undone: Rupiah,
        /// The voucher after it, for the next redemption or undo.
        voucher: VoucherAfter,
        /// What the voucher is worth after it, in rupiah.
        left: Rupiah,
        /// Whether it can be used at `at`.
        usable: bool,
        /// The counters after it; null if none were given.
        counters: Option<MonthCountersAfter>,
    }
}

answer! {
    /// A voucher as it stands.
    pub struct VoucherAfter {
        /// What it is worth without redemptions, in rupiah.
        value: Rupiah,
        /// What is redeemed of it, in rupiah.
        redeemed: Rupiah,
        /// From when it can no longer be used; null for never.
        expires: Option<AsWritten>,
    }
}

record! {
    /// An amount and how cash rounds it.
    pub struct CashRequest {
        /// The amount in rupiah; it may be negative.
        amount: Rupiah,
        /// The unit in rupiah, 1 … 1,000,000; here or in the program.
        unit: Option<Rupiah>,
        /// The direction, `down` if absent; a negative amount mirrors the positive one.
        mode: Option<Mode>,
        /// Of a refund: the amount of the sale, in rupiah. The refund is rounded by difference then.
        sale: Option<Amount>,
        /// What was refunded of the sale before, in rupiah, before rounding.
        refunded: Option<Amount>,
        /// The program, whose cash rounding holds where this request states none.
        program: Option<ProgramDocument>,
    }
}

answer! {
    /// A rounded payment.
    pub struct CashAnswer {
        /// The last line: rounded − amount in rupiah, signed.
        line: Rupiah,
        /// What is paid, in rupiah; of a refund negative.
        to_pay: Rupiah,
    }
}

fn redeem(request: &RedeemRequest) -> Result<RedeemedAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), request.utc_offset)?;
    let RedeemableFields { value, redeemed, valid_from, expires, single_use } = request.voucher;
    let single_use = terms.single_use(single_use)?;
    let voucher = Redeemable { value: value.0, redeemed: redeemed.0, valid_from, expires, single_use };
    let least = terms.get(|terms| Some(terms.min_redeem_purchase).filter(|least| !least.is_zero()));
    let stated = request.min_purchase.map(|least| least.0);
    let limits = RedeemLimits {
        min_purchase: agreed(stated, least, "min_purchase")?.unwrap_or(Rupiah::ZERO),
        program: agreed(request.limits.program, terms.get(|terms| terms.redemptions_per_month), "limits.program")?,
        shopper: agreed(request.limits.shopper, terms.get(|terms| terms.redemptions_per_month_shopper), "limits.shopper")?,
        max_share: agreed(request.max_share_bp, terms.get(|terms| terms.max_share), "max_share_bp")?,
    };
    let purchase = request.purchase.0;
    let left = request.left_to_pay.map_or(purchase, |left| left.0);
    let payable = Payable { purchase, left, by_vouchers: request.paid_by_vouchers.0 };
    let asked = request.amount.map(|amount| amount.0);
    let at = terms.read(request.at, "at")?;
    let redeemed = voucher::redeem(&voucher, &payable, asked, &at, &limits, &request.counters.counters())?;
    Ok(RedeemedAnswer {
        reason: redeemed.reason,
        amount: redeemed.amount,
        to_pay: redeemed.to_pay,
        left: redeemed.left,
        forfeited: redeemed.forfeited,
        counters: redeemed.counters.into(),
    })
}

impl MonthCounterFields {
    const fn counters(&self) -> MonthCounters {
        MonthCounters { month: self.month, program: self.program, shopper: self.shopper }
    }
}

impl From<MonthCounters> for MonthCountersAfter {
    fn from(counters: MonthCounters) -> Self {
        let MonthCounters { month, program, shopper } = counters;
        Self { month, program, shopper }
    }
}

fn undo(request: &UndoRequest) -> Result<UndoneAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), request.utc_offset)?;
    let RedeemableFields { value, redeemed, valid_from, expires, single_use } = request.voucher;
    let single_use = terms.single_use(single_use)?;
    let voucher = Redeemable { value: value.0, redeemed: redeemed.0, valid_from, expires, single_use };
    let UndoableFields { amount, forfeited, at, undone } = request.redemption;
    let paid_at = terms.read(at, "redemption.at")?;
    let redemption = Undoable { amount: amount.0, forfeited: forfeited.0, at: paid_at, undone: undone.0 };
    let stated = request.grace_days.map(|days| u16::try_from(days.get()).unwrap_or(u16::MAX));
    let grace_days = agreed(stated, terms.get(|terms| terms.grace_days), "grace_days")?.unwrap_or_default();
    let counters = request.counters.as_ref().map(MonthCounterFields::counters);
    let asked = request.amount.map(|amount| amount.0);
    let undone = voucher::undo(&voucher, &redemption, asked, &terms.read(request.at, "at")?, grace_days, counters.as_ref())?;
    let Redeemable { value, redeemed, expires, .. } = undone.voucher;
    Ok(UndoneAnswer {
        reason: undone.reason,
        amount: undone.amount,
        undone: undone.undone,
        voucher: VoucherAfter { value, redeemed, expires: expires.map(AsWritten) },
        left: undone.left,
        usable: undone.is_usable,
        counters: undone.counters.map(Into::into),
    })
}

fn cash_rounding(request: &CashRequest) -> Result<CashAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), None)?;
    let rounding = terms.get(|terms| terms.cash_rounding);
    let of_program = rounding.map(|rounding| Rupiah::new(rounding.unit.rupiah())).transpose()?;
    let unit = agreed(request.unit, of_program, "unit")?.ok_or(Fault::Missing.error().at("unit"))?;
    let mode = agreed(request.mode, rounding.map(|rounding| rounding.mode), "mode")?.unwrap_or_default();
    let Cash { line, to_pay } = match (request.sale, request.refunded) {
        (None, None) => Cash::round(request.amount, unit, mode)?,
        (None, Some(_)) => return Err(Fault::RefundedWithoutSale.error().at("refunded").into()),
        (Some(sale), refunded) => Cash::refund(request.amount, sale.0, refunded.map_or(Rupiah::ZERO, |refunded| refunded.0), unit, mode)?,
    };
    Ok(CashAnswer { line, to_pay })
}
