"""The rounds of results.jsonl as a table in Markdown, a line for each fault: `table.py FILE...`."""

import collections
import json
import sys

COLUMNS = ("fault", "rounds", "lasted s", "requests", "202", "lost", "out of order", "duplicates", "of the producer",
           "unexplained", "handled again", "longest outage s", "recovery s", "failed")


def passed(round):
    found = round["verdict"]
    return not (round["failure"] or round["deaths"] or any(isinstance(v, list) and v for v in found.values()))


def row(name, rounds):
    def of(kind):
        return sum(len(r["verdict"][kind]) if isinstance(r["verdict"][kind], list) else r["verdict"][kind] for r in rounds)
    most = {field: max(r[field] for r in rounds) for field in ("seconds", "outage", "recovery")}
    return (f"`{name}`", len(rounds), f"{most['seconds']:.1f}", sum(r["requests"] for r in rounds),
            sum(r["stored"] for r in rounds), of("lost") + of("unhandled"), of("out_of_order"),
            of("explained") + of("resent") + of("unexplained"), of("resent"), of("unexplained"), of("redelivered"),
            f"{most['outage']:.1f}", f"{most['recovery']:.1f}", sum(not passed(r) for r in rounds))


def main():
    rounds = collections.defaultdict(list)
    for path in sys.argv[1:]:
        with open(path) as file:
            for line in file:
                result = json.loads(line)
                rounds[result["fault"]].append(result)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---:|" * (len(COLUMNS) - 1))
    for name in sorted(rounds):
        print("| " + " | ".join(map(str, row(name, rounds[name]))) + " |")


if __name__ == "__main__":
    main()
