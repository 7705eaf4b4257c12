//! What a network agrees on: its programs and its settings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::name::Name;
use loyalty_rules::api::canonical;
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::fields::Hex;
use loyalty_rules::api::json::parse;
use loyalty_rules::api::wire::{Path, Refusal, read, record};
use loyalty_rules::award::{Label, Offers, Program};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::funding::Bonus;
use loyalty_rules::{wire_words, words};

words! {
    /// Who pays what an offline till printed above the decision.
    #[derive(Default)]
    pub enum PrintedPayer {
        /// The shop.
        #[default]
        Shop = "shop",
        /// The operator.
        Operator = "operator",
    }
}

wire_words! {
    PrintedPayer;
}

record! {
    /// What a network agrees on beside its programs.
    pub struct NetworkSettings {
        /// The funding party that is the shop itself.
        retailer: String = "retailer".to_string(),
        /// Who pays what an offline till printed above the decision.
        printed_payer: PrintedPayer = PrintedPayer::default(),
        /// The name of the network, which hears of closed periods.
        network: Name = Name::made("1".to_string()),
        /// Events before it that are no messages are refused.
        horizon: Option<CivilTime>,
    }
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            retailer: "retailer".to_string(),
            printed_payer: PrintedPayer::default(),
            network: Name::made("1".to_string()),
            horizon: None,
        }
    }
}

/// A program of the network, proved once.
#[derive(Clone, Debug)]
pub struct NetworkProgram {
    /// The program; of one with offers what holds whatever the goods.
    pub program: Program,
    /// The program with its offers, if it has any.
    pub offers: Option<Offers>,
    /// Codes of goods that have an expiry date.
    pub dated_skus: Vec<String>,
    /// Its content hash (AW-11), in hexadecimal digits.
    pub hash: String,
    /// Who pays, in the order of its shares; empty if the program does not state its funding.
    pub parties: Vec<String>,
}

impl NetworkProgram {
    /// Reads and proves a program's document, in JSON.
    ///
    /// ```
    /// use loyalty_network::fold::NetworkProgram;
    ///
    /// let program = NetworkProgram::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus",
    ///     "quota": 50000, "funding": {"preset": "BN-2"}}"#)?;
    /// assert_eq!(program.parties, ["producer", "retailer", "operator"]);
    /// # Ok::<(), loyalty_rules::api::Refusal>(())
    /// ```
    ///
    /// # Errors
    /// What is malformed, and what the proof refuses.
    pub fn from_json(document: &[u8]) -> Result<Self, Refusal> {
        Self::prove(&read(&parse(document)?, &Path::Root)?, &Path::Root)
    }

    /// Proves the document that stands at `path`.
    ///
    /// # Errors
    /// What the proof refuses.
    pub fn prove(document: &ProgramDocument, path: &Path<'_>) -> Result<Self, Refusal> {
        let offers = document.has_offers().then(|| document.prove_offers(path)).transpose()?;
        let program = match &offers {
            Some(offers) => offers.own().clone(),
            None => document.prove(path)?,
        };
        let dated_skus = document.carried.dated_skus().map(ToString::to_string).collect();
        let hash = canonical::program_hash(document)?;
        let count = program.terms().funding.map_or(0, |funding| funding.weights().len());
        let is_preset = document.funding.as_ref().is_some_and(|shares| matches!(shares.preset, Some(Bonus::Goods | Bonus::VoucherPoints)));
        let parties = match &document.carried.parties {
            Some(names) => names.iter().map(|name| name.as_str().to_string()).collect(),
            None if is_preset => ["producer", "retailer", "operator"].map(ToString::to_string).to_vec(),
            None => (1..=count).map(|number| format!("party{number}")).collect(),
        };
        Ok(Self { program, offers, dated_skus, hash: Hex::text(&hash), parties })
    }

    fn is_in_force(&self, time: &CivilTime) -> bool {
        let terms = self.program.terms();
        let local = time.at_offset_of(terms.utc_offset).map(|local| local.local());
        local.is_ok_and(|now| terms.from.is_none_or(|from| from <= now) && terms.until.is_none_or(|until| now < until))
    }
}

/// The programs and the settings of a network.
#[derive(Clone, Debug, Default)]
pub struct NetworkTerms {
    /// Pinned versions of its programs.
    pub programs: Vec<NetworkProgram>,
    /// The settings.
    pub settings: NetworkSettings,
}

impl NetworkTerms {
    /// The first program of an id, of any if none is stated, that is in force at an instant.
    pub(super) fn in_force(&self, id: Option<&str>, time: &CivilTime) -> Option<&NetworkProgram> {
        let of_id = |program: &&NetworkProgram| id.is_none() || program.program.terms().id.as_ref().map(Label::as_str) == id;
        self.programs.iter().filter(of_id).find(|program| program.is_in_force(time))
    }

    /// The program of a hash.
    pub(super) fn pinned(&self, hash: &str) -> Option<&NetworkProgram> {
        self.programs.iter().find(|program| program.hash == hash)
    }
}
