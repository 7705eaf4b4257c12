//! The program of one member (PT-10 … PT-13).

use crate::fields::{Answer, Fields, Int, between, int, label, list, natural, out, refuse, text};
use crate::time::{Date, date_after, days_before, read_date};
use serde_json::{Map, Value, json};

/// Days from a Monday on, whole weeks at a time.
fn week(date: &Date) -> i64 {
    let monday = read_date("2024-01-01").expect("a date");
    (days_before(date) - days_before(&monday)).div_euclid(7)
}

fn date(fields: &Fields, name: &str) -> Answer<Date> {
    read_date(fields.text(name)?)
}

/// The member and the program of a request or of a state.
fn whose(fields: &Fields) -> Answer<(String, String)> {
    let named = |name| Ok::<_, String>(label(fields.need(name)?, 64)?.to_string());
    Ok((named("member")?, named("program")?))
}

/// The state of a request, if it has one, which must be of the same member and program.
fn own<'a>(fields: &Fields<'a>, known: &[&str]) -> Answer<Option<Fields<'a>>> {
    let Some(state) = fields.get("state") else { return Ok(None) };
    let state = Fields::open(state, &[&["member", "program"], known].concat())?;
    if whose(&state)? == whose(fields)? { Ok(Some(state)) } else { refuse("bad_config") }
}

/// An object of a request: its fields are read from the one that was opened.
fn open<'a>(fields: &Fields<'a>, name: &str, known: &[&str]) -> Answer<Option<Fields<'a>>> {
    fields.get(name).map(|value| Fields::open(value, known)).transpose()
}

fn one_of(fields: &Fields, acts: &[&str]) -> Answer<()> {
    if acts.iter().filter(|act| fields.has(act)).count() == 1 { Ok(()) } else { refuse("bad_config") }
}

fn stated(fields: &Fields, more: &[(&str, Value)]) -> Answer<Value> {
    let (member, program) = whose(fields)?;
    let mut state = json!({ "member": member, "program": program });
    for (name, value) in more {
        state[*name] = value.clone();
    }
    Ok(state)
}

/// A sum after a return; what was never counted cannot go back.
fn less(sum: &Int, taken: &Int) -> Answer<Int> {
    if sum < taken { refuse("bad_config") } else { Ok(sum - taken) }
}

/// A purchase as it was answered: its day, its amount, what is left of it.
fn purchase(fields: &Fields) -> Answer<(Date, Int, Int)> {
    Ok((date(fields, "date")?, fields.natural("amount")?, fields.natural("left")?))
}

fn written((day, amount, left): &(Date, Int, Int)) -> Answer<Value> {
    Ok(json!({ "date": day.write(), "amount": out(amount)?, "left": out(left)? }))
}

/// A purchase of which less is left, and how much went back.
fn returned((day, amount, before): (Date, Int, Int), left: Int) -> Answer<((Date, Int, Int), Int)> {
    if left > before || before > amount {
        return refuse("out_of_range");
    }
    let taken = &before - &left;
    Ok(((day, amount, left), taken))
}

// Limits

const SPANS: [&str; 4] = ["day", "week", "month", "ever"];

fn same_span(span: usize, one: &Date, other: &Date) -> bool {
    match span {
        0 => one.write() == other.write(),
        1 => week(one) == week(other),
        2 => one.write()[..7] == other.write()[..7],
        _ => true,
    }
}

/// `earned` and `uses` of each span.
fn read_spans(fields: &Fields) -> Answer<Vec<Map<String, Value>>> {
    let mut spans = Vec::new();
    for span in SPANS {
        let mut read = Map::new();
        if let Some(inner) = open(fields, span, &["earned", "uses"])? {
            for name in ["earned", "uses"] {
                if let Some(number) = inner.natural_if(name)? {
                    read.insert(name.to_string(), out(&number)?);
                }
            }
        }
        spans.push(read);
    }
    Ok(spans)
}

