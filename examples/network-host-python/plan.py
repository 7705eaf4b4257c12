"""A faulty plan and the worked example, run over `host.py`.

    python3 plan.py [--seed N] [--days N] [--free] [--sqlite FOLDER] -- COMMAND ...
    python3 plan.py --example -- COMMAND ...

COMMAND starts the library's line protocol.
"""
import argparse
import os
import random
import sys
from collections import Counter

from host import Crash, Host, Library, dump

PROGRAM = {"id": "plus", "utc_offset": "+07:00", "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 50000,
           "bonus": "BN-2", "funding": {"preset": "BN-2"}, "validity": {"days": 30}}
DIGITS = "0123456789"
# A rest does not wait for these: no later answer asks for them, so they may be under way for weeks.
SLOW = {"loyalty." + kind for kind in ("claim.used", "claim.unused", "claim.expired", "claim.reversed", "debt.paid", "clearing.received",
                                       "clearing.draw", "closed")}


def event(kind, subject, source, id, time, **data):
    return {"specversion": "1.0", "type": "loyalty." + kind, "source": source, "id": id, "time": time, "subject": subject, "data": data}


# The worked example.

def inside(small, big):
    """What the page states must stand in the answer; the page leaves out what does not change."""
    if isinstance(small, dict):
        return isinstance(big, dict) and all(inside(v, big.get(k)) for k, v in small.items())
    return small == big


