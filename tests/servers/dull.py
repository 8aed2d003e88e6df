"""Runs the suite against the servers beside this file in their dialects: with its profile each runs through all
cases and conforms, without it does not, and its serious faults are reported all the same.

    python3 tests/servers/dull.py PROGRAM SERVER

The profiles are in `profiles/`. Which requirement reports which fault stands in docs/independent-servers.md.
"""

import pathlib
import re
import sys

from against import HERE, TABLE, proving, run

FAULTS = 3


def main(program, server):
    script = str(HERE / f"{server}.py")
    profile = ["--profile", str(HERE / "profiles" / f"{server}.yaml")]
    wrong = []

    code, document = run(program, server, script, ["--dull"], profile)
    outcomes = document["summary"]
    if code != 0 or not document["departures"]:
        wrong.append(f"dull: exit code {code}, {outcomes}, {document['end']}")
    code, document = run(program, server, script, ["--dull"], [])
    if code == 0:
        wrong.append(f"dull, without its profile: exit code {code}, {document['summary']}")
    row = re.compile(rf"\| {server} \| `([\w-]+)` \| .* \| `([\w.-]+)` \|")
    table = [found.groups() for found in map(row.fullmatch, TABLE.read_text().splitlines()) if found]
    if len(table) < FAULTS:
        wrong.append(f"{TABLE.name} has fewer than {FAULTS} faults of {server}")
    for fault, requirement in table:
        cases = proving(program, server, requirement)
        code, document = run(program, server, script, ["--dull", "--fault", fault], [*profile, *cases])
        unmet = {entry["id"] for entry in document["requirements"] if entry["verdict"] == "not_met"}
        if code != 1 or requirement not in unmet:
            wrong.append(f"{fault}: not found by {requirement}; exit code {code}, not met: {sorted(unmet)}")
    print(f"{server}: dull, {outcomes}, and {len(table)} faults, {len(wrong)} not as they should be")
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
