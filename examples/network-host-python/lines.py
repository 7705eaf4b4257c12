"""The line protocol of the reference host: one JSON request a line on standard input, one JSON answer a line on standard output.

    python3 lines.py SHOPS.sqlite [--programs FILE] -- COMMAND ...

COMMAND starts the library's line protocol. The requests `event`, `status`, `view` and `deliver` are answered.
"""
import argparse
import json
import sys

from host import Host, Library, Refused, dump


def answer(host, request):
    if not isinstance(request, dict) or len(request) != 1:
        raise ValueError("one request a line")
    (what, value), = request.items()
    if what == "event":
        return host.submit(value)
    if what == "status":
        return host.status(value)
    if what == "view":
        return host.view(value["keys"], value["now"])
    if what == "deliver":
        return host.deliver_some(value)
    raise ValueError(f"no request is called {what}")


def serve(host, lines=sys.stdin.buffer):
    for line in lines:
        try:
            told = answer(host, json.loads(line))
        except Refused as refused:
            told = refused.answer
        except (ValueError, TypeError, KeyError) as error:
            told = {"error": "bad_line", "path": "", "message": {"en": str(error), "id": "baris ini bukan permintaan yang dikenal"}}
        print(dump(told), flush=True)


def main(kind=Host):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("store")
    parser.add_argument("--programs")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    programs = []
    if args.programs:
        with open(args.programs, encoding="utf-8") as file:
            programs = json.load(file)
    host = kind(Library(args.command), args.store, programs)
    host.run_again()
    serve(host)


if __name__ == "__main__":
    main()
