//! Whether states and messages under way add up (NW-5), and the first place where they do not.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use super::event::{Event, EventDetail};
use super::keys::inbox_of;
use super::name::{ClaimName, OwnerKind};
use super::state::{AccountState, InboxState, SaleState, ShopState, VoucherState};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::{wire_words, words};

words! {
    /// What must hold of a network (NW-5), in the order in which it is looked at.
    pub enum NetworkLaw {
        /// The books of a shop sum to zero.
        Books = "books_sum_to_zero",
        /// What a shop reserves is its voucher liability.
        Reserved = "reserved_is_liability",
        /// What a shop owes by acceptor is its payable.
        Owed = "owed_is_payable",
        /// A fund's balance is its account.
        Fund = "fund_is_account",
        /// No more of a claim is gone than it was worth.
        Claim = "claim_covers_its_uses",
        /// What the parties of an award pay is what is kept of it.
        Parts = "parts_are_kept",
        /// What payments wait for is the voucher tender.
        Tender = "tender_is_explained",
        /// What a shop reserves is what its claims are worth, those under way included.
        Claims = "reserved_is_claims",
        /// What members owe a shop is its receivable.
        Debts = "debts_are_receivable",
        /// With nothing under way: what others owe a shop is its receivable.
        Receivable = "payable_is_receivable",
        /// With nothing under way: nothing is half taken back.
        TakenBack = "taken_back_is_zero",
        /// With nothing under way: what a shop owes itself is settled.
        OwnUse = "own_use_is_zero",
    }
}

wire_words! {
    NetworkLaw;
}

/// The states of a network by key, and its messages that were not delivered.
#[derive(Clone, Debug, Default)]
pub struct Network<'a> {
    /// Shops by name.
    pub shops: BTreeMap<&'a str, &'a ShopState>,
    /// Sales by key.
    pub sales: BTreeMap<&'a str, &'a SaleState>,
    /// Vouchers by key.
    pub vouchers: BTreeMap<&'a str, &'a VoucherState>,
    /// Accounts by key.
    pub accounts: BTreeMap<&'a str, &'a AccountState>,
    /// Inboxes by key. A message that one of them has is no longer under way.
    pub inboxes: BTreeMap<&'a str, &'a InboxState>,
    /// Messages that were sent and not acknowledged.
    pub sent: &'a [Event],
}

/// The first place that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What does not hold.
    pub law: NetworkLaw,
    /// The key where it does not.
    pub key: String,
    /// One side, in rupiah.
    pub is: Rupiah,
    /// The other side, in rupiah.
    pub should: Rupiah,
}

/// Amounts by shop.
type ByShop = BTreeMap<String, Rupiah>;

