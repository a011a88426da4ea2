"""Tables of medians, and ratios pair by pair."""

import statistics

INGRESS_HEAD = ("| connections | server | CPU µs/event | broker CPU µs/event | 202/s | p50 ms | p99 ms | RSS peak MiB | noisy |\n"
                "|--:|---|--:|--:|--:|--:|--:|--:|--:|")
RATIO_HEAD = ("| connections | server / floor | CPU | broker CPU | 202/s | p50 | p99 |\n"
              "|--:|---|---|---|---|---|---|")
PROCESSOR_HEAD = ("| consumer | CPU µs/record | broker CPU µs/record | records/s | RSS peak MiB | noisy |\n"
                  "|---|--:|--:|--:|--:|--:|")
RATED = ("cpu_us", "broker_cpu_us", "per_s", "p50_ms", "p99_ms")


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def noisy(rows):
    count = sum(row["noisy"] for row in rows)
    return f"{count} of {len(rows)}" if count else ""


def ratio(pairs, key):
    """Median of the ratios, with the least and the greatest where there are several."""
    ratios = [row[key] / base[key] for row, base in pairs if base[key]]
    if not ratios:
        return ""
    text = f"{statistics.median(ratios):.2f}"
    return text if len(ratios) == 1 else f"{text} ({min(ratios):.2f}-{max(ratios):.2f})"


def select(rows, **wanted):
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def names(rows, key):
    """The values of the key, as the first round had them."""
    return list(dict.fromkeys(row[key] for row in rows))


def by_round(rows, **wanted):
    return sorted(select(rows, **wanted), key=lambda row: row["round"])


def ingress(rows):
    lines = [INGRESS_HEAD]
    for connections in names(rows, "connections"):
        for side in names(rows, "side"):
            runs = select(rows, connections=connections, side=side)
            lines.append(f"| {connections} | {side} | {median(runs, 'cpu_us'):.1f} | {median(runs, 'broker_cpu_us'):.1f} "
                         f"| {median(runs, 'per_s'):,.0f} | {median(runs, 'p50_ms'):.2f} | {median(runs, 'p99_ms'):.2f} "
                         f"| {max(run['rss_mib'] for run in runs):.0f} | {noisy(runs)} |")
    return "\n".join(lines)


def ingress_ratios(rows, floors):
    lines = [RATIO_HEAD]
    for connections in names(rows, "connections"):
        for side in names(rows, "side"):
            for floor in floors:
                if side in floors:
                    continue
                pairs = list(zip(by_round(rows, connections=connections, side=side),
                                 by_round(rows, connections=connections, side=floor)))
                lines.append(f"| {connections} | {side} / {floor} | " + " | ".join(ratio(pairs, key) for key in RATED) + " |")
    return "\n".join(lines) if len(lines) > 1 else ""


def processor(rows):
    lines = [PROCESSOR_HEAD]
    for side in names(rows, "side"):
        runs = select(rows, side=side)
        lines.append(f"| {side} | {median(runs, 'cpu_us'):.2f} | {median(runs, 'broker_cpu_us'):.2f} "
                     f"| {median(runs, 'per_s'):,.0f} | {max(run['rss_mib'] for run in runs):.0f} | {noisy(runs)} |")
    bare, ours = (select(rows, side=side) for side in ("bare consumer", "processor"))
    if bare and ours:
        lines.append("\nProcessor / bare consumer, CPU: " + ratio(list(zip(ours, bare)), "cpu_us"))
    return "\n".join(lines)
