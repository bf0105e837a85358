"""Writes rollover.json: when Python's TimedRotatingFileHandler begins a new file, and
what it names the old one. Run it with Python 3.11: TZ is set by itself.

Each row has the parameters of the handler, the time of the last line before it was
opened, and the time of the line that comes after the first rollover."""
import json, logging.handlers, os, platform, tempfile, time
from unittest import mock

rows = []
zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
whens = [("S", 30), ("M", 5), ("H", 1), ("H", 6), ("D", 1), ("midnight", 1), ("midnight", 3),
         ("W0", 1), ("W2", 1), ("W6", 1)]
starts = ["2026-01-15T10:20:30", "2026-03-28T23:30:00", "2026-03-29T00:59:59", "2026-03-29T12:00:00",
          "2026-10-24T22:15:00", "2026-10-25T00:30:00", "2026-10-25T12:00:00", "2026-12-31T23:59:59",
          "2026-02-28T00:00:00", "2026-11-01T05:30:00"]


def calendar(text):
    os.environ["TZ"] = "UTC"
    time.tzset()
    return int(time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S")))


for zone in zones:
    for when, interval in whens:
        for start in starts:
            opened = calendar(start)
            os.environ["TZ"] = zone
            time.tzset()
            with tempfile.TemporaryDirectory() as folder:
                name = os.path.join(folder, "p.log")
                with open(name, "w") as file:
                    file.write("before\n")
                os.utime(name, (opened, opened))
                handler = logging.handlers.TimedRotatingFileHandler(name, when=when, interval=interval)
                first = handler.rolloverAt
                with mock.patch("time.time", lambda: float(first)):
                    handler.doRollover()
                handler.close()
                old = [n for n in os.listdir(folder) if n != "p.log"]
                rows.append({"zone": zone, "when": when, "interval": interval, "opened": opened,
                             "first": first, "old": old[0][len("p.log."):], "second": handler.rolloverAt})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rollover.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
print(platform.python_version(), len(rows))
