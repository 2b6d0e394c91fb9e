#!/usr/bin/env python3
"""Runs commands and tells user CPU, wall clock and peak memory: medians over several runs, interleaved.

measure.py RUNS [cpu=0,1] -- LABEL COMMAND... -- LABEL COMMAND... ; prints one line a label.
"""
import os, statistics, sys, time

def once(command):
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        null = os.open("/dev/null", os.O_WRONLY)
        os.dup2(null, 1); os.dup2(null, 2)
        os.execvp(command[0], command)
    _, _, usage = os.wait4(child, 0)
    return usage.ru_utime, usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss

def main():
    blocks, current = [], []
    for word in sys.argv[1:]:
        if word == "--":
            blocks.append(current); current = []
        else:
            current.append(word)
    blocks.append(current)
    runs = int(blocks[0][0])
    rows = {block[0]: [] for block in blocks[1:]}
    for _ in range(runs):
        for block in blocks[1:]:
            rows[block[0]].append(once(block[1:]))
    for label, samples in rows.items():
        user, system, wall = (statistics.median(s[i] for s in samples) for i in range(3))
        print(f"{label:<28} user {user*1000:9.1f} ms  sys {system*1000:7.1f} ms  wall {wall*1000:9.1f} ms  peak {max(s[3] for s in samples)/1024:7.1f} MB")

main()