fn whole(map: &Map<String, Value>, name: &str) -> Int {
    map.get(name).map_or(int(0), |value| natural(value).expect("read before"))
}

/// PT-10.
pub fn limit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["member", "program", "terms", "state", "earn", "undo"])?;
    whose(&fields)?;
    let terms = read_spans(&Fields::open(fields.need("terms")?, &SPANS)?)?;
    let state = own(&fields, &["date", "day", "week", "month", "ever"])?;
    let known = match &state {
        Some(state) => Some((date(state, "date")?, read_spans(state)?)),
        None => None,
    };
    let earn = open(&fields, "earn", &["date", "amount"])?;
    let earn = earn.map(|earn| Ok::<_, String>((date(&earn, "date")?, earn.natural("amount")?))).transpose()?;
    let undo = open(&fields, "undo", &["given", "left"])?;
    let undo = undo
        .map(|undo| {
            let given = Fields::open(undo.need("given")?, &["date", "amount", "left", "counted"])?;
            Ok::<_, String>((purchase(&given)?, given.natural("counted")?, undo.natural("left")?))
        })
        .transpose()?;
    one_of(&fields, &["earn", "undo"])?;

    if let Some((at, amount)) = earn {
        let mut before = vec![Map::new(); 4];
        if let Some((latest, known)) = known {
            if days_before(&at) < days_before(&latest) {
                return refuse("out_of_order");
            }
            for (span, sum) in known.into_iter().enumerate() {
                if same_span(span, &latest, &at) {
                    before[span] = sum;
                }
            }
        }
        // The room of each span; the first of the least.
        let mut room: Vec<Option<Int>> = Vec::new();
        for span in 0..4 {
            let uses = terms[span].contains_key("uses") && whole(&before[span], "uses") >= whole(&terms[span], "uses");
            room.push(match terms[span].contains_key("earned") {
                _ if uses => Some(int(0)),
                true => Some((whole(&terms[span], "earned") - whole(&before[span], "earned")).max(int(0))),
                false => None,
            });
        }
        let cut = room.iter().flatten().min().cloned().filter(|least| *least < amount);
        let limited_by = cut.as_ref().map(|least| SPANS[room.iter().position(|room| room.as_ref() == Some(least)).expect("one")]);
        let counted = cut.unwrap_or(amount.clone());
        let one = int(i64::from(counted > int(0)));
        let sums: Vec<(Int, Int)> = before.iter().map(|span| (whole(span, "earned") + &counted, whole(span, "uses") + &one)).collect();
        let day = at.clone();
        return limited(&fields, &day, &sums, (at, amount.clone(), amount), counted, limited_by, &int(0));
    }
    let (given, counted, left) = undo.expect("one act");
    let Some((latest, known)) = known else { return refuse("missing_field") };
    if days_before(&given.0) > days_before(&latest) {
        return refuse("out_of_order");
    }
    if counted > given.1 {
        return refuse("out_of_range");
    }
    let kept_before = given.2.clone().min(counted.clone());
    let (after, _) = returned(given, left)?;
    let kept = after.2.clone().min(counted.clone());
    let taken = &kept_before - &kept;
    let one = int(i64::from(kept_before > int(0) && kept == int(0)));
    let mut sums = Vec::new();
    for (span, sum) in known.iter().enumerate() {
        let (earned, uses) = (whole(sum, "earned"), whole(sum, "uses"));
        let here = same_span(span, &latest, &after.0);
        sums.push(if here { (less(&earned, &taken)?, less(&uses, &one)?) } else { (earned, uses) });
    }
    limited(&fields, &latest, &sums, after, counted, None, &taken)
}

