//! A second reading of the rules, written from their text and from the source
//! documents alone.
//!
//! It exists to disagree with the library: it shares no code with it, computes
//! with big integers and exact fractions, and takes the long way wherever the
//! long way is easier to check against the rule. It sees a request that is
//! already parsed, so what only a JSON reader can notice (duplicate keys,
//! nesting, integers spelled with an exponent) is beyond it.

mod anomalies;
mod auction;
mod award;
mod bundles;
mod campaign;
mod canonical;
mod clearing;
mod condition;
mod consignment;
mod event;
mod fields;
mod fund;
pub mod generate;
mod ledger;
mod member;
mod menu;
mod merge;
mod mixed;
mod money;
mod network;
mod offers;
mod orders;
mod place;
mod planning;
mod plans;
mod points_program;
mod program;
mod quotes;
mod segments;
mod sell_out;
mod sha256;
mod simulation;
mod split;
mod statement;
mod stopwatch;
mod tables;
mod territory;
mod time;
mod voucher;
mod words;

pub use canonical::{bytes, decision_hash, program_document};
pub use tables::{preset, printed_tiers};

use fields::{Answer, refuse};
use serde_json::Value;

/// The operations that have vectors and no model, each with the reason.
pub const NOT_MODELLED: &[(&str, &str)] = &[
    ("program.check", "its figures are those of table.stats and money.apply_rate; its vectors are derived"),
    ("program.compile", "its bytes have one right form, written down in docs/program.md; its vectors state them"),
    ("program.kernel", "its bytes are written a second time, in another language, by tests/vectors/tools/kernel.py"),
    ("program.load", "what it gives back is held against the model's canonical document"),
    ("text.code", "a table of texts has nothing to compute; its vectors fix the wording"),
    ("award.explain", "the numbers are those of award.decide and award.quote; its vectors fix the wording around them"),
    ("award.batch", "its rows are those of award.decide; a law holds it to them, one by one"),
    ("voucher.code", SIGNED),
    ("voucher.read_code", SIGNED),
    ("voucher.public_key", SIGNED),
    ("voucher.sign", SIGNED),
    ("voucher.verify", SIGNED),
    ("ledger.sign_allowance", SIGNED),
    ("ledger.check_allowance", SIGNED),
    ("ledger.sign_entry", SIGNED),
    ("ledger.verify_entry", SIGNED),
    ("member.pseudonym", SIGNED),
    ("record.verify", SIGNED),
    ("return.quote", "it is the event of a return, applied and not stored; a test holds it to what the return then does"),
    ("network.check", "the simulated network computes the same laws from the JSON alone"),
    ("network.view", "it shows fields of states, which are those of network.apply"),
    ("network.due", "it shows fields of states, which are those of network.apply"),
    ("network.status", "it shows the state that network.apply wrote"),
    ("network.diagnose", "it shows fields of states, which are those of network.apply"),
];

const SIGNED: &str = "keys, codes and signatures are computed in another language, by tests/vectors/tools/signed.py";

/// The answer fields that the model leaves out, each with the reason.
pub const NOT_ANSWERED: &[(&str, &str, &str)] = &[
    ("award.hash", "hash", "it covers the whole answer of award.decide, rules and cell included; the law holds it to its definition"),
    (
        "ledger.apply",
        "state",
        "its form is the library's; the model has one of its own, and laws hold the one to the other by their answers",
    ),
    ("plan.weekly_check", "text", WORDING),
    ("plan.release", "text", WORDING),
    ("record.event", "award", "it is the whole answer of award.decide, rules and cell included; a law holds it to that operation"),
];

const WORDING: &str = "a table of texts has nothing to compute";

/// Answers one operation: the fields of its answer, or the error kind.
///
/// # Errors
///
/// The kind of the refusal, as the interface names it (`bad_table`, …). With
/// several faults in one request any one of them may be named.
pub fn call(op: &str, input: &Value) -> Result<Value, String> {
    if !input.is_object() {
        return refuse("bad_json");
    }
    match OPERATIONS.iter().find(|(name, _)| *name == op) {
        Some((_, answer)) => answer(input),
        None => refuse("unknown_op"),
    }
}

/// An operation by name, and what answers it.
type Answers = fn(&Value) -> Answer<Value>;

