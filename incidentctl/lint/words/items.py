"""Patterns of weak action items: vague, no order, hung on people's vigilance, without an end, aimed at a person."""

import re
from functools import cache
from typing import Final

from incidentctl.lint.prose import HIDDEN
from incidentctl.lint.words.people import FREE_NAME

_compiled: Final = cache(re.compile)  # when a rule first asks for it: together they would take 20 ms of every start

_LABEL: Final = re.compile(r"\s*(?:[A-Z][\w /&-]{1,40}:(?=\s)\s*|#\d+:?\s+|\[[ xX]\]\s+|[-–—•✅☑️]+\s+)")
_SHOULD: Final = (
    r"(?:(?:we|i|the\s+team|everyone|everybody|engineers|developers|operators|people|someone|reviewers|all(?:\s+\w+)?)\s+"
    r"(?:(?:should|must|will|shall|need\s+to|needs\s+to|have\s+to|has\s+to|want\s+to|ought\s+to|could|can)\s+)(?:also\s+|all\s+|always\s+)?"
    r"|(?:(?:the\s+)?(?:team|engineers|developers|operators|reviewers)|everyone|everybody|people|staff)\s+to\s+|please\s+|always\s+|need\s+to\s+)"
)


_TAG: Final = re.compile(r"(?:\[(?![ xX]\])[^\[\]\n]{1,30}\](?!\()\s+)+")


def without_tag(raw: str, text: str) -> str:
    """The masked words of an item without a tag in brackets at its beginning, such as `[Alerting]`; as long as before."""
    match = _TAG.match(raw)
    return " " * match.end() + text[match.end() :] if match else text


def without_label(text: str) -> int:
    """Where the words of an item begin: behind a label such as `Monitoring:`, a number, blanks that stand for emphasis."""
    match = _LABEL.match(text)
    at = match.end() if match else 0
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def without_should(lowered: str, at: int) -> int:
    """Where the verb of an item begins: behind "we should", "please", "always"."""
    match = _compiled(_SHOULD).match(lowered, at)
    return match.end() if match else at


# -------------------------------------------------------------------------------------------------------------- vague

_VAGUE: Final = (
    r"(?:improv(?:e|ing)|look(?:ing)?\s+(?:into|at)|consider(?:ing)?|think(?:ing)?\s+about|explor(?:e|ing)|enhanc(?:e|ing)|better(?![:\w])|more"
    r"|figure\s+out|try\s+(?:to|and)\s+(?:reduce|improve|avoid|be|make|do|find|get|keep)|be\s+(?:more|better)|revisit(?:ing)?|rethink(?:ing)?|work\s+on|deal\s+with|strengthen(?:ing)?"
    r"|keep\s+an\s+eye\s+on|get\s+better\s+at|do\s+better)\b"
)
_BARE: Final = (
    r"(?:(?:increase|extend|expand|review|add(?:\s+(?:more|better|some))?)\s+(?:(?:the|our|more|better)\s+)?(?:monitoring|alerting|alerts|logging|logs|tests?|testing|test\s+coverage"
    r"|coverage|observability|documentation|docs|visibility|awareness|communication|process(?:es)?|checks)"
    r"|investigate(?:\s+further|\s+(?:the\s+)?(?:issue|problem|incident|root\s+cause))?|monitor\s+the\s+situation"
    r"|fix\s+(?:the|this)\s+(?:bug|issue|problem|root\s+cause)|follow\s+up)\s*[.!]?\s*\Z"
)
_MAKE_BETTER: Final = (
    r"mak(?:e|ing)\s+(?:[\w'-]+\s+){1,5}?(?:more\s+(?:robust|resilient|reliable|stable|visible|secure|scalable|efficient)|better|safer|easier"
    r"|faster|more\s+reliable|stronger)\s*(?:[.!]?\s*\Z|\bin\s+(?:general|future))"
)
_SAYS_HOW: Final = (
    r"\bby\s+\w+ing\b|\bso\s+that\b|\bso\s+(?:it|we|they|that|the)\b|\bfrom\s+\S+.{0,40}?\bto\b|\buntil\b|\d\s*(?:%|ms|s|min|h|mb|gb|x)\b|\d\s*%"
    r"|\bbelow\b|\babove\b|\bat\s+least\b|\bat\s+most\b|:\s+\w+|\bby\s+(?:the\s+end|adding|\d)|\bto\s+(?:show|name|include|print|reject|fail|stop"
    r"|alert|page|return|use|cover)\b|\b(?:whether|when|if|once)\b"
)