fn limited(
    fields: &Fields,
    day: &Date,
    sums: &[(Int, Int)],
    asked: (Date, Int, Int),
    counted: Int,
    limited_by: Option<&str>,
    taken_back: &Int,
) -> Answer<Value> {
    let mut more = vec![("date", json!(day.write()))];
    for (span, (earned, uses)) in SPANS.into_iter().zip(sums) {
        let mut sum = Map::new();
        for (name, number) in [("earned", earned), ("uses", uses)] {
            let number_out = out(number)?;
            if *number != int(0) {
                sum.insert(name.to_string(), number_out);
            }
        }
        if !sum.is_empty() {
            more.push((span, Value::Object(sum)));
        }
    }
    let mut given = written(&asked)?;
    given["counted"] = out(&counted)?;
    Ok(json!({
        "state": stated(fields, &more)?,
        "given": given,
        "kept": out(&counted.clone().min(asked.2))?,
        "cut": out(&(asked.1 - counted))?,
        "limited_by": limited_by,
        "taken_back": out(taken_back)?,
    }))
}

// Stamps

/// PT-11.
pub fn stamps(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["member", "program", "terms", "state", "buy", "return", "hand_out", "take_in"])?;
    whose(&fields)?;
    let terms = Fields::open(fields.need("terms")?, &["need", "by", "min_purchase"])?;
    let need = terms.positive("need")?;
    let by = terms.word_or("by", &["visit", "units"], "visit")?;
    let least = terms.natural_or("min_purchase", 0)?;
    let state = own(&fields, &["need", "stamps", "used"])?;
    let card = match &state {
        Some(state) => Some((state.positive("need")?, state.natural("stamps")?, state.natural("used")?)),
        None => None,
    };
    let of = |units: &Int, total: &Int| {
        if *total == int(0) || *total < least {
            int(0)
        } else if by == "visit" {
            int(1)
        } else {
            units.clone()
        }
    };
    let buy = open(&fields, "buy", &["units", "total"])?;
    let buy = buy.map(|buy| Ok::<_, String>(of(&buy.natural_or("units", 0)?, &buy.natural("total")?))).transpose()?;
    let back = open(&fields, "return", &["visit", "units", "total"])?;
    let back = back
        .map(|back| {
            let visit = Fields::open(back.need("visit")?, &["stamps", "kept"])?;
            let left = of(&back.natural_or("units", 0)?, &back.natural("total")?);
            Ok::<_, String>((visit.natural("stamps")?, visit.natural("kept")?, left))
        })
        .transpose()?;
    let hand_out = fields.get("hand_out").map(|value| between(value, 1, crate::fields::LIMIT)).transpose()?;
    let take_in = fields.get("take_in").map(|value| between(value, 1, crate::fields::LIMIT)).transpose()?;
    one_of(&fields, &["buy", "return", "hand_out", "take_in"])?;
    if card.is_none() && (back.is_some() || take_in.is_some()) {
        return refuse("missing_field");
    }
    let (its_need, mut all, mut used) = card.unwrap_or((need.clone(), int(0), int(0)));
    if its_need != need {
        return refuse("bad_config");
    }
    let due = |all: &Int, used: &Int| all / &need - used;
    let before = due(&all, &used);
    let mut done = true;
    let mut visit = None;
    if let Some(new) = buy {
        all += &new;
        visit = Some(json!({ "stamps": out(&new)?, "kept": out(&new)? }));
    } else if let Some((given, kept, left)) = back {
        let keeps = left.min(given.clone());
        if keeps > kept || kept > given {
            return refuse("out_of_range");
        }
        all = less(&all, &(&kept - &keeps))?;
        visit = Some(json!({ "stamps": out(&given)?, "kept": out(&keeps)? }));
    } else if let Some(gifts) = hand_out {
        done = gifts <= before;
        out(&(&used + &gifts))?;
        if done {
            used += gifts;
        }
    } else if let Some(gifts) = take_in {
        used = less(&used, &gifts)?;
    }
    let after = due(&all, &used);
    let state = stated(&fields, &[("need", out(&need)?), ("stamps", out(&all)?), ("used", out(&used)?)])?;
    let mut answer = json!({
        "done": done,
        "state": state,
        "on_card": out(&(&all % &need))?,
        "gifts": out(&after.clone().max(int(0)))?,
        "owed": out(&(-&after).max(int(0)))?,
        "gained": out(&(after - before))?,
    });
    if let Some(visit) = visit {
        answer["visit"] = visit;
    }
    Ok(answer)
}