def example(command):
    host, wrong = Host(Library(command), programs=[PROGRAM]), 0

    def say(what, stated, got, exact=False):
        nonlocal wrong
        good = stated == got if exact else inside(stated, got)
        wrong += not good
        print("  ok   " if good else "  WRONG", what, dump(stated), "" if good else "got " + dump(got))

    def do(title, e):
        print(title)
        answer = host.submit(e)
        return answer, answer["out"]

    def drain(*kinds):
        seen = []
        while pending := host.pending():
            message = host.message(pending[0])
            seen += [(message, host.deliver(pending[0]))]
        say("messages", sorted(kinds), sorted(m["type"][8:] for m, _ in seen), True)
        say("network.check", {"holds": True}, host.check())
        return seen

    def postings(answer):
        return [[f["debit"], f["credit"], f["amount"]] for f in answer["facts"] if f["fact"] == "posting"]

    for shop in "AB":
        host.submit(event("opening", f"shop/{shop}", f"/{shop}/1", "start", "2025-03-01T07:00:00+07:00", fund=30000))
    s1 = event("sale", "shop/A", "/A/1", "s1", "2025-03-03T10:00:00+07:00", day="2025-03-03",
               lines=[{"sku": "rice", "quantity_milli": 1000, "price": 60000}, {"sku": "oil", "quantity_milli": 1000, "price": 40000}],
               member="M1", play={"digit": 5})
    keys = host.library.call("network.keys", {"event": s1})["write"]
    answer, out = do("1. a sale at A", s1)
    say("keys", ["day/A/2025-03-03", "sale/A/s1", "seen/%2FA%2F1|s1", "shop/A", "voucher/A~s1"], keys, True)
    say("reserved", 6000, host.state("shop/A")["reserved"])
    say("books", {"cash": -30000, "guarantee_fund": 30000, "partner:operator": 1200, "partner:producer": 2700, "voucher_expense": 2100,
                  "voucher_liability": -6000}, host.state("shop/A")["books"], True)
    say("sale/A/s1", {"base": 100000, "rate_bp": 600, "issued": 6000, "kept": 6000, "parts": [2700, 2100, 1200], "form": "lot",
                      "sent": {"account/M1": 1}}, host.state("sale/A/s1"))
    say("out", {"type": "loyalty.earn", "source": "sale/A/s1", "id": "account/M1|1", "subject": "account/M1", "n": 1,
                "data": {"lot": "A~s1", "issuer": "A", "amount": 6000, "expires": "2025-04-02T00:00:00+07:00", "purchase": True}}, out[0])
    drain("earn")
    say("account/M1", {"lots": {"A~s1": {"issuer": "A", "value": 6000}}, "purchases": 1}, host.state("account/M1"))

    answer, out = do("2. a redemption at B, then its sale", event(
        "redeem.points", "account/M1", "/B/1", "r1", "2025-03-04T10:00:00+07:00", shop="B", sale="s2", amount=5000, purchase=20000,
        left_to_pay=20000, month="2025-03"))
    say("account/M1", {"lots": {"A~s1": {"value": 6000, "used": 5000}}}, host.state("account/M1"))
    say("red", {"parts": [["A~s1", "A", 5000]], "amount": 5000}, host.state("red/account/M1|B|r1"))
    say("claim.used", {"acceptor": "B", "amount": 5000}, out[0]["data"])
    say("tender", {"red": "r1", "sale": "s2", "owner": "account/M1", "parts": [["A", 5000]], "grant": True}, out[1]["data"])
    used, tender = drain("claim.used", "tender")
    say("posting at A", [["voucher_liability", "network_payable", 5000]], postings(used[1]), True)
    say("posting at B", [["network_receivable", "voucher_tender", 5000]], postings(tender[1]), True)
    say("shop/A", {"reserved": 1000, "owed": {"B": 5000}}, host.state("shop/A"))
    s2 = event("sale", "shop/B", "/B/1", "s2", "2025-03-04T10:01:00+07:00", day="2025-03-04", total=20000,
               claims=[{"of": "r1", "owner": "account/M1", "amount": 5000}])
    answer, out = do("   the sale", s2)
    say("posting", [["voucher_tender", "sales", 5000]], postings(answer), True)
    say("sale/B/s2", {"tenders": {"r1": {"granted": True, "amount": 5000, "want": 5000, "bound": 5000}}}, host.state("sale/B/s2"))
    say("voucher_tender", None, host.state("shop/B")["books"].get("voucher_tender"))
    drain()

    answer, out = do("3. the oil comes back at A", event(
        "return", "shop/A", "/A/1", "b1", "2025-03-05T10:00:00+07:00", of="s1", of_day="2025-03-03", back=[{"line": 1, "quantity_milli": 1000}]))
    say("returned", {"kept": 3600, "taken_back": 2400}, next(f for f in answer["facts"] if f["fact"] == "returned"))
    say("postings", [["taken_back", "partner:producer", 1080], ["taken_back", "voucher_expense", 840], ["taken_back", "partner:operator", 480]],
        postings(answer), True)
    say("claim.reverse", {"lot": "A~s1", "amount": 2400, "creditor": "A", "sale": "s1", "sold_at": "2025-03-03T10:00:00+07:00"},
        out[0]["data"], True)
    reverse, reversed_ = drain("claim.reverse", "claim.reversed")
    say("debts", [["A", 1400]], host.state("account/M1")["debts"], True)
    say("claim.reversed", {"sale": "s1", "free": 1000, "debt": 1400, "expired": 0, "lost": 0}, reversed_[0]["data"], True)
    say("postings", [["voucher_liability", "taken_back", 1000], ["shopper_receivable", "taken_back", 1400]], postings(reversed_[1]), True)
    say("reserved", 0, host.state("shop/A")["reserved"])

    answer, out = do("4. A closes the period", event("period.close", "shop/A", "/A/1", "p1", "2025-03-31T22:00:00+07:00", period=1))
    say("posting", [["network_payable", "guarantee_fund", 5000]], postings(answer), True)
    say("balance", 25000, host.state("shop/A")["fund"]["balance"])
    say("owed", None, host.state("shop/A").get("owed"))
    say("clearing.received", {"period": 1, "issuer": "A", "paid": 5000, "operator": 0}, out[0]["data"], True)
    received, _ = drain("clearing.received", "closed")
    say("posting at B", [["cash", "network_receivable", 5000]], postings(received[1]), True)

    do("5. a later award of 3,600 at B pays the debt", event(
        "sale", "shop/B", "/B/1", "s3", "2025-04-01T10:00:00+07:00", day="2025-04-01", total=60000, member="M1", play={"digit": 5}))
    messages = {m["type"][8:]: m for m, _ in drain("earn", "claim.used", "debt.paid")}
    lot = host.state("account/M1")["lots"]["B~s3"]
    say("left", 2200, lot["value"] - lot.get("used", 0))
    say("claim.used", ["shop/B", {"acceptor": "A", "amount": 1400}], [messages["claim.used"]["subject"], messages["claim.used"]["data"]], True)
    say("debt.paid", ["shop/A", 1400], [messages["debt.paid"]["subject"], messages["debt.paid"]["data"]["amount"]], True)
    say("owed at B", {"A": 1400}, host.state("shop/B")["owed"], True)

    print("2b. the sale before its tender")
    other = Host(host.library, programs=[PROGRAM])
    for shop in "AB":
        other.submit(event("opening", f"shop/{shop}", f"/{shop}/1", "start", "2025-03-01T07:00:00+07:00", fund=30000))
    other.submit(s1)
    other.drain()
    other.submit(s2)
    say("voucher_tender", 5000, other.state("shop/B")["books"].get("voucher_tender"))
    print(f"{wrong} figures are not as the page says" if wrong else "all as the page says")
    return wrong