def find_vague(lowered: str, at: int) -> tuple[int, int] | None:
    """A verb without an end that could be checked, where the item does not say how or how much."""
    begin = without_should(lowered, at)
    match = (
        _compiled(_VAGUE).match(lowered, begin)
        or _compiled(_MAKE_BETTER).match(lowered, begin)
        or _compiled(_BARE).match(lowered, begin)
    )
    if match is None or _compiled(_SAYS_HOW).search(lowered, match.end()):
        return None
    return at, match.end()


# ---------------------------------------------------------------------------------------------------------- vigilance

_PEOPLE: Final = (
    r"(?:everyone|everybody|all(?:\s+of)?(?:\s+(?:the|our))?\s+(?:engineers|developers|operators|team\s+members|members|people|staff|colleagues"
    r"|teams)|people|engineers|developers|operators|the\s+(?:team|engineers|developers|operators|on-?calls?)|team\s+members|staff|each\s+other|us)"
)
_VIGILANCE: Final = (
    r"(?:be\s+reminded\b|(?:be|being)\s+(?:(?:more|very|extra|much\s+more|really|always)\s+)*(?:careful|cautious|vigilant|attentive|diligent|mindful|aware)\b"
    r"|remind(?:ing)?\b(?!\s+(?:the\s+)?(?:customers|users|clients|subscribers)\b)"
    r"|double[- ]?check(?:ing)?\b(?!s)(?!\s+interval)|(?:check|verify)\s+twice\b(?!\s+(?:a|per|each|daily)\b)"
    rf"|(?:make\s+sure|ensure|enforce|see\s+to\s+it)(?:\s+that)?\s+{_PEOPLE}\s+(?:always\s+)?(?:reads?|knows?|checks?|(?:are|is)\s+(?:made\s+)?(?:aware|careful|informed|trained)"
    r"|understands?|follows?|tests?|remembers?|reviews?|verif(?:y|ies)|double[- ]checks?|pays?|takes?|has\s+read|have\s+read)\b"
    r"|pay(?:ing)?\s+(?:(?:more|much|closer|close|better|extra|special)\s+){0,2}attention\b|remember\s+to\b|(?:do\s+not|don't|never)\s+forget\b"
    rf"|rais(?:e|ing)\s+(?:the\s+)?awareness\b|(?:ask|tell|inform|advise|encourage|urge|instruct)(?:ing)?\s+{_PEOPLE}\s+(?:not\s+to|to\s+not|to\s+(?:always\s+|also\s+)?(?:test|check|be|verify|double|remember|pay|watch"
    r"|think|wait|read|follow|stop|avoid|take\s+care|look))\b"
    rf"|make\s+{_PEOPLE}\s+(?:more\s+)?aware\b"
    r"|(?:emphasi[sz]e|stress|reiterate|reinforce|highlight|underline)\s+(?:to\s+[\w\s]{1,30}?\s+)?(?:that\b|how\s+important|following\b|checking\b|testing\b"
    r"|(?:the\s+)?(?:importance|need|necessity|(?:\w+\s+)?(?:rules?|polic(?:y|ies)|process(?:es)?|guidelines?|procedures?))\b)"
    r"|watch\s+out\b|(?:take|use|exercise)\s+(?:(?:more|extra|greater|special|better)\s+)*(?:care|caution)\b(?=\s*(?:[.,;!]|\Z)|\s+(?:when|with|in|during|before|while|on|about|not|to|and)\b)"
    rf"|send(?:ing)?\s+(?:a|another|out\s+a)\s+reminder\s+to\s+{_PEOPLE})"
)


def find_vigilance(lowered: str, at: int) -> tuple[int, int] | None:
    """An item that asks people to be careful, to remember, to look twice: nothing changes for the one who is tired."""
    match = _compiled(_VIGILANCE).match(lowered, without_should(lowered, at)) or _compiled(_PEOPLE_MUST).match(
        lowered, at
    )
    return (at, match.end()) if match else None


_PEOPLE_MUST: Final = (
    rf"{_PEOPLE}\s+(?:must|should|shall|have\s+to|has\s+to|needs?\s+to|ought\s+to|to)\s+(?:always\s+|also\s+)?"
    r"(?:read|follow|check|verify|test|remember|know|ask|wait|think|look|understand|comply)\b"
)


# ----------------------------------------------------------------------------------------------------------- no order

