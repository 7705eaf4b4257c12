//! What is signed: nothing that was altered is taken for genuine (VC-3, LG-9,
//! LG-11). The expected codes, tokens and tags stand in the vectors.

mod common;

use common::{MAX, Tape, ask, ensure, for_tapes, kind};
use serde_json::{Value, json};
use std::sync::LazyLock;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// A voucher, its token, and the request that verifies it.
struct Token {
    voucher: Value,
    signed: Value,
    verify: Value,
}

/// Signing is slow where nothing is optimised, so a few tokens serve all.
static TOKENS: LazyLock<Vec<Token>> = LazyLock::new(|| {
    let expires = "2025-06-01T00:00:00+07:00";
    let vouchers = [
        json!({ "network": "BSN", "id": "V-1", "issuer": "TOKO-ANI", "value": 15000, "valid_from": "2025-03-01T08:00:00+07:00", "expires": expires }),
        json!({ "network": "b", "id": "V-2", "issuer": "A", "value": 0, "valid_from": "2025-03-01T08:00:00-03:30", "expires": "9999-12-31T00:00:00-23:59",
            "single_use": true }),
        json!({ "network": "é", "id": "V-3", "issuer": "A", "value": MAX, "valid_from": "0000-01-01T00:00:00+00:00", "origin": "purchased" }),
        json!({ "network": "BSN", "id": "V-4", "issuer": "A", "value": 1, "valid_from": "2025-03-01T08:00:00+07:00", "expires": expires,
            "origin": "purchased", "single_use": true }),
    ];
    let public = ask("voucher.public_key", &json!({ "secret_hex": KEY }))["public_hex"].clone();
    let make = |(key_id, voucher): (usize, &Value)| {
        let signed = ask("voucher.sign", &json!({ "secret_hex": KEY, "key_id": key_id, "voucher": voucher }));
        let verify = json!({
            "keys": [{ "key_id": key_id, "public_hex": public }], "network": voucher["network"],
            "token_hex": signed["token_hex"], "at": "2025-03-10T08:00:00+07:00",
        });
        Token { voucher: voucher.clone(), signed, verify }
    };
    vouchers.iter().enumerate().map(make).collect()
});

fn token(tape: &mut Tape) -> (&'static Token, Value) {
    let token = &TOKENS[tape.pick(TOKENS.len())];
    (token, token.verify.clone())
}

/// The text with one letter of it changed.
fn with_letter(text: &str, place: usize, letter: char) -> String {
    text.chars().enumerate().map(|(k, old)| if k == place { letter } else { old }).collect()
}

fn flipped(hex: &str, bit: usize) -> String {
    let nibble = hex.chars().nth(bit / 4).unwrap().to_digit(16).unwrap() ^ (1 << (bit % 4));
    with_letter(hex, bit / 4, char::from_digit(nibble, 16).unwrap())
}

#[test]
fn a_token_tells_its_voucher_in_both_forms() {
    for Token { voucher, signed, verify } in TOKENS.iter() {
        let by_bytes = ask("voucher.verify", verify);
        let mut verify = verify.clone();
        verify["token"] = signed["token"].clone();
        verify.as_object_mut().unwrap().remove("token_hex");
        assert_eq!(ask("voucher.verify", &verify), by_bytes);
        assert_eq!(by_bytes["reason"], "valid");
        for field in ["network", "id", "issuer", "value", "valid_from", "expires"] {
            assert_eq!(by_bytes["voucher"][field], voucher[field], "{field}");
        }
        let text = signed["token"].as_str().unwrap();
        assert!(
            text.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || " $%*+-./:".contains(c)),
            "not QR's alphanumeric mode"
        );
    }
}

const GENUINE: [&str; 3] = ["valid", "not_yet_valid", "expired"];

