//! The reader beside `serde_json`: the same trees, the same refusals.

extern crate std;

use std::borrow::ToOwned;
use std::path::{Path as File, PathBuf};
use std::string::{String, ToString as _};
use std::vec::Vec;
use std::{env, format, fs, io, vec};

use super::oracle::{self, Value};
use super::*;

fn expected(value: Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(value) => Node::Bool(value),
        Value::Integer(number) => Node::Integer(number),
        Value::Fraction => Node::Fraction,
        Value::Text(text) => Node::Text(text),
        Value::List(entries) => Node::List(entries.into_iter().map(expected).collect()),
        Value::Object(entries) => Node::Object(entries.into_iter().map(|(key, value)| (key, expected(value))).collect()),
    }
}

/// Reads a text both ways, and tells whether it is refused.
fn compare(text: &[u8]) -> bool {
    let read = parse(text).map_err(|refusal| (refusal.fault(), refusal.path().to_owned()));
    let same = read == oracle::read(text).map(expected);
    assert!(same, "{:?}\nwas read as {read:.400?}", String::from_utf8_lossy(text).chars().take(400).collect::<String>());
    read.is_err()
}

/// Compares a text alone, as a field, as an entry of a list, and too deep to be kept.
fn compare_around(text: &[u8]) {
    compare(text);
    compare(&[b"{\"a\":", "[".repeat(32).as_bytes(), text, "]".repeat(32).as_bytes(), b"}"].concat());
    compare(&[b"{\"a\": ", text, b"}"].concat());
    compare(&[b"{\"a\":[0,", text, b" , 1]}"].concat());
}

#[test]
fn scalars_are_read_as_they_are_spelled() {
    let numbers = "0 -0 00 01 -01 1 -1 +1 - -- --1 1- 10 12345678901234567890 9007199254740991 -9007199254740991 \
        0.0 -0.0 0. .0 . 1. 1.e1 1.5 1.5.5 1.05e10 1e1 1E1 1e+1 1e-1 1e 1E+ 1e- 1e+-1 1e1.5 1e1e1 0e0 0e 0x10 1_0 1a 1,2 \
        1e999999999999 -1e-999999999999 0.00000000000000000000000000000000000001 Infinity -Infinity NaN -n \
        170141183460469231731687303715884105727 170141183460469231731687303715884105728 \
        -170141183460469231731687303715884105728 -170141183460469231731687303715884105729 \
        999999999999999999999999999999999999999999999999 -999999999999999999999999999999999999999999999999";
    let words = "null true false nul nulll Null NULL tru truee True TRUE fals falsee n t f nil undefined none a z A ' ` \u{660} \u{ff10}";
    for text in numbers.split(' ').chain(words.split(' ')) {
        compare_around(text.as_bytes());
        compare_around(format!("[{text}]").as_bytes());
    }
    let text = |field: &str| parse(format!("{{\"a\":{field}}}").as_bytes());
    let read = |node| Ok(Node::Object(vec![("a".to_owned(), node)]));
    assert_eq!(text("-0"), read(Node::Integer(0)));
    assert_eq!(text(&"9".repeat(1_000)), read(Node::Integer(i128::MAX)));
    assert_eq!(text(&format!("-{}", "9".repeat(1_000))), read(Node::Integer(i128::MIN)));
    assert_eq!(text("1.0"), read(Node::Fraction));
}

