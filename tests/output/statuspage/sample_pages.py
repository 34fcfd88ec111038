"""Pages as values: what tests of the page, the feed and the files for programs look at."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from incidentctl.incident.public import PublicIncident, PublicPage, PublicService, PublicState, PublicUpdate

CHECKOUT = PublicService("aaaaaaaaaaaa", "Checkout", "Shop")
SEARCH = PublicService("bbbbbbbbbbbb", "Product search", "Shop")
PARTNER_API = PublicService("cccccccccccc", "Partner API")

HOSTILE = "<script>alert('x')</script> & \"quoted\" ]]> </style> <img src=x onerror=alert(1)> [a](javascript:b) \u202etxt\x1b[31m"


def at(clock: str, day: int = 14) -> datetime:
    return datetime.fromisoformat(f"2026-05-{day:02d}T{clock}:00Z")


def incident(
    name: str,
    title: str,
    *said: tuple[str, PublicState, str | None],
    day: int = 14,
    services: tuple[PublicService, ...],
) -> PublicIncident:
    updates = tuple(
        PublicUpdate(f"{name}u{number}", at(clock, day), state, words)
        for number, (clock, state, words) in enumerate(said)
    )
    over = updates[-1].at if updates[-1].state.is_over else None
    watched = next((each.at for each in updates if each.state is PublicState.MONITORING), None)
    return PublicIncident(name, title, services, updates, watched, over)


ORDERS = incident(
    "ordersordero",
    "Orders fail at checkout",
    ("10:12", PublicState.INVESTIGATING, "Some orders fail. We are looking into it."),
    ("10:30", PublicState.IDENTIFIED, "We have found the cause.\nWe move to another database.\n\nYour basket is kept."),
    services=(CHECKOUT,),
)
PARTNERS = incident(
    "partnerspart",
    "Incident affecting Partner API",
    ("08:00", PublicState.INVESTIGATING, "Requests are slow."),
    ("09:40", PublicState.MONITORING, None),
    services=(PARTNER_API,),
)
RESOLVED = incident(
    "resolvedreso",
    "Search results incomplete",
    ("23:50", PublicState.INVESTIGATING, "Search finds less than it should."),
    ("23:58", PublicState.RESOLVED, "Search is complete again."),
    day=3,
    services=(SEARCH,),
)
CLOSED = incident(
    "closedclosed",
    "Service incident",
    ("07:00", PublicState.INVESTIGATING, "We see errors."),
    ("07:20", PublicState.CLOSED, None),
    day=2,
    services=(),
)

PAGE = PublicPage(
    id="pagepagepage",
    title="Example Shop status",
    url="https://status.example.org",
    subscribe_url="https://example.org/subscribe",
    zone=ZoneInfo("Europe/Berlin"),
    days=90,
    services=(CHECKOUT, SEARCH, PARTNER_API),
    open=(ORDERS, PARTNERS),
    past=(RESOLVED, CLOSED),
    updated_at=at("10:30"),
)
RECOVERING = replace(PAGE, open=(PARTNERS,), updated_at=at("09:40"))
CALM = replace(PAGE, open=(), updated_at=at("23:58", 3))
NOTHING = PublicPage(
    id="nothingnothi", title="Status", url=None, subscribe_url=None, zone=None, days=1, services=(), open=(), past=(),
    updated_at=datetime(2026, 5, 14, tzinfo=UTC),
)  # fmt: skip
WITHOUT_URL = replace(PAGE, url=None, subscribe_url=None, zone=None, services=(), left_out=7)
HOSTILE_PAGE = replace(
    PAGE,
    title=HOSTILE,
    services=(PublicService("dddddddddddd", HOSTILE, HOSTILE),),
    open=(
        PublicIncident(
            "hostilehosti",
            HOSTILE,
            (PublicService("dddddddddddd", HOSTILE, HOSTILE),),
            (
                PublicUpdate(
                    "hostilehostu", at("10:00"), PublicState.INVESTIGATING, f"{HOSTILE}\n{HOSTILE}\n\n{HOSTILE}"
                ),
            ),
        ),
    ),
)
LONG = replace(
    PAGE,
    past=tuple(
        replace(RESOLVED, id=f"past{number:08d}", updates=tuple(
            replace(update, id=f"{number}u{place}", at=update.at - timedelta(days=number)) for place, update in enumerate(RESOLVED.updates)
        ))
        for number in range(60)
    ),
)  # fmt: skip

ALL = {
    "page": PAGE,
    "recovering": RECOVERING,
    "calm": CALM,
    "nothing": NOTHING,
    "without_url": WITHOUT_URL,
    "hostile": HOSTILE_PAGE,
    "long": LONG,
}
