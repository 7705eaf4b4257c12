//! A full disk, clocks that jump, lines and messages that nobody understands, an account with a long life.

mod common;

use std::time::Instant;

use common::{Process, adds_up, at, books, day, event, expected, folder, inside, parts, sale, topup};
use network_host::{Failure, Host, Store};
use serde_json::{Value, json};

/// Everything that is stored, to see that a refused event left nothing.
fn stored(host: &Host) -> [Vec<String>; 3] {
    let kinds = ["account", "day", "due", "inbox", "month", "period", "red", "sale", "seen", "shop", "voucher"];
    let states = host.store.states_of(&kinds).unwrap().into_iter().map(|(key, state)| format!("{key} {state:?}")).collect();
    [states, host.store.facts().unwrap(), host.store.messages().unwrap()]
}

fn pages(host: &Host) -> u32 {
    // The limit cannot be set below what is used.
    host.store.limit_pages(1).unwrap();
    u32::try_from(host.store.pages().unwrap()).unwrap()
}

#[test]
fn a_full_disk_refuses_and_stores_nothing_by_half() {
    let parts = parts(60);
    let host = inside(&folder("full"));
    let mut refused = 0;
    for part in &parts {
        for event in part {
            // Room for a page or two more: some events fit, and soon none does.
            let event = event.to_string();
            host.store.limit_pages(pages(&host) + 1).unwrap();
            let before = stored(&host);
            match host.submit(&event) {
                Ok(_) => continue,
                Err(Failure::Storage(error)) => assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull)),
                Err(failure) => panic!("{failure:?}"),
            }
            refused += 1;
            assert_eq!(stored(&host), before);
            assert_eq!(host.look("network.check").unwrap(), r#"{"holds":true}"#);
            host.store.limit_pages(1_000_000).unwrap();
            host.submit(&event).unwrap();
        }
        // A delivery that finds no room is not counted against the message.
        host.store.limit_pages(pages(&host)).unwrap();
        if let Err(failure) = host.drain() {
            assert!(matches!(failure, Failure::Storage(_)), "{failure:?}");
            refused += 1;
        }
        host.store.limit_pages(1_000_000).unwrap();
        host.drain().unwrap();
    }
    assert!(refused > 5, "{refused}");
    adds_up(&host);
    assert_eq!(books(&host), expected("full-expected", &parts));
}

/// Over the line protocol, a full disk is an answer like others; with more room, what is sent again counts once.
#[test]
fn a_full_disk_is_answered() {
    let [first, _] = parts(80);
    let folder = folder("full-lines");
    let mut refused = 0;
    let tell = |answer: &Value| {
        assert!(answer.get("outcome").is_some() || answer["error"] == "storage", "{answer}");
        usize::from(answer["error"] == "storage")
    };
    Process::start(&folder, &["--max-pages", "40", "--manual"]).send(&first, |_, answer| {
        refused += tell(&answer);
        true
    });
    assert!(refused > 10 && refused < first.len(), "{refused}");
    let mut applied = 0;
    Process::start(&folder, &[]).send(&first, |_, answer| {
        applied += usize::from(answer["outcome"] == "applied");
        true
    });
    assert_eq!(applied, refused);
    adds_up(&inside(&folder));
    assert_eq!(books(&inside(&folder)), expected("full-lines-expected", &[first]));
}

