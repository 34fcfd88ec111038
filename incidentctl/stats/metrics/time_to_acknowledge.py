"""Time to acknowledge (MTTA): from detection to the first human who took it.

It runs from `detected_at` to `acknowledged_at`. A person who opens an incident has acknowledged it; a machine or an agent has not. An
incident that nobody acknowledged has no MTTA, and is never given its resolution in its place. Neither has one whose detection is only
assumed to be its declaration: both would be the same moment.

An acknowledgement in the very second of the detection is honest: people do open what they see themselves.
"""

from typing import Final

from incidentctl.stats.durations import DurationMetric

METRIC: Final = DurationMetric(
    name="mtta", title="MTTA, time to acknowledge", start="detected_at", end="acknowledged_at", zero_is_suspect=False
)
