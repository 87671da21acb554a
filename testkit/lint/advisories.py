"""Published weaknesses of what lock/requirements.txt pins: pip-audit, and the truth about what it could ask.

    python -m testkit.lint.advisories     1 where one is known; says loudly where no service could be asked

pip-audit passes over a package that its service does not know, and ends with 0: on a machine that reaches only a
mirror of the packages it would find nothing, and look content. Here that is said, and with REQUIRE_ADVISORIES=1 fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path("lock/requirements.txt")
# weakness -> until when it is borne, and why
BORNE: dict[str, str] = {}


def judged(report: dict[str, Any]) -> tuple[list[str], int]:
    """(a sentence for each weakness that is not borne, how many packages were really asked about)."""
    packages = report["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in {' '.join(weakness['fix_versions'])}"
        for package in asked
        for weakness in package["vulns"]
        if weakness["id"] not in BORNE
    ]
    return found, len(asked)


def main() -> int:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(LOCK),
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    try:
        found, asked = judged(json.loads(done.stdout))
    except (ValueError, KeyError):
        found, asked = [], 0
    for sentence in found:
        print(sentence)
    if asked == 0:
        line = "pip-audit could ask nobody: published weaknesses are NOT known from this run"
        print(f"{'!' * len(line)}\n{line}\n{'!' * len(line)}")
    else:
        print(f"pip-audit: {asked} packages asked about, {len(found)} weaknesses")
    return 1 if found or (asked == 0 and os.environ.get("REQUIRE_ADVISORIES") == "1") else 0


if __name__ == "__main__":
    sys.exit(main())
