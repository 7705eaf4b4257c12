"""The bytes of kernels a second time, in another language, from the pages docs/program.md and docs/rules.md alone.

    python3 tests/vectors/tools/kernel.py

Answers program.kernel and writes its vectors. The documents below state their own rates, or name the one printed table that
stands here as docs/rules.md prints it, so that nothing is taken from the library.
"""

import json
import pathlib
import struct

MOST = 2**53 - 1
FOLDER = pathlib.Path(__file__).resolve().parent.parent

# stopwatch/below_15/plus as printed (TB-1).
PLUS = [200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100]
PRINTED_STANDBY = [(50_000, 50), (150_000, 100), (300_000, 150), (500_000, 200), (700_000, 250)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def by_slot(limit):
    """Ten limits, of one or of ten; -1 for none."""
    limits = limit if isinstance(limit, list) else [limit] * 10
    return [-1 if limit is None else limit for limit in limits]


def points(settings):
    """The basic points program: its terms, eight multipliers, eight flat bonuses; -1 for none."""
    if settings is None:
        return [-1, 0, 0, 0, *[-1] * 17]
    eight = lambda name: (settings.get(name, []) + [-1] * 8)[:8]
    return [
        settings["per"],
        settings.get("points_per_step_milli", 1_000),
        ["drop", "carry"].index(settings.get("rest", "drop")),
        int(settings.get("stack", False)),
        settings.get("min_purchase", 0),
        *eight("multipliers_milli"),
        *eight("flat_milli"),
    ]


def rates_of(program):
    if program["mechanism"] in ("flat", "points"):
        return [program.get("rate_bp", 0)] * 10
    return program.get("rates_bp", PLUS)


def kernel(program, rates):
    budget, first = program.get("budget", {}), program.get("first_n", {})
    eligibility, rounding, standby = (program.get(name, {}) for name in ("eligibility", "rounding", "standby"))
    quota = program.get("quota", 0)
    steps = [(step["from_points_milli"], step["rate_bp"]) for step in standby["steps"]] if "steps" in standby else PRINTED_STANDBY
    steps = steps + [(-1, 0)] * (16 - len(steps))
    numbers = [
        ["stopwatch", "time_auction", "flat", "points"].index(program["mechanism"]),
        int(program.get("exclude_voucher_paid", True)),
        int(program.get("paused", False)),
        int(program.get("accept_noted_digit", False)),
        int(eligibility.get("intro", False)),
        ["cut", "refuse"].index(budget.get("short", "cut")),
        int(standby.get("strict", False)),
        ["standby", "nothing", "first_column"].index(first.get("then", "standby")),
        ["down", "up", "half_up", "half_even"].index(rounding.get("mode", "down")),
        sum(1 << slot - 1 for slot in program.get("held_slots", [])),
        rounding.get("unit", 1),
        program.get("point_value", 1_000),
        program.get("min_cover_bp", 0),
        eligibility.get("min_purchases", 0),
        program.get("receipt_cap", -1),
        budget.get("day", -1),
        *by_slot(first.get("n")),
        *by_slot(budget.get("slot")),
        *rates,
        *(quota if isinstance(quota, list) else [quota] * 10),
        *(threshold for threshold, _ in steps),
        *(rate for _, rate in steps),
        *points(program.get("points") if program["mechanism"] == "points" else None),
    ]
    assert len(numbers) == 109 and all(-1 <= number <= MOST for number in numbers)
    body = b"LYKN\x01\x00\x00\x00" + struct.pack("<109q", *numbers)
    return (body + struct.pack("<I", crc32c(body))).hex()


OWN = [0, 100, 100, 200, 200, 300, 300, 400, 400, 10_000]
STOPWATCH = {"mechanism": "stopwatch", "rates_bp": PLUS}
AUCTION = {"mechanism": "time_auction", "rates_bp": OWN}
CASES = [
    ("plain", "a printed stopwatch table, everything else at its default", {"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}),
    ("own", "own rates, a list of quotas", {**AUCTION, "quota": [1, 2, 3, 4, 5, 6, 7, 8, 9, MOST]}),
    ("falling", "rates that fall", {"mechanism": "stopwatch", "rates_bp": OWN[::-1], "allow_falling": True}),
    ("limits", "every limit", {**AUCTION, "receipt_cap": 20_000, "budget": {"day": 500_000, "slot": 100_000}, "min_cover_bp": 12_000}),
    ("no-limit-of-zero", "a limit of zero is a limit", {**AUCTION, "receipt_cap": 0, "budget": {"day": 0, "slot": 0}, "first_n": {"n": 0}}),
    ("refuse", "a short budget refuses", {**STOPWATCH, "budget": {"day": 1, "short": "refuse"}}),
    ("first-n-nothing", "later shoppers get nothing", {**AUCTION, "first_n": {"n": 10, "then": "nothing"}}),
    ("first-n-first-column", "later shoppers get the first column", {**AUCTION, "first_n": {"n": MOST, "then": "first_column"}}),
    (
        "limits-by-slot",
        "ten places in the last slot, a budget in the first",
        {**AUCTION, "first_n": {"n": [None] * 9 + [10]}, "budget": {"slot": [50_000] + [None] * 9}},
    ),
    ("no-limit-in-any-slot", "ten limits of none are none", {**AUCTION, "first_n": {"n": [None] * 10}, "budget": {"slot": [None] * 10}}),
    ("held", "slots held back", {**AUCTION, "held_slots": [1, 2, 10]}),
    ("loyal", "for loyal shoppers, new ones introduced", {**STOPWATCH, "eligibility": {"who": "loyal", "min_purchases": 6, "intro": True}}),
    ("loyal-of-zero", "loyal from no purchase on is everyone", {**STOPWATCH, "eligibility": {"who": "loyal", "min_purchases": 0}}),
    ("strict", "own steps that must be passed", {**STOPWATCH, "standby": {"steps": [{"from_points_milli": 1_000, "rate_bp": 10}], "strict": True}}),
    (
        "sixteen-steps",
        "as many steps as there can be",
        {**STOPWATCH, "standby": {"steps": [{"from_points_milli": 1_000 * step, "rate_bp": 10 * step} for step in range(16)]}},
    ),
    ("half-even", "hundreds, half to even", {**STOPWATCH, "rounding": {"unit": 100, "mode": "half_even"}}),
    ("half-up", "thousands, half up", {**STOPWATCH, "rounding": {"unit": 1_000, "mode": "half_up"}, "point_value": 500}),
    ("up", "fifties, up", {**STOPWATCH, "rounding": {"unit": 50, "mode": "up"}}),
    ("paused", "paused, what vouchers paid earns too, noted digits count", {**STOPWATCH, "paused": True, "exclude_voucher_paid": False, "accept_noted_digit": True}),
    (
        "left-out",
        "hours, parties and texts are no part of it",
        {
            **AUCTION,
            "id": "stall",
            "version": 3,
            "window": {"open": "07:00"},
            "funding": {"preset": "BN-2"},
            "validity": {"days": 14},
            "utc_offset": "+07:00",
            "make_up_minutes": 60,
        },
    ),
    ("flat", "one rate, ten times", {"mechanism": "flat", "rate_bp": 500, "quota": 20_000}),
    ("points", "steps of Rp10,000", {"mechanism": "points", "points": {"per": 10_000}}),
    (
        "points-in-full",
        "every term of points",
        {
            "mechanism": "points",
            "points": {
                "per": 1_000,
                "points_per_step_milli": 500,
                "rest": "carry",
                "multipliers_milli": [1_500, 2_000],
                "stack": True,
                "flat_milli": [5_000],
                "min_purchase": 30_000,
            },
        },
    ),
    ("points-beside", "points beside another mechanism are no part of it", {**STOPWATCH, "points": {"per": 10_000}}),
]
REFUSED = [
    ("no-program", "the program is required", {}, "missing_field", "program"),
    ("unknown", "a field that nobody reads", {"program": STOPWATCH, "kernel": 1}, "unknown_field", "kernel"),
    ("held-by-stopwatch", "a stopwatch has no slots", {"program": {**STOPWATCH, "held_slots": [1]}}, "bad_config", "program.held_slots"),
    ("nine-rates", "a table has ten rates", {"program": {"mechanism": "stopwatch", "rates_bp": PLUS[1:]}}, "bad_table", "program.rates_bp"),
    ("falling", "rates that fall unasked", {"program": {"mechanism": "stopwatch", "rates_bp": OWN[::-1]}}, "bad_table", "program.rates_bp[1]"),
    ("negative-quota", "a quota below zero", {"program": {**STOPWATCH, "quota": -1}}, "out_of_range", "program.quota"),
    ("no-such-table", "no table of this name", {"program": {"mechanism": "stopwatch", "margin_class": "below_15", "tier": "gold"}}, "unknown_table", "program.tier"),
    ("unit", "no unit of rounding", {"program": {**STOPWATCH, "rounding": {"unit": 7}}}, "bad_config", "program.rounding.unit"),
]


def write(path, vectors):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(vectors, indent=2, ensure_ascii=False) + "\n")


def main():
    answered = [
        {
            "name": f"AW-11/{name}",
            "rule": "AW-11",
            "why": why,
            "source": "derived",
            "in": {"program": program},
            "out": {"kernel_hex": kernel(program, rates_of(program))},
        }
        for name, why, program in CASES
    ]
    refused = [
        {"name": f"AW-11/{name}", "rule": "AW-11", "why": why, "op": "program.kernel", "request": json.dumps(request), "error": error, "path": path}
        for name, why, request, error, path in REFUSED
    ]
    write(FOLDER / "program.kernel" / "AW-11.json", answered)
    write(FOLDER / "reject" / "program.kernel.json", refused)


if __name__ == "__main__":
    main()
