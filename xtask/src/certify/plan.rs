//! One plan: what it sends, what it expects, and what it found.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::Tested;
use super::side::Side;
use crate::sh::Outcome;

/// Stands where a plan expects a value and does not say which.
pub const ANY: &str = "any";

/// Judgements of answers. Each belongs to the rules that it cites.
pub struct Verdict {
    pub plan: &'static str,
    pub rules: &'static [&'static str],
    pub says: String,
    pub failure: Option<Failure>,
}

/// What was sent, what was expected, what came.
pub struct Failure {
    pub sent: Vec<Value>,
    pub expected: Value,
    pub answered: Vec<Value>,
}

/// The tested side does not answer; its plan cannot go on.
pub struct Silent;

pub type Step<T = ()> = Result<T, Silent>;

pub struct Plan<'a> {
    name: &'static str,
    tested: &'a Tested,
    side: Side,
    /// A second process with the same store, once a plan needs it.
    other: Option<Side>,
    /// Stands for `@` in every name, so that no plan meets what another one left in the store.
    prefix: String,
    pub verdicts: Vec<Verdict>,
}

impl<'a> Plan<'a> {
    pub fn start(name: &'static str, tested: &'a Tested) -> Outcome<Self> {
        let side = Side::start(&tested.command)?;
        Ok(Self { name, tested, side, other: None, prefix: format!("{name}-{}-", tested.stamp), verdicts: Vec::new() })
    }

