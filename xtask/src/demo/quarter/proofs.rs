//! What the quarter came to, and what must hold of it.

use std::collections::BTreeMap;
use std::time::Duration;

use loyalty_network::fold::{EventClass, EventDetail, Fact, FactKind, NetworkLaw, SaleState, ShopState};
use loyalty_rules::api::json::Json;
use loyalty_rules::api::wire::Write as _;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::funding::FundState;
use loyalty_rules::quantity::Rupiah;

use super::host::{AGAIN, Counts, Host};
use super::{BACK_AFTER, CALLED_OFF, DEPOSIT, Month, PAPER, Quarter, SILENT, SPENT_FROM};
use crate::demo::report::{Sum, number, rp};
use crate::sh::Outcome;

fn count(count: usize) -> String {
    number(i128::try_from(count).unwrap_or_default())
}

fn rupiah(amount: Option<Rupiah>) -> i64 {
    amount.map_or(0, Rupiah::get)
}

/// Shows counts by name.
fn say_counts<'a>(title: &str, names: impl Iterator<Item = &'a str>) {
    let mut counts = BTreeMap::<&str, usize>::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let counts: Vec<String> = counts.iter().map(|(name, times)| format!("{name} {}", count(*times))).collect();
    for (line, counts) in counts.chunks(6).enumerate() {
        say!("   {:<9}{}", if line == 0 { title } else { "" }, counts.join(", "));
    }
}