#[test]
fn a_token_with_any_flipped_bit_is_refused() {
    for Token { signed, verify, .. } in TOKENS.iter() {
        let hex = signed["token_hex"].as_str().unwrap();
        let mut verify = verify.clone();
        for bit in 0..4 * hex.len() {
            verify["token_hex"] = json!(flipped(hex, bit));
            let answer = ask("voucher.verify", &verify);
            assert_eq!(kind(&answer), None, "bit {bit} of {hex}");
            assert!(!GENUINE.contains(&answer["reason"].as_str().unwrap()) && answer["voucher"].is_null(), "bit {bit} of {hex}: {answer}");
        }
    }
}

#[test]
fn a_token_cut_or_continued_is_refused() {
    for_tapes(|tape| {
        let (token, mut verify) = token(tape);
        let hex = token.signed["token_hex"].as_str().unwrap();
        let other = if tape.flag() { hex[..2 * tape.pick(hex.len() / 2)].to_string() } else { format!("{hex}00") };
        verify["token_hex"] = json!(other);
        let answer = ask("voucher.verify", &verify);
        let refused = kind(&answer).is_none() && !GENUINE.contains(&answer["reason"].as_str().unwrap());
        ensure(refused, &format!("{verify}\n  {answer}"))
    });
}

#[test]
fn a_token_of_another_network_or_key_is_refused() {
    for_tapes(|tape| {
        let (_, mut verify) = token(tape);
        let wanted = match tape.pick(3) {
            0 => {
                verify["network"] = json!("BSM");
                "wrong_network"
            }
            1 => {
                verify["keys"] = json!([]);
                "unknown_key"
            }
            _ => {
                let other = ask("voucher.public_key", &json!({ "secret_hex": KEY.replace("00", "01") }));
                verify["keys"][0]["public_hex"] = other["public_hex"].clone();
                "altered"
            }
        };
        let answer = ask("voucher.verify", &verify);
        ensure(answer["reason"] == wanted && answer["voucher"].is_null(), &format!("{wanted} wanted: {verify}\n  {answer}"))
    });
}

/// A code and the request that reads it.
fn code(tape: &mut Tape) -> (String, Value) {
    let key_id = tape.pick(32);
    let serial = tape.of(&[0, 1, 1_073_741_823, 123_456_789]) ^ tape.pick(1 << 20);
    let made = ask("voucher.code", &json!({ "key_hex": KEY, "key_id": key_id, "network": "BSN", "serial": serial }));
    let code = made["code"].as_str().unwrap().to_string();
    let read = json!({ "keys": [{ "key_id": key_id, "key_hex": KEY }], "network": "BSN", "code": code });
    (code, read)
}

#[test]
fn a_code_is_read_however_it_is_typed() {
    for_tapes(|tape| {
        let (code, mut read) = code(tape);
        let wanted = ask("voucher.read_code", &read);
        ensure(wanted["reason"] == "valid" && wanted["code"] == json!(code), &format!("{read}\n  {wanted}"))?;
        let mut typed = String::new();
        for letter in code.chars() {
            match (letter, tape.pick(3)) {
                ('-', 0) => {}
                ('-', 1) => typed.push(' '),
                ('0', 1) => typed.push(if tape.flag() { 'o' } else { 'O' }),
                ('1', 1) => typed.push(tape.of(&['I', 'i', 'L', 'l'])),
                (_, 2) => typed.push(letter.to_ascii_lowercase()),
                _ => typed.push(letter),
            }
        }
        read["code"] = json!(typed);
        let answer = ask("voucher.read_code", &read);
        ensure(answer == wanted, &format!("{read}\n  {answer}\n  {wanted}"))
    });
}

#[test]
fn a_code_with_any_changed_symbol_is_mistyped() {
    for serial in [0, 123_456_789] {
        let made = ask("voucher.code", &json!({ "key_hex": KEY, "key_id": 7, "network": "BSN", "serial": serial }));
        let code = made["code"].as_str().unwrap();
        for (place, old) in code.char_indices().filter(|(_, symbol)| *symbol != '-') {
            let choices = if place + 1 == code.len() { CHECKS } else { SYMBOLS };
            for symbol in choices.chars().filter(|symbol| *symbol != old) {
                let read = json!({ "keys": [{ "key_id": 7, "key_hex": KEY }], "network": "BSN", "code": with_letter(code, place, symbol) });
                let answer = ask("voucher.read_code", &read);
                assert!(answer["reason"] == "mistyped" && answer["serial"].is_null(), "{read}\n  {answer}");
            }
        }
    }
}

