"""User impact: how long users were without, from the start of the impact to the mitigation.

It runs from `started_at` to `mitigated_at`: all that they noticed, also before anybody knew. An incident without a start of the impact, or
that was resolved without a mitigation, has none.

An impact that began and ended in the same second is suspect, more likely one time typed twice, and is left out. Of a reopened incident
the first mitigation of the last episode counts: the quiet time between two episodes is in it, since nobody recorded when users had
peace.
"""

from typing import Final

from incidentctl.stats.durations import DurationMetric

METRIC: Final = DurationMetric(name="user_impact", title="User impact", start="started_at", end="mitigated_at")
