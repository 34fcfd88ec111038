"""Time to mitigate (MTTM): from detection to the end of the users' impact. The primary metric, and the first in each report.

It runs from `detected_at` to `mitigated_at`. Users feel the mitigation; the cause can be mended later. It begins with the detection
and not with the start of the impact, since nobody can mitigate what nobody knows of: how long that took is MTTD.

An incident that was resolved without a mitigation has none, and is never given its resolution in its place. Where a person opened the
incident and no detection is recorded, it counts as detected when it was declared, and is marked `assumed`. A mitigation in the very second
of the detection is suspect, more likely one time typed twice, and is left out. Of a reopened incident the first mitigation of the last
episode counts: while it was not over, users may have been hit again.
"""

from typing import Final

from incidentctl.stats.durations import DurationMetric

METRIC: Final = DurationMetric(
    name="mttm", title="MTTM, time to mitigate", start="detected_at", end="mitigated_at", takes_assumed=True
)