_NO_ORDER: Final = (
    r"(?:(?:we|i|they|someone|somebody|everyone|the\s+team|you)\s+(?:should|must|will|shall|need|needs|have|has|want|could|can|are|would|ought)\b"
    r"|it\s+(?:would|might|could|may)\s+be\b|there\s+(?:should|must|needs?|has|ought)\b"
    r"|(?:an?|the|our|some|no|another)\s+[a-z\ufffc])"
)
_GERUND: Final = r"(?!(?:bring|ping|string|ring|spring|sing|swing|cling|fling|sling|during|nothing|something|everything)\b)[a-z]{2,}ing\b"
_ABSTRACT: Final = (
    r"(?!(?:document|implement|experiment|complement|supplement|comment|segment|augment|instrument|increment|decrement|fragment|mention|position"
    r"|function|partition|provision|reprovision|deprovision|transition|question|section|commission|decommission|caution|ration|condition"
    r"|repartition|auction|station|audition|petition|sanction|torment|lament|cement|ferment|apportion)\b)"
    r"[a-z]{3,}(?:tion|ment|isation|ization)\s+(?:of|for|to|between|with)\b"
)


def find_no_order(lowered: str, at: int) -> tuple[int, int] | None:
    """An item that begins with no verb in the imperative, where that is certain."""
    match = (
        _compiled(_NO_ORDER).match(lowered, at)
        or _compiled(_GERUND).match(lowered, at)
        or _compiled(_ABSTRACT).match(lowered, at)
    )
    return (at, match.end()) if match else None


# ---------------------------------------------------------------------------------------------------------- unbounded

_UNBOUNDED: Final = (
    r"\bnever\s+(?:(?:ever\s+)?happens?|occurs?|see)\b.{0,20}?\bagain\b|\bcan(?:not|\s+never|'t)\s+(?:ever\s+)?happen(?:\s+again)?\b"
    r"|\b(?:does\s+not|doesn't|do\s+not|don't|won't|will\s+not)\s+(?:happen|occur|repeat)\s+(?:again|in\s+(?:the\s+)?future)\b"
    r"|\b(?:from\s+)?(?:happening|occurring|recurring)\s+(?:again|in\s+(?:the\s+)?future)\b|\bfrom\s+recurring\b"
    r"|\b(?:prevent|avoid|stop)\s+(?:this|these\s+(?:kinds?|types?|sorts?|incidents?|issues?|problems?|outages?)|such|similar|any|all|future)\b.{0,40}?\b(?:in\s+(?:the\s+)?future|again)\b|\bfuture\s+incidents\b"
    r"|\b(?:everything|everywhere|anything\s+else|any\s+and\s+all)\b(?!\s+(?:the|that|it|in|which|except|but)\b)"
    r"|\b(?:all|every|any)\s+(?:possible|conceivable|potential|imaginable|kinds?\s+of|sorts?\s+of|edge\s+cases?|corner\s+cases?|scenarios?)\b"
    r"|\bas\s+(?:much|many|often|far)\s+as\s+possible\b|\b(?:as\s+(?:needed|necessary|appropriate|required|applicable)"
    r"|(?:when|where|if|wherever|whenever)\s+(?:needed|necessary|appropriate|possible|required|applicable|it\s+makes\s+sense))\b(?!\s+(?:for|by|to)\b)"
    r"|\betc\b\.?(?=\s*\Z)|\band\s+so\s+(?:on|forth)\b|\bon\s+an\s+(?:ongoing|on-going)\s+basis\b"
    r"|\A\s*continue\s+(?:to\s+)?(?:monitor|watch|improv|investigat|work|look|track|observ)\w*|\A\s*keep\s+(?:monitor|watch|improv|investigat|look|track)ing\b"
    r"|\A\s*continu(?:ously|ally)\b|\ball\s+(?:of\s+)?(?:our|the)\s+(?:code|things|code\s*base)\b"
)


def find_unbounded(lowered: str, at: int) -> tuple[int, int] | None:
    """Words that no day ends: "everything", "never again", "as needed", "continue to monitor"."""
    match = _compiled(_UNBOUNDED).search(lowered[at:])
    if match is None or (match[0].lstrip().startswith(("keep", "continu")) and _ENDS.search(lowered, at + match.end())):
        return None
    return at + match.start(), at + match.end()


_ENDS: Final = re.compile(r"\bfor\s+(?:the\s+next\s+|another\s+)?\d|\buntil\b|\btill\b|\bthen\b|\bby\s+\d")


# ------------------------------------------------------------------------------------------------------------- a person