// Challenges

/// A purchase of a day, and a purchase with what is left of it.
type Bought = Option<(Date, Int)>;
type Returned = Option<((Date, Int, Int), Int)>;

fn read_acts(fields: &Fields) -> Answer<(Bought, Returned)> {
    let buy = open(fields, "buy", &["date", "amount"])?;
    let buy = buy.map(|buy| Ok::<_, String>((date(&buy, "date")?, buy.natural("amount")?))).transpose()?;
    let back = open(fields, "return", &["purchase", "left"])?;
    let back = back
        .map(|back| {
            let inner = Fields::open(back.need("purchase")?, &["date", "amount", "left"])?;
            Ok::<_, String>((purchase(&inner)?, back.natural("left")?))
        })
        .transpose()?;
    Ok((buy, back))
}

/// PT-11.
pub fn challenge(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["member", "program", "terms", "state", "buy", "return"])?;
    whose(&fields)?;
    let terms = Fields::open(fields.need("terms")?, &["from", "until", "every", "target", "gives", "times"])?;
    let (from, until) = (date(&terms, "from")?, date(&terms, "until")?);
    let every = terms.word_or("every", &["once", "day", "week", "month"], "once")?;
    let (target, gives) = (terms.positive("target")?, terms.natural("gives")?);
    let times = if terms.has("times") { terms.positive("times")? } else { int(1) };
    let state = own(&fields, &["period", "progress"])?;
    let known = match &state {
        Some(state) => Some((date(state, "period")?, state.natural("progress")?)),
        None => None,
    };
    let (buy, back) = read_acts(&fields)?;
    one_of(&fields, &["buy", "return"])?;

    // The first day of the period, as a day number.
    let period = |day: &Date| {
        let number = days_before(day);
        if number < days_before(&from) || number >= days_before(&until) {
            return None;
        }
        Some(match every {
            "once" => days_before(&from),
            "day" => number,
            "week" => {
                let mut first = number;
                while first > 0 && week(&date_after(first - 1)) == week(day) {
                    first -= 1;
                }
                first
            }
            _ => days_before(&read_date(&format!("{}-01", &day.write()[..7])).expect("the first of a month")),
        })
    };
    let reached = |progress: &Int| (progress / &target).min(times.clone());
    let write =
        |period: i64, progress: &Int| stated(&fields, &[("period", json!(date_after(period).write())), ("progress", out(progress)?)]);
    let (mut counted, mut closed, mut bought, mut gain) = (true, Value::Null, Value::Null, int(0));
    let mut now = known.map(|(first, progress)| (days_before(&first), progress));
    if let Some((day, amount)) = buy {
        if let Some(first) = period(&day) {
            let mut progress = int(0);
            if let Some((its, of)) = &now {
                if *its > first {
                    return refuse("out_of_order");
                }
                if *its == first {
                    progress = of.clone();
                } else {
                    closed = write(*its, of)?;
                }
            }
            let after = &progress + &amount;
            gain = (reached(&after) - reached(&progress)) * &gives;
            now = Some((first, after));
            bought = written(&(day, amount.clone(), amount))?;
        } else {
            counted = false;
        }
    } else if let Some((purchase, left)) = back {
        let Some((first, progress)) = now else { return refuse("missing_field") };
        match period(&purchase.0) {
            None => return refuse("bad_config"),
            Some(its) if its != first => return refuse("out_of_order"),
            Some(_) => {}
        }
        let (after, taken) = returned(purchase, left)?;
        let less = less(&progress, &taken)?;
        gain = (reached(&less) - reached(&progress)) * &gives;
        now = Some((first, less));
        bought = written(&after)?;
    }
    let (done, missing) = match &now {
        None => (int(0), target.clone()),
        Some((_, progress)) if reached(progress) == times => (times.clone(), int(0)),
        Some((_, progress)) => (reached(progress), &target - progress % &target),
    };
    let state = match &now {
        None => Value::Null,
        Some((first, progress)) => write(*first, progress)?,
    };
    Ok(json!({
        "counted": counted,
        "state": state,
        "closed": closed,
        "purchase": bought,
        "reached": out(&done)?,
        "missing": out(&missing)?,
        "gain": out(&gain)?,
    }))
}

