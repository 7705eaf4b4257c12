//! A voucher as a code and as a token, and when it expires.

use crate::api::document::{ProgramDocument, agreed, proved};
use crate::api::fields::{Hex, Secret, TokenPublic, TokenSecret};
use crate::api::wire::{Amount, Path, Refusal, answer, record};
use crate::award::{Origin, Program, Terms};
use crate::calendar::{CivilTime, Offset, Validity};
use crate::error::{Fault, Field};
use crate::ledger::voucher::{self, Code, CodeReason, PublicKey, SecretKey, TokenReason, Verified, Voucher};
use crate::operations;
use crate::quantity::{Count, Rupiah};
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

crate::wire_words! {
    CodeReason;
    TokenReason;
}

operations! {
    "voucher.code" ["VC-3"] "The typable code of a voucher.": code, CodeRequest => CodeAnswer;
    "voucher.read_code" ["VC-3"] "Whether a typed code is the network's.": read_code, ReadCodeRequest => ReadCode;
    "voucher.public_key" ["VC-3"] "The public key of a network's secret.": public_key, SecretRequest => PublicAnswer;
    "voucher.sign" ["VC-3 VC-8"] "The signed token of a voucher.": sign, SignRequest => TokenAnswer;
    "voucher.verify" ["VC-2 VC-3 VC-4"] "Whether a token is the network's and valid at an instant.": verify, VerifyToken => VerifiedAnswer;
    "voucher.expiry" ["VC-4 CV-5"] "When a voucher or points expire.": expiry, ExpiryRequest => ExpiryAnswer;
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
        /// The program, whose validity, origin and single use hold where the voucher states none.
        program: Option<ProgramDocument>,
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
        /// From when it can no longer be used, in whole seconds. Without it by the program's validity, counted from
        /// `valid_from`; without both never, if it was purchased.
        expires: Option<CivilTime>,
        /// Whether it was given or paid for; `promotional` if absent.
        origin: Option<Origin>,
        /// Whether it must be used at once; false if absent.
        single_use: Option<bool>,
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
    let terms = VoucherTerms::of(request.program.as_ref(), None)?;
    let from_program = |validity: Validity| validity.expires(&terms.read(fields.valid_from, "voucher.valid_from")?).map_err(Refusal::from);
    let voucher = Voucher {
        network: fields.network,
        id: fields.id,
        issuer: fields.issuer,
        value: fields.value.0,
        valid_from: fields.valid_from,
        expires: fields.expires.map_or_else(|| terms.get(|terms| terms.validity).map(from_program).transpose(), |at| Ok(Some(at)))?,
        origin: agreed(fields.origin, terms.get(|terms| Some(terms.origin)), "voucher.origin")?.unwrap_or_default(),
        single_use: terms.single_use(fields.single_use)?,
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

/// The voucher terms of a program, and the offset at which instants are read.
pub struct VoucherTerms {
    program: Option<Program>,
    offset: Option<Offset>,
}

impl VoucherTerms {
    pub fn of(program: Option<&ProgramDocument>, utc_offset: Option<Offset>) -> Result<Self, Refusal> {
        let program = proved(program)?;
        let of_program = program.as_ref().and_then(|program| program.terms().utc_offset);
        if utc_offset.is_some() && of_program.is_some() {
            return Err(Fault::ProgramSaysOtherwise.error().at("utc_offset").into());
        }
        Ok(Self { program, offset: utc_offset.or(of_program) })
    }

    pub fn get<T>(&self, term: impl FnOnce(&Terms) -> Option<T>) -> Option<T> {
        self.program.as_ref().and_then(|program| term(program.terms()))
    }

    /// An instant at the offset (CV-5).
    pub fn read(&self, at: CivilTime, field: impl Into<Field>) -> Result<CivilTime, Refusal> {
        Ok(self.offset.map_or(Ok(at), |offset| at.at_offset(offset)).map_err(|error| error.at(field))?)
    }

    /// Whether a voucher is used whole or not at all.
    pub fn single_use(&self, stated: Option<bool>) -> Result<bool, Refusal> {
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
