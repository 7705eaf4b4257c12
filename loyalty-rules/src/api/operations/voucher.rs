//! Vouchers after their award.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::operations;
use crate::api::fields::{Hex, Secret, TokenPublic, TokenSecret};
use crate::api::wire::{Amount, AsWritten, Path, Refusal, answer, record};
use crate::award::Origin;
use crate::calendar::{CivilTime, Month, Validity};
use crate::error::Fault;
use crate::ledger::voucher::{
    self, Code, CodeReason, Expiring, IssuedVoucher, MonthCounters, PublicKey, RedeemLimits, RedeemReason, Redeemable, SecretKey,
    TokenReason, Verified, Voucher, VoucherRedemption, Worth,
};
use crate::quantity::{Cash, Count, Mode, Points, Rupiah};

operations! {
    "voucher.code" ["VC-3"] "The typable code of a voucher.": code, CodeRequest => CodeAnswer;
    "voucher.read_code" ["VC-3"] "Whether a typed code is the network's.": read_code, ReadCodeRequest => ReadCode;
    "voucher.public_key" ["VC-3"] "The public key of a network's secret.": public_key, SecretRequest => PublicAnswer;
    "voucher.sign" ["VC-3 VC-8"] "The signed token of a voucher.": sign, SignRequest => TokenAnswer;
    "voucher.verify" ["VC-2 VC-3 VC-4"] "Whether a token is the network's and valid at an instant.": verify, VerifyToken => VerifiedAnswer;
    "voucher.expiry" ["VC-4"] "When a voucher or points expire.": expiry, ExpiryRequest => ExpiryAnswer;
    "voucher.redeem" ["VC-3 VC-4 VC-5 VC-6 VC-7"] "A voucher redeemed on a purchase.": redeem, RedeemRequest => RedeemedAnswer;
    "voucher.cash_rounding" ["VC-9"] "The last line of a cash payment.": cash_rounding, CashRequest => CashAnswer;
    "voucher.reminders" ["VC-10"] "What expires soon, by shopper.": reminders, RemindersRequest => RemindersAnswer;
    "voucher.debt" ["VC-1 VC-5 VC-8"] "What issued vouchers still owe.": debt, DebtRequest => DebtAnswer;
}

record! {
    /// A serial number and the key of its code.
    pub struct CodeRequest {
        /// The network's secret key for codes: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The id of the key, 0 … 31.
        key_id: Count,
        /// The network.
        network: String,
        /// The serial number, 0 … 1,073,741,823, once under a key.
        serial: Count,
    }
}

answer! {
    /// A typable code.
    pub struct CodeAnswer {
        /// 16 symbols in four groups.
        code: String,
    }
}

record! {
    /// A typed code and the keys it may be under.
    pub struct ReadCodeRequest {
        /// The network's keys for codes, each id once.
        keys: Vec<CodeKey>,
        /// The network.
        network: String,
        /// The code as it was typed.
        code: String,
    }
}

record! {
    /// A key for codes.
    pub struct CodeKey {
        /// Its id, 0 … 31.
        key_id: Count,
        /// The key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
    }
}

answer! {
    /// What a typed code is.
    pub struct ReadCode {
        /// Whether it is the network's.
        reason: CodeReason,
        /// The id of its key; null unless valid.
        key_id: Option<Count>,
        /// Its serial number; null unless valid.
        serial: Option<Count>,
        /// The code as it is printed; null if unreadable.
        code: Option<String>,
    }
}

record! {
    /// A secret key.
    pub struct SecretRequest {
        /// The secret key of a network's tokens: 32 bytes as hexadecimal digits.
        secret_hex: TokenSecret,
    }
}

answer! {
    /// A public key.
    pub struct PublicAnswer {
        /// The public key: 32 bytes as hexadecimal digits.
        public_hex: Hex,
    }
}

record! {
    /// A voucher to sign.
    pub struct SignRequest {
        /// The secret key of the network's tokens: 32 bytes as hexadecimal digits.
        secret_hex: TokenSecret,
        /// The id of the key, 0 … 255.
        key_id: Count,
        /// The voucher.
        voucher: SignedVoucher,
    }
}