// Tiers

/// A period: what it came to, the tier at its start, the periods of grace used before it.
#[derive(Clone, PartialEq)]
struct Period {
    amount: Int,
    tier: usize,
    grace: Int,
}

struct Tiers {
    names: Vec<String>,
    from: Vec<Int>,
    carried: Vec<(Value, Value)>,
    months: i64,
    grace: Int,
    to_earned: bool,
}

impl Tiers {
    fn earned(&self, amount: &Int) -> usize {
        self.from.iter().filter(|from| *from <= amount).count() - 1
    }

    fn tier(&self, period: &Period) -> usize {
        period.tier.max(self.earned(&period.amount))
    }

    fn next(&self, period: &Period) -> Period {
        let earned = self.earned(&period.amount);
        let (tier, grace) = if earned >= period.tier {
            (earned, int(0))
        } else if period.grace < self.grace {
            (period.tier, &period.grace + int(1))
        } else if self.to_earned {
            (earned, int(0))
        } else {
            (period.tier - 1, int(0))
        };
        Period { amount: int(0), tier, grace }
    }

    /// Periods since the beginning of the calendar.
    fn number(&self, day: &Date) -> i64 {
        let text = day.write();
        let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().expect("digits");
        (part(0..4) * 12 + part(5..7) - 1).div_euclid(self.months)
    }

    fn first_day(&self, number: i64) -> Answer<Date> {
        let month = number * self.months;
        read_date(&format!("{:04}-{:02}-01", month.div_euclid(12), month.rem_euclid(12) + 1))
    }

    fn read(&self, fields: &Fields) -> Answer<Period> {
        let name = fields.text("tier")?;
        let Some(tier) = self.names.iter().position(|other| other == name) else { return refuse("bad_config") };
        Ok(Period { amount: fields.natural("amount")?, tier, grace: fields.natural_or("grace_used", 0)? })
    }

    fn write(&self, period: &Period) -> Answer<Value> {
        let mut written = json!({ "amount": out(&period.amount)?, "tier": self.names[period.tier] });
        if period.grace != int(0) {
            written["grace_used"] = out(&period.grace)?;
        }
        Ok(written)
    }
}

fn read_tiers(terms: &Fields) -> Answer<Tiers> {
    let mut tiers = Tiers { names: Vec::new(), from: Vec::new(), carried: Vec::new(), months: 0, grace: int(0), to_earned: false };
    for item in list(terms.need("tiers")?)? {
        let inner = Fields::open(item, &["name", "from", "multiplier_milli", "discount_bp"])?;
        tiers.names.push(text(inner.need("name")?)?.to_string());
        tiers.from.push(inner.natural("from")?);
        tiers.carried.push((out(&inner.natural_or("multiplier_milli", 1000)?)?, out(&inner.rate_or("discount_bp", 0)?)?));
    }
    let months = terms.natural("months")?;
    tiers.grace = terms.natural_or("grace", 0)?;
    tiers.to_earned = terms.word_or("fall", &["one_tier", "to_earned"], "one_tier")? == "to_earned";
    let rises = tiers.from.windows(2).all(|pair| pair[0] < pair[1]);
    let mut names = tiers.names.clone();
    names.sort();
    names.dedup();
    if tiers.from.first() != Some(&int(0)) || !rises || tiers.from.len() > 16 || names.len() != tiers.names.len() {
        return refuse("bad_config");
    }
    match [1, 2, 3, 4, 6, 12].into_iter().find(|divisor| int(*divisor) == months) {
        Some(months) => Ok(Tiers { months, ..tiers }),
        None => refuse("bad_config"),
    }
}

