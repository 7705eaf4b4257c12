//! Vouchers after their award.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::api::document::ProgramDocument;
use crate::api::fields::{Hex, Secret, TokenPublic, TokenSecret};
use crate::api::wire::{Amount, AsWritten, Path, Refusal, answer, record};
use crate::award::{Origin, Program, Terms};
use crate::calendar::{CivilTime, Month, Offset, Validity};
use crate::error::{Fault, Field};
use crate::ledger::voucher::{
    self, Code, CodeReason, Expiring, IssuedVoucher, MonthCounters, Payable, PublicKey, RedeemLimits, RedeemReason, Redeemable, SecretKey,
    TokenReason, UndoReason, Undoable, Verified, Voucher, VoucherRedemption, Worth,
};
use crate::operations;
use crate::quantity::{Cash, Count, Mode, Points, Rate, Rupiah};

crate::wire_words! {
    CodeReason;
    TokenReason;
    RedeemReason;
    UndoReason;
}

operations! {
    "voucher.code" ["VC-3"] "The typable code of a voucher.": code, CodeRequest => CodeAnswer;
    "voucher.read_code" ["VC-3"] "Whether a typed code is the network's.": read_code, ReadCodeRequest => ReadCode;
    "voucher.public_key" ["VC-3"] "The public key of a network's secret.": public_key, SecretRequest => PublicAnswer;
    "voucher.sign" ["VC-3 VC-8"] "The signed token of a voucher.": sign, SignRequest => TokenAnswer;
    "voucher.verify" ["VC-2 VC-3 VC-4"] "Whether a token is the network's and valid at an instant.": verify, VerifyToken => VerifiedAnswer;
    "voucher.expiry" ["VC-4 CV-5"] "When a voucher or points expire.": expiry, ExpiryRequest => ExpiryAnswer;
    "voucher.redeem" ["VC-3 VC-4 VC-5 VC-6 VC-7"] "A voucher redeemed on a purchase.": redeem, RedeemRequest => RedeemedAnswer;
    "voucher.undo" ["VC-4 VC-5 VC-6"] "A redemption that goes back, in part or whole.": undo, UndoRequest => UndoneAnswer;
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
        /// The offset at which instants are read, `±HH:MM`; not beside a program that states one.
        utc_offset: Option<Offset>,
        /// The program, whose validity holds where this request states none.
        program: Option<ProgramDocument>,
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
        /// The purchase in rupiah, which the limits look at.
        purchase: Amount,
        /// What of the purchase is left to pay, in rupiah; all of it if absent.
        left_to_pay: Option<Amount>,
        /// What vouchers paid of the purchase before, in rupiah; `max_share_bp` counts it.
        paid_by_vouchers: Amount = Amount(Rupiah::ZERO),
        /// How much the voucher is to pay in rupiah, 1 or more; as much as it can if absent.
        amount: Option<Amount>,
        /// When it is paid.
        at: CivilTime,
        /// The purchase that a redemption needs, in rupiah; 0 if absent.
        min_purchase: Option<Amount>,
        /// The most that vouchers may pay of the purchase; rounded down to a rupiah.
        max_share_bp: Option<Rate>,
        /// The offset at which instants are read, `±HH:MM`; not beside a program that states one.
        utc_offset: Option<Offset>,
        /// The program, whose terms hold where this request states none.
        program: Option<ProgramDocument>,
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
        /// Whether a part that is not used at once is lost; false if absent.
        single_use: Option<bool>,
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
        /// The month, `YYYY-MM`; a later month than this starts from zero, an earlier one is refused.
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
    /// A redemption that goes back.
    pub struct UndoRequest {
        /// The voucher as it stands now.
        voucher: RedeemableFields,
        /// The redemption.
        redemption: UndoableFields,
        /// How much goes back, in rupiah, 1 or more; all that is left of the redemption if absent.
        amount: Option<Amount>,
        /// When it goes back.
        at: CivilTime,
        /// The days for which the voucher can be used from then on, even past its own expiry; 0 … 36,500.
        grace_days: Count = Count::ZERO,
        /// The vouchers redeemed in the month of the redemption so far.
        counters: Option<MonthCounterFields>,
        /// The offset at which instants are read, `±HH:MM`; not beside a program that states one.
        utc_offset: Option<Offset>,
        /// The program, whose terms hold where this request states none.
        program: Option<ProgramDocument>,
    }
}

record! {
    /// A redemption, as `voucher.redeem` answered it.
    pub struct UndoableFields {
        /// What the voucher paid, in rupiah.
        amount: Amount,
        /// What a single-use voucher lost by it, in rupiah.
        forfeited: Amount = Amount(Rupiah::ZERO),
        /// When it paid.
        at: CivilTime,
        /// What was undone of it before, in rupiah.
        undone: Amount = Amount(Rupiah::ZERO),
    }
}

