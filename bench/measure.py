"""Measures shell commands, when what was written before is on the disk.

measure.py time RUNS COMMAND        the least wall time in seconds of RUNS (7 when empty) after one to warm up
measure.py pair RUNS COMMAND OTHER  the same of two commands that take turns, so that both meet the same machine
measure.py memory "" COMMAND        the greatest resident size in MiB
"""
import os
import resource
import subprocess
import sys
import time

what, runs, *commands = sys.argv[1:]


def run(command):
    start = time.perf_counter()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


os.sync()
for command in commands:
    run(command)
if what == "memory":
    print("%.1f" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
else:
    times = [[run(command) for command in commands] for _ in range(int(runs or 7))]
    print(*("%.6f" % min(column) for column in zip(*times)))