/// PT-12.
pub fn tier(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["member", "program", "terms", "state", "buy", "return", "look"])?;
    whose(&fields)?;
    let terms = Fields::open(fields.need("terms")?, &["tiers", "months", "grace", "fall"])?;
    let tiers = read_tiers(&terms)?;
    let state = own(&fields, &["period", "now", "before"])?;
    let period_fields = ["amount", "tier", "grace_used"];
    let known = match &state {
        Some(state) => {
            let first = date(state, "period")?;
            let now = tiers.read(&Fields::open(state.need("now")?, &period_fields)?)?;
            let before = open(state, "before", &period_fields)?.map(|before| tiers.read(&before)).transpose()?;
            let number = tiers.number(&first);
            if tiers.first_day(number)?.write() != first.write() {
                return refuse("out_of_order");
            }
            Some((number, now, before))
        }
        None => None,
    };
    let (buy, back) = read_acts(&fields)?;
    let look = fields.text_if("look")?.map(read_date).transpose()?;
    one_of(&fields, &["buy", "return", "look"])?;
    let was = known.as_ref().map_or(0, |(_, now, _)| tiers.tier(now));
    let nobody = Period { amount: int(0), tier: 0, grace: int(0) };
    // Every period that is over is closed, one after the other.
    let on = |day: &Date| {
        let number = tiers.number(day);
        let Some((mut its, mut now, mut before)) = known.clone() else { return (number, nobody.clone(), None) };
        while its < number {
            let next = tiers.next(&now);
            before = Some(now);
            now = next;
            its += 1;
        }
        (its, now, before)
    };
    let (after, bought, last) = if let Some((day, amount)) = buy {
        let (number, mut now, mut before) = on(&day);
        let its = tiers.number(&day);
        if its == number {
            now.amount += &amount;
        } else if let (true, Some(closed)) = (its + 1 == number, &mut before) {
            closed.amount += &amount;
            now = Period { amount: now.amount, ..tiers.next(closed) };
        } else {
            return refuse("out_of_order");
        }
        ((number, now, before), written(&(day, amount.clone(), amount))?, false)
    } else if let Some((purchase, left)) = back {
        let Some((number, mut now, mut before)) = known.clone() else { return refuse("missing_field") };
        let its = tiers.number(&purchase.0);
        let (purchase, taken) = returned(purchase, left)?;
        if its > number {
            return refuse("out_of_order");
        }
        let mut last = false;
        if its == number {
            now.amount = less(&now.amount, &taken)?;
        } else if let (true, Some(closed)) = (its + 1 == number, &mut before) {
            closed.amount = less(&closed.amount, &taken)?;
            now = Period { amount: now.amount, ..tiers.next(closed) };
        } else {
            last = true;
        }
        ((number, now, before), written(&purchase)?, last)
    } else {
        let day = look.expect("one act");
        if known.as_ref().is_some_and(|(number, ..)| tiers.number(&day) < *number) {
            return refuse("out_of_order");
        }
        (on(&day), Value::Null, false)
    };
    let (number, now, before) = after;
    let is = tiers.tier(&now);
    let change = match is.cmp(&was) {
        _ if last => "final",
        std::cmp::Ordering::Less => "fell",
        std::cmp::Ordering::Equal => "kept",
        std::cmp::Ordering::Greater => "climbed",
    };
    let mut more = vec![("period", json!(tiers.first_day(number)?.write())), ("now", tiers.write(&now)?)];
    if let Some(before) = &before {
        more.push(("before", tiers.write(before)?));
    }
    let next = if is + 1 < tiers.names.len() {
        json!({ "tier": tiers.names[is + 1], "missing": out(&(&tiers.from[is + 1] - &now.amount))? })
    } else {
        Value::Null
    };
    // The calendar ends with the year 9999.
    let until = tiers.first_day(number + 1).or_else(|_| tiers.first_day(number))?;
    Ok(json!({
        "state": stated(&fields, &more)?,
        "tier": tiers.names[is],
        "multiplier_milli": tiers.carried[is].0,
        "discount_bp": tiers.carried[is].1,
        "change": change,
        "until": until.write(),
        "next": next,
        "purchase": bought,
    }))
}

