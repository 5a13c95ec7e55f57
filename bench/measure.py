"""Measures a shell command: measure.py time RUNS COMMAND prints the least wall time in seconds of RUNS (7 when empty) after
one to warm up; measure.py memory "" COMMAND prints the greatest resident size in MiB."""
import resource
import subprocess
import sys
import time

what, runs, command = sys.argv[1:4]


def run():
    start = time.perf_counter()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


if what == "time":
    run()
    print("%.6f" % min(run() for _ in range(int(runs or 7))))
else:
    run()
    print("%.1f" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
