//! Names, ids and the keys that are made of them.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::fault::Faults as _;
use loyalty_rules::api::json::Json;
use loyalty_rules::api::wire::{At, Defs, Describe, Read, Write};
use loyalty_rules::error::Fault;

/// The longest name of a shop, an account or a network, in bytes.
const NAME_MAX: usize = 64;
/// The longest id, and the longest source of an event of the outside, in bytes.
const ID_MAX: usize = 200;
/// The longest source of a message, which holds such an id and such a source with each byte encoded.
const SENDER_MAX: usize = 6 * ID_MAX + 100;

/// The characters that keys are joined with, and `%`, with what stands for each inside an id.
const JOINTS: [(char, &str); 4] = [('%', "%25"), ('/', "%2F"), ('|', "%7C"), ('~', "%7E")];

/// An id or a source as a part of a key.
///
/// ```
/// use loyalty_network::fold::encoded;
///
/// assert_eq!(encoded("/A/1"), "%2FA%2F1");
/// assert_eq!(encoded("s1"), "s1");
/// ```
pub fn encoded(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for letter in id.chars() {
        match JOINTS.iter().find(|(joint, _)| *joint == letter) {
            Some((_, instead)) => text.push_str(instead),
            None => text.push(letter),
        }
    }
    text
}

/// The id that a part of a key stands for.
pub(super) fn decoded(part: &str) -> String {
    JOINTS.iter().rev().fold(part.to_owned(), |text, (joint, instead)| text.replace(instead, joint.encode_utf8(&mut [0; 4])))
}

fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len()) && !text.contains(JOINTS.map(|(joint, _)| joint))
}

/// Whether a text is an id as keys hold it: no joint, and `%` only where it stands for one.
fn is_encoded(text: &str) -> bool {
    let is_escape = |rest: &str| JOINTS.iter().any(|(_, instead)| rest.starts_with(instead.trim_start_matches('%')));
    let joined = text.contains(['/', '|', '~']);
    !text.is_empty() && text.len() <= ID_MAX.saturating_mul(3) && !joined && text.split('%').skip(1).all(is_escape)
}

fn is_claim(text: &str) -> bool {
    text.split_once('~').is_some_and(|(issuer, id)| is_name(issuer) && is_encoded(id))
}

fn is_claim_owner(text: &str) -> bool {
    match text.split_once('/') {
        Some(("account", name)) => is_name(name),
        Some(("voucher", claim)) => is_claim(claim),
        _ => false,
    }
}

fn is_owner(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, name)| ["shop", "account", "network"].contains(&kind) && is_name(name))
}

fn is_source(text: &str) -> bool {
    (1..=SENDER_MAX).contains(&text.len())
}

pub(super) fn is_id(text: &str) -> bool {
    (1..=ID_MAX).contains(&text.len())
}

/// Texts of a form: the type, what it is called in a schema, its check, and what another text is refused with.
macro_rules! texts {
    ($($(#[doc = $doc:literal])* $type:ident: $is:path, $fault:ident;)*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $type(String);

        impl $type {
            /// The text, if it has the form.
            pub fn new(text: &str) -> Option<Self> {
                $is(text).then(|| Self(text.to_owned()))
            }

            /// A text that was made of others of their forms.
            #[allow(dead_code, reason = "some forms are only read")]
            pub(super) fn made(text: String) -> Self {
                Self(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Read for $type {
            fn read(at: &At<'_>) -> Self {
                let text = at.text();
                match Self::new(text) {
                    Some(read) => read,
                    // What is no text was refused already.
                    None => at.refuse(Fault::$fault, Self::default()),
                }
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut Json) {
                json.text(&self.0);
            }
        }

        impl Describe for $type {
            fn schema(defs: &mut Defs) -> String {
                String::schema(defs)
            }
        }
    )* };
}

texts! {
    /// The name of a shop, an account or a network: 1 … 64 bytes without `|`, `/`, `~` and `%`.
    Name: is_name, NotAName;
    /// The id of an event, or of a sale or a redemption, which is its event's: 1 … 200 bytes.
    Id: is_id, NotAnId;
    /// Who sends an event: 1 … 200 bytes, or the sender of a message.
    Source: is_source, NotAnId;
    /// A voucher or a lot: `A~s1`, its issuer and the id of its sale.
    ClaimName: is_claim, NotAClaim;
    /// Who holds a claim: `account/M1` or `voucher/A~s1`.
    ClaimOwner: is_claim_owner, NotAClaimOwner;
    /// An owner of states: `shop/A`, `account/M1` or `network/1`.
    Owner: is_owner, NotAnOwner;
}

impl ClaimName {
    /// The claim of a sale.
    pub(super) fn of(shop: &str, sale: &str) -> Self {
        Self(format!("{shop}~{}", encoded(sale)))
    }

    /// The shop that issued it.
    pub fn issuer(&self) -> &str {
        self.0.split_once('~').map_or("", |(issuer, _)| issuer)
    }

    pub(super) fn key(&self) -> String {
        format!("voucher/{}", self.0)
    }
}

impl ClaimOwner {
    /// The account that holds it.
    pub(super) fn account(&self) -> Option<&str> {
        self.0.strip_prefix("account/")
    }

    /// The voucher that it is.
    pub(super) fn voucher(&self) -> Option<ClaimName> {
        self.0.strip_prefix("voucher/").and_then(ClaimName::new)
    }

    pub(super) fn of_account(account: &str) -> Self {
        Self(format!("account/{account}"))
    }

    pub(super) fn of_voucher(voucher: &ClaimName) -> Self {
        Self(format!("voucher/{}", voucher.0))
    }

    /// Who applies its events: the account, or the shop that issued the voucher.
    pub(super) fn subject(&self) -> Owner {
        match self.voucher() {
            Some(voucher) => Owner::shop(voucher.issuer()),
            None => Owner(self.0.clone()),
        }
    }
}

/// What kind of owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerKind {
    Shop,
    Account,
    Network,
}

impl Owner {
    pub(super) fn shop(name: &str) -> Self {
        Self(format!("shop/{name}"))
    }

    pub(super) fn account(name: &str) -> Self {
        Self(format!("account/{name}"))
    }

    pub(super) fn network(name: &str) -> Self {
        Self(format!("network/{name}"))
    }

    pub(super) fn kind(&self) -> OwnerKind {
        match self.0.split_once('/') {
            Some(("account", _)) => OwnerKind::Account,
            Some(("network", _)) => OwnerKind::Network,
            _ => OwnerKind::Shop,
        }
    }

    /// The name behind its kind.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

/// Whether a text is the source of messages: a shop, an account, a sale or an opening.
pub(super) fn is_sender(text: &str) -> bool {
    let Some((kind, rest)) = text.split_once('/') else { return false };
    let is_part = |is_rest: fn(&str) -> bool| rest.split_once('/').is_some_and(|(shop, part)| is_name(shop) && is_rest(part));
    match kind {
        "shop" | "account" => is_name(rest),
        "sale" => is_part(is_encoded),
        "opening" => is_part(|part| part.split_once('|').is_some_and(|(source, id)| is_encoded(source) && is_encoded(id))),
        _ => false,
    }
}
