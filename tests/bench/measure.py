#!/usr/bin/env python3
"""Measures the table of docs/performance.md again: `python3 tests/bench/measure.py [--quick] [--peers]`.

Builds the program and the baseline with the profile of releases, `dist` (with `--release`: `release`). Then it writes the
projects, and runs both programs alternately. CPU time is the median, because the machine may be shared. The kernel
reports the peak memory, and callgrind the instructions, if valgrind is installed. `--peers` adds Python with PyYAML,
Jinja2 and jsonschema-rs, and Terraform and jrsonnet if they are on the PATH. Progress is written to stderr.
"""
import math, os, shutil, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHAPES, COUNTS = ("flat", "rows"), (1_000, 10_000, 100_000)


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def build():
    say("building")
    profile = "release" if "--release" in sys.argv else "dist"
    cargo = lambda *words: subprocess.run(
        ["cargo", *words, "--locked", "--profile", profile], cwd=ROOT, check=True, capture_output=True, text=True)
    cargo("build")
    built = cargo("bench", "--no-run", "--bench", "baseline")
    baseline = built.stderr.split("tests/bench/baseline.rs (", 1)[1].split(")", 1)[0]
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / profile / "callsheet"), str(ROOT / baseline)


def once(command, cores):
    """Returns user seconds, all CPU seconds, wall seconds, peak KiB, exit code. The kernel divides CPU time into user
    and system time by ticks of 4 ms, so only the sum is exact."""
    # Spawns instead of forking: a forked child would count the memory of this script, which would distort comparisons.
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    quiet = [(os.POSIX_SPAWN_OPEN, stream, "/dev/null", os.O_RDWR, 0) for stream in (0, 1, 2)]
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
    os.sched_setaffinity(0, mine)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    return usage.ru_utime, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


def two_cores(command, runs):
    """Returns the speedup of two cores, and that of two processes at the same time, each on a separate core. The second
    is the most that the machine's second core can add. The runs alternate, so that other load affects all alike."""
    samples = [], [], []
    for _ in range(runs):
        samples[0].append(once(command, {0})[2])
        samples[1].append(once(command, {0, 1})[2])
        start = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda core: once(command, {core}), (0, 1)))
        samples[2].append((time.perf_counter() - start) / 2)
    alone, both, pair = map(statistics.median, samples)
    return alone / both, alone / pair


def race(commands, runs, cores={0}):
    """Returns the medians of commands that run alternately, so that other load on the machine affects all alike."""
    samples = {label: [] for label in commands}
    for _ in range(runs):
        for label, command in commands.items():
            sample = once(command, cores)
            if sample[4] not in (0, 2):
                raise SystemExit(f"{label}: exit {sample[4]}: {' '.join(command)}")
            samples[label].append(sample)
    return {label: tuple(statistics.median(one[i] for one in all_) for i in range(4)) for label, all_ in samples.items()}


def instructions(command):
    if not shutil.which("valgrind"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *command],
            capture_output=True, text=True)
    return int(result.stderr.rsplit("Collected : ", 1)[1].split()[0])


def milli(seconds):
    return f"{seconds * 1000:,.1f} ms"


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main():
    quick, peers = "--quick" in sys.argv, "--peers" in sys.argv
    counts = COUNTS[:2] if quick else COUNTS
    callsheet, baseline = (os.environ["CALLSHEET"], os.environ["BASELINE"]) if "BASELINE" in os.environ else build()
    work = Path(tempfile.mkdtemp(prefix="callsheet-bench-"))
    try:
        measure(callsheet, baseline, work, counts, peers)
    finally:
        shutil.rmtree(work)


