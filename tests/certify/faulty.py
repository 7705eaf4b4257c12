"""A host with a fault that is put in on purpose: `python3 faulty.py FAULT SHOPS.sqlite [--programs FILE] -- COMMAND ...`

`cargo xtask certify` must find each of them. The host is that of examples/network-host-python.
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../examples/network-host-python"))

import lines
from host import Host


class CountsTwice(Host):
    """It forgets which events it has seen, so a duplicate counts again."""

    def state(self, key):
        return None if key.startswith("seen/") else super().state(key)


class TakesConflicts(Host):
    """It knows an event by its id alone, so other content of the same id is a duplicate to it."""

    def _apply(self, event, **given):
        answer = super()._apply(event, **given)
        return {**answer, "outcome": "duplicate"} if answer["outcome"] == "conflict" else answer


class RepeatsMessages(Host):
    """It forgets which messages have come, so a repetition counts again."""

    def state(self, key):
        return None if key.startswith("inbox/") or (key.startswith("seen/") and "%7C" in key) else super().state(key)


class ForgetsUndo(Host):
    """An undo of what it does not know is dropped."""

    def deliver(self, n):
        message = self.message(n)
        if message["type"] == "loyalty.undo":
            data = message["data"]
            known = self.db.execute("SELECT 1 FROM state WHERE key LIKE 'red/%' AND key LIKE ?",
                                    (f"red/{data['owner']}|{data['shop']}|%",)).fetchone()
            if not known:
                self.db.execute("UPDATE outbox SET done = 1 WHERE n = ?", (n,))
                return None
        return super().deliver(n)


class PaysTwice(Host):
    """The voucher is not stored when it is redeemed, so it pays again."""

    def _store(self, event, answer, *given):
        if event["type"] == "loyalty.redeem.voucher":
            answer = {**answer, "states": {k: v for k, v in answer["states"].items() if not k.startswith("voucher/")}}
        super()._store(event, answer, *given)


class LocksLate(Host):
    """Two tills may read the same state before either of them stores."""

    class Database:
        def __init__(self, db):
            self.db, self.written = db, None

        def execute(self, statement, *given):
            if statement == "BEGIN IMMEDIATE":
                self.written = []
            elif self.written is None or statement.startswith("SELECT"):
                return self.db.execute(statement, *given)
            elif statement in ("COMMIT", "ROLLBACK"):
                time.sleep(0.05)
                self.db.execute("BEGIN IMMEDIATE")
                for write in self.written if statement == "COMMIT" else []:
                    self.db.execute(*write)
                self.db.execute("COMMIT")
                self.written = None
            else:
                self.written.append((statement, *given))

    def open(self):
        super().open()
        self.db = self.Database(self.db)


class AnswersEarly(Host):
    """It answers before it stores: the last event is lost in a power cut."""

    class Database:
        def __init__(self, db):
            self.db = db

        def execute(self, statement, *given):
            if statement == "COMMIT":
                return None
            if statement == "BEGIN IMMEDIATE" and self.db.in_transaction:
                self.db.execute("COMMIT")
            return self.db.execute(statement, *given)

    def open(self):
        super().open()
        self.db = self.Database(self.db)


class LosesMessages(Host):
    """Messages are kept in memory alone."""

    def open(self):
        super().open()
        self.db.execute("UPDATE outbox SET done = 1")


class LosesWaiting(Host):
    """What waited is not asked again when its voucher comes."""

    def run_again(self):
        self.db.execute("DELETE FROM again")


class WantsOrder(Host):
    """An event that is earlier than the latest one is refused."""

    latest = ""

    def submit(self, event):
        if "n" not in event and isinstance(event.get("time"), str):
            if event["time"] < self.latest:
                return {"error": "out_of_order", "path": "event.time"}
            self.latest = event["time"]
        return super().submit(event)


class BurnsIds(Host):
    """The id of a malformed event is used up."""

    def submit(self, event):
        burnt = self.__dict__.setdefault("burnt", {})
        name = (event.get("source"), event.get("id"))
        try:
            return burnt[name] if name in burnt else super().submit(event)
        except lines.Refused as refused:
            burnt[name] = refused.answer
            raise


class RefusesReturns(Host):
    """A return of a sale that it does not know is refused, though the goods are back."""

    def submit(self, event):
        data = event.get("data", {})
        if event["type"] == "loyalty.return" and not self.state(f"sale/{event['subject'][5:]}/{data['of']}"):
            return {"error": "unknown_sale", "path": "event.data.of"}
        return super().submit(event)


class OwesLess(Host):
    """The fund of the issuer pays no more than it has, and nobody pays the rest."""

    def submit(self, event):
        answer = super().submit(event)
        for fact in answer.get("facts", []):
            if fact["fact"] == "cleared":
                fact["operator"] = 0
        return answer


class Rounds(Host):
    """It rounds what it computes to the nearest hundred."""

    def submit(self, event):
        answer = super().submit(event)
        for fact in answer.get("facts", []):
            if fact["fact"] == "award":
                fact["value"] = (fact["value"] + 50) // 100 * 100
        return answer


if __name__ == "__main__":
    name = sys.argv.pop(1)
    lines.main(next(kind for kind in Host.__subclasses__() if kind.__name__ == name))
