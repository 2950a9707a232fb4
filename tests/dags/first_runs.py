"""Prints as JSON when each DAG runs first, unpaused at ten in the morning of the 7th of January (Shanghai); run as
`python -m tests.dags.first_runs`.
"""

import json
from datetime import UTC, datetime
from unittest.mock import patch

from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import TimeRestriction

TEN = datetime(2021, 1, 7, 2, tzinfo=UTC)  # in Shanghai


def main() -> None:
    from dags.deadline import deadline
    from dags.nightly_compliance import nightly_compliance
    from dags.quarterly_bulletin import quarterly_bulletin

    found = {}
    for made in (nightly_compliance(), deadline(), quarterly_bulletin()):
        timetable = decode_timetable(encode_timetable(made.timetable))
        with patch("airflow.timetables.trigger.utcnow", lambda: TEN):
            first = timetable.next_dagrun_info(
                last_automated_data_interval=None,
                restriction=TimeRestriction(earliest=made.start_date, latest=None, catchup=made.catchup),
            )
        found[made.dag_id] = first.run_after.isoformat()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
