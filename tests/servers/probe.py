"""Probes each server beside this file, plain and in its dialect, and the built-in reference server; what the probe
writes is run as it is: all cases conform, and the serious faults are still reported.

    python3 tests/servers/probe.py PROGRAM [SERVER...]

Which requirement reports which fault stands in docs/independent-servers.md.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

from against import HERE, SECONDS, TABLE, proving

SERVERS = ("friendchat", "roomchat", "minioicq", "ourchat", "tokenchat")


def main(program, servers):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for server in servers:
            for kind in ("plain", "dull", "reference"):
                profile = str(pathlib.Path(folder) / f"{server}-{kind}.yaml")
                command = command_of(program, server, kind, [])
                told, mistakes = probed(program, command, profile)
                wrong += [f"{server}, {kind}: {mistake}" for mistake in mistakes]
                if mistakes:
                    continue
                code, document = tried(program, command, profile)
                if code != 0:
                    wrong.append(f"{server}, {kind}: exit code {code}, {document['summary']}, {document['end']}")
                if kind == "dull":
                    wrong += faults(program, server, profile)
                print(f"{server}, {kind}: {document['summary']}; {told}", flush=True)
    print(f"{len(wrong)} not as they should be")
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


def command_of(program, server, kind, options):
    """What starts the server, and says on its first line where it listens."""
    if kind == "reference":
        return [program, "serve", "--pack", server]
    dull = ["--dull"] if kind == "dull" else []
    return [sys.executable, str(HERE / f"{server}.py"), *dull, *options]


def probed(program, command, profile):
    """What the probe says it took, and what is wrong with that. It is not told which pack the server speaks."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[1]
            probe = [program, "probe", "--target", url, "--output", profile]
            done = subprocess.run(probe, capture_output=True, text=True, timeout=SECONDS)
        finally:
            process.kill()
    if done.returncode != 0:
        return "", [f"probe: exit code {done.returncode}: {done.stderr}"]
    return re.search(r"\d+ connections, .*", done.stderr)[0], []


def tried(program, command, profile, *options):
    """The exit code and the JSON document of a run of the profile against a fresh server."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[1]
            run = [program, "run", "--no-report", "--format", "json", "--target", url, "--profile", profile, *options]
            done = subprocess.run(run, capture_output=True, timeout=SECONDS)
            return done.returncode, json.loads(done.stdout)
        finally:
            process.kill()


def faults(program, server, profile):
    """The faults that the run does not report."""
    row = re.compile(rf"\| {server} \| `([\w-]+)` \| .* \| `([\w.-]+)` \|")
    table = [found.groups() for found in map(row.fullmatch, TABLE.read_text().splitlines()) if found]
    wrong = []
    for fault, requirement in table:
        command = command_of(program, server, "dull", ["--fault", fault])
        code, document = tried(program, command, profile, *proving(program, server, requirement))
        unmet = {entry["id"] for entry in document["requirements"] if entry["verdict"] == "not_met"}
        if code != 1 or requirement not in unmet:
            wrong.append(f"{server}, {fault}: not found by {requirement}; exit code {code}, not met: {sorted(unmet)}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:] or SERVERS))
