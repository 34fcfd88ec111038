"""The sections of a post-mortem, and by which names people call them."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Role(StrEnum):
    """What a section is for. The first eight are those of a complete post-mortem, in their order."""

    SUMMARY = "summary"
    IMPACT = "impact"
    TIMELINE = "timeline"
    ROOT_CAUSE = "root_cause"
    CONTRIBUTING_FACTORS = "contributing_factors"
    WENT_WELL = "what_went_well"
    WENT_POORLY = "what_went_poorly"
    ACTION_ITEMS = "action_items"
    DETAILS = "details"
    DETECTION = "detection"
    RESPONSE = "response"
    RESOLUTION = "resolution"
    LESSONS = "lessons"
    LUCK = "luck"
    CHAT_LOG = "chat_log"
    APPENDIX = "appendix"

    @property
    def heading(self) -> str:
        """The heading under which incidentctl writes it."""
        return STANDARD.get(self, self.value.replace("_", " ").capitalize())


STANDARD: Final[Mapping[Role, str]] = {
    Role.SUMMARY: "Summary",
    Role.IMPACT: "Impact",
    Role.TIMELINE: "Timeline",
    Role.ROOT_CAUSE: "Root Cause",
    Role.CONTRIBUTING_FACTORS: "Contributing Factors",
    Role.WENT_WELL: "What Went Well",
    Role.WENT_POORLY: "What Went Poorly",
    Role.ACTION_ITEMS: "Action Items",
}
"""The eight sections, in their order."""

OwnNames = Mapping[str, Role] | None
"""A team's own names of sections, in the form in which headings are compared."""

_ALIASES: Final[Mapping[Role, str]] = {
    Role.SUMMARY: "summary|executive summary|incident summary|tl;dr|tldr|overview|incident overview|synopsis|abstract"
    "|what happened|at a glance|short summary|summary of the incident|problem summary|problem statement|issue summary"
    "|what was the problem|what is the problem|what was wrong|issue description|problem description"
    "|description|incident description|background and summary|in brief|high-level summary|intro|introduction",
    Role.IMPACT: "impact|incident impact|user impact|customer impact|business impact|impact assessment|impact analysis"
    "|scope of impact|impact and scope|who was affected|who was impacted|affected users|affected services|blast radius"
    "|effects|effect|consequences|scope|extent|damage|user-facing impact|what was affected|what was the impact",
    Role.TIMELINE: "timeline|incident timeline|timeline of events|event timeline|timeline summary|chronology"
    "|sequence of events|timeline and events|detailed timeline|events|timeline of the incident|chain of events"
    "|order of events|what happened when|incident history|log of events",
    Role.ROOT_CAUSE: "root cause|root causes|root cause analysis|rca|cause|causes|blameless root cause|identified cause"
    "|underlying cause|technical root cause|cause of the incident|cause analysis|root cause and trigger|why did it happen"
    "|why did this happen|why it happened|what caused it|what caused the incident|what went wrong technically|five whys"
    "|five why's|5 whys|5 why's|the five whys|the cause|problem analysis|reason|reasons|diagnosis|incident cause"
    "|how did it happen|how did this happen|technical analysis|analysis|cause and effect|trigger and root cause",
    Role.CONTRIBUTING_FACTORS: "contributing factors|contributing factor|contributing causes|contributors|factors"
    "|contributing conditions|contributory factors|aggravating factors|other factors|latent conditions"
    "|secondary causes|mitigating and contributing factors|enabling conditions|proximate causes|what contributed",
    Role.WENT_WELL: "what went well|went well|what worked|what worked well|the good|good|what we did well|positives"
    "|things that went well|what did we do well|strengths|successes|highlights|what went right|keep doing|kudos",
    Role.WENT_POORLY: "what went poorly|what went wrong|went poorly|went wrong|what didn't go well|what did not go well"
    "|what didn't work|what did not work|what could have gone better|what could be improved|what can be improved"
    "|what could we improve|what can we improve|the bad|bad|areas for improvement|improvement areas|challenges"
    "|what needs improvement|things that went poorly|things that went wrong|what could be better|pain points|negatives"
    "|what went badly|difficulties|what was hard|what made it worse|opportunities for improvement|weaknesses|gaps",
    Role.ACTION_ITEMS: "action items|action item|actions|follow-ups|follow-up|follow ups|follow up|followups|followup"
    "|follow-up actions|follow-up tasks|follow up tasks|follow-up items|next steps|remediation|remediation items"
    "|remediations|remediation actions|corrective actions|corrective and preventive actions"
    "|corrective and preventative actions|corrective and preventive measures"
    "|corrective and preventative measures|what is being done about this|what are we doing about this|what is being done"
    "|corrective measures"
    "|corrective action items|preventive measures|preventative measures|preventive actions|preventative actions"
    "|prevention|tasks|to do|todo|todos|to-do|to-dos|action plan|improvements|planned improvements|tickets|backlog items"
    "|what are we doing about it|what we are doing about it|what we're doing about it|what will we do|how do we prevent this"
    "|how are we preventing it from happening again|how we prevent this|moving forward|going forward|planned actions"
    "|future work|what happens next|what happens now"
    "|what comes next|what's next|recommendations|mitigations and action items|long-term actions|short-term actions|jira tickets",
    Role.DETAILS: "details|incident details|metadata|meta|incident metadata|information|incident information|general"
    "|general information|facts|incident|header|key facts|basic information|incident data|at-a-glance|report details",
    Role.DETECTION: "detection|how was it detected|how did we detect it|discovery|how we found out|detection and alerting"
    "|how was this detected|how we noticed|how was the incident detected|alerting|monitoring",
    Role.RESPONSE: "response|incident response|escalation|investigation|responders|how we responded|leadup|lead-up"
    "|lead up|debugging",
    Role.RESOLUTION: "resolution|recovery|mitigation|fix|the fix|how we fixed it|how was it resolved|resolution and recovery"
    "|mitigation and resolution|what we did|solution|immediate actions|immediate fix|restoration|how it was fixed"
    "|how did we fix it|steps to resolution|resolution steps|mitigations",
    Role.LESSONS: "lesson learned|lesson|"
    "lessons learned|lessons learnt|lessons|learnings|key learnings|takeaways|key takeaways|what we learned"
    "|what have we learned|what did we learn|insights|retrospective|reflection|reflections|conclusion|conclusions"
    "|lessons and takeaways",
    Role.LUCK: "where we got lucky|where did we get lucky|luck|we got lucky|what was lucky|lucky breaks|what we got lucky with",
    Role.CHAT_LOG: "chat log|chat logs|chat|chat transcript|transcript|irc log|slack log|slack thread|conversation|logs|log",
    Role.APPENDIX: "appendix|appendices|references|links|related|related issues|related incidents|supporting information"
    "|glossary|resources|supporting data|additional information|notes|see also|faq|graphs|screenshots|evidence",
}