# The faulty plan: the outside world. It knows what shoppers do, not what it means.

END = "end"


class World:
    """Outside events in order. At `None` the messages have come that the next answer depends on; at `END` all of them."""

    def __init__(self, seed, days, rests):
        self.rng, self.days, self.rests, self.n = random.Random(seed), days, rests, 0
        self.sales, self.late = [], []

    def event(self, on, kind, subject, till, **data):
        self.n += 1
        time = f"2025-{on // 28 + 3:02}-{on % 28 + 1:02}T{8 + self.n // 60 % 12:02}:{self.n % 60:02}:00+07:00"
        return event(kind, subject, f"/{till}/1", data.pop("id", f"{kind}-{self.n}"), time, **data)

    def run(self, answer, host):
        """Yields events; `answer()` is what the last one got, as a till would see it; `host` tells what is due."""
        rng = self.rng
        for shop in "AB":
            yield self.event(0, "opening", f"shop/{shop}", shop, fund=200000)
        for day in range(self.days):
            date = f"2025-{day // 28 + 3:02}-{day % 28 + 1:02}"
            month = date[:7]
            self.n = self.n // 720 * 720 + 720  # a new morning
            late, self.late = self.late, []
            for shop, of_day, wait, sale in late:  # told a day late: what waited for it was refused at its deadline
                yield self.event(day, "sale", f"shop/{shop}", shop, id=sale, day=of_day, **wait)
            for _ in range(rng.randint(4, 8)):
                yield from self.shopper(rng, day, date, month, answer, host)
            for shop in "AB":
                if rng.random() < 0.7:  # forgotten sometimes: then the clock finds what is due
                    yield self.event(day, "day.close", f"shop/{shop}", shop, day=date)
            if self.rests:
                yield None
            yield from host.due(f"{date}T23:30:00+07:00", "/clock")
            if day % 7 == 6:
                if self.rests:
                    yield None
                for shop in "AB":
                    yield self.event(day, "check", f"shop/{shop}", shop, now=f"{date}T20:00:00+07:00")
                    yield self.event(day, "period.close", f"shop/{shop}", shop, period=day // 7 + 1)
        for period in (101, 102):  # what was spent, then what was drawn
            yield END
            for shop in "AB":
                yield self.event(self.days, "period.close", f"shop/{shop}", shop, period=period, last=True)
        yield END

    def shopper(self, rng, day, date, month, answer, host):
        shop, member, what = rng.choice("AB"), rng.choice(["M1", "M2"]), rng.random()
        total = rng.choice([20000, 60000, 100000, 150000])
        self.n += 1
        sale = f"s{self.n}"
        lines = [{"sku": "rice", "quantity_milli": 2000, "price": total // 4}, {"sku": "oil", "quantity_milli": 1000, "price": total // 2}]
        play = {"digit": int(rng.choice(DIGITS))}
        if what < 0.40:  # a sale, of a member or of nobody
            who = {"member": member} if rng.random() < 0.6 else {}
            wait = None
            if not who and rng.random() < 0.3:  # its voucher is redeemed elsewhere before the shop's till reports the sale
                other, self.n = "AB".replace(shop, ""), self.n + 1
                red = f"r{self.n}"
                wait = self.event(day, "redeem.voucher", f"shop/{shop}", other, id=red, voucher=f"{shop}~{sale}", shop=other, sale=f"w{sale}",
                                 purchase=30000, left_to_pay=30000, month=month, valid_until=f"{date}T23:00:00+07:00")
                yield wait
                if rng.random() < 0.3:
                    self.late.append((shop, date, dict(lines=lines, play=play), sale))
                    return
            yield self.event(day, "sale", f"shop/{shop}", shop, id=sale, day=date, lines=lines, play=play, **who)
            self.sales.append((shop, sale, date, bool(who)))
            if wait:  # the till asks what became of it, and sells
                got = sum(f["amount"] for f in host.status(wait)["facts"] if f["fact"] == "redeemed")
                yield self.event(day, "sale", f"shop/{other}", other, id=f"w{sale}", day=date, total=30000, play=play,
                                 claims=[{"of": red, "owner": f"voucher/{shop}~{sale}", "amount": got}] if got else [])
                self.sales.append((other, f"w{sale}", date, False))
        elif what < 0.70:  # points or a voucher pay a part of a sale; the sale can be told first
            vouchers = [s for s in self.sales if not s[3]]
            self.n += 1
            if vouchers and rng.random() < 0.5:
                issuer, of = rng.choice(vouchers)[:2]
                shop = "AB".replace(issuer, "")
                owner, ask = f"voucher/{issuer}~{of}", dict(kind="redeem.voucher", subject=f"shop/{issuer}", voucher=f"{issuer}~{of}")
            else:
                owner, ask = f"account/{member}", dict(kind="redeem.points", subject=f"account/{member}", amount=rng.choice([500, 1500, 3000]))
            if self.rests:
                yield None
            red = f"r{self.n}"
            request = self.event(day, ask.pop("kind"), ask.pop("subject"), shop, id=red, shop=shop, sale=sale, purchase=total, left_to_pay=total,
                                 month=month, **ask)
            offline = rng.random() < 0.2  # the till counts on an answer that it has not seen
            amount = 1500
            if not offline:
                yield request
                amount = sum(f["amount"] for f in answer()["facts"] if f["fact"] == "redeemed")
            claims = [{"of": red, "owner": owner, "amount": amount}] if amount else []
            yield self.event(day, "sale", f"shop/{shop}", shop, id=sale, day=date, lines=lines, play=play, claims=claims,
                             **({"member": member} if owner.startswith("account") else {}))
            if offline:
                if self.rests:
                    yield None  # or the sale's own award may pay for it
                yield request
            self.sales.append((shop, sale, date, True))
        elif what < 0.90 and self.sales:  # a part comes back, or all of it
            shop, of, of_day, _ = rng.choice(self.sales)
            if self.rests:
                yield None
            if rng.random() < 0.8:
                back = {"amount": 10000} if of[0] in "wx" else {"back": [{"line": rng.randint(0, 1), "quantity_milli": 1000}]}
                yield self.event(day, "return", f"shop/{shop}", shop, of=of, of_day=of_day, **back)
            else:
                yield self.event(day, "void", f"shop/{shop}", shop, of=of, of_day=of_day)
        elif what < 0.93:  # a voucher is accepted offline, known to its issuer or not
            if self.rests:
                yield None
            issuer, of = rng.choice(self.sales)[:2] if self.sales else ("A", "never")
            other = "AB".replace(issuer, "")
            yield self.event(day, "accept", f"shop/{other}", other, id=f"r{self.n}", voucher=f"{issuer}~{of}", sale=f"x{sale}", amount=2000)
            yield self.event(day, "sale", f"shop/{other}", other, id=f"x{sale}", day=date, total=30000, play=play,
                             claims=[{"of": f"r{self.n - 1}", "owner": f"voucher/{issuer}~{of}", "amount": 2000}])
            self.sales.append((other, f"x{sale}", date, False))
        elif what < 0.96:  # points are given away
            if self.rests:
                yield None
            yield self.event(day, "transfer", f"account/{member}", shop, to={"M1": "M2", "M2": "M1"}[member], amount=700)
        else:  # a redemption is asked back whose sale never came: it paid nothing
            if self.rests:
                yield None
            self.n += 1
            red = f"r{self.n}"
            yield self.event(day, "redeem.points", f"account/{member}", shop, id=red, shop=shop, sale=sale, amount=1000, purchase=total,
                             left_to_pay=total, month=month)
            yield self.event(day, "undo.ask", f"shop/{shop}", shop, redemption={"of": red, "owner": f"account/{member}"}, sale=sale, of_month=month)
            if rng.random() < 0.5:  # asked twice, in other words
                yield self.event(day, "undo.ask", f"shop/{shop}", shop, redemption={"of": red, "owner": f"account/{member}"}, sale=sale,
                                 of_month=month, amount=400)


class Run:
    """Plays a world over a host, with faults whose order comes from a seed of their own."""

    def __init__(self, library, faults, path=":memory:"):
        self.rng, self.count, self.last, self.log = random.Random(faults), Counter(), None, []
        self.host = Host(library, path, programs=[PROGRAM], crash=self.crash)

    def crash(self, where):
        if self.rng.random() < 0.08:
            self.count["crash " + where] += 1
            raise Crash(where)

    def until_done(self, act):
        """A host that starts again after a power cut tries again what it had not finished."""
        while True:
            try:
                answer = act()
                self.count[answer["outcome"]] += 1
                return answer
            except Crash:
                if self.host.path != ":memory:":
                    self.host.open()

    def slow(self, message):
        return message["type"] in SLOW and "voucher" not in message["data"]  # a voucher that was accepted offline is spent by it

    def some(self):
        """Some messages come, some come again, most wait."""
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):
            if pending := self.host.pending():
                n = self.rng.choice(pending)
                self.until_done(lambda: self.host.deliver(n))
        if (done := self.host.delivered()) and self.rng.random() < 0.3:
            n = self.rng.choice(done)
            answer = self.until_done(lambda: self.host.deliver(n))
            assert answer["outcome"] == "duplicate", answer
            self.count["repeated message"] += 1

    def play(self, world):
        told = []
        for e in world.run(lambda: self.last, self.host):
            if e in (None, END):
                while pending := [n for n in self.host.pending() if e or not self.slow(self.host.message(n))]:
                    n = self.rng.choice(pending)
                    self.until_done(lambda: self.host.deliver(n))
                self.look(f"at {e or 'a rest'}")
                continue
            self.last = self.until_done(lambda: self.host.submit(e))
            self.count[e["type"]] += 1
            for fact in self.last["facts"]:
                if fact["fact"] == "refused":
                    self.count["refused " + fact["reason"]] += 1
            told.append(e)
            if self.rng.random() < 0.1:  # the till tells it again
                again = self.until_done(lambda old=self.rng.choice(told): self.host.submit(old))
                self.count["repeated event"] += again["outcome"] == "duplicate"
            self.some()
            self.look("under way")
        return told

    def look(self, where):
        check = self.host.check()
        self.count[f"check {where} {check['holds']}"] += 1
        self.count["most under way"] = max(self.count["most under way"], len(self.host.pending()))
        if not check["holds"]:
            print("  BROKEN", where, dump(check))


def balances(host):
    return {key: {name: state.get(name) for name in ("reserved", "owed", "books", "fund")}
            for key, state in host.states().items() if key.startswith("shop/")}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--example", action="store_true")
    parser.add_argument("--free", action="store_true", help="no rests: requests meet whatever has come")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--sqlite", default=None)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    if args.example:
        return example(args.command)
    library, ends, events, bad = Library(args.command), [], [], 0
    for order in (1, 2):
        path = os.path.join(args.sqlite, f"{args.seed}-{order}.db") if args.sqlite else ":memory:"
        run = Run(library, args.seed * 1000 + order, path)
        events.append(run.play(World(args.seed, args.days, not args.free)))
        ends.append(balances(run.host))
        print(f"order {order}:", ", ".join(f"{name} {n}" for name, n in sorted(run.count.items())))
        print("  end", dump(run.host.check()), dump(library.call("network.diagnose", {"states": run.host.states()})))
        other = Host(library, programs=[PROGRAM])
        other.replay(run.host.log(), random.Random(order).choice)
        same = dump(other.states()) == dump(run.host.states())
        print("  replayed by owner, interleaved anew, the same bytes:", same)
        bad += not same or any(name.startswith("check") and name.endswith("False") for name in run.count)
    print("same events:", events[0] == events[1], " same balances:", ends[0] == ends[1], f" calls: {library.calls}")
    for key in ends[0]:
        print(" ", key, dump(ends[0][key]), "" if ends[0][key] == ends[1][key] else "\n     or " + dump(ends[1][key]))
    return bad or ends[0] != ends[1] or events[0] != events[1]


if __name__ == "__main__":
    sys.exit(bool(main()))
