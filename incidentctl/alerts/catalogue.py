"""The list of all sources whose messages are known without a setting. A more telling one comes before a more general one."""

from typing import Final

from incidentctl.alerts.source import Source
from incidentctl.alerts.sources import alertmanager, grafana, pagerduty

SOURCES: Final[tuple[Source, ...]] = (grafana.SOURCE, alertmanager.SOURCE, pagerduty.SOURCE)
