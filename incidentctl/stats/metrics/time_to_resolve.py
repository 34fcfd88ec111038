"""Time to resolve (MTTR): from detection to the full resolution, the underlying fault mended.

It runs from `detected_at` to `resolved_at`. Elsewhere MTTR may begin with the start of the impact, or end with the mitigation: compare
these figures with no others whose ends you do not know.

Where a person opened the incident and no detection is recorded, it counts as detected when it was declared, and is marked `assumed`. A
resolution in the very second of the detection is suspect, more likely one time typed twice, and is left out. Of a reopened incident the
first resolution of the last episode counts.
"""

from typing import Final

from incidentctl.stats.durations import DurationMetric

METRIC: Final = DurationMetric(
    name="mttr", title="MTTR, time to resolve", start="detected_at", end="resolved_at", takes_assumed=True
)
