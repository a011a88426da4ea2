"""A run of tests/chaos/soak as a picture: what was stored, how long it took, memory and descriptors over time, with the
faults behind them. Plain SVG."""

import html

WIDTH, LEFT, RIGHT, PANEL, GAP, TOP = 960, 70, 130, 120, 34, 30
COLOURS = ("#1f6feb", "#8250df", "#bf3989", "#1a7f37")


def write(path, samples, faults, began):
    end = samples[-1]["time"] - began
    names = list(samples[0]["rss_mib"])
    panels = [
        ("stored a second", {"202": [s["stored"] for s in samples]}),
        ("answer, ms (p50, p99), up to 250", {"p50": [s["p50_ms"] for s in samples],
                                              "p99": [min(250, s["p99_ms"]) for s in samples]}),
        ("resident memory, MiB", {name: [s["rss_mib"][name] for s in samples] for name in names}),
        ("descriptors, but for connections of clients", {name: [s["descriptors"][name] for s in samples] for name in names}),
    ]
    height = TOP + len(panels) * (PANEL + GAP) + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
             f'font-size="12"><rect width="{WIDTH}" height="{height}" fill="#fff"/>']

    def x(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * max(0.0, min(1.0, seconds / end))

    for number, (title, lines) in enumerate(panels):
        top = TOP + number * (PANEL + GAP)
        most = max(1.0, max(max(values) for values in lines.values())) * 1.1
        for name, first, last in faults:
            parts.append(f'<rect x="{x(first - began):.1f}" y="{top}" width="{max(1.5, x(last - began) - x(first - began)):.1f}" '
                         f'height="{PANEL}" fill="#d0d7de"><title>{html.escape(name)}</title></rect>')
        parts.append(f'<text x="{LEFT}" y="{top - 6}" fill="#24292f">{html.escape(title)}</text>'
                     f'<path d="M{LEFT} {top}V{top + PANEL}H{WIDTH - RIGHT}" fill="none" stroke="#57606a"/>')
        for part in (0, 0.5, 1):
            parts.append(f'<text x="{LEFT - 6}" y="{top + PANEL * (1 - part) + 4:.1f}" text-anchor="end" '
                         f'fill="#57606a">{most * part:.0f}</text>')
        for at, (name, values) in enumerate(lines.items()):
            points = " ".join(f"{x(s['time'] - began):.1f},{top + PANEL * (1 - value / most):.1f}"
                              for s, value in zip(samples, values, strict=True))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[at % 4]}" stroke-width="1.5"/>'
                         f'<text x="{WIDTH - RIGHT + 8}" y="{top + 14 + 15 * at}" fill="{COLOURS[at % 4]}">{html.escape(name)}</text>')
    for minute in range(0, int(end / 60) + 1, 5):
        parts.append(f'<text x="{x(60 * minute):.1f}" y="{height - 22}" text-anchor="middle" fill="#57606a">{minute} min</text>')
    parts.append('</svg>\n')
    path.write_text("\n".join(parts))