answer! {
    /// A judged undo.
    pub struct UndoneAnswer {
        /// What became of it.
        reason: UndoReason,
        /// What goes back on the voucher, in rupiah.
        amount: Rupiah,
        /// What is undone of the redemption in all, in rupiah; the `undone` of the next request.
        undone: Rupiah,
        /// The voucher after it, for the next redemption or undo.
        voucher: VoucherAfter,
        /// What the voucher is worth after it, in rupiah.
        left: Rupiah,
        /// Whether it can be used at `at`.
        usable: bool,
        /// The counters after it; null if none were given.
        counters: Option<MonthCountersAfter>,
    }
}

answer! {
    /// A voucher as it stands.
    pub struct VoucherAfter {
        /// What it is worth without redemptions, in rupiah.
        value: Rupiah,
        /// What is redeemed of it, in rupiah.
        redeemed: Rupiah,
        /// From when it can no longer be used; null for never.
        expires: Option<AsWritten>,
    }
}

record! {
    /// An amount and how cash rounds it.
    pub struct CashRequest {
        /// The amount in rupiah; it may be negative.
        amount: Rupiah,
        /// The unit in rupiah, 1 … 1,000,000; here or in the program.
        unit: Option<Rupiah>,
        /// The direction, `down` if absent; a negative amount mirrors the positive one.
        mode: Option<Mode>,
        /// Of a refund: the amount of the sale, in rupiah. The refund is rounded by difference then.
        sale: Option<Amount>,
        /// What was refunded of the sale before, in rupiah, before rounding.
        refunded: Option<Amount>,
        /// The program, whose cash rounding holds where this request states none.
        program: Option<ProgramDocument>,
    }
}

answer! {
    /// A rounded payment.
    pub struct CashAnswer {
        /// The last line: rounded − amount in rupiah, signed.
        line: Rupiah,
        /// What is paid, in rupiah; of a refund negative.
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
    /// A redemption of a voucher, in whole or in part, or its undoing.
    pub struct PartFields {
        /// The voucher.
        id: String,
        /// How much of it, in rupiah; below 0 for what was undone.
        amount: Rupiah,
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

/// What holds: what the request states, or else the program. Both may state the same.
fn agreed<T: PartialEq>(stated: Option<T>, of_program: Option<T>, field: impl Into<Field>) -> Result<Option<T>, Refusal> {
    match (stated, of_program) {
        (Some(stated), Some(other)) if stated != other => Err(Fault::ProgramSaysOtherwise.error().at(field).into()),
        (stated, other) => Ok(stated.or(other)),
    }
}

/// The voucher terms of a program, and the offset at which instants are read.
struct VoucherTerms {
    program: Option<Program>,
    offset: Option<Offset>,
}

impl VoucherTerms {
    fn of(program: Option<&ProgramDocument>, utc_offset: Option<Offset>) -> Result<Self, Refusal> {
        let program = program.map(|document| document.prove(&Path::Root.key("program"))).transpose()?;
        let of_program = program.as_ref().and_then(|program| program.terms().utc_offset);
        if utc_offset.is_some() && of_program.is_some() {
            return Err(Fault::ProgramSaysOtherwise.error().at("utc_offset").into());
        }
        Ok(Self { program, offset: utc_offset.or(of_program) })
    }

    fn get<T>(&self, term: impl FnOnce(&Terms) -> Option<T>) -> Option<T> {
        self.program.as_ref().and_then(|program| term(program.terms()))
    }

    /// An instant at the offset (CV-5).
    fn read(&self, at: CivilTime, field: impl Into<Field>) -> Result<CivilTime, Refusal> {
        Ok(self.offset.map_or(Ok(at), |offset| at.at_offset(offset)).map_err(|error| error.at(field))?)
    }

    /// Whether a voucher is used whole or not at all.
    fn single_use(&self, stated: Option<bool>) -> Result<bool, Refusal> {
        let of_program = self.get(|terms| terms.single_use.then_some(true));
        Ok(agreed(stated, of_program, "voucher.single_use")?.unwrap_or_default())
    }
}

fn expiry(request: &ExpiryRequest) -> Result<ExpiryAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), request.utc_offset)?;
    // What does not fit is out of range as well.
    let span = |span: Count| u16::try_from(span.get()).unwrap_or(u16::MAX);
    let (stated, field) = match (request.days, request.months) {
        (Some(days), None) => (Some(Validity::Days(span(days))), "days"),
        (None, Some(months)) => (Some(Validity::Months(span(months))), "months"),
        (None, None) => (None, "days"),
        (Some(_), Some(_)) => return Err(Fault::ValidityForm.error().at("days").into()),
    };
    let validity = agreed(stated, terms.get(|terms| terms.validity), field)?;
    let validity = validity.ok_or(Fault::ValidityForm.error().at("days"))?;
    Ok(ExpiryAnswer { expires: validity.expires(&terms.read(request.issued_at, "issued_at")?)? })
}

