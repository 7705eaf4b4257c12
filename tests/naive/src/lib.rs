//! A second reading of the rules, written from their text and from the source
//! documents alone.
//!
//! It exists to disagree with the library: it shares no code with it, computes
//! with big integers and exact fractions, and takes the long way wherever the
//! long way is easier to check against the rule. It sees a request that is
//! already parsed, so what only a JSON reader can notice (duplicate keys,
//! nesting, integers spelled with an exponent) is beyond it.

mod anomalies;
mod around;
mod auction;
mod award;
mod campaign;
mod canonical;
mod choosing;
mod clearing;
mod comparing;
mod condition;
mod consignment;
mod event;
mod fields;
mod fund;
mod gathering;
mod ledger;
mod menu;
mod mixed;
mod money;
mod orders;
mod place;
mod planning;
mod points_program;
mod program;
mod sha256;
mod simulation;
mod split;
mod statement;
mod steering;
mod stopwatch;
mod tables;
mod territory;
mod time;
mod voucher;
mod words;

pub use canonical::{bytes, decision_hash, program_document};

use fields::{Answer, refuse};
use serde_json::Value;

/// Every operation this model answers.
pub const OPERATIONS: [&str; 123] = [
    "money.apply_rate",
    "rate.parse",
    "table.rate",
    "table.stats",
    "table.check",
    "table.margin_class",
    "bonus.check",
    "stopwatch.lucky_digit",
    "stopwatch.claim",
    "stopwatch.draw",
    "auction.slot",
    "auction.stock_quota",
    "standby.rate",
    "award.decide",
    "award.mixed",
    "award.reverse",
    "program.reverse",
    "split.allocate",
    "split.reverse",
    "split.capped",
    "points.from_value",
    "points.to_value",
    "award.quote",
    "award.hash",
    "award.make_up",
    "award.till_shares",
    "program.in_force",
    "program.hash",
    "stopwatch.verify",
    "stopwatch.statistics",
    "text.rupiah",
    "text.points",
    "text.rate",
    "time.civil",
    "points.earn",
    "points.menu_cost",
    "points.goods",
    "ledger.fold",
    "guarantee.deposit",
    "guarantee.deposit_by_cover",
    "guarantee.apply",
    "guarantee.cover",
    "clearing.net",
    "clearing.settle",
    "consignment.price",
    "consignment.profit",
    "consignment.return_cost",
    "consignment.take_back",
    "plan.margin",
    "plan.margin_after",
    "plan.cost_rate",
    "plan.min_margin",
    "plan.max_cost",
    "plan.safe_tiers",
    "plan.roi",
    "plan.break_even_fixed",
    "plan.break_even_rate",
    "plan.regulars",
    "plan.frequency",
    "plan.popularity",
    "plan.retention",
    "plan.sales_change",
    "plan.day",
    "plan.scheme",
    "plan.scheme_day",
    "plan.running_cost",
    "plan.prize_provisions",
    "points.menu",
    "points.redeem",
    "points.gifts",
    "points.joining",
    "points.bundles",
    "bonus.goods",
    "split.pool",
    "consignment.accept",
    "consignment.marketing",
    "consignment.ownership",
    "consignment.offer",
    "guarantee.requirement",
    "guarantee.exposure",
    "guarantee.shards",
    "ledger.apply",
    "ledger.transfer",
    "ledger.allowances",
    "voucher.expiry",
    "voucher.redeem",
    "voucher.undo",
    "voucher.cash_rounding",
    "voucher.reminders",
    "voucher.debt",
    "clearing.period",
    "statement.month",
    "plan.segments",
    "plan.product_classes",
    "plan.weekly_check",
    "plan.release",
    "plan.simulate",
    "campaign.targets",
    "campaign.issue",
    "campaign.order",
    "campaign.assign",
    "campaign.check_in",
    "campaign.compliance",
    "campaign.risk",
    "campaign.audit",
    "campaign.program",
    "territory.potential",
    "territory.divide",
    "territory.fairness",
    "territory.attainment",
    "territory.redivide",
    "record.event",
    "record.erase",
    "record.merge",
    "record.stock",
    "record.codes",
    "record.reconcile",
    "record.anomalies",
    "order.follow",
    "stock.reorder",
    "plan.all_tiers",
    "plan.compare",
    "plan.sensitivity",
];

/// The operations that have vectors and no model, each with the reason.
pub const NOT_MODELLED: [(&str, &str); 18] = [
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
];

const SIGNED: &str = "keys, codes and signatures are computed in another language, by tests/vectors/tools/signed.py";

/// The answer fields that the model leaves out, each with the reason.
pub const NOT_ANSWERED: [(&str, &str, &str); 5] = [
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
    answer(op, input)
}