impl Quarter<'_> {
    /// Every fact of what was applied.
    fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.host.stored.seen.values().flat_map(|seen| &seen.facts)
    }

    /// The balances of all shops together.
    fn books(&self) -> BTreeMap<&str, i64> {
        let mut books = BTreeMap::new();
        for (account, balance) in self.host.stored.shops.values().flat_map(|shop| &shop.books) {
            *books.entry(account.as_str()).or_default() += balance.get();
        }
        books
    }

    /// What of points, paper vouchers and coupons was issued, used, expired, was taken back and is open.
    fn claims(&self) -> [(&'static str, [i64; 5]); 3] {
        let [mut points, mut vouchers, mut coupons] = [[0; 5]; 3];
        let add = |sums: &mut [i64; 5], of: [Rupiah; 5]| sums.iter_mut().zip(of).for_each(|(sum, amount)| *sum += amount.get());
        for lot in self.host.stored.accounts.values().flat_map(|account| account.lots.values()) {
            add(&mut points, [lot.value, lot.used, lot.expired, lot.taken, lot.open()]);
        }
        for (key, voucher) in &self.host.stored.vouchers {
            let sums = if key.starts_with("voucher/maker~") { &mut coupons } else { &mut vouchers };
            add(sums, [voucher.value, voucher.used, voucher.expired, voucher.taken, voucher.open()]);
        }
        [("points", points), ("vouchers", vouchers), ("coupons", coupons)]
    }

    /// Of each period: the payments between shops, and what the funds and the operator paid, as the acceptors heard it.
    fn cleared(&self) -> BTreeMap<i64, [i64; 3]> {
        let mut cleared = BTreeMap::<i64, [i64; 3]>::new();
        for event in &self.host.log {
            if let EventDetail::ClearingReceived(message) = &event.data {
                let [payments, paid, operator] = cleared.entry(message.period.0.get()).or_default();
                *payments += 1;
                *paid += message.paid.0.get();
                *operator += message.operator.0.get();
            }
        }
        cleared
    }

    pub(super) fn print(&self, took: Duration) {
        let (stored, log) = (&self.host.stored, &self.host.log);
        let months = self.months.iter().map(Month::to_string).collect::<Vec<_>>().join(", ");
        say!("━━ the network in {months} {}", "━".repeat(81_usize.saturating_sub(months.len())));
        say!("   {} receipts of {} households in {} shops.", count(self.receipts.len()), count(stored.accounts.len()), self.shops.len());
        say!("   Coupons are vouchers of one maker, who pays in what they are worth. Claims of shops are valid 14 days.");
        say!("   Shops with an odd number play the stopwatch, the others the time auction.");
        say!(
            "   Each shop pays in {}, and again at each warning. Every {SILENT}th number answers none. Funds are looked at weekly.",
            rp(DEPOSIT)
        );
        say!("   Every {PAPER}th household takes paper vouchers and shows the oldest at its next purchase.");
        say!("   The others pay with points from {} on. Every {CALLED_OFF}th such payment is called off,", rp(SPENT_FROM));
        say!("   and of every second one of these the undo comes before the request.");
        say!("   Every tenth receipt comes back on day {BACK_AFTER}: all lines but the last, or the whole of a single line.");
        say!("   Messages go at night, the newest first. Every {AGAIN}th event comes again, and once more with another time.\n");
        for class in EventClass::ALL {
            let kinds = log.iter().map(|event| event.data.kind()).filter(|kind| kind.class() == *class);
            say_counts(class.name(), kinds.map(|kind| kind.name().trim_start_matches("loyalty.")));
        }
        for (name, kind) in [("awards", FactKind::Award), ("refused", FactKind::Refused), ("funds", FactKind::Notice)] {
            let of_kind = self.facts().filter(|fact| fact.fact == kind);
            say_counts(name, of_kind.filter_map(|fact| fact.reason.as_deref().or(fact.notice.as_deref())));
        }
        let suspended = stored.shops.values().filter(|shop| shop.fund.state == FundState::Suspended).count();
        say!("            {suspended} shops are suspended at the end\n");
        say!("   {:<12}{:>16}{:>16}{:>16}{:>16}{:>16}", "", "issued", "used", "expired", "taken back", "open");
        for (name, sums) in self.claims() {
            let [issued, used, expired, taken, open] = sums.map(rp);
            say!("   {name:<12}{issued:>16}{used:>16}{expired:>16}{taken:>16}{open:>16}");
        }
        say!("\n   {:<12}{:>16}{:>16}{:>16}", "cleared", "payments", "by funds", "by the operator");
        for (month, [payments, paid, operator]) in self.months.iter().zip(self.cleared().into_values()) {
            say!("   {:<12}{:>16}{:>16}{:>16}", month.to_string(), number(payments), rp(paid), rp(operator));
        }
        say!("\n   {:<22}{:>18}{:>18}", "all shops", "debit", "credit");
        for (account, balance) in self.books() {
            let shown = |amount: i64| if amount > 0 { rp(amount) } else { String::new() };
            say!("{}", format!("   {account:<22}{:>18}{:>18}", shown(balance), shown(-balance)).trim_end());
        }
        let a_second = u128::try_from(log.len() + 3 * self.host.counts.repeated).unwrap_or_default() * 1_000_000 / took.as_micros().max(1);
        let build = if cfg!(debug_assertions) { "development" } else { "release" };
        let (repeated, took) = (count(self.host.counts.repeated), number(i128::try_from(took.as_millis()).unwrap_or_default()));
        let a_second = number(i128::try_from(a_second).unwrap_or_default());
        say!("\n   {} events, and {repeated} of them again, in {took} ms: {a_second} a second in this {build} build.", count(log.len()));
        let Counts { looks, most_under_way, .. } = self.host.counts;
        say!("   Everything was added up {looks} times, with up to {} messages under way.\n", count(most_under_way));
    }

    /// The invariants of the network, each with whether it holds.
    pub(super) fn proofs(&self) -> Outcome<Vec<Sum>> {
        let Host { stored, breaches, counts, .. } = &self.host;
        for breach in breaches {
            say!("   {breach:?}");
        }
        let mut told = BTreeMap::<&str, i64>::new();
        let (mut brought_in, mut made_good, mut received) = (0, 0, 0);
        for fact in self.facts() {
            let amount = rupiah(fact.amount);
            *told.entry(fact.fact.name()).or_default() += match fact.fact {
                FactKind::Award => rupiah(fact.value),
                FactKind::Reversal => rupiah(fact.free),
                FactKind::Cleared => rupiah(fact.paid) + rupiah(fact.operator),
                _ => amount,
            };
            match (fact.debit.as_deref(), fact.credit.as_deref()) {
                (Some("opening"), _) => brought_in += amount,
                (_, Some("voucher_loss")) => made_good += amount,
                (Some("cash"), Some("network_receivable")) => received += amount,
                _ => {}
            }
        }
        let told = |kind: FactKind| told.get(kind.name()).copied().unwrap_or_default();
        let claims = self.claims().map(|(_, sums)| sums);
        let [issued, used, expired, taken, open] = [0, 1, 2, 3, 4].map(|column| claims.iter().map(|sums| sums[column]).sum::<i64>());
        let books = self.books();
        let book = |account: &str| books.get(account).copied().unwrap_or_default();
        let paid: i64 = self.cleared().values().map(|[_, paid, operator]| paid + operator).sum();
        let (shops, sales) = (stored.shops.values(), stored.sales.values());
        let is_settled = |sale: &SaleState| {
            let mut tenders = sale.tenders.values();
            tenders.all(|tender| {
                let is_done = tender.granted.is_some() && tender.asked.is_zero() && !tender.whole;
                is_done && tender.amount == tender.bound && tender.want == tender.bound
            })
        };
        let is_small = |shop: &ShopState| {
            let mut json = Json::default();
            shop.write(&mut json);
            json.into_string().len() <= 1_024 + 40 * shop.owed.len().max(shop.sent.len())
        };
        let called_off = |how: &'static str| stored.redemptions.iter().filter(move |(key, _)| key.ends_with(how)).map(|(_, red)| red);
        let mut voided = sales.clone().filter(|sale| sale.voided);
        let sold: Vec<i64> = sales.clone().filter(|sale| sale.sold).map(|sale| sale.total.get()).collect();
        let fed: i64 = self.receipts.iter().map(|receipt| receipt.total.get()).sum();
        let kept = sales.clone().filter(|sale| sale.total > sale.back).count();
        let purchases: i64 = stored.accounts.values().map(|account| account.purchases.0).sum();
        let came = self.host.log.iter().filter(|event| event.number.is_some()).count();
        let sent: usize = stored.seen.values().map(|seen| seen.out.len()).sum();
        let of_law = |law: &NetworkLaw| (law.name(), breaches.iter().all(|breach| breach.law != *law));
        let mut sums: Vec<Sum> = NetworkLaw::ALL.iter().map(of_law).collect();
        sums.extend([
            ("claims issued = used + open + expired + taken back", issued == used + open + expired + taken),
            ("the facts of all events say the same", {
                let taken_back = told(FactKind::Reversal) + made_good;
                let paid = told(FactKind::Redeemed) - told(FactKind::Undone) + told(FactKind::DebtPaid);
                [told(FactKind::Award) + brought_in, paid, told(FactKind::Expired), taken_back] == [issued, used, expired, taken]
            }),
            ("what is open is the liability of all shops", open == -book("voucher_liability")),
            ("nothing is open past its expiry", {
                let lots = stored.accounts.values().flat_map(|account| account.lots.values()).map(|lot| (lot.expires, lot.open()));
                let vouchers = stored.vouchers.values().map(|voucher| (voucher.expires, voucher.open()));
                let is_usable = |expires: CivilTime| expires.nanos_since(&self.host.now) > 0;
                lots.chain(vouchers).all(|(expires, open)| open.is_zero() || expires.is_none_or(is_usable))
            }),
            ("each period is closed by every shop", {
                let are_all = stored.periods.values().all(|period| period.shops.len() == self.shops.len() + 1);
                are_all && stored.periods.len() == self.months.len()
            }),
            ("clearing sums to zero: what was paid is what was received", [told(FactKind::Cleared), received] == [paid; 2]),
            ("after the last clearing nobody owes another shop", {
                shops.clone().all(|shop| shop.owed.is_empty()) && book("network_receivable") == 0
            }),
            ("a payment that was granted pays its sale, and nothing more is asked", sales.clone().all(is_settled)),
            ("a void leaves nothing of its award", voided.all(|sale| sale.kept.is_zero() && sale.back == sale.total)),
            ("a payment that was called off pays nothing", called_off("called off").all(|red| red.amount == red.undone)),
            ("a payment whose undo came first is refused", {
                called_off("undone first").all(|red| red.undone_before && red.amount.is_zero())
            }),
            ("nothing waits: the sales are the receipts, to the rupiah", {
                counts.waited == 0 && sold.len() == self.receipts.len() && sold.iter().sum::<i64>() == fed
            }),
            ("each purchase counts once, unless it came back whole", usize::try_from(purchases) == Ok(kept)),
            ("the states answered are those of the keys", counts.other_keys == 0),
            ("what comes again counts for nothing, and another event of its id is a conflict", {
                self.host.counts.repeated == self.host.log.len().div_ceil(AGAIN) && counts.counted_again == 0
            }),
            ("no shop's state grows with its sales: 1 KiB, and 40 bytes for each other shop", shops.clone().all(is_small)),
            ("every message came once, in chains of at most six", counts.longest <= 6 && came == sent),
            ("each owner's log by itself gives all states again", self.host.replayed()? == *stored),
        ]);
        Ok(sums)
    }
}
