"""Runs the suite against one of the servers beside this file: plain it conforms, also when it is slow, and each
fault is reported.

    python3 tests/servers/against.py PROGRAM SERVER

Which requirement reports which fault stands in docs/independent-servers.md. A fault is looked for by the cases
that prove that requirement; a fault without a requirement has to take the server away from all of them.
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TABLE = HERE.parent.parent / "docs" / "independent-servers.md"
SECONDS = 120


def main(program, server):
    script = str(HERE / f"{server}.py")
    listed = subprocess.run([sys.executable, script, "--list-faults"], check=True, capture_output=True, text=True)
    faults = {line.split()[0] for line in listed.stdout.splitlines()}
    row = re.compile(rf"\| {server} \| `([\w-]+)` \| .* \| (?:`([\w.-]+)`|the server is gone) \|")
    expected = dict(found.groups() for found in map(row.fullmatch, TABLE.read_text().splitlines()) if found)
    wrong = [f"{fault}: only in the server or only in {TABLE.name}" for fault in faults ^ expected.keys()]

    for options in ([], ["--slow", "1"]):
        code, document = run(program, server, script, options, ["--jobs", "64", "--timeout", "10s"])
        if code != 0:
            wrong.append(f"{options}: exit code {code}, {document['summary']}, {document['end']}")
    for fault, requirement in sorted(expected.items()):
        cases = [] if requirement is None else proving(program, server, requirement)
        code, document = run(program, server, script, ["--fault", fault], ["--timeout", "2s", *cases])
        unmet = {entry["id"] for entry in document["requirements"] if entry["verdict"] == "not_met"}
        if requirement is None:
            found = code != 0 and "went away" in json.dumps(document["end"])
        else:
            found = code == 1 and requirement in unmet
        if not found:
            wrong.append(f"{fault}: not found by {requirement}; exit code {code}, not met: {sorted(unmet)}")
    print(f"{server}: plain and {len(expected)} faults, {len(wrong)} not as they should be")
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


def proving(program, server, requirement):
    listed = subprocess.run(
        [program, "list", "--format", "json", "--pack", server], check=True, capture_output=True
    )
    for entry in json.loads(listed.stdout)["packs"][0]["requirements"]:
        if entry["id"] == requirement:
            return [word for case in entry["cases"] for word in ("--case", case)]
    sys.exit(f"{TABLE.name}: {server} has no requirement {requirement}")


def run(program, server, script, options, arguments):
    """The exit code and the JSON document of one run against one fresh server."""
    with subprocess.Popen([sys.executable, script, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[1]
            command = [program, "run", "--no-report", "--format", "json", "--pack", server, "--target", url]
            done = subprocess.run([*command, *arguments], capture_output=True, timeout=SECONDS)
            return done.returncode, json.loads(done.stdout)
        finally:
            process.kill()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
