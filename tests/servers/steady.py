"""Runs the suite again and again against the built-in reference servers over sockets: with their own readings, with
each other option alone, and with many at once. None may deviate, in any round.

    python3 tests/servers/steady.py PROGRAM [--own 20] [--each 3] [--mixed 8] [--mixed-rounds 20] [--pack NAME]
"""

import argparse
import json
import random
import subprocess
import sys
import time

SECONDS = 120


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--pack", action="append", help="only these")
    parser.add_argument("--own", type=int, default=20, help="rounds with the servers' own readings")
    parser.add_argument("--each", type=int, default=3, help="rounds with each other option")
    parser.add_argument("--mixed", type=int, default=8, help="random mixtures of a pack")
    parser.add_argument("--mixed-rounds", type=int, default=20)
    options = parser.parse_args()

    listed = subprocess.run([options.program, "list", "--format", "json"], check=True, capture_output=True)
    plan = []
    for pack in json.loads(listed.stdout)["packs"]:
        if options.pack and pack["pack"] not in options.pack:
            continue
        readings = taken(options.program, pack)
        plan += [(pack, {})] * options.own
        for reading, (_, *others) in readings.items():
            plan += [(pack, {reading: other}) for other in others] * options.each
        for seed in range(options.mixed):
            chance = random.Random(seed)
            mixture = {reading: chance.choice(choices) for reading, choices in readings.items()}
            plan += [(pack, mixture)] * options.mixed_rounds
    # The rounds of one server stand far apart.
    random.Random(0).shuffle(plan)

    started, flakes = time.time(), []
    for pack, choices in plan:
        said = run(options.program, pack, choices)
        if said is not None:
            flakes.append((pack["pack"], choices, said))
            print(f"{pack['pack']} {choices}\n  {said}", flush=True)
    print(f"{len(plan)} runs in {time.time() - started:.0f} s, {len(flakes)} of them not as they should be")
    return 1 if flakes else 0


def taken(program, pack):
    """The readings that the built-in server can take, each with its options, its own first."""
    said = subprocess.run([program, "serve", "--list"], check=True, capture_output=True, text=True).stdout
    known, here, inside = {}, False, False
    for line in said.splitlines():
        if not line.startswith(" "):
            here = line == pack["pack"]
        elif line.startswith("  ") and line[2] != " ":
            inside = here and line.strip().startswith("readings")
        elif inside:
            name, choices = line.split(maxsplit=1)
            known[name] = [choice.strip() for choice in choices.split("|")]
    return known


def run(program, pack, choices):
    """What one run has against a fresh server; None where it conforms."""
    given = [word for reading, option in choices.items() for word in ("--reading", f"{reading}={option}")]
    # Some questions a server cannot answer by what it does: there its people say.
    told = {reading["id"] for reading in pack["readings"] if reading["default"] is not None}
    say = [word for reading in told & choices.keys() for word in ("--reading", f"{reading}={choices[reading]}")]
    serve = [program, "serve", "--pack", pack["pack"], *given]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = next(word for word in server.stdout.readline().split() if word.startswith("ws://"))
            command = [program, "run", "--no-report", "--format", "json", "--pack", pack["pack"], "--target", url]
            done = subprocess.run([*command, "--jobs", "64", *say], capture_output=True, timeout=SECONDS)
        finally:
            server.kill()
    if done.returncode == 0:
        return None
    document = json.loads(done.stdout)
    cases = [case for case in document["cases"] if not case["expected"]]
    why = [(case["id"], case["outcome"], case["reason"], *said(case["deviations"])) for case in cases]
    return done.returncode, document["end"], why


def said(deviations):
    return (deviation["message"] for deviation in deviations)


if __name__ == "__main__":
    sys.exit(main())
