"""Time to detect (MTTD): from the start of the impact to the alert or the first report.

It runs from `started_at` to `detected_at`. When the impact began a person has to say, often afterwards: it is never filled in by itself,
and an incident without it has no MTTD. Neither has one whose detection is only assumed to be its declaration.

Detected in the very second in which it started is honest: a probe may fail first. Detected before it started is an error of the record.
"""

from typing import Final

from incidentctl.stats.durations import DurationMetric

METRIC: Final = DurationMetric(
    name="mttd", title="MTTD, time to detect", start="started_at", end="detected_at", zero_is_suspect=False
)
