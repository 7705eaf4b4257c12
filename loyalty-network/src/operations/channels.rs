//! What the channels sent, as one: order, stock, codes, payments, what should be looked at.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{
    Anomalies, AnomalyTerms, Codes, Finding, MoveReason, Paid, Player, Position, SeenReceipt, SeenVoucher, StockLine, StockMove,
    StockPolicy, TillCount,
};
use loyalty_rules::api::wire::{Amount, AsWritten, Positive, Refusal, Whole, answer, operations, record};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::tables::Digit;

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

loyalty_rules::wire_words! {
    MoveReason;
    FindingWord;
    Player;
}

operations! {
    "record.merge" ["OR-2 OR-3"] "The events of all channels in one order, and what is missing or doubtful.": merge, MergeRequest => MergeAnswer;
    "record.stock" ["OR-4"] "One stock under the moves of all channels.": stock, StockRequest => StockAnswer;
    "record.codes" ["OR-6"] "What the channels' codes mean.": codes, CodesRequest => CodesAnswer;
    "record.reconcile" ["OR-5"] "What the tills counted against the record.": reconcile, ReconcileRequest => ReconcileAnswer;
    "record.anomalies" ["OR-7"] "Receipts and vouchers that should be looked at.": anomalies, AnomaliesRequest => AnomaliesAnswer;
}

record! {
    /// The events of all channels.
    pub struct MergeRequest {
        /// The events, in any order.
        events: Vec<SequencedEvent>,
        /// The first expected number of each channel; 1 of the others.
        first: BTreeMap<String, Positive> = BTreeMap::new(),
        /// The last position of an earlier merge.
        after: Option<PositionFields>,
    }
}

record! {
    /// An event and where it stands.
    pub struct SequencedEvent {
        [flat] position: PositionFields,
        /// The unique id.
        id: String,
    }
}

record! {
    /// Where an event stands.
    pub struct PositionFields {
        /// The channel.
        channel: String,
        /// Its number in the channel, 1 or more.
        sequence: Positive,
        /// When it happened.
        time: AsWritten,
    }
}

answer! {
    /// One record.
    pub struct MergeAnswer {
        /// The ids by instant, channel, number and id.
        order: Vec<String>,
        /// Ids that came more than once, wholly equal, sorted.
        duplicates: Vec<String>,
        /// Different events with one number, by channel and number.
        conflicts: Vec<SequenceConflictAnswer>,
        /// Ids that came with different content, sorted; they are not ordered.
        contradictions: Vec<String>,
        /// Numbers that are missing, by channel.
        gaps: Vec<GapAnswer>,
        /// Numbers whose time is earlier than that of the next lower one that came, by channel.
        backwards: Vec<BackwardsAnswer>,
        /// Ids that do not come after the earlier merge, in order.
        late: Vec<String>,
        /// Ids whose number is below the first expected, sorted.
        before_first: Vec<String>,
    }
}

answer! {
    /// Different events with one number.
    pub struct SequenceConflictAnswer {
        /// The channel.
        channel: String,
        /// The number.
        sequence: Count,
        /// Their ids, sorted.
        ids: Vec<String>,
    }
}

answer! {
    /// Missing numbers.
    pub struct GapAnswer {
        /// The channel.
        channel: String,
        /// The first.
        from: Count,
        /// The last.
        to: Count,
    }
}

answer! {
    /// A number whose time runs backwards.
    pub struct BackwardsAnswer {
        /// The channel.
        channel: String,
        /// The number.
        sequence: Count,
    }
}

record! {
    /// A stock and its moves.
    pub struct StockRequest {
        /// What there is, each product once.
        stock: Vec<StockLineFields>,
        /// The moves, in any order.
        moves: Vec<StockMoveFields>,
        /// What happens to a sale above what is available.
        policy: StockPolicy = StockPolicy::default(),
    }
}

record! {
    /// What there is of a product.
    pub struct StockLineFields {
        /// The product.
        sku: String,
        /// Units that can be sold.
        available: Count,
        /// Below so many units it is low.
        safety: Count = Count::ZERO,
    }
}

record! {
    /// Goods that leave or come in.
    pub struct StockMoveFields {
        /// The unique id.
        id: String,
        [flat] position: PositionFields,
        /// The product.
        sku: String,
        /// Units: negative if sold, positive if they came in; not zero.
        quantity: Whole,
    }
}

answer! {
    /// A stock after its moves.
    pub struct StockAnswer {
        /// The moves by instant, channel, number and id.
        moves: Vec<MovedAnswer>,
        /// Promised sales that goods coming in have served, in the order of serving.
        served: Vec<ServedAnswer>,
        /// Ids that came more than once, wholly equal, sorted.
        duplicates: Vec<String>,
        /// Ids that came with different content, sorted; they move nothing.
        contradictions: Vec<String>,
        /// Each product, sorted.
        stock: Vec<StockLineAfter>,
    }
}