_PHRASES: Final[tuple[tuple[Role, re.Pattern[str], int], ...]] = (
    (Role.CONTRIBUTING_FACTORS, re.compile(r"\bcontribut(?:ing|ory)\b"), 6),
    (Role.ACTION_ITEMS, re.compile(r"\b(?:action items?|follow[- ]?ups?|next steps|corrective actions?)\b"), 7),
    (Role.TIMELINE, re.compile(r"\b(?:timeline|chronology)\b"), 6),
    (Role.WENT_WELL, re.compile(r"\b(?:went|worked|go) well\b(?<!n't go well)(?<!not go well)"), 7),
    (
        Role.WENT_POORLY,
        re.compile(r"\b(?:went (?:wrong|poorly|badly)|go(?:ne)? better|n[o']t go well|be(?:en)? (?:better|improved))"),
        7,
    ),
    (Role.LUCK, re.compile(r"\blucky?\b"), 6),
    (Role.ROOT_CAUSE, re.compile(r"\b(?:root cause|5 ?whys?|five ?whys?)\b"), 6),
    (Role.CHAT_LOG, re.compile(r"\b(?:chat|irc|slack|discord)\b.*\b(?:logs?|transcript|thread)\b"), 7),
    (Role.LESSONS, re.compile(r"\b(?:lessons|learnings|takeaways)\b"), 5),
    (Role.SUMMARY, re.compile(r"\bsummary\b"), 4),
    (Role.SUMMARY, re.compile(r"^what happened on\b"), 7),
    (Role.IMPACT, re.compile(r"\bimpact\b"), 4),
    (Role.APPENDIX, re.compile(r"^app?end(?:ix|ices|inx)\b"), 9),
)

