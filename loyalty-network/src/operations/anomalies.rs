//! What should be looked at.

use super::merge::texts;
use crate::{Anomalies, AnomalyTerms, Finding, Player, SeenReceipt, SeenVoucher};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::tables::Digit;

loyalty_rules::wire_words! {
    FindingWord;
    Player;
}

operations! {
    "record.anomalies" ["OR-7"] "Receipts and vouchers that should be looked at.": anomalies, AnomaliesRequest => AnomaliesAnswer;
}

loyalty_rules::words! {
    /// What should be looked at (OR-7).
    pub enum FindingWord {
        /// Equal amounts one after the other.
        RepeatedAmount = "repeated_amount",
        /// A rate above the table's highest.
        BeyondTable = "beyond_table",
        /// A digit that came more often than chance gives it.
        DigitTooOften = "digit_too_often",
        /// A refund after the voucher was redeemed.
        RefundAfterRedemption = "refund_after_redemption",
    }
}

record! {
    /// Receipts and vouchers to be looked at.
    pub struct AnomaliesRequest {
        /// The receipts, each id once.
        receipts: Vec<SeenReceiptFields>,
        /// The vouchers, each id once.
        vouchers: Vec<SeenVoucherFields> = Vec::new(),
        /// Equal amounts are told when they are at most so many seconds apart.
        within_s: Count = Count::new(60).unwrap_or_default(),
        /// The digit that pays best.
        digit: Digit = Digit::default(),
        /// The chance, in parts per billion, at which an honest name is told; 1 … 1,000,000,000.
        false_alarm_ppb: Count = Count::new(1_000).unwrap_or_default(),
    }
}

record! {
    /// A receipt to be looked at.
    pub struct SeenReceiptFields {
        /// The unique id.
        id: String,
        /// The shop.
        shop: String,
        /// The member.
        member: Option<String>,
        /// When.
        time: CivilTime,
        /// The total, in rupiah.
        amount: Amount,
        /// The lucky digit, if one was played.
        digit: Option<Digit>,
        /// The rate that was given, in basis points.
        rate_bp: Option<Rate>,
        /// The highest rate of its table, in basis points.
        highest_bp: Option<Rate>,
    }
}

record! {
    /// A voucher to be looked at.
    pub struct SeenVoucherFields {
        /// The unique id.
        id: String,
        /// The receipt that earned it.
        receipt: String,
        /// When it was redeemed.
        redeemed_at: Option<CivilTime>,
        /// When its purchase was refunded.
        refunded_at: Option<CivilTime>,
        /// What was refunded, in rupiah.
        refunded: Amount = Amount(Rupiah::ZERO),
    }
}

answer! {
    /// What should be looked at.
    pub struct AnomaliesAnswer {
        /// By kind: amounts, rates, digits, refunds.
        findings: Vec<FindingAnswer>,
        /// How many names were tested for the digit.
        tested: Count,
        /// Tested × chance of a false alarm, in parts per billion: at most so many honest names are told on average.
        expected_false_alarms_ppb: Count,
    }
}

answer! {
    /// A finding; each kind has fields of its own.
    pub struct FindingAnswer {
        /// What it is.
        kind: FindingWord,
        /// The shop of equal amounts.
        [omit] shop: Option<String>,
        /// The amount, in rupiah.
        [omit] amount: Option<Rupiah>,
        /// Its receipts, the earliest first.
        [omit] ids: Option<Vec<String>>,
        /// The receipt, or the voucher.
        [omit] id: Option<String>,
        /// Of whom the digit came too often.
        [omit] who: Option<Player>,
        /// The member or the shop.
        [omit] name: Option<String>,
        /// How often it came.
        [omit] hits: Option<Count>,
        /// In how many plays.
        [omit] plays: Option<Count>,
        /// The chance of as many or more in an honest game, in parts per billion, truncated.
        [omit] tail_ppb: Option<Count>,
    }
}

impl FindingAnswer {
    fn of(finding: Finding<'_>) -> Result<Self, Error> {
        let (none, text) = (Self::empty, |text: &str| Some(text.to_string()));
        Ok(match finding {
            Finding::RepeatedAmount { shop, amount, ids } => {
                Self { shop: text(shop), amount: Some(amount), ids: Some(texts(ids)), ..none(FindingWord::RepeatedAmount) }
            }
            Finding::BeyondTable { id } => Self { id: text(id), ..none(FindingWord::BeyondTable) },
            Finding::DigitTooOften { who, name, hits, plays, tail_ppb } => Self {
                who: Some(who),
                name: text(name),
                hits: Some(hits),
                plays: Some(plays),
                tail_ppb: Some(Count::new(tail_ppb.into())?),
                ..none(FindingWord::DigitTooOften)
            },
            Finding::RefundAfterRedemption { id } => Self { id: text(id), ..none(FindingWord::RefundAfterRedemption) },
        })
    }

    fn empty(kind: FindingWord) -> Self {
        let (shop, amount, ids, id, who, name, hits, plays, tail_ppb) = Default::default();
        Self { kind, shop, amount, ids, id, who, name, hits, plays, tail_ppb }
    }
}

fn anomalies(request: &AnomaliesRequest) -> Result<AnomaliesAnswer, Refusal> {
    let receipts = request.receipts.iter().map(|receipt| SeenReceipt {
        id: &receipt.id,
        shop: &receipt.shop,
        member: receipt.member.as_deref(),
        time: receipt.time,
        amount: receipt.amount.0,
        digit: receipt.digit,
        rate: receipt.rate_bp,
        highest: receipt.highest_bp,
    });
    let vouchers = request.vouchers.iter().map(|voucher| SeenVoucher {
        id: &voucher.id,
        redeemed_at: voucher.redeemed_at,
        refunded_at: voucher.refunded_at,
        refunded: voucher.refunded.0,
    });
    let false_alarm_ppb = u32::try_from(request.false_alarm_ppb.get()).unwrap_or(u32::MAX);
    let terms = AnomalyTerms { within_s: request.within_s, digit: request.digit, false_alarm_ppb };
    let Anomalies { findings, tested, expected_false_alarms_ppb } =
        terms.look(&receipts.collect::<Vec<_>>(), &vouchers.collect::<Vec<_>>())?;
    let findings = findings.into_iter().map(FindingAnswer::of).collect::<Result<_, Error>>()?;
    Ok(AnomaliesAnswer { findings, tested, expected_false_alarms_ppb })
}