fn answer(op: &str, input: &Value) -> Answer<Value> {
    match op {
        "money.apply_rate" => money::apply_rate(input),
        "rate.parse" => money::rate_parse(input),
        "points.from_value" => money::points_from_value(input),
        "points.to_value" => money::points_to_value(input),
        "table.rate" => tables::rate(input),
        "table.stats" => tables::stats(input),
        "table.check" => tables::check(input),
        "table.margin_class" => tables::margin_class(input),
        "bonus.check" => tables::bonus_check(input),
        "stopwatch.lucky_digit" => stopwatch::lucky_digit(input),
        "stopwatch.claim" => stopwatch::claim(input),
        "stopwatch.draw" => stopwatch::draw(input),
        "auction.slot" => auction::slot(input),
        "auction.stock_quota" => auction::stock_quota(input),
        "standby.rate" => award::standby_rate(input),
        "award.decide" => award::decide(input),
        "award.mixed" => mixed::mixed(input),
        "award.reverse" => award::reverse(input),
        "program.reverse" => award::reverse_decided(input),
        "split.allocate" => split::allocate_op(input),
        "split.reverse" => split::reverse_op(input),
        "split.capped" => split::capped_op(input),
        "award.quote" => around::quote(input),
        "award.hash" => canonical::award_hash(input),
        "award.make_up" => around::make_up(input),
        "award.till_shares" => around::till_shares(input),
        "program.in_force" => around::in_force(input),
        "program.hash" => canonical::program_hash(input),
        "stopwatch.verify" => stopwatch::verify(input),
        "stopwatch.statistics" => stopwatch::statistics(input),
        "text.rupiah" => words::rupiah(input),
        "text.points" => words::points(input),
        "text.rate" => words::rate(input),
        "time.civil" => time::civil(input),
        "points.earn" => points_program::earn(input),
        "points.menu_cost" => points_program::menu_cost(input),
        "points.goods" => points_program::goods(input),
        "ledger.fold" => ledger::fold(input),
        "guarantee.deposit" => fund::deposit(input),
        "guarantee.deposit_by_cover" => fund::deposit_by_cover(input),
        "guarantee.apply" => fund::apply(input),
        "guarantee.cover" => fund::cover(input),
        "clearing.net" => clearing::net(input),
        "clearing.settle" => clearing::settle(input),
        "consignment.price" => consignment::price(input),
        "consignment.profit" => consignment::profit(input),
        "consignment.return_cost" => consignment::return_cost(input),
        "consignment.take_back" => consignment::take_back(input),
        "plan.margin" => planning::margin(input),
        "plan.margin_after" => planning::margin_after(input),
        "plan.cost_rate" => planning::cost_rate(input),
        "plan.min_margin" => planning::min_margin(input),
        "plan.max_cost" => planning::max_cost(input),
        "plan.safe_tiers" => planning::safe_tiers(input),
        "plan.roi" => planning::roi(input),
        "plan.break_even_fixed" => planning::break_even_fixed(input),
        "plan.break_even_rate" => planning::break_even_rate(input),
        "plan.regulars" => planning::regulars(input),
        "plan.frequency" => planning::frequency(input),
        "plan.popularity" => planning::popularity(input),
        "plan.retention" => planning::retention(input),
        "plan.sales_change" => planning::sales_change(input),
        "plan.day" => planning::day(input),
        "plan.scheme" => planning::scheme(input),
        "plan.scheme_day" => planning::scheme_day(input),
        "plan.running_cost" => planning::running_cost(input),
        "plan.prize_provisions" => planning::prize_provisions(input),
        "points.menu" => menu::menu(input),
        "points.redeem" => menu::redeem(input),
        "points.gifts" => menu::gifts(input),
        "points.joining" => menu::joining(input),
        "points.bundles" => choosing::bundles(input),
        "bonus.goods" => choosing::goods(input),
        "split.pool" => split::pool(input),
        "consignment.accept" => consignment::accept(input),
        "consignment.marketing" => consignment::marketing(input),
        "consignment.ownership" => consignment::ownership(input),
        "consignment.offer" => consignment::offer(input),
        "guarantee.requirement" => fund::requirement(input),
        "guarantee.exposure" => fund::exposure(input),
        "guarantee.shards" => fund::shards(input),
        "ledger.apply" => ledger::apply(input),
        "ledger.transfer" => ledger::transfer(input),
        "ledger.allowances" => ledger::allowances(input),
        "voucher.expiry" => voucher::expiry(input),
        "voucher.redeem" => voucher::redeem(input),
        "voucher.undo" => voucher::undo(input),
        "voucher.cash_rounding" => voucher::cash_rounding(input),
        "voucher.reminders" => voucher::reminders(input),
        "voucher.debt" => voucher::debt(input),
        "clearing.period" => clearing::period(input),
        "statement.month" => statement::month(input),
        "plan.segments" => steering::segments(input),
        "plan.product_classes" => steering::product_classes(input),
        "plan.weekly_check" => steering::weekly_check(input),
        "plan.release" => steering::release(input),
        "plan.simulate" => simulation::simulate(input),
        "campaign.targets" => condition::targets(input),
        "campaign.issue" => campaign::issue(input),
        "campaign.order" => campaign::order(input),
        "campaign.assign" => campaign::assign(input),
        "campaign.check_in" => campaign::check_in(input),
        "campaign.compliance" => campaign::compliance(input),
        "campaign.risk" => campaign::risk(input),
        "campaign.audit" => campaign::audit(input),
        "campaign.program" => campaign::program(input),
        "territory.potential" => territory::potential(input),
        "territory.divide" => territory::divide(input),
        "territory.fairness" => territory::fairness(input),
        "territory.attainment" => territory::attainment(input),
        "territory.redivide" => territory::redivide(input),
        "record.event" => event::event(input),
        "record.erase" => event::erase(input),
        "record.merge" => gathering::merge(input),
        "record.stock" => gathering::stock(input),
        "record.codes" => event::codes(input),
        "record.reconcile" => gathering::reconcile(input),
        "record.anomalies" => anomalies::anomalies(input),
        "order.follow" => orders::follow(input),
        "stock.reorder" => orders::reorder(input),
        "plan.all_tiers" => comparing::all_tiers(input),
        "plan.compare" => comparing::compare(input),
        "plan.sensitivity" => comparing::sensitivity(input),
        _ => refuse("unknown_op"),
    }
}