record! {
    /// What a token says.
    pub struct SignedVoucher {
        /// The network, 1 … 64 bytes.
        network: String,
        /// The unique id, 1 … 64 bytes.
        id: String,
        /// The shop that issued it, 1 … 64 bytes.
        issuer: String,
        /// What it is worth, in rupiah.
        value: Amount,
        /// From when it can be used, in whole seconds.
        valid_from: CivilTime,
        /// From when it can no longer be used, in whole seconds; never without, if it was purchased.
        expires: Option<CivilTime>,
        /// Whether it was given or paid for.
        origin: Origin = Origin::default(),
        /// Whether it must be used at once.
        single_use: bool = false,
    }
}

answer! {
    /// A signed token.
    pub struct TokenAnswer {
        /// Text of a QR code's alphanumeric mode.
        token: String,
        /// The same bytes as hexadecimal digits.
        token_hex: Hex,
    }
}

record! {
    /// A token and the keys it may be under.
    pub struct VerifyToken {
        /// The network's public keys, each id once.
        keys: Vec<TokenKey>,
        /// The network in whose shop it is shown.
        network: String,
        /// The token as text; this or `token_hex`.
        token: Option<String>,
        /// The token's bytes as hexadecimal digits.
        token_hex: Option<String>,
        /// When it is shown.
        at: CivilTime,
    }
}

record! {
    /// A public key.
    pub struct TokenKey {
        /// Its id, 0 … 255.
        key_id: Count,
        /// The public key: 32 bytes as hexadecimal digits.
        public_hex: TokenPublic,
    }
}

answer! {
    /// What a token is.
    pub struct VerifiedAnswer {
        /// Whether it is the network's and valid.
        reason: TokenReason,
        /// The id of its key; null unless the signature holds.
        key_id: Option<Count>,
        /// What it says; null unless the signature holds.
        voucher: Option<VoucherSaid>,
    }
}

answer! {
    /// What a genuine token says.
    pub struct VoucherSaid {
        /// The network.
        network: String,
        /// The unique id.
        id: String,
        /// The shop that issued it.
        issuer: String,
        /// What it is worth, in rupiah.
        value: Rupiah,
        /// From when it can be used.
        valid_from: CivilTime,
        /// From when it can no longer be used; null for never.
        expires: Option<CivilTime>,
        /// Whether it was given or paid for.
        origin: Origin,
        /// Whether it must be used at once.
        single_use: bool,
    }
}

record! {
    /// An issue and how long it is valid.
    pub struct ExpiryRequest {
        /// When it is issued.
        issued_at: CivilTime,
        /// Days, 1 … 36,500; these or months.
        days: Option<Count>,
        /// Calendar months, 1 … 1,200.
        months: Option<Count>,
    }
}

answer! {
    /// An expiry.
    pub struct ExpiryAnswer {
        /// Local midnight, from when it can no longer be used.
        expires: CivilTime,
    }
}

record! {
    /// A voucher and a purchase.
    pub struct RedeemRequest {
        /// The voucher as it stands.
        voucher: RedeemableFields,
        /// The purchase in rupiah.
        purchase: Amount,
        /// How much the voucher is to pay in rupiah, 1 or more; as much as it can if absent.
        amount: Option<Amount>,
        /// When it is paid.
        at: CivilTime,
        /// The purchase that a redemption needs, in rupiah.
        min_purchase: Amount = Amount(Rupiah::ZERO),
        /// The most vouchers redeemed in a calendar month.
        limits: LimitFields = LimitFields { program: None, shopper: None },
        /// The vouchers redeemed in the month so far.
        counters: MonthCounterFields = MonthCounterFields { month: None, program: Count::ZERO, shopper: Count::ZERO },
    }
}

record! {
    /// A voucher as it stands.
    pub struct RedeemableFields {
        /// What it is worth, in rupiah.
        value: Amount,
        /// What was redeemed of it before, in rupiah.
        redeemed: Amount = Amount(Rupiah::ZERO),
        /// From when it can be used.
        valid_from: Option<CivilTime>,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// Whether a part that is not used at once is lost.
        single_use: bool = false,
    }
}

record! {
    /// The most vouchers redeemed in a calendar month; without a number any.
    pub struct LimitFields {
        /// In the whole program.
        program: Option<Count>,
        /// By one shopper.
        shopper: Option<Count>,
    }
}

record! {
    /// Vouchers redeemed in a calendar month.
    pub struct MonthCounterFields {
        /// The month, `YYYY-MM`; of another month than the payment's they count as none.
        month: Option<Month>,
        /// In the whole program.
        program: Count = Count::ZERO,
        /// By this shopper.
        shopper: Count = Count::ZERO,
    }
}