#[test]
fn texts_are_read_with_every_escape() {
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for byte in 0..=u8::MAX {
        bodies.extend([
            vec![byte],
            vec![b'\\', byte],
            vec![b'\\', b'u', b'0', b'0', b'4', byte],
            vec![b'\\', b'u', byte, b'0', b'4', b'1'],
        ]);
    }
    let units = ["0000", "001f", "0022", "0041", "00e9", "005C", "d7ff", "D800", "d83d", "dbff", "dc00", "de00", "DFFF", "e000", "ffff"];
    for one in units {
        bodies.push(format!("\\u{one}").into_bytes());
        for behind in ["", "x", "\\n", "\\x", "\\", "\\u", "\\u1", "\\u12G4", "\\\"", "\\u{", "é"] {
            bodies.push(format!("{behind}\\u{one}{behind}").into_bytes());
        }
        for two in units {
            bodies.push(format!("a\\u{one}\\u{two}z").into_bytes());
            bodies.push(format!("\\u{one}\\u{two}\\u{one}").into_bytes());
        }
    }
    for body in ["\u{7f}", "\u{80}", "\u{2028}", "\u{feff}", "😀", "\u{10ffff}", "\\/", "\\b\\f\\n\\r\\t\\\\\\\"", "\\U0041", "\\'", "\\0"]
    {
        bodies.push(body.as_bytes().to_vec());
    }
    let broken: [&[u8]; 8] = [b"\x80", b"\xc0\x80", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xfe\xff", b"a\xe9z"];
    bodies.extend(broken.map(<[u8]>::to_vec));
    for body in &bodies {
        compare_around(&[b"\"", body.as_slice(), b"\""].concat());
        compare_around(&[b"\"", body.as_slice()].concat());
        compare(&[b"{\"", body.as_slice(), b"\":1}"].concat());
        compare(&[b"{\"a\":1,\"a\":2,\"", body.as_slice(), b"\":1}"].concat());
        compare(body);
    }
}

#[test]
fn what_stands_around_a_value_counts() {
    let pieces = ["{", "}", "[", "]", ",", ":", "\"a\":", "\"b\"", "\"\\ud800\"", "1", "null", " "];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
        for text in &texts {
            compare_around(text.as_bytes());
        }
    }
    for blank in ["", " ", "\t", "\n", "\r", "\r\n \t", "\u{b}", "\u{c}", "\0", "\u{a0}", "\u{feff}", "/**/", "#", ","] {
        for text in [
            format!("{blank}{{\"a\":1}}"),
            format!("{{\"a\":1}}{blank}"),
            format!("{{{blank}}}"),
            format!("{{{blank}\"a\"{blank}:{blank}[{blank}1{blank},{blank}{{}}{blank}]{blank},{blank}\"b\":null{blank}}}"),
        ] {
            compare(text.as_bytes());
        }
    }
    for text in
        ["", "{}", "{}{}", "{} x", "{}\0", "[]", "1", "\"a\"", "null", "[1", "{\"a\":1}}", "{'a':1}", "{a:1}", "{\"a\":1,}", "{\"a\" 1}"]
    {
        compare_around(text.as_bytes());
    }
}

#[test]
fn of_several_faults_the_outermost_is_told() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let open = |levels: usize| "[".repeat(levels);
    for inner in [
        "1",
        "{\"b\":1,\"b\":2}",
        "{\"b\":\"\\ud800\"}",
        "{\"\\ud800\":1,\"b\":1,\"b\":2}",
        "{\"b\":1,\"b\":2,\"\\udc00\":{\"c\":1,\"c\":2}}",
        "\"\\ud800\"",
        "[{\"b\":[{\"c\":1,\"c\":2}],\"b\":2}]",
        "[1,{\"z\":1,\"y\":1,\"z\":2,\"y\":2},{\"x\":1,\"x\":1}]",
        "{\"\":1,\"\":2}",
        "{\"b.c\":{\"d\":1,\"d\":2}}",
        "{\"b\":1,\"\\u0062\":2}",
        &deep(30),
        &deep(31),
        &deep(32),
        &deep(33),
        &deep(40),
        &open(40),
        &format!("{}{{\"a\":1,\"a\":2,\"\\ud800\":[]}}{}", open(35), "]".repeat(35)),
    ] {
        for outer in [
            "#",
            "{\"a\":#}",
            "{\"a\":#,\"b\":#}",
            "{\"a\":#,\"a\":1}",
            "{\"a\":#,\"\\ud800\":1}",
            "{\"a\":\"\\ud800\",\"b\":#}",
            "{\"a\":#,\"b\":\"\\ud800\"}",
            "{\"a\":{\"b\":1,\"b\":1},\"c\":#}",
            "{\"a\":#,\"c\":{\"b\":1,\"b\":1}}",
            "{\"a\":[[#],{\"b\":1,\"b\":1}]}",
            "{\"a\":#,\"b\":tru}",
            "{\"a\":#} ]",
            "[#]",
        ] {
            compare(outer.replace('#', inner).as_bytes());
        }
    }
}