_ONE: Final = (
    r"(?:engineer|developer|operator|technician|admin|administrator|dba|sre|author|reviewer|approver|contractor|colleague|person|employee|intern"
    r"|commander|responder|individual|on-?call(?:\s+engineer)?)"
)
_WHO_DID: Final = (
    r"(?:\s+(?:who|that)\s+(?:made|caused|ran|merged|deployed|did|pushed|deleted|approved|broke|wrote|executed|missed|forgot|failed|changed|is\s+responsible)\b"
    r"|\s+(?:responsible|concerned|involved|in\s+question|at\s+fault)\b)"
)
_THE_ONE: Final = (
    rf"(?:the|this|our|that|an?)\s+(?:[\w'-]+\s+){{0,3}}?{_ONE}s?"
    r"(?![\w-]|'s|\s+(?:pod|service|account|team|rotation|training))"
)
_NAMED: Final = rf"{FREE_NAME}(?![\w'/-])"
_TARGETS: Final = (
    rf"(?:(?:re-?train(?:ing)?|re-?educate|disciplin(?:e|ing)|reprimand|lecture|scold|sanction|punish|fire|dismiss)\s+(?:{_THE_ONE}|{_NAMED}"
    rf"|(?:the\s+)?(?:engineers|developers|operators|contractors|reviewers)\b|the\s+vendor's\s+{_ONE})"
    rf"|train\s+the\s+{_ONE}(?!s)\b(?!\s+(?:pod|service|model|who\s+is\s+on|pool|rotation))"
    rf"|hold(?:ing)?\s+(?:(?:the\s+)?[\w-]+(?:\s+[\w-]+){{0,2}}|{_NAMED})\s+accountable\b"
    rf"|(?:talk|speak|chat|meet)\s+(?:to|with)\s+(?:{_THE_ONE}(?:{_WHO_DID}|\s+about)|{_NAMED}(?:\s*[.!]?\s*\Z|\s+about\s+(?:following|being|not|the\s+mistake|reading|checking)))"
    rf"|(?:have\s+a\s+word|sit\s+down)\s+with\s+(?:{_THE_ONE}|{_NAMED})|coach(?:ing)?\s+(?:{_THE_ONE}|{_NAMED})\s+(?:on|about|in)"
    rf"|(?:remind|warn|admonish)\s+(?:{_NAMED}|{_THE_ONE}{_WHO_DID})"
    rf"|(?:give|issue|send|hand)\b.{{0,60}}?\b(?:(?:written|formal|final|official)\s+warning|disciplinary)\b"
    rf"|(?:discuss|review)\s+(?:the|this|their|his|her)\s+(?:mistake|error|behaviou?r|performance)\s+with\b"
    rf"|(?:give|provide)\s+feedback\s+to\s+{_THE_ONE}{_WHO_DID}|(?:send|enrol|put)\s+(?:{_THE_ONE}{_WHO_DID}|{_NAMED})\s+(?:to|on|in|into)\b"
    rf"|(?:remove|revoke|take\s+away|withdraw|restrict)\s+(?:[\w-]+\s+){{0,3}}?(?:access|rights|permissions?)\s+(?:from|of|for)\s+(?:{_THE_ONE}{_WHO_DID}|{_NAMED})"
    rf"|(?:remove|take)\s+{_NAMED}\s+(?:from|off|out\s+of)\b|revoke\s+{FREE_NAME}'s\b|(?:remove|take\s+away)\s+{FREE_NAME}'s\s+(?:[\w-]+\s+)?(?:access|rights))"
)


def find_target(lowered: str, at: int) -> tuple[int, int] | None:
    """An item that is done to a person: training, a talk, a warning for the one who was there."""
    begin = without_should(lowered, at)
    if not lowered.startswith(_TARGET_VERBS, begin):
        return None
    match = _compiled(_TARGETS).match(lowered, begin)
    return (at, match.end()) if match else None


_TARGET_VERBS: Final = tuple(
    "retrain re-train reeduc re-educ train disciplin reprimand lecture scold sanction punish fire dismiss hold talk speak chat meet have"
    " sit coach remind warn admonish give issue send hand discuss review provide enrol put remove revoke take withdraw restrict".split()
)


_TITLE: Final = re.compile(r"(?:\*\*|__)[^*_\n]{1,80}\s[^*_\n]{1,80}(?:\*\*|__)")


def has_title(text: str, start: int) -> bool:
    """Whether an item begins with several words in bold: they name it, and what follows explains."""
    return _TITLE.match(text, start) is not None


def says_nothing(text: str) -> bool:
    """Whether an item has no words of prose: a link alone, code alone."""
    return not text.replace(HIDDEN, "").strip(" \t\n.,:;-")
