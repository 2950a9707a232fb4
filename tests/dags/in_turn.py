"""The DAG several times, each with a home of its own, in one process: Airflow takes longer to start than a night.

Run as `python -m tests.dags.in_turn module variables …`: the module has a `main`, each `variables` is a JSON object
for the environment of one call. After each call `END` closes what it wrote to either stream; on standard output its
exit status follows, on a line. Airflow keeps the database of the first home.
"""

import importlib
import json
import logging
import os
import sys

END = "\x1e"


def main(module: str, calls: list[str]) -> int:
    for variables in calls:
        os.environ.update(json.loads(variables))
        status = importlib.import_module(module).main()
        logging.getLogger("nightly_compliance").handlers.clear()  # they show a night on a terminal that is gone
        print(f"{END}{status}", flush=True)
        print(END, end="", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