#[test]
fn depth_and_size_are_bounded() {
    for levels in [1, 30, 31, 32, 33, 34, 1_000, 10_000] {
        for [open, close] in [["[", "]"], ["{\"a\":", "}"], ["[[],{\"b\":", "}]"]] {
            let text = format!("{{\"a\":{}1{}}}", open.repeat(levels), close.repeat(levels));
            compare(text.as_bytes());
            compare(text.replace('1', "").as_bytes());
            compare(text.trim_end_matches('}').as_bytes());
            compare(text.replace('1', "tru").as_bytes());
        }
    }
    for open in ["[", "{", "{\"a\":", "[{\"a\":", "\"", "-", "1", " "] {
        let text = format!("{{\"a\":{}", open.repeat(MAX_REQUEST / open.len()));
        assert!(compare(text.as_bytes().get(..MAX_REQUEST).unwrap_or_default()));
    }
    assert!(compare("[".repeat(MAX_REQUEST).as_bytes()));
    let room = MAX_REQUEST - "{\"a\":\"\"}".len();
    assert!(!compare(format!("{{\"a\":\"{}\"}}", "x".repeat(room)).as_bytes()));
    assert!(compare(format!("{{\"a\":\"{}\"}}", "x".repeat(room + 1)).as_bytes()));
}

/// The requests of the vectors.
fn requests() -> io::Result<Vec<String>> {
    let mut folders: Vec<PathBuf> = vec![File::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")];
    let (mut files, mut requests) = (Vec::new(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "json")) {
        let vectors: serde_json::Value = serde_json::from_slice(&fs::read(file)?)?;
        for vector in vectors.as_array().into_iter().flatten() {
            requests.extend(vector.get("in").map(serde_json::Value::to_string));
            requests.extend(vector.get("request").and_then(serde_json::Value::as_str).map(str::to_owned));
        }
    }
    Ok(requests)
}

/// `SplitMix64`.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from(mixed >> 32).unwrap_or_default().checked_rem(bound).unwrap_or_default()
    }
}

#[test]
fn mutated_requests_are_read_alike() -> io::Result<()> {
    const PIECES: [&str; 24] = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "0", "-", ".", "e", "1e9", "null", "tru", " ", "\n", "\0",
        "\u{feff}", "\"a\":1,", "é",
    ];
    let requests = requests()?;
    assert!(requests.len() > 5_000, "the vectors are not found");
    let (mut draws, mut refused, mut read) = (Draws(1), 0_usize, 0_usize);
    for request in &requests {
        compare(request.as_bytes());
    }
    while read + refused < 10_000 {
        let of = |draws: &mut Draws| requests.get(draws.below(requests.len())).map_or("", String::as_str).as_bytes();
        let mut text = of(&mut draws).to_vec();
        if text.len() > 2_000 {
            continue;
        }
        for _ in 0..=draws.below(3) {
            let at = draws.below(text.len());
            let to = (at + draws.below(8)).min(text.len());
            let other = of(&mut draws);
            let piece = PIECES.get(draws.below(PIECES.len())).map_or("", |piece| piece).as_bytes();
            match draws.below(6) {
                0 => drop(text.splice(at..to, [])),
                1 => drop(text.splice(at..at, piece.iter().copied())),
                2 => drop(text.splice(at..to, piece.iter().copied())),
                3 => drop(text.splice(at..at, other.iter().copied().take(40))),
                4 => text.truncate(at),
                // A piece of its own once more: keys come twice, lists grow.
                _ => {
                    let again = text.iter().copied().skip(at).take(40).collect::<Vec<_>>();
                    drop(text.splice(at..at, again));
                }
            }
        }
        *if compare(&text) { &mut refused } else { &mut read } += 1;
    }
    assert!(refused > 1_000 && read > 500, "{refused} refused, {read} read");
    Ok(())
}

#[test]
fn sorted_json_is_the_canonical_form() {
    let sorted = |text: &str| {
        let mut json = Json::sorted();
        let node = parse(text.as_bytes());
        node.map(|node| node.write(&mut json)).map(|()| json.into_string()).unwrap_or_default()
    };
    assert_eq!(sorted(r#"{"b":1,"a":{"d":[{"z":1,"y":null}],"c":"\n\u0001"},"n":null}"#), r#"{"a":{"c":"\n\u0001","d":[{"z":1}]},"b":1}"#);
    // A longer key comes after its beginning, and an escaped one where its bytes belong.
    assert_eq!(
        sorted(r#"{"ab":1,"a!":2,"a":3,"a\"":4,"a\n":5,"a\\":6,"aZ":7}"#),
        r#"{"a":3,"a\n":5,"a!":2,"a\"":4,"aZ":7,"a\\":6,"ab":1}"#
    );
    assert_eq!(sorted(r#"{"a":null}"#), "{}");
}