/// A till whose clock jumps back and forward sells all the same; before the horizon nothing new comes in, and the id stays free.
#[test]
fn clocks_jump() {
    let mut host = inside(&folder("clocks"));
    let apply = |host: &Host, event: &Value| -> Value { serde_json::from_str(&host.submit(&event.to_string()).unwrap()).unwrap() };
    apply(&host, &topup("A"));
    for (number, minute) in [20_000, 480, 39_000, 479, 20_000, 1, 30_000, 481].into_iter().enumerate() {
        assert_eq!(apply(&host, &sale("A", &format!("s{number}"), minute, Some("M1")))["outcome"], "applied");
        host.drain().unwrap();
        adds_up(&host);
        // What is due is asked with a clock that jumps, too.
        let due: Value = serde_json::from_str(&host.due(&at(40_000 - minute)).unwrap()).unwrap();
        for (place, due) in due["events"].as_array().unwrap().iter().enumerate() {
            let mut due = due.clone();
            for (field, value) in
                [("specversion", "1.0"), ("source", "/clock"), ("id", &format!("{number} {place}")), ("time", &at(40_000 - minute))]
            {
                due[field] = json!(value);
            }
            apply(&host, &due);
            host.drain().unwrap();
            adds_up(&host);
        }
    }
    host.settings = json!({"horizon": at(10_000)}).to_string();
    let late = sale("A", "late", 9_000, Some("M1"));
    let Err(Failure::Refused(refused)) = host.submit(&late.to_string()) else { panic!("a sale before the horizon is taken") };
    assert!(refused.starts_with(r#"{"error":"out_of_order""#), "{refused}");
    // What was known before the horizon is known still.
    assert_eq!(apply(&host, &sale("A", "s1", 480, Some("M1")))["outcome"], "duplicate");
    host.settings = "{}".into();
    assert_eq!(apply(&host, &late)["outcome"], "applied");
    host.drain().unwrap();
    adds_up(&host);
}

#[test]
fn lines_that_nobody_understands_are_answered() {
    let mut host = Process::start(&folder("lines"), &[]);
    let mut other = sale("A", "s1", 480, None);
    let long = [br#"{"event":""#.as_slice(), &vec![b'x'; 3 << 20], br#""}"#].concat();
    assert_eq!(host.ask(&json!({"event": other}))["outcome"], "applied");
    let bad: [&[u8]; 12] = [
        b"",
        b"hello",
        b"{",
        b"[]",
        b"{}",
        b"{\"event\":",
        b"{\"sell\":true}",
        b"{\"check\":false}",
        b"{\"deliver\":-1}",
        b"{\"check\":true,\"event\":{}}",
        b"\xff\xfe\"",
        &long,
    ];
    for line in bad {
        let answer = host.line(line);
        assert_eq!(answer["error"], "bad_line", "{answer}");
        assert!(answer["message"]["en"].is_string() && answer["message"]["id"].is_string());
    }
    let nested = format!("{{\"event\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let two = other.to_string().replacen('{', "{\"id\":\"s9\",", 1);
    for refused in ["null", "7", "{\"specversion\":\"1.0\"}", &two] {
        let answer = host.line(format!("{{\"event\":{refused}}}").as_bytes());
        assert!(answer["error"].is_string() && answer["error"] != "bad_line", "{answer}");
    }
    assert!(host.line(nested.as_bytes())["error"].is_string());
    // Other content under a known id changes nothing.
    other["data"]["total"] = json!(7);
    assert_eq!(host.ask(&json!({"event": other}))["outcome"], "conflict");
    assert_eq!(host.ask(&json!({"status": other}))["status"], "conflict");
    assert_eq!(host.ask(&json!({"event": sale("A", "s1", 480, None)}))["outcome"], "duplicate");
    assert_eq!(host.ask(&json!({"status": sale("A", "s1", 480, None)}))["status"], "applied");
    assert_eq!(host.ask(&json!({"status": sale("A", "s2", 480, None)}))["status"], "unknown");
    assert_eq!(host.ask(&json!({"check": true})), json!({"holds": true}));
    assert_eq!(host.ask(&json!({"diagnose": true}))["waiting"], json!([]));
    let view = host.ask(&json!({"view": {"keys": ["shop/A", "account/M1", "day/A/2025-03-03"], "now": at(500)}}));
    assert!(view.get("merchant").is_some() && view.get("counters").is_some() && view.get("shopper").is_none(), "{view}");
    assert_eq!(host.ask(&json!({"due": at(500)})), json!({"events": []}));
    host.end();
}

/// A message that the library refuses blocks nobody: it is parked after five attempts, listed, and tried again on request.
#[test]
fn a_message_that_is_refused_is_parked() {
    let folder = folder("parked");
    let mut host = Process::start(&folder, &[]);
    for member in ["M1", "M2"] {
        host.ask(&json!({"event": sale("A", &format!("first-{member}"), 480, Some(member))}));
    }
    host.end();
    // A later release of the library wrote this account.
    let store = Store::open(&folder.join("host.sqlite")).unwrap();
    let kept = store.state("account/M1").unwrap().unwrap();
    store.put_state("account/M1", Some(&kept.replacen("\"v\":1", "\"v\":2", 1))).unwrap();
    let mut host = Process::start(&folder, &[]);
    for number in 0..20 {
        let member = ["M1", "M2"][number % 2];
        assert_eq!(host.ask(&json!({"event": sale("A", &format!("s{number}"), 500, Some(member))}))["outcome"], "applied");
    }
    let start = Instant::now();
    let parked = loop {
        let parked = host.ask(&json!({"parked": true}))["parked"].as_array().unwrap().clone();
        if parked.len() == 10 {
            break parked;
        }
        assert!(start.elapsed().as_secs() < 10, "{parked:?}");
    };
    assert_eq!(parked[0]["event"]["subject"], "account/M1");
    assert!(parked[0]["why"]["error"].is_string(), "{}", parked[0]);
    assert_eq!(host.ask(&json!({"state": "account/M2"}))["state"]["purchases"], 11);
    // The parked messages are under way, and so the books add up.
    assert_eq!(host.ask(&json!({"messages": true}))["messages"].as_array().unwrap().len(), 10);
    store.put_state("account/M1", Some(&kept)).unwrap();
    assert_eq!(host.ask(&json!({"check": true})), json!({"holds": true}));
    for task in &parked {
        assert_eq!(host.ask(&json!({"retry": task["n"]})), json!({"retried": task["n"]}));
        assert_eq!(host.ask(&json!({"retry": task["n"]}))["error"], "not_parked");
    }
    host.end();
    let host = inside(&folder);
    adds_up(&host);
    assert_eq!(books(&host)["account/M1"]["purchases"], 11);
}

/// A request that waits is decided when its voucher comes, also if the host was killed in between.
#[test]
fn what_waited_goes_on_after_a_start() {
    let folder = folder("waits");
    let mut host = Process::start(&folder, &["--manual"]);
    let ask = json!({"voucher": "A~s1", "shop": "B", "sale": "p1", "purchase": 5_000, "left_to_pay": 5_000, "month": "2025-03", "valid_until": at(600)});
    let redeem = event("redeem.voucher", "/B/1", "r1", "shop/A", &at(470), ask);
    assert_eq!(host.ask(&json!({"event": redeem}))["outcome"], "waiting");
    assert_eq!(host.ask(&json!({"event": redeem}))["outcome"], "waiting");
    assert_eq!(host.ask(&json!({"event": sale("A", "s1", 480, None)}))["outcome"], "applied");
    assert_eq!(host.ask(&json!({"status": redeem}))["status"], "waiting");
    host.send(&[], |_, _| true);
    let mut host = Process::start(&folder, &[]);
    let start = Instant::now();
    while host.ask(&json!({"status": redeem}))["status"] != "applied" {
        assert!(start.elapsed().as_secs() < 10, "it waits for ever");
    }
    host.end();
    adds_up(&inside(&folder));
}

/// Years of purchases: with a horizon that moves, an account holds what lives, and its last event costs what its first did.
#[test]
fn a_long_account_stays_small() {
    let mut host = inside(&folder("long"));
    host.programs = json!([{"mechanism": "flat", "rate_bp": 1_000, "validity": {"days": 4}}]).to_string();
    host.submit(&topup("A").to_string()).unwrap();
    let (mut largest, mut batches) = (0, Vec::new());
    for batch in 0..28 {
        let start = Instant::now();
        let events = (0..25).map(|number| sale("A", &format!("s{batch}-{number}"), batch * 1_440 + number * 40, Some("M1")));
        let now = at((batch + 1) * 1_440);
        let tick = event("account.tick", "/clock", &now, "account/M1", &now, json!({"now": now}));
        host.settings = json!({"horizon": format!("{}T00:00:00+07:00", day(batch * 1_440))}).to_string();
        let events: Vec<String> = events.chain([tick]).map(|event| event.to_string()).collect();
        host.store.transaction(|| events.iter().try_for_each(|event| host.apply(event, None).map(drop))).unwrap();
        host.drain().unwrap();
        largest = largest.max(host.store.state("account/M1").unwrap().unwrap().len());
        batches.push(start.elapsed());
    }
    let lots = books(&host)["account/M1"]["lots"].as_object().unwrap().len();
    assert!(lots <= 25 * 7 && largest < 40_000, "{lots} lots, {largest} bytes");
    let median = |batches: &[std::time::Duration]| {
        let mut batches = batches.to_vec();
        batches.sort();
        batches[batches.len() / 2]
    };
    // The first days fill the account; from then on it is as large as its lots live.
    let (early, late) = (median(&batches[7..14]), median(&batches[21..]));
    assert!(late < early * 3, "{early:?} a day, and later {late:?}");
    adds_up(&host);
}
