"""Codes, tokens and signatures a second time, in another language, from the page docs/operations.md alone.

    pip install cryptography
    python3 tests/vectors/tools/signed.py

Answers voucher.code, voucher.read_code, voucher.public_key, voucher.sign, voucher.verify, ledger.sign_allowance,
ledger.check_allowance, ledger.sign_entry, ledger.verify_entry, member.pseudonym and record.verify, and writes their
vectors: tests/vectors/<operation>/signed.json, the flipped bits of two tokens in voucher.verify/flips.json, and the
refusals in tests/vectors/reject/<operation>.json. What a vector is about is stated by hand and must agree with the answer computed
here. Nothing is random: keys follow from texts by SHA-256, so a second run writes the same bytes.
"""

import hashlib
import hmac
import itertools
import json
import pathlib
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LARGEST = 2**53 - 1


# ---- Reading a request


class Refused(Exception):
    """A request that is no request: a kind and the path of the fault."""

    def __init__(self, kind, path):
        super().__init__(kind, path)
        self.kind, self.path = kind, path


class Instant(NamedTuple):
    seconds: int  # since 1970-01-01T00:00:00+00:00
    nanos: int
    offset_minutes: int
    whole: bool  # no fraction is written, and no second 60


class Fields:
    """A JSON object whose fields are taken one by one; what nobody takes is unknown."""

    def __init__(self, value, path=""):
        if type(value) is not dict:
            raise Refused("bad_type", path)
        self.left, self.path = dict(value), path

    def at(self, name):
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, kind, name):
        raise Refused(kind, self.at(name))

    def take(self, kind, name, optional=False):
        value = self.left.pop(name, None)
        if value is None and not optional:
            self.refuse("missing_field", name)
        if value is not None and type(value) is not kind:
            self.refuse("bad_type", name)
        return value

    def text(self, name, optional=False):
        return self.take(str, name, optional)

    def flag(self, name):
        return bool(self.take(bool, name, optional=True))

    def number(self, name, least=0, most=LARGEST, default=None):
        value = self.take(int, name, optional=default is not None)
        if value is None:
            return default
        if not least <= value <= most:
            self.refuse("out_of_range", name)
        return value

    def word(self, name, words, default=None):
        value = self.text(name, optional=default is not None)
        if value is None:
            return default
        if value not in words:
            self.refuse("bad_config", name)
        return value

    def hex(self, name, least, most):
        value = read_hex(self.text(name))
        if value is None or not least <= len(value) <= most:
            self.refuse("bad_config", name)
        return value

    def key(self):
        return self.hex("key_hex", 16, 64)

    def instant(self, name, optional=False):
        text = self.text(name, optional)
        instant = None if text is None else read_instant(text)
        if text is not None and instant is None:
            self.refuse("bad_time", name)
        return instant

    def inner(self, name):
        return Fields(self.take(dict, name), self.at(name))

    def list(self, name):
        return [Fields(item, f"{self.at(name)}[{i}]") for i, item in enumerate(self.take(list, name))]

    def end(self):
        for name in self.left:
            self.refuse("unknown_field", name)


def read_hex(text):
    return bytes.fromhex(text) if re.fullmatch("(?:[0-9A-Fa-f]{2})*", text) else None


# ---- Time: the proleptic Gregorian calendar with a year 0000


def days_from_civil(year, month, day):
    year -= month < 3
    days = 365 * year + year // 4 - year // 100 + year // 400
    return days + (153 * ((month - 3) % 12) + 2) // 5 + day - 1 - 719468


