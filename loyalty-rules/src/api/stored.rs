//! An account through serde: the same state as that of `ledger.apply`.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use super::account::StateFields;
use super::json::Node;
use super::wire::{Path, read, to_json};
use crate::ledger::Account;

/// The object of `ledger.apply`'s `state`.
///
/// ```
/// use loyalty_rules::ledger::Account;
///
/// let stored = serde_json::to_string(&Account::default()).unwrap();
/// assert!(serde_json::from_str::<Account>(&stored).is_ok());
/// let forged = stored.replace("\"debt_milli\":0", "\"debt_milli\":-5");
/// assert!(serde_json::from_str::<Account>(&forged).is_err());
/// ```
impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state: serde_json::Value = serde_json::from_str(&to_json(&StateFields::of(self))).map_err(S::Error::custom)?;
        state.serialize(serializer)
    }
}

/// Proved as it is read.
impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::from(serde_json::Value::deserialize(deserializer)?);
        let state = read::<StateFields>(&node, &Path::Root);
        state.and_then(|state| state.account(&Path::Root)).map_err(D::Error::custom)
    }
}

impl From<serde_json::Value> for Node {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => number.as_i64().map_or(Self::Fraction, |number| Self::Integer(number.into())),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(entries) => Self::List(entries.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => Self::Object(entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect()),
        }
    }
}
