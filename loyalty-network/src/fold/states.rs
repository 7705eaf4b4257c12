//! The states of one event, by their kind.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::keys::Keys;
use super::state::{
    AccountState, DayState, DueState, InboxState, MOST_CREDITORS, MOST_DUE, MOST_PARTS, MonthState, PeriodState, RedemptionState,
    SaleState, SeenState, ShopState, VoucherState,
};
use crate::fault::Faults as _;
use loyalty_rules::api::json::{Json, Node};
use loyalty_rules::api::wire::{Path, Read, Refusal, Write, read};
use loyalty_rules::error::Fault;

/// The states that an event touches: at most one of a kind, but for vouchers that are brought in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct States {
    /// What became of the event.
    pub seen: Option<SeenState>,
    /// What has come from its sender.
    pub inbox: Option<InboxState>,
    /// The shop.
    pub shop: Option<ShopState>,
    /// The selling day.
    pub day: Option<DayState>,
    /// The month.
    pub month: Option<MonthState>,
    /// The sale.
    pub sale: Option<SaleState>,
    /// Vouchers by key.
    pub vouchers: BTreeMap<String, VoucherState>,
    /// The redemption.
    pub redemption: Option<RedemptionState>,
    /// The account.
    pub account: Option<AccountState>,
    /// The vouchers due at a day.
    pub due: Option<DueState>,
    /// The period.
    pub period: Option<PeriodState>,
}

/// Runs on the state of a key, by the kind that the key begins with.
macro_rules! by_kind {
    ($key:expr, $then:ident, $vouchers:expr) => {
        match $key.split('/').next().unwrap_or_default() {
            "seen" => $then!(seen),
            "inbox" => $then!(inbox),
            "shop" => $then!(shop),
            "day" => $then!(day),
            "month" => $then!(month),
            "sale" => $then!(sale),
            "red" => $then!(redemption),
            "account" => $then!(account),
            "due" => $then!(due),
            "period" => $then!(period),
            _ => $vouchers,
        }
    };
}

impl States {
    /// Reads the states that stand at `path`: those of the keys, and no other.
    ///
    /// # Errors
    /// `missing_field` for a key that is not there, `unknown_field` for another one; what is wrong in a state.
    pub(crate) fn read(keys: &Keys, nodes: &[(String, Node)], path: &Path<'_>) -> Result<Self, Refusal> {
        let mut states = Self::default();
        let asked = || keys.write.iter().chain(&keys.read);
        for key in asked() {
            let Some((_, node)) = nodes.iter().find(|(name, _)| name == key) else {
                return Err(Refusal::at(Fault::Missing, &path.key(key)));
            };
            if *node != Node::Null {
                states.read_one(key, node, &path.key(key))?;
                if let Some(list) = states.too_long() {
                    return Err(Refusal::at(Fault::AnswerTooLarge, &path.key(key).key(list)));
                }
            }
        }
        match nodes.iter().map(|(name, _)| name).find(|name| !asked().any(|key| key == *name)) {
            Some(other) => Err(Refusal::at(Fault::Unknown, &path.key(other))),
            None => Ok(states),
        }
    }

    /// Reads the state of a key.
    fn read_one(&mut self, key: &str, node: &Node, path: &Path<'_>) -> Result<(), Refusal> {
        fn some<T: Read>(node: &Node, path: &Path<'_>) -> Result<Option<T>, Refusal> {
            read(node, path).map(Some)
        }
        macro_rules! set {
            ($field:ident) => {
                self.$field = some(node, path)?
            };
        }
        by_kind!(key, set, {
            self.vouchers.insert(key.to_string(), read(node, path)?);
        });
        Ok(())
    }

    /// A list that is longer than the fold lets it become: what it leads to would have no bound.
    fn too_long(&self) -> Option<&'static str> {
        let [due, shop, redemption] = [
            self.due.as_ref().is_some_and(|due| due.vouchers.len() > MOST_DUE),
            self.shop.as_ref().is_some_and(|shop| shop.owed.len() > MOST_CREDITORS),
            self.redemption.as_ref().is_some_and(|redemption| redemption.parts.len() > MOST_PARTS),
        ];
        match (due, shop, redemption) {
            (true, ..) => Some("vouchers"),
            (_, true, _) => Some("owed"),
            (.., true) => Some("parts"),
            _ => None,
        }
    }

    /// Writes the state of a key, `null` for an absent one.
    pub(crate) fn write(&self, key: &str, json: &mut Json) {
        macro_rules! put {
            ($field:ident) => {
                self.$field.write(json)
            };
        }
        by_kind!(key, put, {
            match self.vouchers.get(key) {
                Some(voucher) => voucher.write(json),
                None => json.null(),
            }
        });
    }
}

/// States by key, as a request holds them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StateNodes(pub(crate) Vec<(String, Node)>);
