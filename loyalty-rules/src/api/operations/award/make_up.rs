//! A missed quota made up.

use crate::api::document::ProgramDocument;
use crate::api::operations::award::decide::{CounterFields, CountersAfter, MerchantFields, ReceiptFields, ShopperFields};
use crate::api::wire::{Path, Refusal, answer, record};
use crate::award::{self, Cap, MadeUp};
use crate::calendar::CivilTime;
use crate::operations;
use crate::quantity::{Points, Rate, Rupiah};
use alloc::vec::Vec;

crate::wire_words! {
    MadeUp;
}

operations! {
    "award.make_up" ["AW-12"] "Whether a second receipt makes up a missed quota.": make_up, MakeUpRequest => MadeUpAnswer;
}

record! {
    /// A missed quota and what is to make it up.
    pub struct MakeUpRequest {
        /// The program document.
        program: ProgramDocument,
        /// The first receipt, with its play.
        receipt: ReceiptFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
        /// The merchant's standing.
        merchant: MerchantFields = MerchantFields::default(),
        /// What the day of the first receipt was given so far, its standby voucher included.
        counters: CounterFields = CounterFields::default(),
        /// When it was bought.
        bought_at: CivilTime,
        /// The standby voucher it was given, in rupiah.
        issued: Rupiah,
        /// The total of the same shopper's second receipt, in rupiah.
        second_total: Rupiah,
        /// When that was bought.
        second_at: CivilTime,
        /// What was refunded of both, in rupiah.
        refunded: Rupiah = Rupiah::ZERO,
        /// Whether the first receipt was made up before.
        made_up: bool = false,
    }
}

answer! {
    /// What the first receipt earns after all.
    pub struct MadeUpAnswer {
        /// Whether, and why not.
        reason: MadeUp,
        /// Its own table rate in basis points; 0 for every stop but `budget_spent` and `cover_short`.
        rate_bp: Rate,
        /// The value of both vouchers together in rupiah; 0 if nothing is made up.
        value: Rupiah,
        /// What is issued beside the standby voucher, in rupiah.
        difference: Rupiah,
        /// The difference in thousandths of a point.
        points_milli: Points,
        /// The limits that lowered it, each at its turn.
        capped_by: Vec<Cap>,
        /// The counters after it.
        counters: CountersAfter,
        /// What each funding party pays of the difference, in rupiah; present if the program states its funding.
        [omit] parts: Option<Vec<Rupiah>>,
    }
}

fn make_up(request: &MakeUpRequest) -> Result<MadeUpAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let mechanism = program.terms().table.mechanism();
    let made_up = award::MakeUp {
        receipt: request.receipt.receipt(mechanism, &Path::Root.key("receipt"))?,
        bought_at: request.bought_at,
        issued: request.issued,
        second_total: request.second_total,
        second_at: request.second_at,
        refunded: request.refunded,
        made_up: request.made_up,
    };
    let counters = request.counters.counters(mechanism, &Path::Root.key("counters"))?;
    let made_up = made_up.judge(&program, &request.shopper.shopper(), &request.merchant.merchant(), &counters)?;
    Ok(MadeUpAnswer {
        reason: made_up.reason,
        rate_bp: made_up.rate,
        value: made_up.value,
        difference: made_up.difference,
        points_milli: program.kernel().points(made_up.difference)?,
        capped_by: made_up.caps.iter().collect(),
        counters: CountersAfter::of(&counters.after(&made_up.added), mechanism),
        parts: program.terms().funding.map(|funding| funding.split(made_up.difference).as_slice().to_vec()),
    })
}
