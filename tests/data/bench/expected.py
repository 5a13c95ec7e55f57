# Figures of a report, computed with Python's statistics module on exact fractions:
# quantiles(method="inclusive") is Hyndman and Fan's definition 7; round() of a Fraction is half to even.
import json
import statistics
import sys
from fractions import Fraction


def nanoseconds(seconds):
    return round(Fraction(seconds) * 10**9)


report = json.load(open(sys.argv[1]), parse_float=Fraction, parse_int=Fraction)
for item in report.get("benchmarks") or report["results"]:
    samples = [nanoseconds(t) for t in item.get("times") or item["stats"]["data"]]
    cuts = statistics.quantiles([Fraction(s) for s in samples], n=100, method="inclusive")
    figures = [cuts[49], cuts[94], cuts[98], Fraction(sum(samples), len(samples)), min(samples), max(samples)]
    print(item.get("fullname") or item["command"], len(samples), *[round(f) for f in figures])