answer! {
    /// A judged redemption.
    pub struct RedeemedAnswer {
        /// What became of it.
        reason: RedeemReason,
        /// What the voucher pays, in rupiah.
        amount: Rupiah,
        /// What the shopper still pays, in rupiah.
        to_pay: Rupiah,
        /// What of the voucher stays valid, in rupiah.
        left: Rupiah,
        /// What a single-use voucher loses, in rupiah.
        forfeited: Rupiah,
        /// The counters after it.
        counters: MonthCountersAfter,
    }
}

answer! {
    /// Vouchers redeemed in the payment's month.
    pub struct MonthCountersAfter {
        /// The month.
        month: Option<Month>,
        /// In the whole program.
        program: Count,
        /// By this shopper.
        shopper: Count,
    }
}

record! {
    /// An amount and how cash rounds it.
    pub struct CashRequest {
        /// The amount in rupiah; it may be negative.
        amount: Rupiah,
        /// The unit in rupiah, 1 … 1,000,000.
        unit: Rupiah,
        /// The direction; a negative amount mirrors the positive one.
        mode: Mode = Mode::default(),
    }
}

answer! {
    /// A rounded payment.
    pub struct CashAnswer {
        /// The last line: rounded − amount in rupiah, signed.
        line: Rupiah,
        /// What is paid, in rupiah.
        to_pay: Rupiah,
    }
}

record! {
    /// What shoppers hold.
    pub struct RemindersRequest {
        /// Vouchers and lots of points.
        items: Vec<ItemFields>,
        /// The instant of the reminder.
        as_of: CivilTime,
        /// How many times 24 hours ahead it looks.
        days: Count,
    }
}

record! {
    /// A voucher or a lot of points.
    pub struct ItemFields {
        /// Its id.
        id: String,
        /// Whose it is.
        shopper: String,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// What a voucher is worth in rupiah; this or `points_milli`.
        value: Option<Amount>,
        /// Thousandths of a point, 0 or more.
        points_milli: Option<Points>,
    }
}

answer! {
    /// What expires soon.
    pub struct RemindersAnswer {
        /// One reminder a shopper, sorted.
        reminders: Vec<ReminderFields>,
    }
}

answer! {
    /// What a shopper is to be reminded of.
    pub struct ReminderFields {
        /// The shopper.
        shopper: String,
        /// The vouchers together, in rupiah.
        value: Rupiah,
        /// The points together, in thousandths.
        points_milli: Points,
        /// The items by their expiry, then id.
        items: Vec<ExpiringItem>,
    }
}

answer! {
    /// An item that expires soon.
    pub struct ExpiringItem {
        /// Its id.
        id: String,
        /// From when it can no longer be used.
        expires: AsWritten,
    }
}

record! {
    /// Vouchers and their redemptions.
    pub struct DebtRequest {
        /// The vouchers, each id once.
        vouchers: Vec<IssuedFields>,
        /// Their redemptions, in any order.
        redemptions: Vec<PartFields> = Vec::new(),
        /// The instant that is asked about.
        as_of: CivilTime,
    }
}

record! {
    /// A voucher that was issued.
    pub struct IssuedFields {
        /// Its unique id.
        id: String,
        /// The shop that owes it.
        issuer: String,
        /// What it is worth, in rupiah.
        value: Amount,
        /// When it was issued.
        issued_at: CivilTime,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// Whether it was given or paid for.
        origin: Origin = Origin::default(),
    }
}

record! {
    /// A redemption of a voucher, in whole or in part.
    pub struct PartFields {
        /// The voucher.
        id: String,
        /// How much of it, in rupiah.
        amount: Amount,
        /// When.
        time: CivilTime,
    }
}

answer! {
    /// What vouchers owe.
    pub struct DebtAnswer {
        /// All of it, in rupiah.
        debt: Rupiah,
        /// The same by issuer in rupiah, zeros included.
        by_issuer: alloc::collections::BTreeMap<String, Rupiah>,
        /// Of vouchers that were given, in rupiah.
        promotional: Rupiah,
        /// Of vouchers that were paid for, in rupiah.
        purchased: Rupiah,
        /// Vouchers redeemed above their value, sorted.
        over_redeemed: Vec<String>,
        /// Ids of redemptions without a voucher, sorted.
        unknown: Vec<String>,
    }
}