#[test]
fn a_code_of_another_network_or_key_is_refused() {
    for_tapes(|tape| {
        let (_, mut read) = code(tape);
        let wanted = match tape.pick(3) {
            0 => {
                read["network"] = json!("BSM");
                "altered"
            }
            1 => {
                read["keys"][0]["key_hex"] = json!(KEY.replace("00", "01"));
                "altered"
            }
            _ => {
                read["keys"] = json!([]);
                "unknown_key"
            }
        };
        let answer = ask("voucher.read_code", &read);
        ensure(answer["reason"] == wanted && answer["serial"].is_null(), &format!("{wanted} wanted: {read}\n  {answer}"))
    });
}

#[test]
fn an_altered_allowance_is_forged() {
    for_tapes(|tape| {
        let mut allowance = json!({
            "key_hex": KEY, "till": "k1", "member": tape.of(&["M1", ""]), "limit_milli": tape.of(&[5000, 0, MAX - 1]), "expires": "2025-06-01T00:00:00+07:00",
        });
        let tag = ask("ledger.sign_allowance", &allowance)["tag_hex"].clone();
        allowance["tag_hex"] = tag.clone();
        allowance["at"] = json!("2025-03-10T08:00:00+07:00");
        allowance["points_milli"] = json!(0);
        let genuine = ask("ledger.check_allowance", &allowance);
        ensure(genuine["reason"] == "accepted", &format!("{allowance}\n  {genuine}"))?;
        match tape.pick(6) {
            0 => allowance["till"] = json!("k2"),
            1 => allowance["member"] = json!("M2"),
            2 => allowance["limit_milli"] = json!(allowance["limit_milli"].as_i64().unwrap() + 1),
            // The same instant written otherwise is not what was signed.
            3 => allowance["expires"] = json!(tape.of(&["2025-06-01T00:00:01+07:00", "2025-05-31T17:00:00+00:00"])),
            4 => allowance["key_hex"] = json!(KEY.replace("00", "01")),
            _ => allowance["tag_hex"] = json!(flipped(tag.as_str().unwrap(), tape.pick(256))),
        }
        let answer = ask("ledger.check_allowance", &allowance);
        ensure(answer["reason"] == "forged" && answer["left_milli"] == 0, &format!("{allowance}\n  {answer}"))
    });
}

#[test]
fn an_altered_entry_is_not_valid() {
    for_tapes(|tape| {
        let entry =
            json!({ "id": "e1", "account": "M1", "shop": "A", "time": "2025-01-01T08:00:00+07:00", "kind": "redeem", "points_milli": 10 });
        let tag = ask("ledger.sign_entry", &json!({ "key_hex": KEY, "entry": entry }))["tag_hex"].clone();
        let mut request = json!({ "key_hex": KEY, "entry": entry, "tag_hex": tag });
        ensure(ask("ledger.verify_entry", &request)["valid"] == true, "its own tag")?;
        let field = tape.of(&["id", "account", "shop", "time", "kind", "points_milli", "tag"]);
        match field {
            "time" => request["entry"][field] = json!("2025-01-01T01:00:00+00:00"),
            "kind" => request["entry"][field] = json!("earn"),
            "points_milli" => request["entry"][field] = json!(11 + tape.pick(1_000_000)),
            "tag" => request["tag_hex"] = json!(flipped(tag.as_str().unwrap(), tape.pick(256))),
            _ => request["entry"][field] = json!("Z"),
        }
        let answer = ask("ledger.verify_entry", &request);
        ensure(answer["valid"] == false, &format!("{request}\n  {answer}"))
    });
}