fn redeem(request: &RedeemRequest) -> Result<RedeemedAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), request.utc_offset)?;
    let RedeemableFields { value, redeemed, valid_from, expires, single_use } = request.voucher;
    let single_use = terms.single_use(single_use)?;
    let voucher = Redeemable { value: value.0, redeemed: redeemed.0, valid_from, expires, single_use };
    let least = terms.get(|terms| Some(terms.min_redeem_purchase).filter(|least| !least.is_zero()));
    let stated = request.min_purchase.map(|least| least.0);
    let limits = RedeemLimits {
        min_purchase: agreed(stated, least, "min_purchase")?.unwrap_or(Rupiah::ZERO),
        program: agreed(request.limits.program, terms.get(|terms| terms.redemptions_per_month), "limits.program")?,
        shopper: agreed(request.limits.shopper, terms.get(|terms| terms.redemptions_per_month_shopper), "limits.shopper")?,
        max_share: request.max_share_bp,
    };
    let purchase = request.purchase.0;
    let left = request.left_to_pay.map_or(purchase, |left| left.0);
    let payable = Payable { purchase, left, by_vouchers: request.paid_by_vouchers.0 };
    let asked = request.amount.map(|amount| amount.0);
    let at = terms.read(request.at, "at")?;
    let redeemed = voucher::redeem(&voucher, &payable, asked, &at, &limits, &request.counters.counters())?;
    Ok(RedeemedAnswer {
        reason: redeemed.reason,
        amount: redeemed.amount,
        to_pay: redeemed.to_pay,
        left: redeemed.left,
        forfeited: redeemed.forfeited,
        counters: redeemed.counters.into(),
    })
}

impl MonthCounterFields {
    const fn counters(&self) -> MonthCounters {
        MonthCounters { month: self.month, program: self.program, shopper: self.shopper }
    }
}

impl From<MonthCounters> for MonthCountersAfter {
    fn from(counters: MonthCounters) -> Self {
        let MonthCounters { month, program, shopper } = counters;
        Self { month, program, shopper }
    }
}

fn undo(request: &UndoRequest) -> Result<UndoneAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), request.utc_offset)?;
    let RedeemableFields { value, redeemed, valid_from, expires, single_use } = request.voucher;
    let single_use = terms.single_use(single_use)?;
    let voucher = Redeemable { value: value.0, redeemed: redeemed.0, valid_from, expires, single_use };
    let UndoableFields { amount, forfeited, at, undone } = request.redemption;
    let paid_at = terms.read(at, "redemption.at")?;
    let redemption = Undoable { amount: amount.0, forfeited: forfeited.0, at: paid_at, undone: undone.0 };
    let grace_days = u16::try_from(request.grace_days.get()).unwrap_or(u16::MAX);
    let counters = request.counters.as_ref().map(MonthCounterFields::counters);
    let asked = request.amount.map(|amount| amount.0);
    let undone = voucher::undo(&voucher, &redemption, asked, &terms.read(request.at, "at")?, grace_days, counters.as_ref())?;
    let Redeemable { value, redeemed, expires, .. } = undone.voucher;
    Ok(UndoneAnswer {
        reason: undone.reason,
        amount: undone.amount,
        undone: undone.undone,
        voucher: VoucherAfter { value, redeemed, expires: expires.map(AsWritten) },
        left: undone.left,
        usable: undone.is_usable,
        counters: undone.counters.map(Into::into),
    })
}

fn cash_rounding(request: &CashRequest) -> Result<CashAnswer, Refusal> {
    let terms = VoucherTerms::of(request.program.as_ref(), None)?;
    let rounding = terms.get(|terms| terms.cash_rounding);
    let of_program = rounding.map(|rounding| Rupiah::new(rounding.unit.rupiah())).transpose()?;
    let unit = agreed(request.unit, of_program, "unit")?.ok_or(Fault::Missing.error().at("unit"))?;
    let mode = agreed(request.mode, rounding.map(|rounding| rounding.mode), "mode")?.unwrap_or_default();
    let Cash { line, to_pay } = match (request.sale, request.refunded) {
        (None, None) => Cash::round(request.amount, unit, mode)?,
        (None, Some(_)) => return Err(Fault::RefundedWithoutSale.error().at("refunded").into()),
        (Some(sale), refunded) => Cash::refund(request.amount, sale.0, refunded.map_or(Rupiah::ZERO, |refunded| refunded.0), unit, mode)?,
    };
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
        request.redemptions.iter().map(|fields| VoucherRedemption { id: &fields.id, amount: fields.amount, time: fields.time });
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
