"""A host of the shop network: it loads states by key, asks the library, stores what it answers, and delivers the messages.

States, facts and messages are JSON that this file never looks into, but for the envelope of an event (`source`, `id`).
"""
import json
import sqlite3
import subprocess

SCHEMA = """
CREATE TABLE IF NOT EXISTS state  (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fact   (n INTEGER PRIMARY KEY, source TEXT, id TEXT, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, source TEXT, id TEXT, value TEXT NOT NULL, done INTEGER DEFAULT 0,
                                   UNIQUE (source, id));
CREATE TABLE IF NOT EXISTS again  (n INTEGER PRIMARY KEY, source TEXT, id TEXT, at TEXT, value TEXT NOT NULL,
                                   UNIQUE (source, id, at));
CREATE TABLE IF NOT EXISTS log    (n INTEGER PRIMARY KEY, owner TEXT, at TEXT, value TEXT NOT NULL);
"""


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Refused(Exception):
    """The library's error object: the event was malformed, and its id is still free."""

    def __init__(self, answer):
        super().__init__(dump(answer))
        self.answer = answer


class Crash(Exception):
    """A power cut, put in on purpose by the plan."""


class Library:
    """The library behind a line protocol: one request a line, one answer a line."""

    def __init__(self, command):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.calls = 0

    def call(self, op, request):
        self.calls += 1
        self.child.stdin.write(dump({"op": op, "in": request}) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the library's process has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer)
        return answer

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Host:
    """`crash(where)` is called at the two places where a power cut matters; it may raise `Crash`."""

    def __init__(self, library, path=":memory:", programs=(), settings=None, crash=lambda where: None):
        self.library, self.programs, self.settings, self.crash = library, list(programs), settings or {}, crash
        self.path, self.db = path, None
        self.open()

    def open(self):
        """Also after a power cut: what was not committed is gone."""
        if self.db:
            self.db.close()
        self.db = sqlite3.connect(self.path, isolation_level=None)
        # A commit then waits for the disk once, and readers wait for nobody.
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)

    # One event.

    def submit(self, event):
        """An event from outside. What it releases is applied at once; its messages wait in the outbox."""
        answer = self._apply(event)
        self.run_again()
        return answer

    def _apply(self, event, at=None, again=None):
        keys = self.library.call("network.keys", {"event": event})
        self.db.execute("BEGIN IMMEDIATE")
        try:
            states = {key: self.state(key) for key in {*keys["write"], *keys["read"]}}
            request = {"event": event, "states": states, "programs": self.programs, "settings": self.settings}
            if at is not None:
                request["at"] = at
            answer = self.library.call("network.apply", request)
            self.crash("before store")
            self._store(event, answer, keys["owner"], at)
            if again is not None:
                self.db.execute("DELETE FROM again WHERE n = ?", (again,))
            self.db.execute("COMMIT")
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.crash("after store")
        return answer

    def _store(self, event, answer, owner, at):
        for key, value in answer.get("states", {}).items():
            if value is None:
                self.db.execute("DELETE FROM state WHERE key = ?", (key,))
            else:
                self.db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, dump(value)))
        if answer["outcome"] in ("applied", "waiting"):
            self.db.execute("INSERT INTO log (owner, at, value) VALUES (?, ?, ?)", (owner, at, dump(event)))
            for fact in answer.get("facts", []):
                self.db.execute("INSERT INTO fact (source, id, value) VALUES (?, ?, ?)",
                                (event["source"], event["id"], dump(fact)))
        for message in answer.get("out", []):  # one that is repeated is there already
            self.db.execute("INSERT OR IGNORE INTO outbox (source, id, value) VALUES (?, ?, ?)",
                            (message["source"], message["id"], dump(message)))
        for entry in answer.get("again", []):
            self.db.execute("INSERT OR IGNORE INTO again (source, id, at, value) VALUES (?, ?, ?, ?)",
                            (entry["event"]["source"], entry["event"]["id"], entry["at"], dump(entry["event"])))

    def run_again(self):
        """Applies what was released, also after a crash: the entries stand in the transaction of the event that released them."""
        while row := self.db.execute("SELECT n, at, value FROM again ORDER BY n").fetchone():
            self._apply(json.loads(row[2]), at=row[1], again=row[0])

    def status(self, event):
        """What became of an event, as a till asks for it later."""
        write = self.library.call("network.keys", {"event": event})["write"]
        seen = self.state(next(key for key in write if key.startswith("seen/")))
        return self.library.call("network.status", {"event": event, **({"seen": seen} if seen else {})})

    def view(self, keys, now):
        """What a till carries into a sale, of the states of these keys."""
        states = {key: state for key in keys if (state := self.state(key))}
        return self.library.call("network.view", {"states": states, "now": now})

    # Messages.

    def pending(self):
        return [row[0] for row in self.db.execute("SELECT n FROM outbox WHERE done = 0 ORDER BY n")]

    def delivered(self):
        return [row[0] for row in self.db.execute("SELECT n FROM outbox WHERE done = 1 ORDER BY n")]

    def deliver(self, n):
        """Delivers one message. It is marked only after it is stored, so a crash between the two delivers it again."""
        answer = self.submit(self.message(n))
        self.db.execute("UPDATE outbox SET done = 1 WHERE n = ?", (n,))
        return answer

    def drain(self, pick=lambda pending: pending[0]):
        """Delivers until nothing is under way, and what that sends too; `pick` chooses the order."""
        while pending := self.pending():
            self.deliver(pick(pending))

    def deliver_some(self, most):
        """Delivers at most so many messages. One that the library refuses stays, and the others go on."""
        applied = refused = 0
        for n in self.pending()[:most]:
            try:
                self.deliver(n)
                applied += 1
            except Refused:
                refused += 1
        return {"applied": applied, "refused": refused, "left": len(self.pending())}

    # What is stored.

    def message(self, n):
        return json.loads(self.db.execute("SELECT value FROM outbox WHERE n = ?", (n,)).fetchone()[0])

    def state(self, key):
        row = self.db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def states(self):
        return {key: json.loads(value) for key, value in self.db.execute("SELECT key, value FROM state ORDER BY key")}

    def facts(self):
        return [json.loads(row[0]) for row in self.db.execute("SELECT value FROM fact ORDER BY n")]

    def log(self):
        """What each owner has applied, in its order."""
        logs = {}
        for owner, at, value in self.db.execute("SELECT owner, at, value FROM log ORDER BY n"):
            logs.setdefault(owner, []).append((json.loads(value), at))
        return logs

    def replay(self, logs, pick):
        """Applies the logs of all owners anew; `pick` chooses the owner that comes next. The messages are in the logs already."""
        logs = {owner: list(reversed(log)) for owner, log in logs.items()}
        while owners := [owner for owner in logs if logs[owner]]:
            event, at = logs[pick(owners)].pop()
            self._apply(event, at)

    # Questions about all that is stored.

    def check(self):
        return self.library.call("network.check", {"states": self.states(), "out": [self.message(n) for n in self.pending()]})

    def due(self, now, source):
        """The events that time brings; the host adds source, id and time."""
        events = self.library.call("network.due", {"states": self.states(), "now": now})["events"]
        return [{"specversion": "1.0", "source": source, "id": f"{now} {i}", "time": now, **event} for i, event in enumerate(events)]