/// Every operation this model answers.
#[rustfmt::skip]
const OPERATIONS: &[(&str, Answers)] = &[
    ("money.apply_rate", money::apply_rate),
    ("rate.parse", money::rate_parse),
    ("points.from_value", money::points_from_value),
    ("points.to_value", money::points_to_value),
    ("table.rate", tables::rate),
    ("table.stats", tables::stats),
    ("table.check", tables::check),
    ("table.margin_class", tables::margin_class),
    ("bonus.check", tables::bonus_check),
    ("stopwatch.lucky_digit", stopwatch::lucky_digit),
    ("stopwatch.claim", stopwatch::claim),
    ("stopwatch.draw", stopwatch::draw),
    ("auction.slot", auction::slot),
    ("auction.stock_quota", auction::stock_quota),
    ("standby.rate", award::standby_rate),
    ("award.decide", award::decide),
    ("award.mixed", mixed::mixed),
    ("award.reverse", award::reverse),
    ("program.reverse", award::reverse_decided),
    ("split.allocate", split::allocate_op),
    ("split.reverse", split::reverse_op),
    ("split.capped", split::capped_op),
    ("award.quote", quotes::quote),
    ("award.hash", canonical::award_hash),
    ("award.make_up", quotes::make_up),
    ("award.till_shares", quotes::till_shares),
    ("program.in_force", quotes::in_force),
    ("program.hash", canonical::program_hash),
    ("stopwatch.verify", stopwatch::verify),
    ("stopwatch.statistics", stopwatch::statistics),
    ("text.rupiah", words::rupiah),
    ("text.points", words::points),
    ("text.rate", words::rate),
    ("time.civil", time::civil),
    ("points.earn", points_program::earn),
    ("points.menu_cost", points_program::menu_cost),
    ("points.goods", points_program::goods),
    ("ledger.fold", ledger::fold),
    ("guarantee.deposit", fund::deposit),
    ("guarantee.deposit_by_cover", fund::deposit_by_cover),
    ("guarantee.apply", fund::apply),
    ("guarantee.cover", fund::cover),
    ("network.keys", network::keys),
    ("network.apply", network::apply),
    ("clearing.net", clearing::net),
    ("clearing.settle", clearing::settle),
    ("consignment.price", consignment::price),
    ("consignment.profit", consignment::profit),
    ("consignment.return_cost", consignment::return_cost),
    ("consignment.take_back", consignment::take_back),
    ("plan.margin", planning::margin),
    ("plan.margin_after", planning::margin_after),
    ("plan.cost_rate", planning::cost_rate),
    ("plan.min_margin", planning::min_margin),
    ("plan.max_cost", planning::max_cost),
    ("plan.safe_tiers", planning::safe_tiers),
    ("plan.roi", planning::roi),
    ("plan.break_even_fixed", planning::break_even_fixed),
    ("plan.break_even_rate", planning::break_even_rate),
    ("plan.regulars", planning::regulars),
    ("plan.frequency", planning::frequency),
    ("plan.popularity", planning::popularity),
    ("plan.retention", planning::retention),
    ("plan.sales_change", planning::sales_change),
    ("plan.day", planning::day),
    ("plan.scheme", planning::scheme),
    ("plan.scheme_day", planning::scheme_day),
    ("plan.running_cost", planning::running_cost),
    ("plan.prize_provisions", planning::prize_provisions),
    ("points.menu", menu::menu),
    ("points.redeem", menu::redeem),
    ("points.gifts", menu::gifts),
    ("points.joining", menu::joining),
    ("points.bundles", bundles::bundles),
    ("bonus.goods", bundles::goods),
    ("split.pool", split::pool),
    ("consignment.accept", consignment::accept),
    ("consignment.marketing", consignment::marketing),
    ("consignment.ownership", consignment::ownership),
    ("consignment.offer", consignment::offer),
    ("guarantee.requirement", fund::requirement),
    ("guarantee.exposure", fund::exposure),
    ("guarantee.shards", fund::shards),
    ("ledger.apply", ledger::apply),
    ("ledger.transfer", ledger::transfer),
    ("ledger.allowances", ledger::allowances),
    ("voucher.expiry", voucher::expiry),
    ("voucher.redeem", voucher::redeem),
    ("voucher.undo", voucher::undo),
    ("voucher.cash_rounding", voucher::cash_rounding),
    ("voucher.reminders", voucher::reminders),
    ("voucher.debt", voucher::debt),
    ("clearing.period", clearing::period),
    ("statement.month", statement::month),
    ("plan.segments", segments::segments),
    ("plan.product_classes", segments::product_classes),
    ("plan.weekly_check", segments::weekly_check),
    ("plan.release", segments::release),
    ("plan.simulate", simulation::simulate),
    ("plan.sell_out", sell_out::sell_out),
    ("member.limit", member::limit),
    ("member.stamps", member::stamps),
    ("member.challenge", member::challenge),
    ("member.tier", member::tier),
    ("member.referral", member::referral),
    ("campaign.targets", condition::targets),
    ("campaign.issue", campaign::issue),
    ("campaign.order", campaign::order),
    ("campaign.assign", campaign::assign),
    ("campaign.check_in", campaign::check_in),
    ("campaign.compliance", campaign::compliance),
    ("campaign.risk", campaign::risk),
    ("campaign.audit", campaign::audit),
    ("campaign.program", campaign::program),
    ("territory.potential", territory::potential),
    ("territory.divide", territory::divide),
    ("territory.fairness", territory::fairness),
    ("territory.attainment", territory::attainment),
    ("territory.redivide", territory::redivide),
    ("record.event", event::event),
    ("record.erase", event::erase),
    ("record.merge", merge::merge),
    ("record.stock", merge::stock),
    ("record.codes", event::codes),
    ("record.reconcile", merge::reconcile),
    ("record.anomalies", anomalies::anomalies),
    ("order.follow", orders::follow),
    ("stock.reorder", orders::reorder),
    ("plan.all_tiers", plans::all_tiers),
    ("plan.compare", plans::compare),
    ("plan.sensitivity", plans::sensitivity),
];

/// The name of every operation this model answers.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|(name, _)| *name)
}