    /// A value in which names have their prefix.
    fn named(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => text.replace('@', &self.prefix).into(),
            Value::Array(values) => values.iter().map(|value| self.named(value)).collect(),
            Value::Object(fields) => fields.iter().map(|(key, value)| (key.replace('@', &self.prefix), self.named(value))).collect(),
            _ => value.clone(),
        }
    }

    /// Sends a line and waits for its answer.
    pub fn ask(&mut self, line: &Value) -> Asked<'_, 'a> {
        let line = self.named(line);
        let answer = self.side.send(&line.to_string()).and_then(|()| self.side.answer());
        self.asked(vec![line], answer.map(|answer| vec![answer]))
    }

    /// Sends a line that may be no JSON.
    pub fn raw(&mut self, line: &str) -> Asked<'_, 'a> {
        let answer = self.side.send(line).and_then(|()| self.side.answer());
        self.asked(vec![line.into()], answer.map(|answer| vec![answer]))
    }

    /// An event, or a message of an owner that another server holds.
    pub fn event(&mut self, event: &Value) -> Asked<'_, 'a> {
        self.ask(&json!({"event": event}))
    }

    pub fn status(&mut self, event: &Value) -> Asked<'_, 'a> {
        self.ask(&json!({"status": event}))
    }

    /// What a till is told of an account, a shop or a day.
    pub fn view(&mut self, key: &str, now: &str) -> Asked<'_, 'a> {
        self.ask(&json!({"view": {"keys": [key], "now": at(now)}}))
    }

    /// Sends two lines at the same moment: to two processes, or to the one that keeps its store in memory.
    pub fn together(&mut self, lines: [&Value; 2]) -> Asked<'_, 'a> {
        let lines = lines.map(|line| self.named(&json!({"event": line})));
        let [first, second] = lines.each_ref().map(Value::to_string);
        let answers = self.both(&first, &second);
        self.asked(lines.into(), answers)
    }

    fn both(&mut self, first: &str, second: &str) -> Outcome<Vec<Value>> {
        if self.tested.memory {
            self.side.send(&format!("{first}\n{second}"))?;
            return Ok(vec![self.side.answer()?, self.side.answer()?]);
        }
        let other = match &mut self.other {
            Some(other) => other,
            none => {
                let other = none.insert(Side::start(&self.tested.command)?);
                // It has started once it answers.
                other.send(&json!({"deliver": 0}).to_string())?;
                other.answer()?;
                other
            }
        };
        self.side.send(first)?;
        other.send(second)?;
        Ok(vec![self.side.answer()?, other.answer()?])
    }

    fn asked(&mut self, sent: Vec<Value>, answers: Outcome<Vec<Value>>) -> Asked<'_, 'a> {
        Asked { plan: self, sent, answers }
    }

    /// Delivers until no message is under way. A tested side that delivers by itself gets some time for it.
    pub fn rest(&mut self) -> Step {
        for tries in 0.. {
            let Asked { sent, answers, .. } = self.ask(&json!({"deliver": 1_000}));
            let is_busy = answers.as_ref().is_ok_and(|answers| answers[0]["left"].as_u64().is_some_and(|left| left > 0));
            if !is_busy || tries == 200 {
                let none = json!({"left": 0});
                return self.asked(sent, answers).all(&["NW-1"], "every message is delivered", &none, |answers| answers[0]["left"] == 0);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// A power cut, unless the tested side keeps everything in memory.
    pub fn restart(&mut self) -> Step {
        self.cut(None)
    }

    /// Sends an event, cuts the power after a while without reading an answer, and starts the command again.
    pub fn cut_after(&mut self, event: &Value, wait: Duration) -> Step {
        let line = self.named(&json!({"event": event}));
        self.cut(Some((&line, wait)))
    }

    fn cut(&mut self, last: Option<(&Value, Duration)>) -> Step {
        if let Some((line, wait)) = last {
            let _ = self.side.send(&line.to_string());
            thread::sleep(wait);
        }
        if self.tested.memory {
            return Ok(());
        }
        // Before the new process starts, which would meet the old one.
        self.other = None;
        self.side.kill();
        match Side::start(&self.tested.command) {
            Ok(side) => self.side = side,
            Err(why) => return self.asked(Vec::new(), Err(why)).is(&["NW-1"], "the command starts again", &Value::Null),
        }
        Ok(())
    }

    fn judge(&mut self, rules: &'static [&'static str], says: &str, failure: Option<Failure>) {
        self.verdicts.push(Verdict { plan: self.name, rules, says: says.into(), failure });
    }
}

/// Lines that were sent, with their answers.
#[must_use]
pub struct Asked<'p, 'a> {
    plan: &'p mut Plan<'a>,
    sent: Vec<Value>,
    answers: Outcome<Vec<Value>>,
}

impl Asked<'_, '_> {
    /// The answer must hold what is expected.
    pub fn is(self, rules: &'static [&'static str], says: &str, expected: &Value) -> Step {
        let expected = self.plan.named(expected);
        self.all(rules, says, &expected, |answers| answers.iter().all(|answer| holds(&expected, answer)))
    }

    /// One of the two answers must hold the one expectation, and the other answer the other.
    pub fn are(self, rules: &'static [&'static str], says: &str, expected: [&Value; 2]) -> Step {
        let [one, other] = expected.map(|expected| self.plan.named(expected));
        let both = json!([one, other]);
        self.all(rules, says, &both, |answers| {
            answers.len() == 2
                && ((holds(&one, &answers[0]) && holds(&other, &answers[1])) || (holds(&one, &answers[1]) && holds(&other, &answers[0])))
        })
    }

    /// What prepares a plan: its facts are not judged.
    pub fn done(self) -> Step {
        let is_done = |answer: &Value| answer["outcome"] == "applied" || answer["outcome"] == "waiting";
        self.all(&["NW-2"], "what prepares a plan is accepted", &json!({"outcome": "applied"}), |answers| answers.iter().all(is_done))
    }

    fn all(self, rules: &'static [&'static str], says: &str, expected: &Value, judge: impl Fn(&[Value]) -> bool) -> Step {
        let Self { plan, sent, answers } = self;
        let (answered, goes_on) = match answers {
            Ok(answers) if judge(&answers) => {
                plan.judge(rules, says, None);
                return Ok(());
            }
            Ok(answers) => (answers, Ok(())),
            Err(why) => (vec![why.into()], Err(Silent)),
        };
        plan.judge(rules, says, Some(Failure { sent, expected: expected.clone(), answered }));
        goes_on
    }
}