_MOST_WORDS_OF_SEVERAL: Final = 10
_READ_FIRST: Final = (Role.TIMELINE, Role.ACTION_ITEMS, *STANDARD)
_JOINT: Final = re.compile(r" (?:and|or|with) |\s?[/,+;]\s?(?:and )?")
_EMOJI_NAME: Final = re.compile(r":[a-z0-9_+-]+:")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_NUMBER: Final = re.compile(
    r"^(?:(?:section|part|step)\s+)?(?:\d{1,2}(?:\.\d{1,2})*[.):]?|[ivx]{1,4}[.):]|[a-h][.)])\s+(?=\D)"
)
_PARENTHESIS: Final = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_NO_WORD: Final = re.compile(r"^[^\w(\[]+|[^\w)\]]+$")
_MARKS: Final = str.maketrans(
    {"*": "", "`": "", "\u2019": "'", "\u2018": "'", "\u2011": "-", "\u2010": "-", "\xa0": " "}
)


@lru_cache(4096)
def plain_heading(text: str) -> str:
    """The words of a heading that a reader sees: without emphasis, link targets, pictures and closing signs."""
    if "[" in text:
        text = _LINK.sub(r"\1", text)
    text = text.translate(_MARKS)
    if text.startswith("_") or text.endswith("_"):
        text = text.strip("_")
    return " ".join(text.split()) if "\n" in text else text.strip()


def _key(text: str) -> str:
    """What names are compared by."""
    text = plain_heading(text).lower()
    if ":" in text:
        text = _EMOJI_NAME.sub(" ", text)
    text = text.replace("&", " and ")
    text = _NO_WORD.sub("", text)
    text = _NUMBER.sub("", text)
    return " ".join(text.split())


def _table() -> dict[str, Role]:
    return {alias: role for role, aliases in _ALIASES.items() for alias in aliases.split("|")}


_ROLE_OF: Final = _table()
_STANDARD_OF: Final = {title.lower(): role for role, title in STANDARD.items()}


def role_of(text: str, aliases: OwnNames = None) -> tuple[Role | None, bool]:
    """What a heading's section is for, and whether that is said by another name than the standard one.

    `aliases` are a team's own, by lower-case name; they come first and count as standard names.
    """
    if aliases and (own := aliases.get(_key(text))) is not None:
        return own, False
    return _standing_role(text)


@lru_cache(4096)  # the same few headings stand in all documents of an archive
def _standing_role(text: str) -> tuple[Role | None, bool]:
    key = _key(text)
    for words in (
        key,
        _NO_WORD.sub("", _PARENTHESIS.sub("", key)) or key.strip("()[]"),
        key.partition(" (")[0],  # `Timeline (times in PST) 07/27 to 07/31`
    ):
        standard = _STANDARD_OF.get(words)
        if standard is not None:
            return standard, False
        role = _ROLE_OF.get(words) or _ROLE_OF.get(words.removeprefix("the ").removesuffix(" section"))
        if role is not None:
            return role, True
    words_count = key.count(" ") + 1
    if words_count <= _MOST_WORDS_OF_SEVERAL:
        several = _roles_joined(key)
        if len(several) > 1:
            return next((role for role in _READ_FIRST if role in several), several[0]), True
    for role, phrase, most in _PHRASES:
        if words_count <= most and phrase.search(key):
            return role, True
    return None, False


def own_names(names: Mapping[str, str]) -> OwnNames:
    """A team's own names as its settings give them, each with the word of a role, in the form in which headings are compared."""
    return {alias_key(name): Role(word) for name, word in names.items()} or None


def alias_key(text: str) -> str:
    """How a team's own name of a section is looked up."""
    return _key(text)


def roles_named(text: str, aliases: OwnNames = None) -> frozenset[Role]:
    """All that one heading says its section is for: `Root cause and contributing factors` is for both."""
    role, _ = role_of(text, aliases)
    if role is None:
        return frozenset()
    return frozenset((role, *_roles_joined(_key(text))))


def is_whole_name(text: str) -> bool:
    """Whether a heading is nothing but a name of a section, so that another name in its place loses no word."""
    key = _key(text)
    return key in _STANDARD_OF or key in _ROLE_OF


def _roles_joined(key: str) -> tuple[Role, ...]:
    """The roles of the names that a heading joins; empty where one of its parts is no name."""
    parts = _JOINT.split(_PARENTHESIS.sub("", key))
    if len(parts) < 2:
        return ()
    roles = [_STANDARD_OF.get(part) or _ROLE_OF.get(part.removeprefix("the ")) for part in parts if part]
    known = tuple(dict.fromkeys(role for role in roles if role is not None))
    return known if len(known) > 0 and None not in roles else ()