def civil_from_days(days):
    days += 719468
    era, days = divmod(days, 146097)
    year = (days - days // 1460 + days // 36524 - days // 146096) // 365
    days -= 365 * year + year // 4 - year // 100
    month = (5 * days + 2) // 153
    day = days - (153 * month + 2) // 5 + 1
    return 400 * era + year + (month > 9), (month + 2) % 12 + 1, day


def read_instant(text):
    form = r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([+-])(\d\d):(\d\d)"
    match = re.fullmatch(form, text, re.ASCII)
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    offset = 60 * int(match[9]) + int(match[10])
    days = days_from_civil(year, month, day) if 1 <= month <= 12 else None
    if days is None or civil_from_days(days) != (year, month, day):
        return None
    if hour > 23 or minute > 59 or second > 60 or int(match[9]) > 23 or int(match[10]) > 59:
        return None
    offset = -offset if match[8] == "-" else offset
    seconds = 86400 * days + 3600 * hour + 60 * (minute - offset) + second
    return Instant(seconds, int((match[7] or "0").ljust(9, "0")), offset, match[7] is None and second < 60)


def write_instant(seconds, offset):
    """The text of a time, or None outside the years 0000 to 9999."""
    days, second = divmod(seconds + 60 * offset, 86400)
    if not days_from_civil(0, 1, 1) <= days <= days_from_civil(9999, 12, 31):
        return None
    year, month, day = civil_from_days(days)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def is_before(a, b):
    return a[:2] < b[:2]


# ---- Messages under a shared key


def tag(key, *fields):
    """HMAC-SHA-256 over the fields, each with its length in front."""
    message = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return hmac.digest(key, message, "sha256")


def matches(wanted, tag_hex):
    found = read_hex(tag_hex)
    return found is not None and hmac.compare_digest(wanted, found)


# ---- Ed25519: the curve's points, for what a strict check must look at beside the equation

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
IDENTITY = (0, 1)


def decode_point(encoded):
    """The point, or None: its y must be reduced and its x exist (RFC 8032, 5.1.3)."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x % 2 != sign else x), y


def encode_point(point):
    return (point[1] | (point[0] % 2) << 255).to_bytes(32, "little")


def add(a, b):
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def times(number, point):
    total = IDENTITY
    for bit in bin(number)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_weak(point):
    """Whether the point's order is at most 8."""
    return times(8, point) == IDENTITY


def public_of(secret):
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(secret, message):
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def satisfies(public, message, signature):
    """The equation S B = R + k A without a cofactor, with S below L."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def is_genuine(public, message, signature):
    point = decode_point(signature[:32])
    return point is not None and not is_weak(point) and satisfies(public, message, signature)


# ---- The typable code

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
MEANT = {"O": "0", "I": "1", "L": "1"}


def code_tag(key, key_id, network, serial):
    whole = tag(key, b"loyalty-code-1", network.encode(), bytes([key_id]), serial.to_bytes(8, "big"))
    return int.from_bytes(whole[:5], "big")


def checked(symbols):
    """Fifteen symbols with their check symbol, in groups of four."""
    number = 0
    for symbol in symbols:
        number = 32 * number + SYMBOLS.index(symbol)
    return grouped(symbols + CHECKS[number % 37])


def grouped(symbols):
    return "-".join(symbols[i : i + 4] for i in range(0, 16, 4))


def write_code(key, key_id, network, serial):
    number = key_id << 70 | serial << 40 | code_tag(key, key_id, network, serial)
    return checked("".join(SYMBOLS[number >> 5 * place & 31] for place in range(14, -1, -1)))


def read_symbols(text):
    """The sixteen symbols meant, or None. Only ASCII letters have two cases."""
    text = text.replace("-", "").replace(" ", "")
    symbols = [MEANT.get(symbol, symbol) for symbol in (text.upper() if text.isascii() else text)]
    if len(symbols) != 16 or symbols[15] not in CHECKS or any(symbol not in SYMBOLS for symbol in symbols[:15]):
        return None
    return "".join(symbols)


def read_keys(request, largest_id, read):
    keys = {}
    for item in request.list("keys"):
        key_id = item.number("key_id", most=largest_id)
        if key_id in keys:
            item.refuse("bad_config", "key_id")
        keys[key_id] = read(item)
        item.end()
    return keys


def voucher_code(request):
    key, key_id = request.key(), request.number("key_id", most=31)
    network, serial = request.text("network"), request.number("serial", most=2**30 - 1)
    request.end()
    return {"code": write_code(key, key_id, network, serial)}


def voucher_read_code(request):
    keys = read_keys(request, 31, Fields.key)
    network, text = request.text("network"), request.text("code")
    request.end()

    def answer(reason, code, key_id=None, serial=None):
        return {"reason": reason, "key_id": key_id, "serial": serial, "code": code}

    symbols = read_symbols(text)
    if symbols is None:
        return answer("unreadable", None)
    code = grouped(symbols)
    if code != checked(symbols[:15]):
        return answer("mistyped", code)
    key_id = SYMBOLS.index(symbols[0])
    if key_id not in keys:
        return answer("unknown_key", code)
    serial = 0
    for symbol in symbols[1:7]:
        serial = 32 * serial + SYMBOLS.index(symbol)
    if code != write_code(keys[key_id], key_id, network, serial):
        return answer("altered", code)
    return answer("valid", code, key_id, serial)


# ---- The QR token

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PREFIX = "LR1:"
DOMAIN = b"loyalty-token-1"
PURCHASED, SINGLE_USE, EXPIRES = 1, 2, 4


class Unreadable(Exception):
    pass


def base45(raw):
    text = ""
    for i in range(0, len(raw), 2):
        number = int.from_bytes(raw[i : i + 2], "big")
        for _ in range(len(raw[i : i + 2]) + 1):
            number, digit = divmod(number, 45)
            text += BASE45[digit]
    return text


def from_base45(text):
    raw = b""
    for i in range(0, len(text), 3):
        digits = [BASE45.find(symbol) for symbol in text[i : i + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        if -1 in digits or len(digits) == 1 or number >= 256 ** (len(digits) - 1):
            raise Unreadable
        raw += number.to_bytes(len(digits) - 1, "big")
    return raw


class Voucher(NamedTuple):
    network: bytes
    id: bytes
    issuer: bytes
    value: int
    valid_from: tuple  # seconds and offset in minutes
    expires: tuple | None
    flags: int


def token_body(key_id, voucher, form=1):
    def moment(time):
        return time[0].to_bytes(8, "big", signed=True) + time[1].to_bytes(2, "big", signed=True)

    body = bytes([form, key_id, voucher.flags]) + voucher.value.to_bytes(8, "big") + moment(voucher.valid_from)
    if voucher.expires is not None:
        body += moment(voucher.expires)
    for name in (voucher.network, voucher.id, voucher.issuer):
        body += bytes([len(name)]) + name
    return body


def read_token(raw):
    """The key id, the voucher as it is answered, and where the signature begins."""
    place = 0

    def take(count):
        nonlocal place
        place += count
        if place > len(raw):
            raise Unreadable
        return raw[place - count : place]

    def moment():
        time = int.from_bytes(take(8), "big", signed=True), int.from_bytes(take(2), "big", signed=True)
        text = write_instant(*time) if abs(time[1]) < 24 * 60 else None
        if text is None:
            raise Unreadable
        return text

    def name():
        length = take(1)[0]
        if not 1 <= length <= 64:
            raise Unreadable
        try:
            return take(length).decode()
        except UnicodeDecodeError:
            raise Unreadable from None

    form, key_id, flags = take(3)
    value = int.from_bytes(take(8), "big")
    if form != 1 or flags > 7 or value > LARGEST:
        raise Unreadable
    valid_from = moment()
    expires = moment() if flags & EXPIRES else None
    network, voucher_id, issuer = name(), name(), name()
    if len(raw) != place + 64:
        raise Unreadable
    voucher = {"network": network, "id": voucher_id, "issuer": issuer, "value": value, "valid_from": valid_from, "expires": expires}
    voucher["origin"] = "purchased" if flags & PURCHASED else "promotional"
    voucher["single_use"] = bool(flags & SINGLE_USE)
    return key_id, voucher, place


def voucher_public_key(request):
    secret = request.hex("secret_hex", 32, 32)
    request.end()
    return {"public_hex": public_of(secret).hex()}


def voucher_sign(request):
    secret, key_id = request.hex("secret_hex", 32, 32), request.number("key_id", most=255)
    voucher = request.inner("voucher")
    request.end()

    def name(field):
        text = voucher.text(field).encode()
        return text if 1 <= len(text) <= 64 else voucher.refuse("out_of_range", field)

    def moment(field, optional=False):
        time = voucher.instant(field, optional)
        if time is not None and not time.whole:
            voucher.refuse("bad_time", field)
        return time

    names, value = [name(field) for field in ("network", "id", "issuer")], voucher.number("value")
    valid_from, expires = moment("valid_from"), moment("expires", optional=True)
    purchased = voucher.word("origin", ("promotional", "purchased"), "promotional") == "purchased"
    flags = PURCHASED * purchased | SINGLE_USE * voucher.flag("single_use") | EXPIRES * (expires is not None)
    voucher.end()
    if expires is None and not purchased or expires is not None and not is_before(valid_from, expires):
        voucher.refuse("bad_config", "expires")
    times = [time and (time.seconds, time.offset_minutes) for time in (valid_from, expires)]
    body = token_body(key_id, Voucher(*names, value, *times, flags))
    token = body + sign(secret, DOMAIN + body)
    return {"token": PREFIX + base45(token), "token_hex": token.hex()}


def voucher_verify(request):
    def read_public(item):
        public = item.hex("public_hex", 32, 32)
        point = decode_point(public)
        return public if point and not is_weak(point) else item.refuse("bad_config", "public_hex")

    keys, network, at = read_keys(request, 255, read_public), request.text("network"), request.instant("at")
    token, token_hex = request.text("token", optional=True), request.text("token_hex", optional=True)
    request.end()
    if (token is None) == (token_hex is None):
        raise Refused("bad_config", None)

    def answer(reason, key_id=None, voucher=None):
        return {"reason": reason, "key_id": key_id, "voucher": voucher}

    try:
        if token is not None and not token.startswith(PREFIX):
            raise Unreadable
        raw = read_hex(token_hex) if token is None else from_base45(token[len(PREFIX) :])
        if raw is None:
            raise Unreadable
        key_id, voucher, end = read_token(raw)
    except Unreadable:
        return answer("unreadable")
    if voucher["network"] != network:
        return answer("wrong_network")
    if key_id not in keys:
        return answer("unknown_key")
    if not is_genuine(keys[key_id], DOMAIN + raw[:end], raw[end:]):
        return answer("altered")
    if is_before(at, read_instant(voucher["valid_from"])):
        return answer("not_yet_valid", key_id, voucher)
    if voucher["expires"] and not is_before(at, read_instant(voucher["expires"])):
        return answer("expired", key_id, voucher)
    return answer("valid", key_id, voucher)


# ---- The ledger


def read_allowance(request):
    """The tag, the limit and the end of an allowance; its expiry is signed as written."""
    key, till, member, limit = request.key(), request.text("till"), request.text("member"), request.number("limit_milli")
    written = request.left.get("expires")
    expires = request.instant("expires")
    fields = (b"loyalty-allowance-1", till.encode(), member.encode(), limit.to_bytes(8, "big", signed=True), written.encode())
    return tag(key, *fields), limit, expires


def ledger_sign_allowance(request):
    wanted, _, _ = read_allowance(request)
    request.end()
    return {"tag_hex": wanted.hex()}


def ledger_check_allowance(request):
    wanted, limit, expires = read_allowance(request)
    tag_hex, at = request.text("tag_hex"), request.instant("at")
    points, spent = request.number("points_milli"), request.number("spent_milli", default=0)
    request.end()
    if not matches(wanted, tag_hex):
        return {"reason": "forged", "left_milli": 0}
    if not is_before(at, expires):
        return {"reason": "expired", "left_milli": 0}
    if spent + points > limit:
        return {"reason": "above_allowance", "left_milli": max(0, limit - spent)}
    return {"reason": "accepted", "left_milli": limit - spent - points}


def read_entry(request):
    """The canonical bytes of an entry that a fold would take."""
    written = request.left.get("entry")
    entry = request.inner("entry")
    for name in ("id", "account", "shop"):
        entry.text(name)
    entry.instant("time")
    kind = entry.word("kind", ("earn", "redeem", "reverse", "expire", "adjust", "reserve", "commit", "release"))
    if kind in ("earn", "redeem", "reverse", "adjust", "reserve"):
        entry.number("points_milli", least=-LARGEST if kind == "adjust" else 0)
    if kind == "earn":
        entry.instant("expires", optional=True)
    if kind in ("reverse", "expire", "commit", "release"):
        entry.text("of")
    if kind in ("reserve", "commit", "release"):
        entry.number("version")
    entry.end()
    return canonical({name: value for name, value in written.items() if value is not None}).encode()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_tag(request):
    return tag(request.key(), b"loyalty-entry-1", read_entry(request))


def ledger_sign_entry(request):
    wanted = entry_tag(request)
    request.end()
    return {"tag_hex": wanted.hex()}


def ledger_verify_entry(request):
    wanted, tag_hex = entry_tag(request), request.text("tag_hex")
    request.end()
    return {"valid": matches(wanted, tag_hex)}


def member_pseudonym(request):
    key, member = request.key(), request.text("member")
    request.end()
    return {"pseudonym": tag(key, b"loyalty-member-1", member.encode()).hex()}


# ---- A channel's message


def record_verify(request):
    text, body = request.text("body", optional=True), None
    if request.left.get("body_hex") is not None:
        body = read_hex(request.text("body_hex"))
        if body is None or text is not None:
            request.refuse("bad_config", "body_hex")
    elif text is None:
        request.refuse("missing_field", "body")
    request.left.pop("body_hex", None)
    body = text.encode() if body is None else body
    key, signature = request.key(), request.text("signature")
    request.end()
    digest = hashlib.sha256(body).hexdigest()
    form = re.fullmatch("(?:sha256=)?([0-9A-Fa-f]{64})", signature)
    if not form:
        return {"reason": "malformed", "hash": digest}
    right = hmac.compare_digest(hmac.new(key, body, hashlib.sha256).digest(), bytes.fromhex(form[1]))
    return {"reason": "valid" if right else "wrong", "hash": digest}


OPERATIONS = {
    "voucher.code": voucher_code,
    "voucher.read_code": voucher_read_code,
    "voucher.public_key": voucher_public_key,
    "voucher.sign": voucher_sign,
    "voucher.verify": voucher_verify,
    "ledger.sign_allowance": ledger_sign_allowance,
    "ledger.check_allowance": ledger_check_allowance,
    "ledger.sign_entry": ledger_sign_entry,
    "ledger.verify_entry": ledger_verify_entry,
    "member.pseudonym": member_pseudonym,
    "record.verify": record_verify,
}


def call(op, request):
    return OPERATIONS[op](Fields(request))


# ---- The parts, against published values


def prove_the_parts():
    # RFC 4231, case 1.
    mac = hmac.digest(bytes([0x0B] * 20), b"Hi There", "sha256").hex()
    assert mac == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    # RFC 8032, 7.1, test 1.
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public, signature = public_of(secret), sign(secret, b"")
    assert public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signature.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert is_genuine(public, b"", signature) and not is_genuine(public, b"\0", signature)
    # The curve: the base point's order, and the same public key and signature by its arithmetic.
    assert times(L, BASE) == IDENTITY and not is_weak(BASE)
    assert encode_point(times(scalar(secret), BASE)) == public and decode_point(encode_point(BASE)) == BASE
    assert is_genuine(public, b"point", signature_with(secret, b"point", IDENTITY))
    # RFC 9285, 4.3 and 4.4.
    for raw, text in ((b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")):
        assert base45(raw) == text and from_base45(text) == raw
    # Crockford's check symbol of 1234.
    assert CHECKS[1234 % 37] == "D" and len(SYMBOLS) == 32 and len(CHECKS) == 37
    # The calendar's ends, and a day of each kind of year.
    for text, seconds in (
        ("1970-01-01T00:00:00+00:00", 0),
        ("2000-02-29T07:00:00+07:00", 951782400),
        ("1900-03-01T00:00:00+00:00", -2203891200),
        ("0000-01-01T00:00:00+00:00", -62167219200),
        ("9999-12-31T23:59:59+00:00", 253402300799),
    ):
        instant = read_instant(text)
        assert instant.seconds == seconds and write_instant(seconds, instant.offset_minutes) == text
    assert read_instant("1900-02-29T00:00:00+00:00") is None and read_instant("2025-01-01T24:00:00+07:00") is None


def scalar(secret):
    number = int.from_bytes(hashlib.sha512(secret).digest()[:32], "little")
    return number & (2**254 - 8) | 2**254


def signature_with(secret, message, extra, nonce=None):
    """A signature by the secret's holder whose R is off by a point; of the nonce 0, R is that point alone."""
    if nonce is None:
        nonce = int.from_bytes(hashlib.sha512(b"nonce" + secret + message).digest(), "little") % L
    r = encode_point(add(times(nonce, BASE), extra) if nonce else extra)
    k = int.from_bytes(hashlib.sha512(r + public_of(secret) + message).digest(), "little")
    return r + ((nonce + k * scalar(secret)) % L).to_bytes(32, "little")


def weak_points():
    """The eight points of small order, as multiples of one of order eight."""
    y = 2
    while True:
        point = decode_point(y.to_bytes(32, "little"))
        torsion = point and times(L, point)
        if torsion and times(4, torsion) != IDENTITY:
            return [times(i, torsion) for i in range(8)]
        y += 1


# ---- Vectors

ANSWERED = {}
REFUSED = {}


def answers(op, name, why, request, file="signed", states=None, same_as=None, **by_hand):
    """A vector with the answer computed here, of the request or of one that says the same without a program; what was found
    by hand must be in it."""
    out = call(op, same_as or request)
    assert all(out[field] == value for field, value in by_hand.items()), (op, name, by_hand, out)
    out = {field: out[field] for field in states or out}
    vector = {"name": name, "rule": name.split("/")[0], "why": why, "source": "derived", "in": request, "out": out}
    ANSWERED.setdefault((op, file), []).append(vector)


def refuses(op, name, why, request, error, path=None):
    """A refusal found by hand, which must be the one found here. Without a path, its place is not told."""
    try:
        found = call(op, request)
    except Refused as refused:
        found = refused.kind, refused.path
    assert found == (error, path), (op, name, found)
    text = json.dumps(request, separators=(",", ":"), ensure_ascii=False)
    vector = {"name": name, "rule": name.split("/")[0], "why": why, "op": op, "request": text, "error": error}
    REFUSED.setdefault(op, []).append(vector | ({} if path is None else {"path": path}))


def key_of(text, length=32):
    """Bytes that follow from a text."""
    blocks = (hashlib.sha256(f"{text}/{i}".encode() if i else text.encode()).digest() for i in range(2))
    return b"".join(blocks)[:length]


def without(fields, name):
    return {field: value for field, value in fields.items() if field != name}


def replaced(text, place, symbol):
    return text[:place] + symbol + text[place + 1 :]


def swapped(text, place):
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def refuses_shapes(op, rule, base, inside=None, optional=()):
    """Every field of a sound request left out and of another type; a field too many; a required null."""
    fields = base[inside] if inside else base

    def request(changed):
        return {**base, inside: changed} if inside else changed

    def path(name):
        return f"{inside}.{name}" if inside else name

    prefix = f"{rule}/{inside}-" if inside else f"{rule}/"
    for name in sorted(fields):
        if name not in optional:
            refuses(op, f"{prefix}no-{name}", "It is required.", request(without(fields, name)), "missing_field", path(name))
        other = "1" if type(fields[name]) in (int, bool) else 1
        refuses(op, f"{prefix}type-{name}", "Of another type.", request({**fields, name: other}), "bad_type", path(name))
    name = next(name for name in sorted(fields) if name not in optional)
    refuses(op, f"{prefix}null-{name}", "Null is absent.", request({**fields, name: None}), "missing_field", path(name))
    refuses(op, f"{prefix}unknown", "Nobody asked for it.", request({**fields, "colour": "red"}), "unknown_field", path("colour"))


def refuses_keys(op, rule, base, field="key_hex", least=16, most=64, place=None):
    """Keys that are no hex of the right length."""
    path = f"{place}.{field}" if place else field
    slug = field.replace("_hex", "")
    good = key_of("a key of the right length", least).hex()
    for name, why, key in (
        ("short", "A byte too few.", good[2:]),
        ("long", "A byte too many.", key_of("a key that is too long", most).hex() + "00"),
        ("odd", "Half a byte too many.", good + "0"),
        ("letter", "A letter beyond f.", "g" + good[1:]),
        ("prefix", "No prefix.", "0x" + good[2:]),
        ("blank", "No blanks.", good[:2] + " " + good[3:]),
        ("empty", "No key.", ""),
    ):
        refuses(op, f"{rule}/{slug}-{name}", why, with_key(base, place, field, key), "bad_config", path)


def with_key(base, place, field, key):
    if place is None:
        return {**base, field: key}
    return {**base, "keys": [{**base["keys"][0], field: key}] + base["keys"][1:]}


def refuses_numbers(op, rule, base, field, most, inside=None):
    path = f"{inside}.{field}" if inside else field
    for name, why, number, error in (
        ("negative", "It is not negative.", -1, "out_of_range"),
        ("above", "One too many.", most + 1, "out_of_range"),
        ("fraction", "Whole numbers only.", 1.5, "bad_type"),
    ):
        request = {**base, inside: {**base[inside], field: number}} if inside else {**base, field: number}
        refuses(op, f"{rule}/{field}-{name}", why, request, error, path)


NETWORK = "LR"
CODE_KEY, OTHER_CODE_KEY = key_of("code key 3"), key_of("code key 4")
PAST_ASCII = "Warung Bu Sri ☕ 屋"


def serial_where(fits):
    """The first serial whose code has a property."""
    return next(serial for serial in itertools.count() if fits(write_code(CODE_KEY, 3, NETWORK, serial)))


def code_where(fits):
    return write_code(CODE_KEY, 3, NETWORK, serial_where(fits))


def vectors_of_codes():
    op = "voucher.code"
    base = {"key_hex": CODE_KEY.hex(), "key_id": 3, "network": NETWORK, "serial": 123456}
    for slug, why, changes in (
        ("plain", "Key id, serial and tag, and a check symbol.", {}),
        ("serial-0", "The first serial.", {"serial": 0}),
        ("serial-1", "Serials are not told by counting codes: the tag differs throughout.", {"serial": 1}),
        ("serial-31", "The last serial of one symbol.", {"serial": 31}),
        ("serial-32", "The first of two.", {"serial": 32}),
        ("serial-last", "Thirty bits, all set.", {"serial": 2**30 - 1}),
        ("key-id-0", "The first key id.", {"key_id": 0}),
        ("key-id-31", "The last key id.", {"key_id": 31}),
        ("all-last", "The largest of both.", {"key_id": 31, "serial": 2**30 - 1}),
        ("other-network", "The network is in the tag.", {"network": "LR2"}),
        ("network-empty", "A network may have an empty name.", {"network": ""}),
        ("network-past-ascii", "Its UTF-8 bytes count.", {"network": PAST_ASCII}),
        ("network-nul", "A NUL is a byte like any other.", {"network": "LR\0"}),
        ("network-long", "Its length has four bytes.", {"network": "N" * 300}),
        ("key-16", "The shortest key.", {"key_hex": key_of("short", 16).hex()}),
        ("key-64", "The longest key: a whole block.", {"key_hex": key_of("long", 64).hex()}),
        ("key-33", "Any length between.", {"key_hex": key_of("between", 33).hex()}),
        ("key-zero", "A key of zeros is a key.", {"key_hex": "00" * 16}),
        ("key-upper-case", "Hex in upper case is the same key.", {"key_hex": CODE_KEY.hex().upper()}),
    ):
        answers(op, f"VC-3/{slug}", why, {**base, **changes})
    for value, check in enumerate(CHECKS[32:], start=32):
        serial = serial_where(lambda code: code.endswith(check))
        answers(op, f"VC-3/check-{value}", f"The check symbol {check}.", {**base, "serial": serial})
    serial = serial_where(lambda code: code[8] == code[10] == "0")
    answers(op, "VC-3/tag-from-zero", "Zeros in front of the tag are written.", {**base, "serial": serial})

    refuses_shapes(op, "VC-3", base)
    refuses_keys(op, "VC-3", base)
    refuses_numbers(op, "VC-3", base, "key_id", 31)
    refuses_numbers(op, "VC-3", base, "serial", 2**30 - 1)


def vectors_of_read_codes():
    op = "voucher.read_code"
    key = {"key_id": 3, "key_hex": CODE_KEY.hex()}
    other = {"key_id": 4, "key_hex": OTHER_CODE_KEY.hex()}
    code = write_code(CODE_KEY, 3, NETWORK, 123456)
    starred = code_where(lambda code: code.endswith("U"))
    lookalike = code_where(lambda code: "0" in code and "1" in code[:-1] and code.endswith("1"))
    ending_in_zero = code_where(lambda code: code.endswith("0"))
    base = {"keys": [key], "network": NETWORK, "code": code}

    def reads(slug, why, reason, **changes):
        answers(op, f"VC-3/{slug}", why, {**base, **changes}, reason=reason)

    reads("plain", "As written.", "valid")
    for name, text in (("first", write_code(CODE_KEY, 3, NETWORK, 0)), ("last", write_code(CODE_KEY, 3, NETWORK, 2**30 - 1))):
        reads(f"serial-{name}", "The ends of the serials.", "valid", code=text)
    for key_id in (0, 31):
        text = write_code(CODE_KEY, key_id, NETWORK, 7)
        reads(f"key-id-{key_id}", "The ends of the key ids.", "valid", code=text, keys=[{**key, "key_id": key_id}])
    for value, check in enumerate(CHECKS[32:], start=32):
        text = code_where(lambda code: code.endswith(check))
        reads(f"check-{value}", f"{check} in the check place.", "valid", code=text)

    bare = code.replace("-", "")
    for slug, why, text in (
        ("lower-case", "Case does not count.", code.lower()),
        ("mixed-case", "Nor does a mixture.", "".join(c.lower() if i % 2 else c for i, c in enumerate(code))),
        ("bare", "Hyphens are for the eye.", bare),
        ("blanks", "So are blanks.", code.replace("-", " ")),
        ("hyphen-everywhere", "A hyphen after every symbol, and in front.", "-" + "".join(c + "-" for c in bare)),
        ("blank-everywhere", "A blank after every symbol, and in front.", " " + "".join(c + " " for c in bare)),
        ("blanks-and-hyphens", "Both, in a row.", "  " + bare[:1] + "- -" + bare[1:9] + "---" + bare[9:] + "- "),
        ("wrong-groups", "Groups of another length.", bare[:5] + "-" + bare[5:10] + "-" + bare[10:]),
        ("check-lower-u", "The check symbol U in lower case.", replaced(starred, 18, "u")),
        ("letter-o", "O is 0.", lookalike[:-1].replace("0", "O") + lookalike[-1]),
        ("letter-o-lower", "And o.", lookalike[:-1].replace("0", "o") + lookalike[-1]),
        ("letter-i", "I is 1, in the check place too.", lookalike.replace("1", "I")),
        ("letter-i-lower", "And i.", lookalike.replace("1", "i")),
        ("letter-l", "L is 1, in the check place too.", lookalike.replace("1", "L")),
        ("letter-l-lower", "And l.", lookalike.replace("1", "l")),
        ("letters-all", "All of them, in lower case.", lookalike.lower().replace("0", "o").replace("1", "l")),
        ("check-letter-o", "O in the check place.", replaced(ending_in_zero, 18, "O")),
    ):
        reads(slug, why, "valid", code=text)

    for slug, why, text in (
        ("empty", "Nothing.", ""),
        ("only-hyphens", "Nothing but hyphens and blanks.", "---- ---- ---- ----"),
        ("fifteen", "A symbol too few.", code[:-1]),
        ("seventeen", "A symbol too many.", code + "0"),
        ("twice", "Two codes.", code + code),
        ("letter-u", "U stands in the check place alone.", replaced(code, 3, "U")),
        ("letter-u-lower", "In either case.", replaced(code, 3, "u")),
        ("star", "So do the other check symbols.", replaced(code, 0, "*")),
        ("tilde", "The second.", replaced(code, 5, "~")),
        ("dollar", "The third.", replaced(code, 10, "$")),
        ("equals", "The fourth.", replaced(code, 17, "=")),
        ("check-place-early", "The check place is the last one.", "U" + code[:-1]),
        ("dot", "A dot is no blank.", code.replace("-", ".")),
        ("underscore", "Nor is a low line.", code.replace("-", "_")),
        ("tab", "Nor a tab.", code.replace("-", "\t")),
        ("line-end", "Nor a line's end.", code + "\n"),
        ("no-break-blank", "Nor the blank that does not break.", code.replace("-", "\u00a0")),
        ("long-hyphen", "A dash is no hyphen.", code.replace("-", "–")),
        ("kelvin", "The sign of the Kelvin is no K, whatever its lower case.", replaced(code, 2, "\u212a")),
        ("long-s", "The long s is no S, whatever its upper case.", replaced(code, 2, "\u017f")),
        ("full-width", "Digits of full width are other letters.", "０" + code[1:]),
        ("arabic-digit", "Digits of other scripts too.", replaced(code, 1, "٣")),
        ("nul", "A NUL.", replaced(code, 1, "\0")),
        ("check-other", "Another sign in the check place.", code[:-1] + "#"),
    ):
        reads(slug, why, "unreadable", code=text)

    second = write_code(OTHER_CODE_KEY, 4, NETWORK, 2**30 - 98765)
    for name, text, keys in (("a", code, [key]), ("b", second, [other])):
        text = text.replace("-", "")
        for place in range(16):
            among = SYMBOLS if place < 15 else CHECKS
            symbol = among[(among.index(text[place]) + 5 * place + 1) % len(among)]
            typed = grouped(replaced(text, place, symbol))
            reads(f"changed-{name}-{place}", f"{text[place]} read as {symbol}.", "mistyped", code=typed, keys=keys)
        for place in range(15):
            if text[place] != text[place + 1]:
                typed = swapped(text, place)
                reason = "unreadable" if typed[14] not in SYMBOLS else "mistyped"
                reads(f"swapped-{name}-{place}", "Two neighbours swapped.", reason, code=grouped(typed), keys=keys)
        for place in range(15):
            symbol = SYMBOLS[SYMBOLS.index(text[place]) ^ 1 << place % 5]
            reason = "altered" if place else "unknown_key"
            reads(
                f"repaired-{name}-{place}",
                "Changed, and its check symbol made to fit.",
                reason,
                code=checked(replaced(text, place, symbol)[:15]),
                keys=keys,
            )
    reads("check-all-others", "A check place of U where another belongs.", "mistyped", code=code[:-1] + "U")
    reads("mistyped-first", "What is mistyped is not looked up.", "mistyped", code=replaced(code, 0, "4"), keys=[])
    reads(
        "mistyped-odd-spelling",
        "The code that was read is told, canonical.",
        "mistyped",
        code=replaced(code, 18, "u").lower().replace("-", " "),
    )

    reads("wrong-network", "A code of another network.", "altered", network="LR2")
    reads("network-empty", "No network is another network.", "altered", network="")
    reads("network-case", "Networks are compared by bytes.", "altered", network="lr")
    reads("network-past-ascii", "Their UTF-8 bytes count.", "valid", network=PAST_ASCII, code=write_code(CODE_KEY, 3, PAST_ASCII, 9))
    reads("no-keys", "No key at all.", "unknown_key", keys=[])
    reads("other-keys", "No key of this id.", "unknown_key", keys=[other])
    reads("unknown-before-altered", "An unknown key is told first.", "unknown_key", keys=[other], network="LR2")
    reads("rotation-old", "Two keys: a code of the old one.", "valid", keys=[key, other])
    reads("rotation-new", "And of the new one.", "valid", keys=[key, other], code=write_code(OTHER_CODE_KEY, 4, NETWORK, 5))
    reads("rotation-order", "Their order does not matter.", "valid", keys=[other, key])
    reads("rotation-withdrawn", "The old one withdrawn.", "unknown_key", keys=[other])
    reads(
        "keys-exchanged", "The right key under another id does not count.", "altered", keys=[{**key, "key_id": 4}, {**other, "key_id": 3}]
    )
    reads("key-upper-case", "Hex in upper case is the same key.", "valid", keys=[{**key, "key_hex": key["key_hex"].upper()}])
    whole = write_code(CODE_KEY, 3, NETWORK, 123457).replace("-", "")
    reads("tag-of-a-neighbour", "The tag of the next serial.", "altered", code=checked(bare[:7] + whole[7:15]))

    refuses_shapes(op, "VC-3", base)
    refuses_keys(op, "VC-3", base, place="keys[0]")
    for slug, why, keys, error, path in (
        ("key-id-twice", "A key id has one key.", [key, {**other, "key_id": 3}], "bad_config", "keys[1].key_id"),
        ("key-twice", "Even if it is the same one.", [key, other, key], "bad_config", "keys[2].key_id"),
        ("key-id-above", "Key ids end at 31.", [{**key, "key_id": 32}], "out_of_range", "keys[0].key_id"),
        ("key-id-negative", "And begin at 0.", [key, {**other, "key_id": -1}], "out_of_range", "keys[1].key_id"),
        ("key-without-id", "A key has an id.", [without(key, "key_id")], "missing_field", "keys[0].key_id"),
        ("key-without-key", "And a key.", [key, without(other, "key_hex")], "missing_field", "keys[1].key_hex"),
        ("key-unknown-field", "And nothing else.", [{**key, "public_hex": "00"}], "unknown_field", "keys[0].public_hex"),
        ("key-a-text", "It is an object.", ["00"], "bad_type", "keys[0]"),
    ):
        refuses(op, f"VC-3/{slug}", why, {**base, "keys": keys}, error, path)
    refuses(
        op,
        "VC-3/checked-in-full",
        "A bad key is told though the code cannot be read.",
        {**base, "code": "", "keys": [{**key, "key_hex": ""}]},
        "bad_config",
        "keys[0].key_hex",
    )


SECRET, NEW_SECRET = key_of("network key 7"), key_of("network key 8")
PUBLIC, NEW_PUBLIC = public_of(SECRET), public_of(NEW_SECRET)
VOUCHER = {
    "network": NETWORK,
    "id": "V-000123",
    "issuer": "TOKO-ANI",
    "value": 15000,
    "valid_from": "2025-03-01T00:00:00+07:00",
    "expires": "2025-03-15T00:00:00+07:00",
}
NOON = "2025-03-07T12:00:00+07:00"


def vectors_of_public_keys():
    op = "voucher.public_key"
    for number, secret, public in (
        (
            1,
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        ),
        (
            2,
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ),
        (
            3,
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        ),
    ):
        answers(op, f"VC-3/rfc-8032-{number}", f"Test {number} of RFC 8032, 7.1.", {"secret_hex": secret}, public_hex=public)
    answers(op, "VC-3/upper-case", "Hex in upper case is the same secret.", {"secret_hex": SECRET.hex().upper()}, public_hex=PUBLIC.hex())
    answers(op, "VC-3/zeros", "A secret of zeros is a secret.", {"secret_hex": "00" * 32})
    answers(op, "VC-3/ones", "So is one of ones.", {"secret_hex": "ff" * 32})
    for number in range(12):
        answers(op, f"VC-3/key-{number}", "A secret like any other.", {"secret_hex": key_of(f"network key {number}").hex()})
    refuses_shapes(op, "VC-3", {"secret_hex": SECRET.hex()})
    refuses_keys(op, "VC-3", {"secret_hex": SECRET.hex()}, "secret_hex", 32, 32)


def vectors_of_signing():
    op = "voucher.sign"
    base = {"secret_hex": SECRET.hex(), "key_id": 7, "voucher": VOUCHER}
    purchased = {**without(VOUCHER, "expires"), "origin": "purchased"}

    def signs(name, why, voucher=VOUCHER, **changes):
        answers(op, name, why, {**base, "voucher": voucher, **changes})

    signs("VC-3/plain", "A promotional voucher of a fortnight.")
    signs("VC-3/key-id-0", "The first key id.", key_id=0)
    signs("VC-3/key-id-255", "The last key id.", key_id=255)
    signs("VC-3/other-key", "Another key signs otherwise.", secret_hex=NEW_SECRET.hex(), key_id=8)
    signs("VC-3/secret-upper-case", "Hex in upper case is the same secret.", secret_hex=SECRET.hex().upper())
    signs("VC-8/purchased", "A purchased voucher may live for ever.", purchased)
    signs("VC-8/purchased-null", "Null is never.", {**purchased, "expires": None})
    signs("VC-8/purchased-expires", "Or end.", {**VOUCHER, "origin": "purchased"})
    signs("VC-8/promotional", "The default, written out, is the same token.", {**VOUCHER, "origin": "promotional", "single_use": False})
    stall = {"mechanism": "flat", "rate_bp": 500, "origin": "purchased", "single_use": True, "validity": {"days": 14}}
    bare = without(VOUCHER, "expires")
    answers(
        op,
        "VC-8/of-the-program",
        "Origin, single use and fourteen days by the program.",
        {**base, "voucher": bare, "program": stall},
        same_as={**base, "voucher": {**VOUCHER, "origin": "purchased", "single_use": True, "expires": "2025-03-15T00:00:00+07:00"}},
    )
    answers(
        op,
        "VC-8/an-expiry-beside-the-program",
        "The voucher's own expiry holds.",
        {**base, "voucher": {**VOUCHER, "expires": "2025-03-02T00:00:00+07:00"}, "program": {**stall, "single_use": False}},
        same_as={**base, "voucher": {**VOUCHER, "origin": "purchased", "expires": "2025-03-02T00:00:00+07:00"}},
    )
    signs("VC-8/nulls", "Null in an optional field is absent.", {**VOUCHER, "origin": None, "single_use": None})
    signs("VC-3/single-use", "A flag of its own.", {**VOUCHER, "single_use": True})
    signs("VC-3/single-use-purchased", "Both flags, no expiry.", {**purchased, "single_use": True})
    signs("VC-3/all-flags", "All three.", {**VOUCHER, "origin": "purchased", "single_use": True})
    signs("VC-3/value-0", "A value of nothing.", {**VOUCHER, "value": 0})
    signs("VC-3/value-1", "The least value.", {**VOUCHER, "value": 1})
    signs("VC-3/value-last", "The largest value.", {**VOUCHER, "value": LARGEST})
    for field in ("network", "id", "issuer"):
        signs(f"VC-3/{field}-1", "One byte.", {**VOUCHER, field: "x"})
        signs(f"VC-3/{field}-64", "Sixty-four bytes.", {**VOUCHER, field: "é" * 32})
    signs("VC-3/names-past-ascii", "UTF-8, not escaped.", {**VOUCHER, "network": "屋", "id": PAST_ASCII, "issuer": "😀"})
    signs("VC-3/names-control", "Any letter is a letter.", {**VOUCHER, "id": '\0\n"\\\u007f'})
    signs("VC-3/one-second", "A life of one second.", {**VOUCHER, "expires": "2025-03-01T00:00:01+07:00"})
    signs(
        "VC-3/two-offsets",
        "Each time has its own offset; instants are compared.",
        {**VOUCHER, "valid_from": "2025-03-01T09:00:00+09:00", "expires": "2025-03-01T00:00:01+00:00"},
    )
    signs("VC-3/offset-zero", "Greenwich.", {**VOUCHER, "valid_from": "2025-03-01T00:00:00+00:00"})
    signs("VC-3/offset-minus-zero", "The same, so the same token.", {**VOUCHER, "valid_from": "2025-03-01T00:00:00-00:00"})
    signs(
        "VC-3/offset-last",
        "The largest offsets.",
        {**VOUCHER, "valid_from": "2025-03-01T00:00:00+23:59", "expires": "2025-03-15T00:00:00-23:59"},
    )
    signs("VC-3/offset-half-hour", "An offset with minutes, negative.", {**VOUCHER, "valid_from": "2025-03-01T00:00:00-03:30"})
    signs("VC-3/first-second", "The first instant that can be written.", {**VOUCHER, "valid_from": "0000-01-01T00:00:00+23:59"})
    signs("VC-3/last-second", "The last.", {**VOUCHER, "expires": "9999-12-31T23:59:59-23:59"})
    signs("VC-3/before-1970", "Seconds below zero.", {**VOUCHER, "valid_from": "1969-12-31T23:59:59+00:00"})
    signs("VC-3/leap-day", "The 29th of February of year 0000, which has one.", {**VOUCHER, "valid_from": "0000-02-29T12:34:56+00:00"})
    for length in (90, 91):
        voucher = {**VOUCHER, "id": "x" * (length - 80)}
        signs(f"VC-3/length-{length % 2}", "Base45 of an even and of an odd number of bytes.", voucher)

    refuses_shapes(op, "VC-3", base)
    refuses_shapes(
        op,
        "VC-3",
        {**base, "voucher": {**VOUCHER, "origin": "purchased", "single_use": True}},
        "voucher",
        ("expires", "origin", "single_use"),
    )
    refuses_keys(op, "VC-3", base, "secret_hex", 32, 32)
    refuses_numbers(op, "VC-3", base, "key_id", 255)
    refuses_numbers(op, "VC-3", base, "value", LARGEST, "voucher")
    for field in ("network", "id", "issuer"):
        for slug, why, name in (
            ("empty", "A name has a letter at least.", ""),
            ("65", "Sixty-five bytes.", "x" * 65),
            ("65-bytes", "Bytes are counted, not letters.", "é" * 32 + "x"),
        ):
            refuses(op, f"VC-3/{field}-{slug}", why, {**base, "voucher": {**VOUCHER, field: name}}, "out_of_range", f"voucher.{field}")
    for slug, why, changes in (
        ("never", "A promotional voucher expires.", {"expires": None}),
        ("never-named", "Said or not.", {"expires": None, "origin": "promotional"}),
        ("no-life", "It ends after it begins.", {"expires": VOUCHER["valid_from"]}),
        ("ends-before", "Not before.", {"expires": "2025-02-28T23:59:59+07:00"}),
        ("same-instant", "Instants are compared.", {"expires": "2025-02-28T17:00:00+00:00"}),
        ("purchased-no-life", "A purchased one too.", {"expires": VOUCHER["valid_from"], "origin": "purchased"}),
    ):
        refuses(op, f"VC-8/{slug}", why, {**base, "voucher": {**VOUCHER, **changes}}, "bad_config", "voucher.expires")
    for word in ("given", "Purchased", ""):
        refuses(
            op,
            f"VC-8/origin-{word or 'empty'}",
            "No such origin.",
            {**base, "voucher": {**VOUCHER, "origin": word}},
            "bad_config",
            "voucher.origin",
        )
    for field in ("valid_from", "expires"):
        for slug, why, text in (
            ("fraction", "Whole seconds.", "2025-03-10T00:00:00.5+07:00"),
            ("fraction-zero", "A fraction of zero is written as one.", "2025-03-10T00:00:00.0+07:00"),
            ("second-60", "Seconds end at 59.", "2025-03-10T23:59:60+07:00"),
            ("date", "A date is no instant.", "2025-03-10"),
            ("no-offset", "An instant has its offset.", "2025-03-10T00:00:00"),
            ("lower-case-z", "Z is a capital.", "2025-03-10T00:00:00z"),
            ("offset-24", "Offsets end at 23:59.", "2025-03-10T00:00:00+24:00"),
            ("year-10000", "Years end at 9999.", "10000-01-01T00:00:00+00:00"),
            ("no-such-day", "No such day.", "2025-02-29T00:00:00+07:00"),
            ("hour-24", "Hours end at 23.", "2025-03-10T24:00:00+07:00"),
            ("empty", "Nothing.", ""),
        ):
            refuses(op, f"VC-3/{field}-{slug}", why, {**base, "voucher": {**VOUCHER, field: text}}, "bad_time", f"voucher.{field}")


def vectors_of_verifying():
    op = "voucher.verify"
    key, new_key = ({"key_id": i, "public_hex": public.hex()} for i, public in ((7, PUBLIC), (8, NEW_PUBLIC)))
    base = {"keys": [key], "network": NETWORK, "at": NOON}

    def signed(voucher=VOUCHER, secret=SECRET, key_id=7):
        return call("voucher.sign", {"secret_hex": secret.hex(), "key_id": key_id, "voucher": voucher})

    def verifies(slug, why, reason, **changes):
        request = {**base, **changes}
        if "token" not in request and "token_hex" not in request:
            request["token_hex"] = plain
        answers(op, slug if "/" in slug else f"VC-3/{slug}", why, request, reason=reason)

    plain, text = signed()["token_hex"], signed()["token"]
    raw = bytes.fromhex(plain)
    parts = Voucher(
        b"LR", b"V-000123", b"TOKO-ANI", 15000,
        (read_instant(VOUCHER["valid_from"]).seconds, 420), (read_instant(VOUCHER["expires"]).seconds, 420), EXPIRES,
    )  # fmt: skip
    assert token_body(7, parts) == raw[:-64]

    def crafted(form=1, key_id=7, trailing=b"", **changes):
        """A token that is signed, whatever it says."""
        body = token_body(key_id, parts._replace(**changes), form) + trailing
        return (body + sign(SECRET, DOMAIN + body)).hex()

    # Every voucher that can be signed comes back whole.
    purchased = {**without(VOUCHER, "expires"), "origin": "purchased"}
    verifies("plain", "As signed, in hex.", "valid")
    verifies("text", "As signed, in text.", "valid", token=text)
    verifies("hex-upper-case", "Hex in upper case is the same token.", "valid", token_hex=plain.upper())
    verifies("public-upper-case", "And the same key.", "valid", keys=[{**key, "public_hex": key["public_hex"].upper()}])
    verifies("null-beside", "Null is absent.", "valid", token=text, token_hex=None)
    verifies("VC-8/purchased", "A purchased voucher without an end.", "valid", token=signed(purchased)["token"])
    verifies("VC-8/purchased-later", "Whatever the day.", "valid", token=signed(purchased)["token"], at="9999-12-31T23:59:59-23:59")
    verifies(
        "VC-8/purchased-expires", "A purchased voucher with an end.", "valid", token=signed({**VOUCHER, "origin": "purchased"})["token"]
    )
    verifies("single-use", "The flag comes back.", "valid", token=signed({**VOUCHER, "single_use": True})["token"])
    verifies("all-flags", "All three.", "valid", token=signed({**VOUCHER, "origin": "purchased", "single_use": True})["token"])
    for value in (0, 1, LARGEST):
        verifies(f"value-{value}", "The value comes back.", "valid", token=signed({**VOUCHER, "value": value})["token"])
    for key_id in (0, 255):
        verifies(
            f"key-id-{key_id}", "The ends of the key ids.", "valid", token=signed(key_id=key_id)["token"], keys=[{**key, "key_id": key_id}]
        )
    named = {**VOUCHER, "network": "é" * 32, "id": "x" * 64, "issuer": "屋" * 21 + "x"}
    verifies("names-64", "Names of sixty-four bytes.", "valid", token=signed(named)["token"], network=named["network"])
    named = {**VOUCHER, "network": "N", "id": "V", "issuer": "I"}
    verifies("names-1", "Names of one byte.", "valid", token=signed(named)["token"], network="N")
    named = {**VOUCHER, "network": "😀", "id": PAST_ASCII, "issuer": '\0\n"\\'}
    verifies("names-past-ascii", "Letters of every length, and control characters.", "valid", token=signed(named)["token"], network="😀")
    wide = {**VOUCHER, "valid_from": "0000-01-01T00:00:00+23:59", "expires": "9999-12-31T23:59:59-23:59"}
    verifies("widest", "The first and the last instant, with their offsets.", "valid", token=signed(wide)["token"])
    half = {**VOUCHER, "valid_from": "2025-03-01T00:00:00-03:30", "expires": "2025-03-15T00:00:00+05:45"}
    verifies("offsets", "Each time in its own offset.", "valid", token=signed(half)["token"])
    zero = {**VOUCHER, "valid_from": "2025-03-01T00:00:00-00:00"}
    verifies("offset-minus-zero", "There is one offset of zero.", "valid", token=signed(zero)["token"])

    # Time.
    for slug, why, at, reason in (
        ("begins-before", "A second before it begins.", "2025-02-28T23:59:59+07:00", "not_yet_valid"),
        ("begins-nearly", "A billionth of a second before.", "2025-02-28T23:59:59.999999999+07:00", "not_yet_valid"),
        ("begins", "As it begins.", "2025-03-01T00:00:00+07:00", "valid"),
        ("begins-elsewhere", "The same instant in another offset.", "2025-02-28T17:00:00+00:00", "valid"),
        ("begins-elsewhere-before", "A date later, an instant earlier.", "2025-03-01T02:59:59+10:00", "not_yet_valid"),
        ("ends-before", "A second before it ends.", "2025-03-14T23:59:59+07:00", "valid"),
        ("ends-nearly", "A billionth of a second before.", "2025-03-14T23:59:59.999999999+07:00", "valid"),
        ("ends", "As it ends.", "2025-03-15T00:00:00+07:00", "expired"),
        ("ends-after", "A second after.", "2025-03-15T00:00:01+07:00", "expired"),
        ("ends-elsewhere", "The same instant in another offset.", "2025-03-14T17:00:00+00:00", "expired"),
        ("ends-elsewhere-before", "A date later, an instant earlier.", "2025-03-15T02:59:59+10:00", "valid"),
        ("long-before", "The first instant of all.", "0000-01-01T00:00:00+23:59", "not_yet_valid"),
        ("long-after", "The last.", "9999-12-31T23:59:59-23:59", "expired"),
    ):
        verifies(slug, why, reason, at=at)
    moment = (read_instant(NOON).seconds, 420)
    verifies(
        "no-life-before",
        "Begins as it ends: nobody signs it, and it is never valid.",
        "not_yet_valid",
        token_hex=crafted(valid_from=moment, expires=moment),
        at="2025-03-07T11:59:59+07:00",
    )
    verifies("no-life-then", "It has ended as it begins.", "expired", token_hex=crafted(valid_from=moment, expires=moment))
    verifies(
        "VC-8/promotional-never", "Signed by the key all the same: judged as it reads.", "valid", token_hex=crafted(expires=None, flags=0)
    )

    # Networks and keys.
    for slug, why, network in (
        ("network", "Another network.", "LR2"),
        ("network-empty", "None.", ""),
        ("network-case", "Compared by bytes.", "lr"),
        ("network-longer", "With a NUL behind.", "LR\0"),
        ("network-65", "A network that no token can name.", "N" * 65),
    ):
        verifies(f"wrong-{slug}", why, "wrong_network", network=network)
    verifies("unknown-key", "No key of this id.", "unknown_key", keys=[new_key])
    verifies("no-keys", "No key at all.", "unknown_key", keys=[])
    renewed = signed(secret=NEW_SECRET, key_id=8)
    verifies("rotation-old", "Two keys: a token of the old one.", "valid", keys=[key, new_key])
    verifies("rotation-new", "And of the new one.", "valid", keys=[key, new_key], token=renewed["token"])
    verifies("rotation-order", "Their order does not matter.", "valid", keys=[new_key, key])
    verifies("rotation-withdrawn", "The old one withdrawn.", "unknown_key", keys=[new_key])
    verifies("rotation-stays", "The new one stays.", "valid", keys=[new_key], token=renewed["token"])
    verifies(
        "key-of-another-id",
        "Signed by a key that is known, but under another id.",
        "altered",
        keys=[key, new_key],
        token=signed(secret=NEW_SECRET)["token"],
    )
    verifies("keys-exchanged", "Each key under the other's id.", "altered", keys=[{**key, "key_id": 8}, {**new_key, "key_id": 7}])
    verifies("key-under-two-ids", "A key may have two ids.", "valid", keys=[key, {**key, "key_id": 8}])
    verifies(
        "key-unknown-beside",
        "A key that is not asked does not matter.",
        "valid",
        keys=[{"key_id": 9, "public_hex": public_of(key_of("network key 9")).hex()}, key],
    )

    # The order of judgement.
    forged = raw[:-1] + bytes([raw[-1] ^ 1])
    verifies("order-unreadable", "What cannot be read has no network.", "unreadable", token_hex=plain + "00", network="LR2")
    verifies("order-network", "The network is asked before the key.", "wrong_network", keys=[], network="LR2")
    verifies("order-network-forged", "And before the signature.", "wrong_network", token_hex=forged.hex(), network="LR2")
    verifies("order-key", "The key before the time.", "unknown_key", keys=[], at="2026-01-01T00:00:00+07:00")
    verifies("order-signature-early", "The signature before the time.", "altered", token_hex=forged.hex(), at="2024-01-01T00:00:00+07:00")
    verifies("order-signature-late", "Either way.", "altered", token_hex=forged.hex(), at="2026-01-01T00:00:00+07:00")

    # Signed, and yet unreadable.
    seconds = parts.valid_from[0]
    first, last = days_from_civil(0, 1, 1) * 86400, days_from_civil(10000, 1, 1) * 86400
    for slug, why, token in (
        ("form-0", "Another format.", crafted(form=0)),
        ("form-2", "A later format.", crafted(form=2)),
        ("flag-3", "A flag without a meaning.", crafted(flags=EXPIRES | 8)),
        ("flag-7", "The last of them.", crafted(flags=EXPIRES | 128)),
        ("value-above", "A value above the domain.", crafted(value=LARGEST + 1)),
        ("value-63-bits", "A value that would be negative elsewhere.", crafted(value=2**63)),
        ("value-64-bits", "All bits of the value.", crafted(value=2**64 - 1)),
        ("expiry-without-flag", "An expiry that no flag announces.", crafted(flags=0)),
        ("flag-without-expiry", "A flag without its expiry.", crafted(expires=None)),
        ("year-before", "A second before the year 0000.", crafted(valid_from=(first - 1, 0))),
        ("year-before-local", "In its own offset.", crafted(valid_from=(first, -1))),
        ("year-after", "A second after the year 9999.", crafted(expires=(last, 0))),
        ("year-after-local", "In its own offset.", crafted(expires=(last - 60, 1))),
        ("seconds-least", "The least number of seconds.", crafted(valid_from=(-(2**63), -1439))),
        ("seconds-last", "The largest.", crafted(expires=(2**63 - 1, 1439))),
        ("offset-24-hours", "An offset of 24 hours.", crafted(valid_from=(seconds, 1440))),
        ("offset-minus-24-hours", "To the west.", crafted(expires=(parts.expires[0], -1440))),
        ("offset-least", "The least offset of two bytes.", crafted(valid_from=(seconds, -(2**15)))),
        ("offset-most", "The largest.", crafted(valid_from=(seconds, 2**15 - 1))),
        ("utf-8-overlong", "An overlong letter.", crafted(id=b"V\xc0\x80")),
        ("utf-8-surrogate", "A surrogate.", crafted(id=b"V\xed\xa0\x80")),
        ("utf-8-beyond", "Beyond the last letter.", crafted(issuer=b"\xf4\x90\x80\x80")),
        ("utf-8-cut", "A letter cut short.", crafted(issuer=b"TOKO\xe5\xb1")),
        ("utf-8-stray", "A byte that continues nothing.", crafted(network=b"\x80LR")),
        ("trailing", "A byte between the issuer and the signature.", crafted(trailing=b"\0")),
        ("trailing-name", "A fourth name.", crafted(trailing=b"\x01x")),
    ):
        verifies(f"read-{slug}", why, "unreadable", token_hex=token)
    for name in ("network", "id", "issuer"):
        verifies(f"read-{name}-empty", "A name without a byte.", "unreadable", token_hex=crafted(**{name: b""}), network="")
        verifies(f"read-{name}-65", "Sixty-five bytes.", "unreadable", token_hex=crafted(**{name: b"x" * 65}))
        verifies(f"read-{name}-255", "As many as a length can tell.", "unreadable", token_hex=crafted(**{name: b"x" * 255}))

    # Cut and lengthened.
    for length in (0, 1, 2, 3, 10, 11, 20, 21, 31, 32, 34, 43, len(raw) - 65, len(raw) - 64, len(raw) - 63, len(raw) - 1):
        verifies(f"cut-{length}", f"The first {length} bytes.", "unreadable", token_hex=raw[:length].hex())
    for slug, why, token in (
        ("byte-behind", "A byte behind.", plain + "00"),
        ("token-behind", "A whole token behind.", plain + plain),
        ("byte-in-front", "A byte in front.", "00" + plain),
        ("odd", "Half a byte too few.", plain[:-1]),
        ("letter", "A letter beyond f.", plain[:-1] + "g"),
        ("prefix", "No prefix.", "0x" + plain),
        ("blank", "No blanks.", plain[:10] + " " + plain[10:]),
        ("a-text", "Text where hex belongs.", text),
    ):
        verifies(f"hex-{slug}", why, "unreadable", token_hex=token)

    # The text form.
    texts = (signed({**VOUCHER, "id": name})["token"] for name in ("V1", "V22"))
    odd, even = sorted(texts, key=lambda token: len(from_base45(token[4:])) % 2 == 0)
    assert len(odd[4:]) % 3 == 2 and len(even[4:]) % 3 == 0
    verifies("text-odd", "An odd number of bytes ends in two symbols.", "valid", token=odd)
    verifies("text-even", "An even number in three.", "valid", token=even)

    def number(symbols):
        return sum(BASE45.index(symbol) * 45**place for place, symbol in enumerate(symbols))

    def symbols(value, count):
        return "".join(BASE45[value // 45**place % 45] for place in range(count))

    place = next(i for i in range(4, len(text) - 3, 3) if number(text[i : i + 3]) + 65536 < 45**3)
    beyond = text[:place] + symbols(number(text[place : place + 3]) + 65536, 3) + text[place + 3 :]
    tail = odd[:-2] + symbols(number(odd[-2:]) + 256, 2)
    for slug, why, token in (
        ("triple-beyond", "Three symbols above 65,535 that mean the same two bytes to a careless reader.", beyond),
        ("pair-beyond", "Two symbols above 255, at the end, likewise.", tail),
        ("triple-last", "The largest three symbols.", text[:4] + ":::" + text[7:]),
        ("triple-65536", "65,536, the first number too large.", text[:4] + symbols(65536, 3) + text[7:]),
        ("lone-symbol", "A symbol alone at the end of an even number of bytes.", even + "0"),
        ("cut-symbol", "A symbol too few.", even[:-1]),
        ("lone-symbol-odd", "A third symbol where two end.", odd + "0"),
        ("cut-symbol-odd", "One symbol alone where two end.", odd[:-1]),
        ("two-behind", "Two symbols behind: a byte.", even + "00"),
        ("three-behind", "Three: two bytes.", even + "000"),
        ("lower-case", "Base45 has no lower case.", "LR1:" + text[4:].lower()),
        ("lower-case-prefix", "Nor has the prefix.", "lr1:" + text[4:]),
        ("other-sign", "A sign outside Base45.", replaced(text, 10, "#")),
        ("comma", "Another.", replaced(text, 10, ",")),
        ("past-ascii", "A letter past ASCII.", replaced(text, 10, "É")),
        ("no-prefix", "The prefix is missing.", text[4:]),
        ("half-prefix", "The colon is missing.", "LR1" + text[4:]),
        ("other-prefix", "Another prefix.", "LR2:" + text[4:]),
        ("prefix-twice", "The prefix twice.", "LR1:" + text),
        ("prefix-alone", "The prefix alone.", "LR1:"),
        ("blank-in-front", "A blank in front.", " " + text),
        ("blank-behind", "A blank behind.", text + " "),
        ("line-end", "A line's end.", text + "\n"),
        ("line-within", "A line's end within.", text[:40] + "\n" + text[40:]),
        ("empty", "Nothing.", ""),
        ("hex", "Hex where text belongs.", plain),
        ("two-tokens", "Two tokens.", text + text),
    ):
        verifies(f"text-{slug}", why, "unreadable", token=token)
    verifies("text-swapped", "Two pairs of the signature's bytes swapped.", "altered", token=even[:-6] + even[-3:] + even[-6:-3])

    # Signatures that a lenient check lets pass.
    body = raw[:-64]
    message = DOMAIN + body
    r, s = raw[-64:-32], int.from_bytes(raw[-32:], "little")
    weak = weak_points()
    for slug, why, signature in (
        ("s-plus-l", "S + L satisfies the same equation: not canonical.", r + (s + L).to_bytes(32, "little")),
        ("s-plus-8-l", "So does S + 8 L.", r + (s + 8 * L).to_bytes(32, "little")),
        ("s-negative", "The negative of S.", r + (L - s).to_bytes(32, "little")),
        ("s-is-l", "S = L.", r + L.to_bytes(32, "little")),
        ("s-top-bit", "The highest bit of S.", r + (s | 2**255).to_bytes(32, "little")),
        ("r-negative", "The sign of R.", bytes(r[:31]) + bytes([r[31] ^ 128]) + raw[-32:]),
        ("zeros", "All zeros.", bytes(64)),
        ("ones", "All ones.", b"\xff" * 64),
        ("r-no-point", "An R that is no point.", encode_y(no_point()) + raw[-32:]),
        ("cofactor-2", "Off by a point of order two: passes only with a cofactor.", signature_with(SECRET, message, weak[4])),
        ("cofactor-8", "Off by a point of order eight.", signature_with(SECRET, message, weak[1])),
        ("r-identity", "R is the neutral point.", signature_with(SECRET, message, IDENTITY, nonce=0)),
        ("halves-swapped", "S before R.", raw[-32:] + r),
        ("without-domain", "Signed without the domain text.", sign(SECRET, body)),
        ("other-domain", "Signed under another domain text.", sign(SECRET, b"loyalty-token-2" + body)),
        ("domain-with-length", "Signed with the domain text's length in front.", sign(SECRET, len(DOMAIN).to_bytes(4, "big") + message)),
        ("of-the-text", "Signed over the text form.", sign(SECRET, DOMAIN + base45(body).encode())),
        ("other-token", "The signature of another token.", bytes.fromhex(signed(purchased)["token_hex"])[-64:]),
        ("other-secret", "Signed by somebody else.", sign(key_of("somebody else"), message)),
    ):
        verifies(f"signature-{slug}", why, "altered", token_hex=(body + signature).hex())
    assert satisfies(PUBLIC, message, signature_with(SECRET, message, IDENTITY, nonce=0))

    # Refused requests.
    refused = {**base, "token_hex": plain}
    refuses_shapes(op, "VC-3", refused, optional=("token_hex",))
    refuses(op, "VC-3/type-token", "Of another type.", {**base, "token": 1}, "bad_type", "token")
    refuses(op, "VC-3/both", "One form, not both.", {**refused, "token": text}, "bad_config")
    refuses(op, "VC-3/neither", "One form at least.", base, "bad_config")
    refuses(op, "VC-3/neither-null", "Null is absent.", {**base, "token": None, "token_hex": None}, "bad_config")
    refuses_keys(op, "VC-3", refused, "public_hex", 32, 32, "keys[0]")

    def bad_public(slug, why, encoded):
        keys = [{"key_id": 7, "public_hex": encoded.hex()}]
        refuses(op, f"VC-3/public-{slug}", why, {**refused, "keys": keys}, "bad_config", "keys[0].public_hex")

    for i, point in enumerate(weak):
        bad_public(f"weak-{i}", "A point of small order, under which anybody can sign.", encode_point(point))
    bad_public("no-point", "No point has this y.", encode_y(no_point()))
    bad_public("y-p", "A y that is not reduced: p, for 0.", encode_y(P))
    bad_public("y-p-1", "And p + 1, for 1.", encode_y(P + 1))
    large = next(y for y in range(2, 19) if (point := decode_point(encode_y(y))) and not is_weak(point))
    bad_public("y-not-reduced", "Of a point of large order too.", encode_y(P + large))
    bad_public("minus-zero", "There is one zero: x = 0 has no sign.", encode_y(1 | 2**255))
    bad_public("minus-zero-2", "Nor at the other end.", encode_y(P - 1 | 2**255))
    bad_public("ones", "All ones.", b"\xff" * 32)
    for slug, why, keys, error, path in (
        ("key-id-twice", "A key id has one key.", [key, {**new_key, "key_id": 7}], "bad_config", "keys[1].key_id"),
        ("key-twice", "Even if it is the same one.", [key, new_key, key], "bad_config", "keys[2].key_id"),
        ("key-id-above", "Key ids end at 255.", [{**key, "key_id": 256}], "out_of_range", "keys[0].key_id"),
        ("key-id-negative", "And begin at 0.", [key, {**new_key, "key_id": -1}], "out_of_range", "keys[1].key_id"),
        ("key-without-id", "A key has an id.", [without(key, "key_id")], "missing_field", "keys[0].key_id"),
        ("key-without-key", "And a key.", [key, without(new_key, "public_hex")], "missing_field", "keys[1].public_hex"),
        ("key-unknown-field", "And nothing else.", [{**key, "key_hex": "00"}], "unknown_field", "keys[0].key_hex"),
        ("key-a-text", "It is an object.", ["00"], "bad_type", "keys[0]"),
        (
            "key-unused",
            "A key that is not asked is checked all the same.",
            [key, {**new_key, "public_hex": encode_y(no_point()).hex()}],
            "bad_config",
            "keys[1].public_hex",
        ),
    ):
        refuses(op, f"VC-3/{slug}", why, {**refused, "keys": keys}, error, path)
    for slug, why, at in (
        ("date", "A date is no instant.", "2025-03-07"),
        ("no-offset", "An instant has its offset.", "2025-03-07T12:00:00"),
        ("lower-case-z", "Z is a capital.", "2025-03-07T12:00:00z"),
        ("offset-24", "Offsets end at 23:59.", "2025-03-07T12:00:00+24:00"),
    ):
        refuses(op, f"VC-3/at-{slug}", why, {**refused, "at": at}, "bad_time", "at")
    refuses(
        op,
        "VC-3/at-before-token",
        "A bad time is told though the token cannot be read.",
        {**base, "token_hex": "", "at": "now"},
        "bad_time",
        "at",
    )

    # Every bit of two whole tokens.
    short = {"network": "L", "id": "V1", "issuer": "A", "value": 15000, "valid_from": VOUCHER["valid_from"]}
    for name, voucher in (
        ("a", {**short, "expires": VOUCHER["expires"]}),
        ("b", {**short, "id": "é", "origin": "purchased", "single_use": True}),
    ):
        token = bytes.fromhex(signed(voucher)["token_hex"])
        request = {"keys": [key], "network": "L", "at": NOON}
        assert call(op, {**request, "token_hex": token.hex()})["reason"] == "valid"
        for byte in range(len(token)):
            for bit in range(8):
                flipped = token[:byte] + bytes([token[byte] ^ 1 << bit]) + token[byte + 1 :]
                answers(
                    op, f"VC-3/flip-{name}-{byte}-{bit}", f"Bit {bit} of byte {byte}.", {**request, "token_hex": flipped.hex()},
                    file="flips", states=("reason", "voucher"), voucher=None,
                )  # fmt: skip


def encode_y(y):
    return y.to_bytes(32, "little")


def no_point():
    """The first y that is no point's."""
    return next(y for y in range(2, 100) if decode_point(encode_y(y)) is None)


TILL_KEY = key_of("till key T1")
ALLOWANCE = {"key_hex": TILL_KEY.hex(), "till": "T1", "member": "M-77", "limit_milli": 50000, "expires": "2025-03-08T00:00:00+07:00"}
ALLOWANCES = (
    ("plain", "Till, member, limit and end.", {}),
    ("other-till", "Another till.", {"till": "T2"}),
    ("other-member", "Another member.", {"member": "M-78"}),
    ("till-empty", "Ids may be empty.", {"till": ""}),
    ("member-empty", "Both.", {"till": "", "member": ""}),
    ("border", "Where an id ends is signed.", {"till": "T1M", "member": "-77"}),
    ("past-ascii", "UTF-8, as it stands.", {"till": PAST_ASCII, "member": "😀"}),
    ("control", "Any letter is a letter.", {"member": 'M\0\n"\\'}),
    ("long", "Lengths have four bytes.", {"member": "m" * 300}),
    ("limit-0", "No limit at all is a limit of nothing.", {"limit_milli": 0}),
    ("limit-1", "The least.", {"limit_milli": 1}),
    ("limit-last", "The largest.", {"limit_milli": LARGEST}),
    ("same-instant", "The end is signed as written: the same instant, another tag.", {"expires": "2025-03-07T17:00:00+00:00"}),
    ("fraction", "A fraction of zero is another text.", {"expires": "2025-03-08T00:00:00.000+07:00"}),
    ("minus-zero", "So is another zero.", {"expires": "2025-03-07T17:00:00-00:00"}),
    ("second-60", "A second 60 is an instant here.", {"expires": "2025-03-07T23:59:60+07:00"}),
    ("first-instant", "The first instant.", {"expires": "0000-01-01T00:00:00+23:59"}),
    ("last-instant", "The last.", {"expires": "9999-12-31T23:59:59.999999999-23:59"}),
    ("key-16", "The shortest key.", {"key_hex": key_of("short", 16).hex()}),
    ("key-64", "The longest.", {"key_hex": key_of("long", 64).hex()}),
    ("key-upper-case", "Hex in upper case is the same key.", {"key_hex": TILL_KEY.hex().upper()}),
)
BAD_TIMES = (
    ("date", "A date is no instant.", "2025-03-08"),
    ("no-offset", "An instant has its offset.", "2025-03-08T00:00:00"),
    ("lower-case-z", "Z is a capital.", "2025-03-08T00:00:00z"),
    ("no-such-day", "No such day.", "2025-02-29T00:00:00+07:00"),
    ("ten-decimals", "Nine decimals at most.", "2025-03-08T00:00:00.0000000000+07:00"),
    ("empty", "Nothing.", ""),
)


def vectors_of_allowances():
    op = "ledger.sign_allowance"
    for slug, why, changes in ALLOWANCES:
        answers(op, f"LG-9/{slug}", why, {**ALLOWANCE, **changes})
    refuses_shapes(op, "LG-9", ALLOWANCE)
    refuses_keys(op, "LG-9", ALLOWANCE)
    refuses_numbers(op, "LG-9", ALLOWANCE, "limit_milli", LARGEST)
    for slug, why, text in BAD_TIMES:
        refuses(op, f"LG-9/expires-{slug}", why, {**ALLOWANCE, "expires": text}, "bad_time", "expires")

    op = "ledger.check_allowance"
    genuine = read_allowance(Fields(ALLOWANCE))[0].hex()
    base = {**ALLOWANCE, "tag_hex": genuine, "at": NOON, "points_milli": 20000}

    def checks(slug, why, reason, left, **changes):
        answers(op, f"LG-9/{slug}", why, {**base, **changes}, reason=reason, left_milli=left)

    for slug, why, changes in ALLOWANCES:
        if changes.keys() & {"expires", "limit_milli"}:
            continue
        tag_hex = read_allowance(Fields({**ALLOWANCE, **changes}))[0].hex()
        checks(f"sound-{slug}", why, "accepted", 30000, **changes, tag_hex=tag_hex)
        if slug not in ("plain", "key-upper-case"):
            checks(f"forged-{slug}", "The tag of the plain allowance does not fit.", "forged", 0, **changes)
    last = {"expires": "9999-12-31T23:59:59.999999999-23:59", "limit_milli": LARGEST}
    last["tag_hex"] = read_allowance(Fields({**ALLOWANCE, **without(last, "tag_hex")}))[0].hex()
    checks("spent", "What was spent before counts.", "accepted", 20000, spent_milli=10000)
    checks("spent-null", "Null is absent.", "accepted", 30000, spent_milli=None)
    checks("all", "All of it.", "accepted", 0, points_milli=50000)
    checks("all-in-two", "In two steps.", "accepted", 0, spent_milli=30000)
    checks("nothing", "No points.", "accepted", 50000, points_milli=0)
    checks("nothing-left", "No points of nothing.", "accepted", 0, points_milli=0, spent_milli=50000)
    checks("above-by-one", "A thousandth too much.", "above_allowance", 50000, points_milli=50001)
    checks("above-with-spent", "With what was spent.", "above_allowance", 19999, spent_milli=30001)
    checks("overspent", "Spent above the limit: nothing is left.", "above_allowance", 0, spent_milli=50001, points_milli=0)
    checks("overspent-far", "Sums beyond the domain are above it.", "above_allowance", 0, spent_milli=LARGEST, points_milli=LARGEST)
    checks("largest", "The largest limit, whole.", "accepted", 0, points_milli=LARGEST, **last)
    checks("largest-above", "And a thousandth more.", "above_allowance", LARGEST - 1, points_milli=LARGEST, spent_milli=1, **last)
    for slug, why, at, reason in (
        ("before", "A second before it ends.", "2025-03-07T23:59:59+07:00", "accepted"),
        ("nearly", "A billionth of a second before.", "2025-03-07T23:59:59.999999999+07:00", "accepted"),
        ("then", "As it ends.", "2025-03-08T00:00:00+07:00", "expired"),
        ("after", "After.", "2025-03-08T00:00:00.000000001+07:00", "expired"),
        ("elsewhere", "The same instant in another offset.", "2025-03-07T17:00:00+00:00", "expired"),
        ("elsewhere-before", "A date later, an instant earlier.", "2025-03-08T02:59:59+10:00", "accepted"),
        ("long-before", "It has no beginning.", "0000-01-01T00:00:00+23:59", "accepted"),
    ):
        checks(f"ends-{slug}", why, reason, 30000 if reason == "accepted" else 0, at=at)
    checks("expired-and-above", "The end is asked before the limit.", "expired", 0, at="2025-04-01T00:00:00+07:00", points_milli=50001)
    checks("forged-and-expired", "The tag before the end.", "forged", 0, at="2025-04-01T00:00:00+07:00", tag_hex="00" * 32)
    checks("tag-upper-case", "Hex in upper case is the same tag.", "accepted", 30000, tag_hex=genuine.upper())
    checks("raised", "A limit raised by hand.", "forged", 0, limit_milli=50001)
    checks("lowered", "Or lowered.", "forged", 0, limit_milli=49999)
    checks("respelled", "The same end, spelt otherwise.", "forged", 0, expires="2025-03-07T17:00:00+00:00")
    checks("prolonged", "An end put off.", "forged", 0, expires="2025-03-08T00:00:01+07:00")
    checks("other-key", "The tag of another till's key.", "forged", 0, key_hex=key_of("till key T2").hex())
    checks(
        "key-with-zero", "A key is filled up with zeros to a block: the same key.", "accepted", 30000, key_hex=TILL_KEY.hex() + "00" * 32
    )
    for slug, why, text in bad_tags(genuine):
        checks(f"tag-{slug}", why, "forged", 0, tag_hex=text)
    for byte in range(32):
        flipped = bytearray(bytes.fromhex(genuine))
        flipped[byte] ^= 1 << byte % 8
        checks(f"flip-{byte}", f"Bit {byte % 8} of byte {byte}.", "forged", 0, tag_hex=flipped.hex())
    entry_like = tag(TILL_KEY, b"loyalty-entry-1", b"T1", b"M-77", (50000).to_bytes(8, "big"), ALLOWANCE["expires"].encode())
    checks("other-domain", "The domain text is signed.", "forged", 0, tag_hex=entry_like.hex())

    refuses_shapes(op, "LG-9", {**base, "spent_milli": 0}, optional=("spent_milli",))
    refuses_keys(op, "LG-9", base)
    for field in ("limit_milli", "points_milli", "spent_milli"):
        refuses_numbers(op, "LG-9", base, field, LARGEST)
    for field in ("expires", "at"):
        for slug, why, text in BAD_TIMES:
            refuses(op, f"LG-9/{field}-{slug}", why, {**base, field: text}, "bad_time", field)
    refuses(
        op, "LG-9/checked-in-full", "A bad time is told though the tag is forged.", {**base, "tag_hex": "", "at": "now"}, "bad_time", "at"
    )


def bad_tags(genuine):
    return (
        ("short", "A byte too few.", genuine[:-2]),
        ("long", "A byte too many.", genuine + "00"),
        ("odd", "Half a byte too few.", genuine[:-1]),
        ("half", "The first half alone.", genuine[:32]),
        ("letter", "A letter beyond f.", genuine[:-1] + "g"),
        ("prefix", "No prefix.", "0x" + genuine),
        ("blank", "No blanks.", genuine + " "),
        ("empty", "Nothing.", ""),
        ("zeros", "All zeros.", "00" * 32),
    )


EARN = {"id": "e-1", "account": "M-77", "shop": "TOKO-ANI", "time": "2025-03-07T12:00:00+07:00", "kind": "earn", "points_milli": 2250}
SPARE = {field: EARN[field] for field in ("id", "account", "shop", "time")}
ENTRIES = (
    ("earn", "An earning without an end.", EARN),
    ("earn-expires", "With an end, as written.", {**EARN, "expires": "2025-06-07T00:00:00+07:00"}),
    ("earn-null", "Null is left out: the tag of the earning without an end.", {**EARN, "expires": None}),
    ("redeem", "A redemption.", {**SPARE, "kind": "redeem", "points_milli": 1000}),
    ("reverse", "A reversal names its earning.", {**SPARE, "kind": "reverse", "points_milli": 1000, "of": "e-0"}),
    ("expire", "An expiry has no points.", {**SPARE, "kind": "expire", "of": "e-0"}),
    ("adjust", "An adjustment.", {**SPARE, "kind": "adjust", "points_milli": 500}),
    ("adjust-down", "It is signed.", {**SPARE, "kind": "adjust", "points_milli": -500}),
    ("adjust-least", "The least.", {**SPARE, "kind": "adjust", "points_milli": -LARGEST}),
    ("reserve", "A reservation expects a version.", {**SPARE, "kind": "reserve", "points_milli": 1000, "version": 4}),
    ("commit", "It is made final.", {**SPARE, "kind": "commit", "of": "r-1", "version": 5}),
    ("release", "Or undone.", {**SPARE, "kind": "release", "of": "r-1", "version": 5}),
    ("version-0", "The first version.", {**SPARE, "kind": "reserve", "points_milli": 0, "version": 0}),
    ("version-last", "The last.", {**SPARE, "kind": "release", "of": "", "version": LARGEST}),
    ("points-0", "No points.", {**EARN, "points_milli": 0}),
    ("points-last", "The largest number.", {**EARN, "points_milli": LARGEST}),
    ("ids-empty", "Ids may be empty.", {**EARN, "id": "", "account": "", "shop": ""}),
    ("past-ascii", "UTF-8, not escaped.", {**EARN, "shop": PAST_ASCII, "account": "😀"}),
    ("quotes", "Quotes and backslashes are escaped.", {**EARN, "id": 'a"b\\c'}),
    ("slash", "A slash is not.", {**EARN, "id": "a/b"}),
    ("short-escapes", "The five short escapes.", {**EARN, "id": "\b\t\n\f\r"}),
    ("long-escapes", "The other control characters, in lower case.", {**EARN, "id": "\0\u0001\u000b\u001a\u001f"}),
    ("delete", "U+007F and what follows stand as they are.", {**EARN, "id": "\u007f\u0080\u2028\u2029\ufeff"}),
    ("time-fraction", "Times as written.", {**EARN, "time": "2025-03-07T12:00:00.500+07:00"}),
    ("time-elsewhere", "The same instant, another text.", {**EARN, "time": "2025-03-07T05:00:00+00:00"}),
    ("time-60", "A second 60.", {**EARN, "time": "2025-03-07T12:00:60+07:00"}),
)


def vectors_of_entries():
    op = "ledger.sign_entry"
    base = {"key_hex": TILL_KEY.hex(), "entry": EARN}
    for slug, why, entry in ENTRIES:
        answers(op, f"LG-11/{slug}", why, {**base, "entry": entry})
    answers(op, "LG-11/key-16", "The shortest key.", {**base, "key_hex": key_of("short", 16).hex()})
    answers(op, "LG-11/key-64", "The longest.", {**base, "key_hex": key_of("long", 64).hex()})
    answers(op, "LG-11/key-upper-case", "Hex in upper case is the same key.", {**base, "key_hex": TILL_KEY.hex().upper()})
    text = '{"account":"M-77","id":"e-1","kind":"earn","points_milli":2250,"shop":"TOKO-ANI","time":"2025-03-07T12:00:00+07:00"}'
    assert read_entry(Fields(base)) == text.encode()
    refuses_entries(op, base)

    op = "ledger.verify_entry"
    genuine = call("ledger.sign_entry", base)["tag_hex"]
    base = {**base, "tag_hex": genuine}

    def checks(slug, why, valid, **changes):
        answers(op, f"LG-11/{slug}", why, {**base, **changes}, valid=valid)

    for slug, why, entry in ENTRIES:
        checks(
            f"sound-{slug}",
            why,
            True,
            entry=entry,
            tag_hex=call("ledger.sign_entry", {"key_hex": TILL_KEY.hex(), "entry": entry})["tag_hex"],
        )
    checks("expires-null", "Null is left out.", True, entry={**EARN, "expires": None})
    checks("field-order", "The order of the fields does not matter.", True, entry=dict(reversed(EARN.items())))
    checks("tag-upper-case", "Hex in upper case is the same tag.", True, tag_hex=genuine.upper())
    for slug, why, changes in (
        ("id", "Another id.", {"id": "e-2"}),
        ("account", "Another account.", {"account": "M-78"}),
        ("shop", "Another shop.", {"shop": "TOKO-BUDI"}),
        ("time", "Another time.", {"time": "2025-03-07T12:00:01+07:00"}),
        ("time-respelled", "The same instant, spelt otherwise.", {"time": "2025-03-07T05:00:00+00:00"}),
        ("time-fraction", "A fraction of zero.", {"time": "2025-03-07T12:00:00.0+07:00"}),
        ("points", "A thousandth more.", {"points_milli": 2251}),
        ("kind", "Another kind.", {"kind": "redeem"}),
        ("kind-adjust", "And another.", {"kind": "adjust"}),
        ("expires", "An end where none was.", {"expires": "2025-06-07T00:00:00+07:00"}),
        ("borders", "Where a field ends is signed.", {"account": 'M-77","id":"e-1', "id": "e-1"}),
    ):
        checks(f"other-{slug}", why, False, entry={**EARN, **changes})
    checks("other-key", "Another till's key.", False, key_hex=key_of("till key T2").hex())
    for slug, why, text in bad_tags(genuine):
        checks(f"tag-{slug}", why, False, tag_hex=text)
    for byte in range(32):
        flipped = bytearray(bytes.fromhex(genuine))
        flipped[byte] ^= 128 >> byte % 8
        checks(f"flip-{byte}", f"Bit {7 - byte % 8} of byte {byte}.", False, tag_hex=flipped.hex())
    written = canonical(EARN).encode()
    for slug, why, other in (
        ("no-domain", "Signed without the domain text.", tag(TILL_KEY, written)),
        ("no-lengths", "Signed without lengths.", hmac.digest(TILL_KEY, b"loyalty-entry-1" + written, "sha256")),
        ("other-domain", "Signed under another domain text.", tag(TILL_KEY, b"loyalty-allowance-1", written)),
        ("blanks", "Signed with blanks.", tag(TILL_KEY, b"loyalty-entry-1", json.dumps(EARN, sort_keys=True).encode())),
        (
            "unsorted",
            "Signed in the order of writing.",
            tag(TILL_KEY, b"loyalty-entry-1", json.dumps(EARN, separators=(",", ":")).encode()),
        ),
        ("with-null", "Signed with its null.", tag(TILL_KEY, b"loyalty-entry-1", canonical({**EARN, "expires": None}).encode())),
    ):
        checks(f"signed-{slug}", why, False, tag_hex=other.hex())
    refuses_entries(op, base)


def refuses_entries(op, base):
    """An entry is refused as in a fold."""
    refuses_shapes(op, "LG-11", base)
    refuses_shapes(op, "LG-11", base, "entry")
    refuses_keys(op, "LG-11", base)
    refuses_numbers(op, "LG-11", base, "points_milli", LARGEST, "entry")
    reserve = {**SPARE, "kind": "reserve", "points_milli": 1, "version": 0}
    release = {**SPARE, "kind": "release", "of": "r-1", "version": 0}
    for slug, why, entry, error, field in (
        ("kind-unknown", "No such kind.", {**EARN, "kind": "spend"}, "bad_config", "kind"),
        ("kind-case", "Kinds are in lower case.", {**EARN, "kind": "Earn"}, "bad_config", "kind"),
        ("earn-of", "An earning names no other.", {**EARN, "of": "e-0"}, "unknown_field", "of"),
        ("earn-version", "Nor a version.", {**EARN, "version": 1}, "unknown_field", "version"),
        ("redeem-expires", "Only an earning expires.", {**EARN, "kind": "redeem", "expires": NOON}, "unknown_field", "expires"),
        ("redeem-expires-null", "Null or not.", {**EARN, "kind": "redeem", "expires": None}, "unknown_field", "expires"),
        ("reverse-no-of", "A reversal names its earning.", {**EARN, "kind": "reverse"}, "missing_field", "of"),
        ("expire-points", "An expiry takes what is left.", {**EARN, "kind": "expire", "of": "e-0"}, "unknown_field", "points_milli"),
        ("adjust-beyond", "Below the domain.", {**EARN, "kind": "adjust", "points_milli": -LARGEST - 1}, "out_of_range", "points_milli"),
        ("reserve-no-version", "A reservation expects a version.", without(reserve, "version"), "missing_field", "version"),
        ("reserve-no-points", "And has points.", without(reserve, "points_milli"), "missing_field", "points_milli"),
        ("reserve-negative", "None below zero.", {**reserve, "points_milli": -1}, "out_of_range", "points_milli"),
        ("reserve-of", "It names no other.", {**reserve, "of": "r-0"}, "unknown_field", "of"),
        ("release-no-of", "A release names its reservation.", without(release, "of"), "missing_field", "of"),
        ("release-points", "It has no points.", {**release, "points_milli": 1}, "unknown_field", "points_milli"),
        ("commit-no-version", "A commit expects a version.", {**without(release, "version"), "kind": "commit"}, "missing_field", "version"),
        ("commit-points", "It has no points.", {**release, "kind": "commit", "points_milli": 1}, "unknown_field", "points_milli"),
        ("version-negative", "Versions begin at 0.", {**release, "version": -1}, "out_of_range", "version"),
        ("version-beyond", "And end with the domain.", {**release, "version": LARGEST + 1}, "out_of_range", "version"),
        ("version-text", "A version is a number.", {**release, "version": "0"}, "bad_type", "version"),
        ("expires-number", "An end is a text.", {**EARN, "expires": 1}, "bad_type", "expires"),
    ):
        refuses(op, f"LG-11/{slug}", why, {**base, "entry": entry}, error, f"entry.{field}")
    for field in ("time", "expires"):
        for slug, why, text in BAD_TIMES:
            refuses(op, f"LG-11/{field}-{slug}", why, {**base, "entry": {**EARN, field: text}}, "bad_time", f"entry.{field}")


def vectors_of_pseudonyms():
    op = "member.pseudonym"
    key = key_of("pseudonym key")
    base = {"key_hex": key.hex(), "member": "+62 812 3456 7890"}
    for slug, why, changes in (
        ("plain", "A telephone number.", {}),
        ("again", "Blanks count.", {"member": "+6281234567890"}),
        ("empty", "Ids may be empty.", {"member": ""}),
        ("one", "One letter.", {"member": "a"}),
        ("case", "Case counts.", {"member": "A"}),
        ("past-ascii", "UTF-8, as it stands.", {"member": PAST_ASCII}),
        ("composed", "One letter of one sign.", {"member": "\u00e9"}),
        ("decomposed", "The same letter of two signs is another member.", {"member": "e\u0301"}),
        ("emoji", "Beyond the first plane.", {"member": "😀"}),
        ("nul", "A NUL is a byte like any other.", {"member": "M\0"}),
        ("control", "Nothing is escaped.", {"member": '"\\\n\u007f'}),
        ("block", "As long as a block.", {"member": "m" * 64}),
        ("long", "Lengths have four bytes.", {"member": "m" * 300}),
        ("other-key", "Another key: the old pseudonyms are forgotten.", {"key_hex": key_of("pseudonym key 2").hex()}),
        ("key-16", "The shortest key.", {"key_hex": key_of("short", 16).hex()}),
        ("key-64", "The longest.", {"key_hex": key_of("long", 64).hex()}),
        ("key-upper-case", "Hex in upper case is the same key.", {"key_hex": key.hex().upper()}),
    ):
        answers(op, f"LG-11/{slug}", why, {**base, **changes})
    refuses_shapes(op, "LG-11", base)
    refuses_keys(op, "LG-11", base)


def vectors_of_messages():
    op = "record.verify"
    key, body = key_of("channel key"), '{"id":"evt-1","type":"order.paid","amount":125000}'
    genuine = hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
    base = {"body": body, "key_hex": key.hex(), "signature": genuine}

    def checks(slug, why, reason, file="signed", **changes):
        request = {field: value for field, value in {**base, **changes}.items() if value is not None}
        answers(op, f"OR-1/{slug}", why, request, file, reason=reason)

    def signed(body, key=key):
        return hmac.new(key, body, hashlib.sha256).hexdigest()

    def in_hex(body):
        return {"body": None, "body_hex": body.hex(), "signature": signed(body)}

    checks("plain", "Sixty-four hex digits.", "valid")
    checks("prefix", "With the prefix that channels write.", "valid", signature="sha256=" + genuine)
    checks("upper-case", "Hex in upper case is the same signature.", "valid", signature=genuine.upper())
    checks("prefix-upper-case", "Digits after the prefix too.", "valid", signature="sha256=" + genuine.upper())
    checks("key-upper-case", "And the key.", "valid", key_hex=key.hex().upper())
    checks("body-hex", "The same bytes as hex.", "valid", **in_hex(body.encode()))
    checks("body-hex-upper-case", "In either case.", "valid", **{**in_hex(body.encode()), "body_hex": body.encode().hex().upper()})
    checks("bytes-that-are-no-text", "Raw bytes, not text.", "valid", **in_hex(b"\xff\x00\xfe"))
    checks("empty", "A body of nothing.", "valid", body="", signature=signed(b""))
    checks("empty-hex", "As hex.", "valid", **in_hex(b""))
    checks("past-ascii", "A text is signed as UTF-8.", "valid", body=PAST_ASCII, signature=signed(PAST_ASCII.encode()))
    checks("block", "As long as a block.", "valid", body="b" * 64, signature=signed(b"b" * 64))
    checks("long", "Longer than several blocks.", "valid", body="b" * 1000, signature=signed(b"b" * 1000))
    checks("key-16", "The shortest key.", "valid", key_hex=key_of("short", 16).hex(), signature=signed(body.encode(), key_of("short", 16)))
    checks("key-64", "The longest key.", "valid", key_hex=key_of("long", 64).hex(), signature=signed(body.encode(), key_of("long", 64)))
    # RFC 4231, cases 1 and 3.
    answers(
        op,
        "OR-1/rfc-4231-1",
        "The first published case.",
        {"body": "Hi There", "key_hex": "0b" * 20, "signature": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        reason="valid",
    )
    answers(
        op,
        "OR-1/rfc-4231-3",
        "The third, whose body is no text.",
        {"body_hex": "dd" * 50, "key_hex": "aa" * 20, "signature": "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        reason="valid",
    )
    for slug, why, changes in (
        ("other-body", "A rupiah more.", {"body": body.replace("125000", "125001")}),
        ("blank-after", "A blank after the body.", {"body": body + " "}),
        ("newline-after", "A line's end after it.", {"body": body + "\n"}),
        ("respelled", "The same object, spelt otherwise.", {"body": json.dumps(json.loads(body))}),
        ("hex-of-hex", "The digits signed instead of the bytes.", {"body": body.encode().hex()}),
        ("other-key", "Another channel's key.", {"key_hex": key_of("channel key 2").hex()}),
        ("key-longer", "A key with a byte more.", {"key_hex": key.hex() + "01"}),
        ("no-hmac", "The hash alone is no signature.", {"signature": hashlib.sha256(body.encode()).hexdigest()}),
        ("key-before", "Nor is the hash of key and body.", {"signature": hashlib.sha256(key + body.encode()).hexdigest()}),
        ("zeros", "Nothing but zeros.", {"signature": "0" * 64}),
        ("prefix-wrong", "A wrong one with the prefix.", {"signature": "sha256=" + "0" * 64}),
    ):
        checks(slug, why, "wrong", **changes)
    for slug, why, text in (
        ("signature-empty", "Nothing.", ""),
        ("signature-short", "A digit too few.", genuine[:-1]),
        ("signature-byte-short", "A byte too few.", genuine[:-2]),
        ("signature-long", "A digit too many.", genuine + "0"),
        ("signature-byte-long", "A byte too many.", genuine + "00"),
        ("signature-letter", "A letter beyond f.", "g" + genuine[1:]),
        ("signature-blank-before", "A blank before.", " " + genuine),
        ("signature-blank-after", "A blank after.", genuine + " "),
        ("signature-newline", "A line's end after.", genuine + "\n"),
        ("prefix-alone", "The prefix alone.", "sha256="),
        ("prefix-upper", "The prefix is in lower case.", "SHA256=" + genuine),
        ("prefix-colon", "It ends with an equals sign.", "sha256:" + genuine),
        ("prefix-blank", "And nothing after it.", "sha256= " + genuine),
        ("prefix-twice", "It stands once.", "sha256=sha256=" + genuine),
        ("prefix-sha1", "Another hash.", "sha1=" + genuine),
        ("prefix-short", "A digit too few after it.", "sha256=" + genuine[:-1]),
        ("other-digits", "Digits of another script.", "\u0661" + genuine[1:]),
        ("base64", "Base64.", "LDXbWA9UxCqXwrLk2gQ0yvO9ISpWQ8VxZ1PjJ7bFJmA="),
    ):
        checks(slug, why, "malformed", signature=text)
    for byte in range(32):
        flipped = bytearray(bytes.fromhex(genuine))
        flipped[byte] ^= 128 >> byte % 8
        checks(f"flip-{byte}", f"Bit {7 - byte % 8} of byte {byte}.", "wrong", signature=flipped.hex())
    refuses_shapes(op, "OR-1", base)
    refuses_keys(op, "OR-1", base)
    both = {**base, "body_hex": body.encode().hex()}
    refuses(op, "OR-1/two-bodies", "One body.", both, "bad_config", "body_hex")
    by_hex = {**without(base, "body"), "body_hex": "00"}
    refuses(op, "OR-1/body-hex-number", "Hex is a text.", {**by_hex, "body_hex": 0}, "bad_type", "body_hex")
    for slug, why, text in (("odd", "Half a byte.", "0"), ("letter", "A letter beyond f.", "0g"), ("blank", "No blanks.", "00 00")):
        refuses(op, f"OR-1/body-hex-{slug}", why, {**by_hex, "body_hex": text}, "bad_config", "body_hex")


# ---- Writing, in the form of the other files


def inline(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def write(path, vectors):
    names = [vector["name"] for vector in vectors]
    assert len(set(names)) == len(names), (path, [name for name in names if names.count(name) > 1])
    objects = (",\n".join(f'    "{field}": {inline(value)}' for field, value in vector.items()) for vector in vectors)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "[\n" + ",\n".join(f"  {{\n{fields}\n  }}" for fields in objects) + "\n]\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(vectors):5} {path.parent.name}/{path.name}")


def main():
    prove_the_parts()
    vectors_of_codes()
    vectors_of_read_codes()
    vectors_of_public_keys()
    vectors_of_signing()
    vectors_of_verifying()
    vectors_of_allowances()
    vectors_of_entries()
    vectors_of_pseudonyms()
    vectors_of_messages()
    folder = pathlib.Path(__file__).resolve().parents[1]
    for (op, file), vectors in ANSWERED.items():
        write(folder / op / f"{file}.json", vectors)
    for op, vectors in REFUSED.items():
        write(folder / "reject" / f"{op}.json", vectors)


if __name__ == "__main__":
    main()