answer! {
    /// What became of a move.
    pub struct MovedAnswer {
        /// The move.
        id: String,
        /// What became of it.
        reason: MoveReason,
        /// The units that moved, with their sign.
        moved: Whole,
        /// The units promised.
        backordered: Count,
        /// The units that were available before it.
        available: Count,
    }
}

answer! {
    /// A promised sale that is served.
    pub struct ServedAnswer {
        /// The sale.
        id: String,
        /// The units of one arrival.
        units: Count,
    }
}

answer! {
    /// A product after the moves.
    pub struct StockLineAfter {
        /// The product.
        sku: String,
        /// Units that can be sold.
        available: Count,
        /// Units that are still promised.
        backordered: Count,
        /// Whether less is available than should be.
        low: bool,
    }
}

record! {
    /// Codes and the lines that use them.
    pub struct CodesRequest {
        /// What the codes mean.
        codes: Vec<CodeFields>,
        /// The lines.
        lines: Vec<CodedLine>,
    }
}

record! {
    /// A code and its product.
    pub struct CodeFields {
        /// The channel that uses it; all that have no meaning of their own if absent.
        channel: Option<String>,
        /// The code.
        code: String,
        /// The product.
        sku: String,
    }
}

record! {
    /// A code as a channel sent it.
    pub struct CodedLine {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
    }
}

answer! {
    /// The products of the lines.
    pub struct CodesAnswer {
        /// One a line; null for an unknown code.
        skus: Vec<Option<String>>,
        /// The unknown codes, by channel and code.
        unknown: Vec<UnknownCodeAnswer>,
    }
}

answer! {
    /// A code without a product.
    pub struct UnknownCodeAnswer {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
        /// How many lines have it.
        count: Count,
    }
}

record! {
    /// Events and what the tills counted.
    pub struct ReconcileRequest {
        /// The events.
        events: Vec<PaidEvent>,
        /// The tills' counts, each channel and kind once.
        tills: Vec<TillFields>,
    }
}

record! {
    /// The payments of an event.
    pub struct PaidEvent {
        /// The unique id.
        id: String,
        /// The channel.
        channel: String,
        /// The payments.
        payments: Vec<SignedPayment>,
    }
}

record! {
    /// A payment, or money given back.
    pub struct SignedPayment {
        /// Its kind.
        kind: String,
        /// Rupiah; negative for what was given back.
        amount: Rupiah,
    }
}

record! {
    /// What a till counted.
    pub struct TillFields {
        /// The channel.
        channel: String,
        /// The kind of payment.
        kind: String,
        /// Rupiah; negative if more was given back.
        amount: Rupiah,
        /// How many payments.
        count: Option<Count>,
    }
}

answer! {
    /// The tills against the record.
    pub struct ReconcileAnswer {
        /// Whether every difference is 0 and every count that was given is the record's.
        agrees: bool,
        /// Each channel and kind of either side, sorted.
        lines: Vec<ReconciledAnswer>,
        /// Ids that came more than once, wholly equal, sorted; each counts once.
        duplicates: Vec<String>,
        /// Ids that came with different content, sorted; they do not count.
        contradictions: Vec<String>,
    }
}

answer! {
    /// A channel's payments of a kind.
    pub struct ReconciledAnswer {
        /// The channel.
        channel: String,
        /// The kind of payment.
        kind: String,
        /// What the till counted, in rupiah; null if it says nothing.
        till: Option<Rupiah>,
        /// What the record says, in rupiah.
        record: Rupiah,
        /// Till − record, in rupiah.
        difference: Rupiah,
        /// The till's payments; null if it did not count them.
        till_count: Option<Count>,
        /// The record's payments.
        record_count: Count,
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

fn texts(ids: Vec<&str>) -> Vec<String> {
    ids.into_iter().map(String::from).collect()
}

impl PositionFields {
    fn position(&self) -> Position<'_> {
        Position { time: self.time.0, channel: &self.channel, sequence: self.sequence.0 }
    }
}

fn merge(request: &MergeRequest) -> Result<MergeAnswer, Refusal> {
    let events: Vec<_> = request.events.iter().map(|event| (event.id.as_str(), event.position.position())).collect();
    let first = request.first.iter().map(|(channel, first)| (channel.as_str(), first.0)).collect();
    let after = request.after.as_ref().map(PositionFields::position);
    let merged = crate::merge(&events, &first, after.as_ref())?;
    let conflict = |conflict: crate::SequenceConflict<'_>| SequenceConflictAnswer {
        channel: conflict.channel.to_string(),
        sequence: conflict.sequence,
        ids: texts(conflict.ids),
    };
    let gap = |gap: crate::Gap<'_>| GapAnswer { channel: gap.channel.to_string(), from: gap.from, to: gap.to };
    Ok(MergeAnswer {
        order: texts(merged.order),
        duplicates: texts(merged.duplicates),
        conflicts: merged.conflicts.into_iter().map(conflict).collect(),
        contradictions: texts(merged.contradictions),
        gaps: merged.gaps.into_iter().map(gap).collect(),
        backwards: merged.backwards.into_iter().map(|(channel, sequence)| BackwardsAnswer { channel: channel.into(), sequence }).collect(),
        late: texts(merged.late),
        before_first: texts(merged.before_first),
    })
}