/// A key id up to a number.
fn key_id(key_id: Count, max: i64, path: &Path<'_>) -> Result<u8, Refusal> {
    let small = u8::try_from(key_id.get()).ok().filter(|_| key_id.get() <= max);
    small.ok_or_else(|| Refusal::at(Fault::KeyIdOutOfRange, path))
}

/// The keys of a list by id, each once.
fn keys<'a, F, K>(
    list: &'a [F],
    max: i64,
    id: impl Fn(&F) -> Count,
    key: impl Fn(&'a F) -> Result<K, Refusal>,
) -> Result<Vec<(u8, K)>, Refusal> {
    let (path, mut seen) = (Path::Root.key("keys"), BTreeSet::new());
    let keys = list.iter().enumerate().map(|(index, entry)| {
        let path = path.entry(index);
        let key_id = key_id(id(entry), max, &path.key("key_id"))?;
        if !seen.insert(key_id) {
            return Err(Refusal::at(Fault::NotDistinct, &path.key("key_id")));
        }
        Ok((key_id, key(entry)?))
    });
    keys.collect()
}

fn code(request: &CodeRequest) -> Result<CodeAnswer, Refusal> {
    let key_id = key_id(request.key_id, 31, &Path::Root.key("key_id"))?;
    let serial = u32::try_from(request.serial.get()).map_err(|_| Fault::SerialOutOfRange.error().at("serial"))?;
    Ok(CodeAnswer { code: Code::new(request.key_hex.key()?, key_id, &request.network, serial)?.to_string() })
}