impl Network<'_> {
    /// The first place that does not add up; `None` if all do.
    ///
    /// ```
    /// use loyalty_network::fold::{Network, ShopState};
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let shop = ShopState { reserved: Rupiah::new(500)?, ..ShopState::default() };
    /// let network = Network { shops: [("A", &shop)].into(), ..Network::default() };
    /// let breach = network.breach()?.unwrap();
    /// assert_eq!((breach.law.name(), breach.key.as_str()), ("reserved_is_liability", "shop/A"));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` if a sum leaves the domain.
    pub fn breach(&self) -> Result<Option<Breach>, Error> {
        let checks = [Self::shops, Self::claims, Self::sales, Self::reserved, Self::at_rest];
        for check in checks {
            if let Some(breach) = check(self)? {
                return Ok(Some(breach));
            }
        }
        Ok(None)
    }

    /// The messages that their receivers have not applied. A crash may have left one that was applied in the outbox.
    pub fn under_way(&self) -> impl Iterator<Item = &Event> {
        let has_come = |event: &Event| {
            let inbox = self.inboxes.get(inbox_of(event).as_str());
            event.number.is_some_and(|number| inbox.is_some_and(|inbox| inbox.has(number.0)))
        };
        self.sent.iter().filter(move |event| !has_come(event))
    }

    fn shops(&self) -> Result<Option<Breach>, Error> {
        for (name, shop) in &self.shops {
            let books = sum(shop.books.values())?;
            let owed = sum(shop.owed.values())?;
            let found = unequal(NetworkLaw::Books, name, books, Rupiah::ZERO)
                .or_else(|| unequal(NetworkLaw::Reserved, name, shop.reserved, book(shop, "voucher_liability").negated()))
                .or_else(|| unequal(NetworkLaw::Owed, name, owed, book(shop, "network_payable").negated()))
                .or_else(|| unequal(NetworkLaw::Fund, name, shop.fund.balance, book(shop, "guarantee_fund")));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn claims(&self) -> Result<Option<Breach>, Error> {
        for (key, voucher) in &self.vouchers {
            let gone = sum([&voucher.used, &voucher.taken, &voucher.expired, &voucher.held])?;
            if gone > voucher.value {
                return Ok(Some(Breach { law: NetworkLaw::Claim, key: (*key).to_string(), is: gone, should: voucher.value }));
            }
        }
        for (key, account) in &self.accounts {
            for (name, lot) in &account.lots {
                let gone = sum([&lot.used, &lot.taken, &lot.expired, &lot.held])?;
                if gone > lot.value {
                    return Ok(Some(Breach { law: NetworkLaw::Claim, key: format!("{key}.lots.{name}"), is: gone, should: lot.value }));
                }
            }
        }
        Ok(None)
    }

    fn sales(&self) -> Result<Option<Breach>, Error> {
        let mut tender = ByShop::new();
        for (key, sale) in &self.sales {
            let parts = sum(&sale.parts)?;
            if parts != sale.kept {
                return Ok(Some(Breach { law: NetworkLaw::Parts, key: (*key).to_string(), is: parts, should: sale.kept }));
            }
            let shop = key.split('/').nth(1).unwrap_or_default();
            for state in sale.tenders.values() {
                add(&mut tender, shop, state.want.checked_sub(state.amount)?)?;
            }
        }
        Ok(self.by_shop(NetworkLaw::Tender, "voucher_tender", &tender))
    }

    fn reserved(&self) -> Result<Option<Breach>, Error> {
        let (mut worth, mut debts) = (ByShop::new(), ByShop::new());
        for (key, voucher) in &self.vouchers {
            let issuer = key.strip_prefix("voucher/").and_then(ClaimName::new).map(|name| name.issuer().to_string());
            add(&mut worth, &issuer.unwrap_or_default(), voucher.open().checked_add(voucher.held)?)?;
        }
        for account in self.accounts.values() {
            for lot in account.lots.values() {
                add(&mut worth, &lot.issuer, lot.open().checked_add(lot.held)?)?;
            }
            for debt in &account.debts {
                add(&mut debts, &debt.creditor, debt.amount)?;
            }
        }
        for event in self.under_way() {
            let shop = event.subject.name();
            match &event.data {
                EventDetail::Earn(earn) => add(&mut worth, earn.issuer.as_str(), earn.amount.0)?,
                EventDetail::LotsIn(message) => {
                    message.lots.iter().try_for_each(|lot| add(&mut worth, lot.issuer.as_str(), lot.amount.0))?;
                    message.debts.iter().try_for_each(|debt| add(&mut debts, debt.creditor.as_str(), debt.amount.0))?;
                }
                EventDetail::ClaimUsed(used) if used.voucher.is_none() && event.subject.kind() == OwnerKind::Shop => {
                    add(&mut worth, shop, used.amount.0)?;
                }
                EventDetail::ClaimExpired(expired) => add(&mut worth, shop, expired.amount.0)?,
                EventDetail::ClaimUnused(unused) => add(&mut worth, shop, unused.amount.0.negated())?,
                EventDetail::ClaimReversed(reversed) => {
                    add(&mut worth, shop, reversed.free.0)?;
                    add(&mut debts, shop, reversed.debt.0.negated())?;
                }
                EventDetail::DebtPaid(paid) => add(&mut debts, shop, paid.amount.0)?,
                _ => {}
            }
        }
        for (name, shop) in &self.shops {
            let is = worth.remove(*name).unwrap_or_default();
            if let Some(breach) = unequal(NetworkLaw::Claims, name, shop.reserved, is) {
                return Ok(Some(breach));
            }
        }
        // Claims of a shop whose state is not among them.
        if let Some((name, is)) = worth.into_iter().find(|(_, amount)| !amount.is_zero()) {
            return Ok(unequal(NetworkLaw::Claims, &name, Rupiah::ZERO, is));
        }
        Ok(self.by_shop(NetworkLaw::Debts, "shopper_receivable", &debts))
    }

    fn at_rest(&self) -> Result<Option<Breach>, Error> {
        if self.under_way().next().is_some() {
            return Ok(None);
        }
        let mut owed = ByShop::new();
        for shop in self.shops.values() {
            shop.owed.iter().try_for_each(|(acceptor, amount)| add(&mut owed, acceptor, *amount))?;
        }
        let nothing = ByShop::new();
        Ok(self
            .by_shop(NetworkLaw::Receivable, "network_receivable", &owed)
            .or_else(|| self.by_shop(NetworkLaw::TakenBack, "taken_back", &nothing))
            .or_else(|| self.by_shop(NetworkLaw::OwnUse, "own_use", &nothing)))
    }

    /// The first shop whose account is not what it should be.
    fn by_shop(&self, law: NetworkLaw, account: &str, should: &ByShop) -> Option<Breach> {
        let of = |name: &str| should.get(name).copied().unwrap_or_default();
        let known = self.shops.iter().find_map(|(name, shop)| unequal(law, name, book(shop, account), of(name)));
        let is_unknown = |name: &&String| !self.shops.contains_key(name.as_str());
        known.or_else(|| should.keys().filter(is_unknown).find_map(|name| unequal(law, name, Rupiah::ZERO, of(name))))
    }
}

fn unequal(law: NetworkLaw, shop: &str, is: Rupiah, should: Rupiah) -> Option<Breach> {
    (is != should).then(|| Breach { law, key: format!("shop/{shop}"), is, should })
}

fn book(shop: &ShopState, account: &str) -> Rupiah {
    shop.books.get(account).copied().unwrap_or_default()
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Rupiah>) -> Result<Rupiah, Error> {
    amounts.into_iter().try_fold(Rupiah::ZERO, |sum, amount| sum.checked_add(*amount))
}

fn add(sums: &mut ByShop, shop: &str, amount: Rupiah) -> Result<(), Error> {
    let sum = sums.entry(shop.to_string()).or_default();
    *sum = sum.checked_add(amount)?;
    Ok(())
}