/// The stock of a request, by product.
pub(super) fn stock_lines(stock: &[StockLineFields]) -> Result<BTreeMap<&str, StockLine>, Error> {
    let mut lines = BTreeMap::new();
    for (index, line) in stock.iter().enumerate() {
        if lines.insert(line.sku.as_str(), StockLine { available: line.available, safety: line.safety }).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::within("stock", index, "sku")));
        }
    }
    Ok(lines)
}

fn stock(request: &StockRequest) -> Result<StockAnswer, Refusal> {
    let moves = request.moves.iter().map(|fields| {
        let stock_move = StockMove { position: fields.position.position(), sku: &fields.sku, quantity: fields.quantity.0 };
        (fields.id.as_str(), stock_move)
    });
    let after = crate::move_stock(stock_lines(&request.stock)?, &moves.collect::<Vec<_>>(), request.policy)?;
    let answer = |moved: crate::MovedStock<'_>| MovedAnswer {
        id: moved.id.into(),
        reason: moved.reason,
        moved: Whole(moved.moved),
        backordered: moved.backordered,
        available: moved.available,
    };
    let line = |(sku, (line, backordered)): (&str, (StockLine, Count))| StockLineAfter {
        sku: sku.into(),
        available: line.available,
        backordered,
        low: line.is_low(),
    };
    Ok(StockAnswer {
        moves: after.moves.into_iter().map(answer).collect(),
        served: after.served.into_iter().map(|(id, units)| ServedAnswer { id: id.into(), units }).collect(),
        duplicates: texts(after.duplicates),
        contradictions: texts(after.contradictions),
        stock: after.stock.into_iter().map(line).collect(),
    })
}

/// What the codes of a request mean.
pub(super) fn meanings(codes: &[CodeFields]) -> Result<Codes<'_>, Error> {
    Codes::new(codes.iter().map(|code| (code.channel.as_deref(), code.code.as_str(), code.sku.as_str())))
}

fn codes(request: &CodesRequest) -> Result<CodesAnswer, Refusal> {
    let codes = meanings(&request.codes)?;
    let lines = || request.lines.iter().map(|line| (line.channel.as_str(), line.code.as_str()));
    let unknown = |(channel, code, count): (&str, &str, usize)| {
        let count = Count::new(i64::try_from(count).unwrap_or(i64::MAX))?;
        Ok(UnknownCodeAnswer { channel: channel.into(), code: code.into(), count })
    };
    Ok(CodesAnswer {
        skus: lines().map(|(channel, code)| codes.sku(channel, code).map(String::from)).collect(),
        unknown: codes.unknown(lines()).into_iter().map(unknown).collect::<Result<_, Error>>()?,
    })
}

fn reconcile(request: &ReconcileRequest) -> Result<ReconcileAnswer, Refusal> {
    let events = request.events.iter().map(|event| {
        let payments = event.payments.iter().map(|payment| (payment.kind.as_str(), payment.amount)).collect();
        (event.id.as_str(), Paid { channel: &event.channel, payments })
    });
    let tills =
        request.tills.iter().map(|till| TillCount { channel: &till.channel, kind: &till.kind, amount: till.amount, count: till.count });
    let reconciled = crate::reconcile(&events.collect::<Vec<_>>(), &tills.collect::<Vec<_>>())?;
    let line = |line: &crate::ReconciledLine<'_>| ReconciledAnswer {
        channel: line.channel.into(),
        kind: line.kind.into(),
        till: line.till,
        record: line.record,
        difference: line.difference,
        till_count: line.till_count,
        record_count: line.record_count,
    };
    Ok(ReconcileAnswer {
        agrees: reconciled.agrees(),
        lines: reconciled.lines.iter().map(line).collect(),
        duplicates: texts(reconciled.duplicates),
        contradictions: texts(reconciled.contradictions),
    })
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