fn read_code(request: &ReadCodeRequest) -> Result<ReadCode, Refusal> {
    let keys = keys(&request.keys, 31, |key| key.key_id, |key| Ok(key.key_hex.key()?))?;
    let (reason, code) = voucher::read_code(&keys, &request.network, &request.code);
    let valid = code.filter(|_| reason == CodeReason::Valid);
    let number = |number: u32| Count::new(number.into());
    Ok(ReadCode {
        reason,
        key_id: valid.map(|code| number(code.key_id().into())).transpose()?,
        serial: valid.map(|code| number(code.serial())).transpose()?,
        code: code.map(|code| code.to_string()),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn public_key(request: &SecretRequest) -> Result<PublicAnswer, Refusal> {
    Ok(PublicAnswer { public_hex: Hex(SecretKey::new(&request.secret_hex.0).public().to_vec()) })
}

fn sign(request: &SignRequest) -> Result<TokenAnswer, Refusal> {
    let key_id = key_id(request.key_id, 255, &Path::Root.key("key_id"))?;
    let fields = request.voucher.clone();
    let voucher = Voucher {
        network: fields.network,
        id: fields.id,
        issuer: fields.issuer,
        value: fields.value.0,
        valid_from: fields.valid_from,
        expires: fields.expires,
        origin: fields.origin,
        single_use: fields.single_use,
    };
    let token = voucher.sign(&SecretKey::new(&request.secret_hex.0), key_id);
    let token = token.map_err(|error| Refusal::inside(error, &Path::Root.key("voucher")))?;
    Ok(TokenAnswer { token: voucher::token_text(&token), token_hex: Hex(token) })
}

fn verify(request: &VerifyToken) -> Result<VerifiedAnswer, Refusal> {
    let path = Path::Root.key("keys");
    let public = |index: usize, key: &TokenKey| -> Result<PublicKey, Refusal> {
        key.public_hex.key().map_err(|error| Refusal::inside(error, &path.entry(index).key("public_hex")))
    };
    let entries: Vec<_> = request.keys.iter().enumerate().collect();
    let keys = keys(&entries, 255, |(_, key)| key.key_id, |(index, key)| public(*index, key))?;
    let token = match (&request.token, &request.token_hex) {
        (Some(text), None) => voucher::token_bytes(text),
        (None, Some(hex)) => Hex::parse(hex).ok().map(|Hex(bytes)| bytes),
        _ => return Err(Fault::TokenForm.error().at("token").into()),
    };
    // What is no bytes is no token.
    let Verified { reason, genuine } = voucher::verify(&token.unwrap_or_default(), &keys, &request.network, &request.at);
    let (key_id, voucher) = genuine.unzip();
    Ok(VerifiedAnswer {
        reason,
        key_id: key_id.map(|key_id| Count::new(key_id.into())).transpose()?,
        voucher: voucher.map(VoucherSaid::from),
    })
}

impl From<Voucher> for VoucherSaid {
    fn from(voucher: Voucher) -> Self {
        let Voucher { network, id, issuer, value, valid_from, expires, origin, single_use } = voucher;
        Self { network, id, issuer, value, valid_from, expires, origin, single_use }
    }
}

fn expiry(request: &ExpiryRequest) -> Result<ExpiryAnswer, Refusal> {
    // What does not fit is out of range as well.
    let span = |span: Count| u16::try_from(span.get()).unwrap_or(u16::MAX);
    let validity = match (request.days, request.months) {
        (Some(days), None) => Validity::Days(span(days)),
        (None, Some(months)) => Validity::Months(span(months)),
        _ => return Err(Fault::ValidityForm.error().at("days").into()),
    };
    Ok(ExpiryAnswer { expires: validity.expires(&request.issued_at)? })
}

fn redeem(request: &RedeemRequest) -> Result<RedeemedAnswer, Refusal> {
    let RedeemableFields { value, redeemed, valid_from, expires, single_use } = request.voucher;
    let voucher = Redeemable { value: value.0, redeemed: redeemed.0, valid_from, expires, single_use };
    let limits = RedeemLimits { min_purchase: request.min_purchase.0, program: request.limits.program, shopper: request.limits.shopper };
    let MonthCounterFields { month, program, shopper } = request.counters;
    let asked = request.amount.map(|amount| amount.0);
    let counters = MonthCounters { month, program, shopper };
    let redeemed = voucher::redeem(&voucher, request.purchase.0, asked, &request.at, &limits, &counters)?;
    let MonthCounters { month, program, shopper } = redeemed.counters;
    Ok(RedeemedAnswer {
        reason: redeemed.reason,
        amount: redeemed.amount,
        to_pay: redeemed.to_pay,
        left: redeemed.left,
        forfeited: redeemed.forfeited,
        counters: MonthCountersAfter { month, program, shopper },
    })
}

fn cash_rounding(request: &CashRequest) -> Result<CashAnswer, Refusal> {
    let Cash { line, to_pay } = Cash::round(request.amount, request.unit, request.mode)?;
    Ok(CashAnswer { line, to_pay })
}

fn reminders(request: &RemindersRequest) -> Result<RemindersAnswer, Refusal> {
    let path = Path::Root.key("items");
    let items = request.items.iter().enumerate().map(|(index, item)| {
        let worth = match (item.value, item.points_milli) {
            (Some(value), None) => Worth::Value(value.0),
            (None, Some(points)) => Worth::Points(points),
            _ => return Err(Refusal::at(Fault::ValueOrPoints, &path.entry(index))),
        };
        Ok(Expiring { id: &item.id, shopper: &item.shopper, expires: item.expires, worth })
    });
    let reminders = voucher::reminders(&items.collect::<Result<Vec<_>, _>>()?, &request.as_of, request.days)?;
    let item = |(id, expires): (&str, CivilTime)| ExpiringItem { id: id.to_owned(), expires: AsWritten(expires) };
    let reminders = reminders.into_iter().map(|reminder| ReminderFields {
        shopper: reminder.shopper.to_owned(),
        value: reminder.value,
        points_milli: reminder.points,
        items: reminder.items.into_iter().map(item).collect(),
    });
    Ok(RemindersAnswer { reminders: reminders.collect() })
}

fn debt(request: &DebtRequest) -> Result<DebtAnswer, Refusal> {
    let vouchers = request.vouchers.iter().map(|fields| IssuedVoucher {
        id: &fields.id,
        issuer: &fields.issuer,
        value: fields.value.0,
        issued_at: fields.issued_at,
        expires: fields.expires,
        origin: fields.origin,
    });
    let redemptions =
        request.redemptions.iter().map(|fields| VoucherRedemption { id: &fields.id, amount: fields.amount.0, time: fields.time });
    let debt = voucher::debt(&vouchers.collect::<Vec<_>>(), &redemptions.collect::<Vec<_>>(), &request.as_of)?;
    let owned = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    Ok(DebtAnswer {
        debt: debt.debt,
        by_issuer: debt.by_issuer.into_iter().map(|(issuer, owed)| (issuer.to_owned(), owed)).collect(),
        promotional: debt.promotional,
        purchased: debt.purchased,
        over_redeemed: owned(debt.over_redeemed),
        unknown: owned(debt.unknown),
    })
}