// Referral

/// PT-13.
pub fn referral(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["member", "program", "terms", "state", "join", "buy", "return"])?;
    let (member, _) = whose(&fields)?;
    let terms = Fields::open(fields.need("terms")?, &["min_purchase", "within_days", "referrer_gives", "referred_gives"])?;
    let least = terms.natural_or("min_purchase", 0)?.max(int(1));
    let within = terms.natural_if("within_days")?;
    let (first, second) = (terms.natural("referrer_gives")?, terms.natural_or("referred_gives", 0)?);
    let state = own(&fields, &["referrer", "joined", "paid"])?;
    let mut known = None;
    if let Some(state) = &state {
        let referrer = label(state.need("referrer")?, 64)?.to_string();
        let mut paid = None;
        if let Some(inner) = open(state, "paid", &["id", "date", "amount", "left"])? {
            paid = Some((inner.text("id")?.to_string(), purchase(&inner)?));
        }
        known = Some((referrer, date(state, "joined")?, paid));
    }
    let join = open(&fields, "join", &["referrer", "date"])?;
    let join = join.map(|join| Ok::<_, String>((label(join.need("referrer")?, 64)?.to_string(), date(&join, "date")?))).transpose()?;
    let buy = open(&fields, "buy", &["id", "date", "amount"])?;
    let buy = buy.map(|buy| Ok::<_, String>((buy.text("id")?.to_string(), date(&buy, "date")?, buy.natural("amount")?))).transpose()?;
    let back = open(&fields, "return", &["id", "left"])?;
    let back = back.map(|back| Ok::<_, String>((back.text("id")?.to_string(), back.natural("left")?))).transpose()?;
    one_of(&fields, &["join", "buy", "return"])?;

    let (reason, times);
    let (referrer, joined, paid);
    if let Some((who, day)) = join {
        if known.is_some() || who == member {
            return refuse("bad_config");
        }
        (referrer, joined, paid) = (who, day, None);
        (reason, times) = ("joined", 0);
    } else {
        let Some((who, day, before)) = known else { return refuse("missing_field") };
        (referrer, joined) = (who, day);
        if let Some((id, at, amount)) = buy {
            let days = days_before(&at) - days_before(&joined);
            if days < 0 {
                return refuse("out_of_order");
            }
            if before.is_some() {
                (reason, times, paid) = ("paid_before", 0, before);
            } else if within.is_some_and(|within| int(days) > within) {
                (reason, times, paid) = ("too_late", 0, None);
            } else if amount < least {
                (reason, times, paid) = ("below_minimum", 0, None);
            } else {
                (reason, times, paid) = ("paid", 1, Some((id, (at, amount.clone(), amount))));
            }
        } else {
            let (id, left) = back.expect("one act");
            match before {
                Some((its, purchase)) if its == id => {
                    let (purchase, _) = returned(purchase, left.clone())?;
                    if left < least {
                        (reason, times, paid) = ("taken_back", -1, None);
                    } else {
                        (reason, times, paid) = ("kept", 0, Some((its, purchase)));
                    }
                }
                other => (reason, times, paid) = ("other_purchase", 0, other),
            }
        }
    }
    let mut more = vec![("referrer", json!(referrer)), ("joined", json!(joined.write()))];
    if let Some((id, purchase)) = &paid {
        let mut written = written(purchase)?;
        written["id"] = json!(id);
        more.push(("paid", written));
    }
    Ok(json!({
        "reason": reason,
        "state": stated(&fields, &more)?,
        "referrer_gain": out(&(first * int(times)))?,
        "referred_gain": out(&(second * int(times)))?,
    }))
}