def measure(callsheet, baseline, work, counts, peers):
    def make(name, shape, count, *rest):
        subprocess.run([baseline, "make", shape, str(count), str(work / name), *rest], check=True)

    plan = lambda name: [callsheet, "-C", str(work / name), "plan"]
    for shape in SHAPES:
        for count in counts:
            say("writing", shape, count)
            name = f"{shape}-{count}"
            make(name, shape, count, "locked")
            make(f"{name}-new", shape, count)
            make(f"{name}-changed", shape, count, "100")
            shutil.copy(work / name / "callsheet.lock", work / f"{name}-changed" / "callsheet.lock")
    rows, peaks = [], {}
    for shape in SHAPES:
        for count in counts:
            say("running", shape, count)
            name = f"{shape}-{count}"
            runs = 61 if count <= 1_000 else 31 if count <= 10_000 else 7
            got = race({
                "baseline": [baseline, "run", str(work / name)], "plan": plan(name), "changed": plan(f"{name}-changed"),
                "first": plan(f"{name}-new"), "validate": [callsheet, "-C", str(work / name), "validate"],
            }, runs)
            faster, at_most = two_cores(plan(name), min(runs, 21)) if len(os.sched_getaffinity(0)) > 1 else (1, 1)
            one = got["plan"]
            peaks[shape, count] = one[3], got["first"][3]
            rows.append([
                shape, f"{count:,}", milli(got["baseline"][1]), milli(one[1]), f"**{one[1] / got['baseline'][1]:.2f}**",
                f"{got['changed'][1] / one[1]:.2f}", milli(got["first"][1]), milli(got["validate"][1]),
                f"{faster:.2f} of {at_most:.2f}", f"{one[3] / 1024:,.0f} MB", f"{got['first'][3] / 1024:,.0f} MB",
            ])
    table(["shape", "videos", "baseline", "no-op plan", "plan / baseline", "1 % changed / no-op", "first plan", "validate",
           "two cores: faster by, of what is possible", "peak of plan", "of first"], rows)
    if len(counts) > 2:
        rows = []
        for shape in SHAPES:
            say("growing", shape)
            small, large = (f"{shape}-{count}" for count in counts[1:3])
            grown = {
                "baseline": ([baseline, "run", str(work / small)], [baseline, "run", str(work / large)]),
                "plan": (plan(small), plan(large)), "first": (plan(f"{small}-new"), plan(f"{large}-new")),
            }
            exponents = {label: [] for label in grown}
            for _ in range(7):
                for label, (less, more) in grown.items():
                    exponents[label].append(math.log10(once(more, {0})[1] / once(less, {0})[1]))
            grew = zip(peaks[shape, counts[2]], peaks[shape, counts[1]])
            slopes = ((more - less) * 1024 / (counts[2] - counts[1]) for more, less in grew)
            rows.append([shape, *(f"{statistics.median(all_):.3f}" for all_ in exponents.values()),
                         *(f"{slope:,.0f} bytes" for slope in slopes)])
        table(["shape", "exponent of the baseline", "of the no-op plan", "of the first plan", "memory per video, no-op", "first"], rows)
    if shutil.which("valgrind"):
        rows = []
        for shape in SHAPES:
            say("counting", shape)
            name = f"{shape}-1000"
            bare, ours = instructions([baseline, "run", str(work / name)]), instructions(plan(name))
            large, changed = (instructions(plan(f"{shape}-10000{kind}")) for kind in ("", "-changed"))
            rows.append([shape, f"{bare:,}", f"{ours:,}", f"**{ours / bare:.2f}**", f"{changed / large:.3f}"])
        table(["shape, 1,000 videos", "instructions of the baseline", "of the no-op plan", "ratio",
               "1 % changed / no-op at 10,000"], rows)
    make("empty", "empty", "0")
    make("one", "single", "3")
    runs = race({
        "true": ["/bin/true"], "version": [callsheet, "--version"], "empty": plan("empty"),
        "validate": [callsheet, "-C", str(work / "one"), "validate"],
    }, 101)
    table(["whole process", "all CPU", "wall", "of /bin/true (CPU)"],
          [[label, milli(one[1]), milli(one[2]), f"{one[1] / runs['true'][1]:.1f}"] for label, one in runs.items()])
    if peers:
        rows = []
        for shape in SHAPES:
            name = f"{shape}-{counts[1]}"
            got = race({"plan": plan(name), "script": [sys.executable, str(HERE / "peer.py"), str(work / name)]}, 5)
            rows.append([f"PyYAML + Jinja2 + jsonschema-rs, {shape} {counts[1]:,}", milli(got["script"][1]),
                         milli(got["plan"][1]), f"{got['script'][1] / got['plan'][1]:.1f}"])
        rows += others(work, f"flat-{counts[1]}", plan)
        table(["peer", "its CPU", "ours", "slower by"], rows)


def others(work, large, plan):
    """Returns the rows of peers that are separate programs, for the table of peers."""
    from peers import jsonnet, terraform, terraform_yaml
    rows = []
    if shutil.which("jrsonnet"):
        program = work / "videos.jsonnet"
        program.write_text(jsonnet(work / large))
        got = race({"plan": plan(large), "peer": ["jrsonnet", str(program)]}, 5)
        rows.append([f"jrsonnet, rendering alone, {large}", milli(got["peer"][1]), milli(got["plan"][1]),
                     f"{got['peer'][1] / got['plan'][1]:.1f}"])
    if shutil.which("terraform"):
        ways = {"flat, each written out": ("flat", terraform), "flat, `for_each` over the same YAML": ("flat", terraform_yaml),
                "rows, `for_each` over the same CSV": ("rows", terraform)}
        for number, (way, (shape, write)) in enumerate(ways.items()):
            folder = work / f"terraform-{number}"
            folder.mkdir()
            (folder / "main.tf").write_text(write(work / f"{shape}-1000"))
            quiet = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run(["terraform", "init"], **quiet)
            subprocess.run(["terraform", "apply", "-auto-approve"], **quiet)
            command = ["terraform", f"-chdir={folder}", "plan", "-input=false"]
            got = race({"plan": plan(f"{shape}-1000"), "peer": command}, 3)
            rows.append([f"`terraform plan`, 1,000 already applied: {way}", milli(got["peer"][1]), milli(got["plan"][1]),
                         f"{got['peer'][1] / got['plan'][1]:.0f}"])
    return rows


main()