/// Whether an answer holds what is expected. Fields that are not stated may be there. What is left out of an answer is 0, false or
/// empty. A list has the stated elements and no others; facts that are postings are compared only if one is stated.
fn holds(expected: &Value, answer: &Value) -> bool {
    match expected {
        Value::String(text) if text == ANY => !answer.is_null(),
        Value::Object(fields) => (answer.is_object() || answer.is_null()) && fields.iter().all(|(key, value)| holds(value, &answer[key])),
        Value::Array(values) => {
            let is_posting = |fact: &Value| fact["fact"] == "posting";
            let all = values.iter().any(is_posting);
            let answered = answer.as_array().into_iter().flatten().filter(|fact| all || !is_posting(fact));
            let answered: Vec<&Value> = answered.collect();
            values.len() == answered.len() && values.iter().zip(answered).all(|(value, answer)| holds(value, answer))
        }
        Value::Number(number) if number.as_i64() == Some(0) => answer.is_null() || answer == expected,
        Value::Bool(false) => answer.is_null() || answer == expected,
        _ => expected == answer,
    }
}

/// `03-03 10:00` is an instant of the spring of 2025 in Jakarta.
pub fn at(time: &str) -> String {
    let (day, clock) = time.split_once(' ').unwrap_or((time, "00:00"));
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    format!("2025-{day}T{clock}{seconds}+07:00")
}

/// An event of the first till of its subject.
pub fn event(kind: &str, subject: &str, id: &str, time: &str, data: &Value) -> Value {
    let (_, name) = subject.split_once('/').unwrap_or_default();
    json!({"specversion": "1.0", "type": format!("loyalty.{kind}"), "source": format!("/{name}/1"), "id": id, "time": at(time),
        "subject": subject, "data": data})
}

/// A message with the number `n` of an owner that another server holds.
pub fn message(kind: &str, sender: &str, subject: &str, n: u64, data: &Value) -> Value {
    json!({"specversion": "1.0", "type": format!("loyalty.{kind}"), "source": sender, "id": format!("{subject}|{n}"), "n": n,
        "time": at("03-03 10:00"), "subject": subject, "data": data})
}

/// A sale of the day of its time.
pub fn sale(shop: &str, id: &str, time: &str, mut data: Value) -> Value {
    data["day"] = json!(at(time)[..10]);
    event("sale", &format!("shop/{shop}"), id, time, &data)
}

/// A payment with points in a shop.
pub fn points(account: &str, id: &str, time: &str, (shop, sale): (&str, &str), amount: u64, purchase: u64) -> Value {
    let data = json!({"shop": shop, "sale": sale, "amount": amount, "purchase": purchase, "left_to_pay": purchase, "month": at(time)[..7]});
    event("redeem.points", &format!("account/{account}"), id, time, &data)
}

/// A payment with all that a voucher can pay in a shop.
pub fn voucher(voucher: &str, id: &str, time: &str, (shop, sale): (&str, &str), purchase: u64) -> Value {
    let (issuer, _) = voucher.split_once('~').unwrap_or_default();
    let data =
        json!({"voucher": voucher, "shop": shop, "sale": sale, "purchase": purchase, "left_to_pay": purchase, "month": at(time)[..7]});
    event("redeem.voucher", &format!("shop/{issuer}"), id, time, &data)
}

/// The same with a field of its data set.
pub fn with(mut event: Value, field: &str, value: impl Into<Value>) -> Value {
    event["data"][field] = value.into();
    event
}

/// An event that was applied, with its facts.
pub fn applied(facts: &Value) -> Value {
    json!({"outcome": "applied", "facts": facts})
}

/// A request, or the loyalty part of a report, that was refused.
pub fn refused(reason: &str) -> Value {
    applied(&json!([{"fact": "refused", "reason": reason}]))
}

/// A payment of one claim.
pub fn redeemed(claim: &str, amount: u64) -> Value {
    applied(&json!([{"fact": "redeemed", "claim": claim, "amount": amount}]))
}
