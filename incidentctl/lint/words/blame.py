"""Patterns of blame in one sentence, a code each. They ask for a human subject, and leave out what the sentence denies."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from incidentctl.lint.words.people import AND_ADVERBS, FREE_NAME, HUMAN, OTHERS, TAIL, is_software


class Hit(Struct, frozen=True):
    """Where in a sentence which rule found something; `is_first_person` where the author speaks of himself."""

    code: str
    start: int
    end: int
    is_first_person: bool = False


TRIGGERS: Final = {
    "BLM001": ("error", "mistake", "fat-finger", "fat finger", "pebkac"),
    "BLM002": ("forgot", "neglected", "overlooked"),
    "BLM003": (
        "had not",
        "hadn't",
        "not follow",
        "not check",
        "not test",
        "not verif",
        "not read",
        "not wait",
        "not ask",
        "without ",
        "nobody",
        "no one",
        "failed to",
        "did not",
        "didn't",
        "never",
        "ignored",
        "skipped",
        "disregarded",
        "bypassed",
        "missed the",
    ),
    "BLM004": (
        "mistak",
        "accident",
        "inadvertent",
        "wrongly",
        "erroneously",
        "incorrectly",
        "unintentional",
        "careless",
        "improperly",
        "foolishly",
        "recklessly",
    ),
    "BLM005": ("should", "ought", "could"),
    "BLM006": (
        "would have",
        "could have",
        "could easily have",
        "hindsight",
        "retrospect",
        "preventable",
        "avoidable",
        "if only",
        "looking back",
        "obvious",
        "clear from the start",
        "anyone to see",
        "have been clear",
    ),
    "BLM008": (
        "judgement",
        "judgment",
        "panicked",
        "stamped",
        "messed",
        "screwed",
        "botched",
        "blundered",
        "dropped the ball",
        "careless",
        "lazy",
        "lazi",
        "sloppy",
        "sloppi",
        "negligen",
        "incompeten",
        "inexperienc",
        "unqualified",
        "reckless",
        "irresponsib",
        "complacen",
        "unprofessional",
        "clueless",
        "stupid",
        "foolish",
        "inattentive",
        "blame",
        "fault",
    ),
    "BLM007": ("careful", "caution", "cautious", "vigilan", "attenti", "diligen", "mindful", "care ", " care"),
    "BLM010": (
        "disaster",
        "ridiculous",
        "absurd",
        "insane",
        "horribl",
        "horrendous",
        "terribl",
        "awful",
        "stupid",
        "idiotic",
        "embarrass",
        "shameful",
        "disgrac",
        "inexcusable",
        "unforgivable",
        "unacceptabl",
        "shocking",
        "appalling",
        "pathetic",
        "nightmare",
        "useless",
        "shambles",
        " mess",
        "outrageous",
        "chaos",
        "joke",
        "atrocious",
        "!!",
    ),
    "BLM011": ("?",),
    "RCA002": (
        "typo",
        "oversight",
        "misconfig",
        " slip",
        "blunder",
        "misjudg",
        "caused",
        "cause",
        "broke",
        "brought",
        "took",
        "crashed",
        "misconfigured",
        "mistyped",
        "damaged",
        "introduced",
        "wrong",
        "mistake",
        "error",
    ),
    "TML015": (
        "forgot",
        "neglected",
        "overlooked",
        "failed to",
        "should",
        "could",
        "ought",
        "mistak",
        "wrongly",
        "careless",
        "erroneous",
        "incorrectly",
        "unfortunately",
        "sadly",
        "obvious",
        "hindsight",
        "retrospect",
        "needless",
        "belated",
        "too late",
        "wasted",
        "for some reason",
        "for no reason",
        "without checking",
        "without thinking",
        "nobody thought",
        "no one thought",
    ),
}
"""Words without one of which a rule finds nothing: lower case, one blank between words."""

# ------------------------------------------------------------------------------------------------------ what is denied

_DENIED: Final = re.compile(
    r"(?:\b(?:no|not|never|nor|neither|nobody|none|without|rather\s+than|instead\s+of|if|whether|lest|in\s+case|so\s+that)"
    r"|n't)(?:\s+(?:that|the|an?|any|one|of|our|simply|just|been|be|because|caused|by|single)){0,4}\s*\Z"
)
_DISTANCED: Final = re.compile(
    r"\b(?:(?:do|does|did|would|could|will|can)(?:\s+not|n't)\s+(?:\w+\s+)?(?:ask|think|believe|mean|say|claim|call|argue|blame|accept|imply)"
    r"|(?:unfair|wrong|easy|tempting|unhelpful|pointless)\s+to\s+(?:say|call|blame|claim|conclude|ask|think|describe)"
    r"|asking|telling|blaming|calling|what\s+(?:the|an?|our|this|that)\s*\Z|not\s+a\s+question\s+of)\b[^.;:]{0,60}\Z"
)


def is_denied(text: str, start: int) -> bool:
    """Whether what stands before a place takes back what begins there: "it is not that …", "we do not ask what …"."""
    before = text[max(0, start - 120) : start]
    return _DENIED.search(before) is not None or _DISTANCED.search(before) is not None


# ----------------------------------------------------------------------------------------------------------- the grammar

_OMITTED: Final = (
    r"(?:check(?!\s+(?:in|out)\b)|verif(?:y|ied)|test|validate|confirm|review|read|follow|consult|ask|escalate|inform|notify|tell|warn|communicate"
    r"|announce|look|consider|think|bother|care|pay\s+(?:any\s+|enough\s+)?attention|take\s+into\s+account|take\s+care|account\s+for"
    r"|anticipate|foresee|run|rotate|renew|remember|update|set|add|remove|enable|disable|re-enable|close|clean\s+up|roll\s+back|revert"
    r"|stop|wait|double-check|catch|spot|notice|reali[sz]e|recogni[sz]e|respond|react|acknowledge|act|coordinate|plan|prepare|include"
    r"|specify|apply|drain|monitor|watch|investigate|involve|handle|report|make\s+sure|ensure|understand|document|patch|hand\s+over"
    r"|identify|replace|back\s+up|rename|ran|told|thought|looked)(?:e?d)?"
)
_ADVERB: Final = (
    r"(?:mistakenly|accidentally|inadvertently|wrongly|wrongfully|erroneously|incorrectly|unintentionally|carelessly|improperly"
    r"|foolishly|recklessly|negligently)"
)
_W: Final = r"(?:\s+(?!that\b|which\b|who\b|and\b|but\b|because\b|when\b|after\b|so\b)[\w'\ufffc\ue000./-]+)"
_DID: Final = r"(?:\s+(?!(?:that|which|who|but|because|when|can|could|may|might|is|are|to|not)\b)[\w'\ufffc\ue000./-]+)"
_IRREGULAR: Final = (
    "seen|caught|done|run|read|gone|made|taken|thought|written|set|put|held|kept|left|told|asked|sent|begun|built|chosen|found|given"
    "|got|gotten|spoken|spent|stood|understood|woken|known|brought|drawn|foreseen|fed|felt|forgotten|heard|hit|let|met|paid|said"
    "|shown|shut|split|taught|thrown|overridden|overseen|withdrawn|undone|rewritten|reread|rerun|become|bought|cut|dealt|fallen|led|lost"
    "|meant|quit|sought|sold|spun|stuck|won"
)
_NO_PARTICIPLE: Final = r"(?!need\b|speed\b|feed\b|seed\b|indeed\b|embed\b|red\b|bed\b|shed\b|hundred\b|unlimited\b)"
_PARTICIPLE: Final = rf"(?:{_NO_PARTICIPLE}[a-z-]{{2,}}ed|{_IRREGULAR}|been\s+[a-z]{{3,}}ing)"
_COULD: Final = (
    "seen|noticed|caught|spotted|stopped|declared|rolled|escalated|prevented|avoided|checked|tested|asked|done|known|found|detected"
    "|reacted|responded|told|called|warned|started|mitigated|fixed|paged|looked|verified|foreseen"
)
_ADJECTIVES: Final = frozenset(
    "improved automated limited detailed dedicated shared documented updated defined centralised centralized managed integrated separated"
    " simplified isolated distributed restricted tested reduced increased advanced enhanced agreed required unified standardised"
    " standardized cached replicated encrypted validated monitored scheduled planned trained prepared staged signed named written set"
    " supported hardened fixed curated versioned tailored published guaranteed elevated read split built cut known given found".split()
)
_IS_OBJECT: Final = re.compile(
    r"\s+(?:the|an?|this|that|these|those|it|its|our|their|his|her|him|them|us|all|each|both|any|some|every|to|on|in|at|before|after|for"
    r"|with|by|and|or|about|until|when|instead|first|earlier|sooner|more|into|from|of|out|up|down|back|off|again|through|over|as|so"
    r"|how|what|why|whether|better|properly|\ufffc+|\ue000+)(?!\w)|\s*[.,;:!?)]|\s*\Z"
)
_SOFTLY: Final = r"(?:\s+(?:not|never|also|really|at\s+least|then|already|just|probably|definitely|[a-z]{3,15}ly)){0,2}"
_HAVE_DONE: Final = (
    rf"(?:\s+(?P<could>could)|\s+(?:should|ought\s+to|must))(?:n't)?{_SOFTLY}(?:'ve|\s+have|\s+of){_SOFTLY}"
    rf"\s+(?P<part>{_PARTICIPLE})(?![\w-])"
)
_THEY: Final = r"(?P<they>(?<![\w'-])they)"
_PLURAL_THING: Final = re.compile(
    r"\b(?!engineers\b|developers\b|operators\b|reviewers\b|responders\b|minutes\b|hours\b|seconds\b|days\b|times\b|always\b|across\b)"
    r"[a-z-]{3,}s\b(?<!ss)(?<!was)(?<!has)(?<!this)(?<!its)(?<!us)"
)

_ERROR: Final = (
    r"(?:(?:human|operator|user|admin(?:istrator)?|manual|pilot|engineer)\s+(?:error|mistake)s?"
    r"(?!\s+(?:handling|handler|rates?|budgets?|messages?|pages?|codes?|logs?|counts?|counters?|reports?|logging|tracking|such|\()|[\w-])"
    r"|fat[- ]finger(?:ed|ing)?|pebkac)"
)
_FILLERS: Final = (
    r"(?:,?\s+(?:an?|the|simple|simply|pure|purely|plain|just|classic|basic|some|in\s+the\s+end,?|partly|mere|merely|also|another|our\s+own"
    r"|likely|probably|clearly|mainly|a\s+case\s+of|good\s+old)){0,4}"
)

_SERVICE: Final = (
    r"\s+(?:(?!old\b|bad\b|broken\b|faulty\b)[\w'\ufffc-]+\s+){0,4}?(?:site|website|services?|clusters?|production|prod|database|systems?|platform|network|page|login"
    r"|checkout|search|api|apis|region|zone|build|builds|index|app|application|everything|balancers?|brokers?|queue|pipeline|website|uplink)\b"
    r"(?!\s+(?:as\s+planned|to\s+(?:stop|protect|limit|prevent|drain)|on\s+purpose|deliberately|by\s+hand|into|for\s+the))"
)
_ENTRY: Final = r"\A[\W\d]{0,40}(?:(?:utc|gmt|am|pm|z|[a-z]{1,4}t)\b[\W\d]{0,10})?"
"""The beginning of a timeline's entry, with or without its time."""

_RULES_SAY: Final[dict[str, tuple[str, ...]]] = {
    "BLM001": (
        r"(?:due\s+to|caused\s+by|because\s+of|results?\s+of|down\s+to|attributed\s+to|traced(?:\s+back)?\s+to|owing\s+to|stem(?:s|med)?\s+from"
        r"|result(?:ed|s)\s+from|case\s+of|causes?(?:\s+of\s+[\w\s]{1,40})?\s*:|to\s+be|\bwas|\bis|\bwere|concluded(?:\s+that)?|blamed\s+on"
        rf"|triggered\s+by){_FILLERS}\s+{_ERROR}",
        rf"{_ERROR}\s+(?:led|caused|resulted|triggered|brought|took|removed|was\s+(?:the|a)\b|is\s+(?:the|a)\s+(?:root\s+)?cause)",
        rf"\A(?:(?:an?|the|another)\s+)?(?:(?:simple|pure|plain|classic|basic|small)\s+)?{_ERROR}"
        r"(?:\s+(?:in|during|when|while|by|at|on)\b|\s*[.,!]|\s*\Z)",
        r"\bfat[- ]finger(?:ed|ing)?\b",
    ),
    "BLM002": (rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?:forgot|forgotten|neglected|overlooked)\b",),
    "BLM003": (
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+failed\s+to\s+(?:[a-z]{{3,15}}ly\s+)?{_OMITTED}\b",
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?P<did>(?:did\s+not|didn't|never)(?:\s+(?:even|actually|bother\s+to|think\s+to|[a-z]{{3,15}}ly)){{0,2}})"
        rf"\s+{_OMITTED}\b",
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?P<let>ignored|skipped|disregarded|bypassed|missed\s+the\s+(?:page|alert|alarm|warning)s?(?!\s+(?:channel|group|list|rule|that)))\b",
        rf"{HUMAN}{TAIL}\s+(?:had\s+not|hadn't)(?:\s+(?:even|actually|properly|previously))?\s+{_OMITTED}\b",
        rf"{HUMAN}{TAIL}\s+not\s+(?:following|checking|testing|verifying|reading|waiting|asking)\b",
        rf"{HUMAN}{TAIL}{_DID}{{1,7}}?\s+without\s+(?:waiting|checking|testing|asking|reading|reviewing|verifying|telling|looking|thinking)\b",
        r"\b(?:procedures?|process(?:es)?|runbooks?|checklists?|protocols?|policy|rules)\s+(?:was|were)\s+not\s+followed\s+by\s+(?:(?:the|an?|our)\s+)?"
        rf"(?:[\w-]+\s+)?(?P<who>{OTHERS})",
        r"\b(?:nobody|no\s+one)(?:\s+(?:on|in)\s+the\s+(?:[\w-]+\s+)?team)?\s+(?:had\s+)?(?:bothered|cared)\s+to\b",
        r"\b(?:nobody|no\s+one)(?:\s+(?:on|in)\s+the\s+(?:[\w-]+\s+)?team)?\s+(?:had\s+)?(?:took|taken)\s+(?:\w+\s+){1,3}seriously\b",
    ),
    "BLM004": (
        rf"{HUMAN}{TAIL}(?:\s+(?:had|has|have|also|then)){{0,2}}\s+{_ADVERB}\s+[a-z][\w-]*",
        rf"{HUMAN}{TAIL}{_W}{{1,12}}?\s+by\s+(?:mistake|accident)\b",
        rf"\bby\s+(?:mistake|accident),?\s+(?:the\s+|an?\s+|our\s+|one\s+of\s+our\s+)?(?:[\w-]+\s+)?{HUMAN}\s+[a-z][\w-]*",
        rf"\b(?:{_ADVERB}|by\s+(?:mistake|accident)){_W}{{0,7}}?\s+by\s+(?:(?:the|an?|one\s+of\s+(?:our|the)|our)\s+)?(?:[\w-]+\s+){{0,2}}?(?P<who>{OTHERS})",
    ),
    "BLM005": (rf"(?:{HUMAN}|{_THEY}){TAIL}{AND_ADVERBS}{_HAVE_DONE}",),
    "BLM006": (
        r"\b(?:would|could|might)(?:\s+(?:easily|all|certainly|likely))?\s+have(?:\s+(?:easily|all))?\s+been\s+(?:easily\s+)?(?:prevented|avoided)\b",
        r"\bwould\s+have\s+(?:prevented|avoided)\b",
        r"\b(?:in|with|on|by)\s+(?:hindsight|retrospect|retrospection)\b",
        r"\b(?:preventable|avoidable)\b",
        r"(?:\A|[,;]\s+)if\s+only\b",
        r"\blooking\s+back\b",
        r"\bit\s+(?:was|is|should\s+have\s+been)\s+(?:(?!not\b|less\b|hardly\b|never\b)\w+\s+)?(?:obvious|clear\s+from\s+the\s+(?:start|beginning))",
        r"\bshould\s+have\s+been\s+(?:obvious|clear)\b",
        r"\bfor\s+(?:anyone|everyone|all)\s+to\s+see\b",
    ),
    "BLM007": (
        rf"(?:{HUMAN}{TAIL}|\bpeople|(?:\A|[;:,]\s+)(?:please\s+|always\s+|just\s+)?(?=be\s|pay\s|take\s|exercise\s))"
        r"(?:\s+(?:also|all|really|just|simply|clearly))?"
        r"(?:\s*\b(?:needs?|has|have|had|must|should|shall|will|ought|need\s+to|has\s+to|have\s+to)(?:\s+to)?)?"
        r"(?:\s+(?:always|in\s+future|just|really|simply))?\s*\b"
        r"(?:be\s+(?:(?:much|far|a\s+lot|more|very|extra|especially|particularly|extremely|really|always)\s+){0,3}"
        r"(?:careful|cautious|vigilant|attentive|diligent|mindful|conscientious)\b(?!:)"
        r"|pay\s+(?:(?:much|more|closer|close|greater|better)\s+){0,2}attention"
        r"|(?:take|exercise|use)\s+(?:(?:much|more|greater|extra|better)\s+){1,2}(?:care|caution)|be\s+paying\s+(?:more\s+)?attention)\b",
        r"\b(?:(?:more|greater)\s+(?:care|caution|attention|diligence|vigilance)\s+(?:should|must|needs?|could|ought|(?:was|is|would\s+have\s+been)"
        r"\s+(?:needed|required|necessary))|(?:not\s+enough|insufficient|too\s+little)\s+(?:care|caution|attention|diligence|vigilance)\s+(?:was|is|were|had))\b",
        r"\bwithout\s+(?:due|enough|proper|sufficient)\s+(?:care|caution|attention|diligence)\b",
        r"\b(?:lack|absence)\s+of\s+(?:attention|care|caution|diligence|vigilance|carefulness)\b(?!\s+to\b)",
        rf"{HUMAN}{TAIL}\s+(?:was|were|wasn't|weren't|had\s+been)(?:\s+(?:not|simply))?\s+"
        r"(?:(?:careful|attentive|vigilant|diligent)\s+enough|paying\s+(?:enough\s+)?attention)\b",
    ),
    "BLM008": (
        r"\b(?P<bad>careless|lazy|sloppy|negligent|incompetent|inexperienced|unqualified|reckless|irresponsible|complacent|unprofessional"
        rf"|ignorant|clueless|stupid|foolish|inattentive)\s+(?:[\w-]+\s+)?(?P<who>{OTHERS})",
        rf"{HUMAN}{TAIL}\s+(?:was|were|are|is|has\s+been|had\s+been|got|became|acted|grew|behaved)(?:\s+(?:too|simply|just|so|very|rather|also|quite"
        r"|[a-z]{3,12}ly))?\s+(?:careless|lazy|sloppy|negligent|incompetent|inexperienced|unqualified|reckless|irresponsible|complacent"
        r"|unprofessional|clueless|stupid|foolish|inattentive|carelessly|recklessly|irresponsibly|negligently)\b",
        rf"\b(?:careless|irresponsible|negligent|stupid|foolish|reckless|unprofessional)\s+of\s+(?:[\w-]+\s+){{0,2}}?(?P<who>{OTHERS})",
        r"\b(?:carelessness|negligence|incompetence|laziness|sloppiness|complacency|recklessness|stupidity)\b",
        r"\b(?:sloppy|careless|lazy)\s+(?:work|review|reviews|coding|programming|change|testing|handover|practice|typing)\b",
        rf"{HUMAN}{TAIL}\s+(?:is|are|was|were)(?:\s+(?:mostly|largely|entirely|solely|partly))?\s+(?:to\s+blame|to\s+be\s+blamed|at\s+fault)\b",
        rf"\b(?:blamed?\s+on|blame\s+(?:lies|is)\s+(?:with|on)|fault\s+(?:lies\s+with|of))\s+(?:[\w-]+\s+){{0,3}}?(?P<who>{OTHERS})",
        rf"(?:\b(?:engineer|developer|operator|reviewer|author|technician|admin|administrator|dba|team|contractor)|(?:{FREE_NAME}))'s?\s+fault\b",
        r"\b(?:bad|poor|lousy)\s+judge?ment\b",
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?:panicked|rubber-?stamped|messed\s+up|screwed\s+up|botched|blundered|dropped\s+the\s+ball)\b",
    ),
    "BLM010": (
        r"\b(?:complete|total|absolute|utter|real|pure|a|an|the)\s+disaster(?!\s+recovery|-)\b",
        r"\bdisastrous(?:ly)?\b",
        r"\b(?:ridiculous|absurd|insane|horribl[ey]|horrendous|terribl[ey](?!\s+sorry)|awful(?!\s+lot)|idiotic|embarrassing|shameful|disgraceful|inexcusabl[ey]"
        r"|unforgivabl[ey]|shocking|appalling|pathetic|outrageous|atrocious)(?:ly)?\b",
        r"\bstupid(?:ly)?\s+(?!simple\b)\w",
        r"\b(?:completely|totally|simply|absolutely|utterly|just|wholly)\s+unacceptable\b",
        r"\bnightmare\b",
        r"\b(?:completely|absolutely|totally|utterly|is|are|was|were)\s+useless\b",
        r"\bshambles\b|\b(?:total|complete|huge|hopeless|big|utter)\s+mess\b",
        r"\b(?:pure|total|complete|utter|absolute)\s+chaos\b",
        r"\b(?:is|was|are)\s+a\s+joke\b",
        r"(?<=[a-z\s])!{2,}",
    ),
    "BLM011": (
        r"\bwhy(?:\s+(?:did|does|had|has|have|would|could|do)(?:n't)?(?:\s+not)?)(?:\s+(?:the|an?|our|one\s+of\s+our|nobody\s+(?:in|on)\s+the"
        rf"|no\s+one\s+(?:in|on)\s+the))?(?:\s+[\w-]+)?\s+(?P<who>{OTHERS})(?=\s|\?)",
        r"\bwhy(?:\s+(?:was|were|is|are|wasn't|weren't)(?:\s+not)?)(?:\s+(?:the|an?|our))?(?:\s+[\w-]+)?"
        rf"\s+(?P<who>{OTHERS})\s+(?:not\s+)?(?!not\b|\w+ed\b|told\b|given\b|unable\b|able\b)(?:so\s+\w|[a-z]+ing\b)",
        r"\bwho\s+(?:approved|deployed|merged|broke|caused|pushed|ran|changed|deleted|forgot|let|made|did|signed\s+off|wrote|gave|allowed"
        r"|is\s+(?:responsible|to\s+blame|at\s+fault)|was\s+(?:responsible|to\s+blame|at\s+fault|supposed))\b",
        r"\bwhose\s+(?:fault|mistake|error|idea|responsibility)\b",
    ),
    "RCA002": (
        r"\b(?:caused|broken|brought\s+down|taken\s+down|(?:problem|bug|error|fault|issue|regression|defect|misconfiguration|typo|mistake|incident"
        r"|outage)s?\s+(?:(?:was|were|has\s+been|had\s+been)\s+)?(?:introduced|made))\s+by\s+(?:the|an?|our|one\s+of\s+(?:our|the))\s+(?:(?!that\b|which\b)[\w-]+\s+){0,2}?"
        rf"(?P<who>{OTHERS})(?=\s*(?:[,.;:)]|\Z)|\s+(?:who|on|in|at|during|of|from|when|while|after|with|and|by|[a-z]+ing)\b)",
        r"\bcauses?(?:\s+of\s+[\w\s]{1,40}?)?\s*(?:\s(?:was|is|were)|:)(?:\s+that)?\s+(?:the|an?|our|one\s+of\s+(?:our|the))\s+(?:(?!that\b|which\b)[\w-]+\s+){0,2}?"
        rf"(?P<who>{OTHERS})(?=,?\s+(?:who\b|[a-z]+ing\b|[a-z]+ed\b|ran\b|took\b|made\b|put\b|chose\b|broke\b|entered\b|did\b))",
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?:(?:caused|crashed|misconfigured|mistyped|damaged)(?!\s+(?:nothing|no)\b)"
        rf"|(?:broke|brought\s+down|took\s+down|took\s+out){_SERVICE}"
        r"|introduced\s+(?:the|a|this)\s+(?:bug|error|fault|problem|issue|regression|defect)|made\s+(?:an?|the|another)\s+(?:\w+\s+)?(?:mistake|error|typo)"
        r"|(?P<act>(?!looked|paged|called|checked|searched|opened|watched|asked|reported)[a-z]{2,}ed|ran|chose|took|put|set|drew|cut|shut)(?:\s+(?!that\b|which\b|who\b|and\b|but\b)[\w\ufffc-]+){0,5}?\s+the\s+wrong)\b",
        r"\b(?:engineer|developer|operator|reviewer|author|technician|admin|administrator|dba|contractor)'s\s+(?:mistake|error|fault)\b",
        r"\b(?:mistake|error|typo|oversight|misconfiguration|slip|blunder|misjudge?ment)s?\s+(?:of|by|from|on\s+the\s+part\s+of)\s+(?:the|an?|our|one\s+of\s+(?:our|the))\s+(?:(?!that\b|which\b)[\w-]+\s+){0,2}?"
        rf"(?P<who>{OTHERS})",
    ),
    "TML015": (
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+(?:forgot|neglected\s+to|overlooked)\b",
        rf"{HUMAN}{TAIL}{AND_ADVERBS}\s+failed\s+to\s+{_OMITTED}\b",
        rf"(?:{HUMAN}|{_THEY}){TAIL}{AND_ADVERBS}{_HAVE_DONE}",
        rf"{HUMAN}{TAIL}(?:\s+(?:had|has|have|also|then|was|is)){{0,2}},?\s+(?:{_ADVERB}|needlessly|belatedly|stupidly|without\s+(?:checking|thinking))\b",
        rf"(?:{_ENTRY}|[.;,:]\s+)(?:unfortunately|sadly|obviously)\b(?!\s+(?:named|timed|placed|worded))",
        r"\bit\s+(?:was|is)\s+(?:(?!not\b|less\b|hardly\b|never\b)\w+\s+)?obvious\b",
        r"\b(?:in|with)\s+(?:hindsight|retrospect)\b(?=[^.;]{0,80}\b(?:wrong|mistakes?|obvious|should|could|bad|better|clear|poor|late))",
        r"\b(?:far|much|way)\s+too\s+late\b",
        r"\bfor\s+(?:some|no)\s+reason\s+(?:nobody|no\s+one|we|they|he|she|the\s+(?:team|engineer|operator|on-?call))\b",
        rf"{_ENTRY}wasted\b|\bbecause\s+(?:nobody|no\s+one)\s+thought\b",
    ),
}

_NAMED_ACTS: Final = (
    r"(?:pushed|merged|deployed|ran|changed|deleted|removed|applied|approved|restarted|added|disabled|updated|executed|caused|broke|dropped"
    r"|committed|switched|turned|set|configured|reconfigured|misconfigured|introduced|edited|modified|released|upgraded|installed|uninstalled"
    r"|scaled|terminated|killed|stopped|overwrote|renamed|moved|copied|truncated|rebooted|reset|issued|typed|entered|wrote|forced|rolled\s+out"
    r"|took\s+down|brought\s+down|shut\s+down|made\s+(?:the|a)\s+(?:change|mistake|error))"
)
_NAMED: Final = (
    rf"(?P<who>{FREE_NAME})(?![\w'/-])(?:\s+(?:had|has|also|then|manually|directly|later|[a-z]{{3,12}}ly)){{0,2}}\s+{_NAMED_ACTS}\b",
    rf"(?P<who>{FREE_NAME})'s?\s+(?:[\w-]+\s+)?(?:change|commit|pr|pull\s+request|merge|mistake|error|script|deploy|deployment|command|typo"
    r"|config|configuration|migration|release|push|edit|query|upgrade)s?\b",
    r"\b(?:introduced|deployed|caused|made|pushed|merged|switched\s+off|turned\s+off|switched\s+on|written|added|removed|deleted|approved"
    r"|committed|built|applied|run|executed|changed|disabled|restarted|released|broken|(?:commit|change|patch|pull\s+request|script|migration))"
    rf"\s+by\s+(?P<who>{FREE_NAME})(?![\w/-])",
    rf"\b(?:change|commit|mistake|error|decision|edit)\s+(?:that|which)?\s*(?P<who>{FREE_NAME})\s+(?:had\s+)?made\b",
)


@cache
def _patterns(code: str) -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Compiled when a rule first meets one of its words; each with whether it begins with a human subject.

    What begins with the same subject is one pattern: half the time.
    """
    patterns = _NAMED if code == "BLM009" else _RULES_SAY[code]
    subject = HUMAN + TAIL
    predicates = [pattern.removeprefix(subject) for pattern in patterns if pattern.startswith(subject)]
    others = [pattern for pattern in patterns if not pattern.startswith(subject)]
    together = [f"{subject}(?:{'|'.join(predicates)})"] if predicates else []
    subjects = (HUMAN, f"(?:{HUMAN}|{_THEY})")
    return tuple((re.compile(pattern), pattern.startswith(subjects)) for pattern in (*together, *others))


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(f"(?:{HUMAN}|{_THEY})")


def has_human(lowered: str) -> bool:
    """Whether anybody is named, by role or pronoun, in a sentence in lower case: most name nobody."""
    return _subject().search(lowered) is not None


def find_hits(
    code: str, text: str, lowered: str, *, means_software: bool = False, is_human: bool = True
) -> Iterator[Hit]:
    """What a rule finds in a sentence, given as it stands (masked) and in lower case with names written over.

    `is_human` false: `has_human` has found nobody, so what needs a human subject is not looked for.
    """
    for pattern, needs_human in _patterns(code):
        if needs_human and not is_human:
            continue
        for match in pattern.finditer(lowered):
            hit = _hit(code, text, lowered, match, means_software)
            if hit:
                yield hit
                return


def _hit(code: str, text: str, lowered: str, match: re.Match[str], means_software: bool) -> Hit | None:
    groups = match.groupdict()
    start, end = match.span()
    is_first_person = False
    if groups.get("they"):
        if not _has_human_before(lowered, match.start("they")):
            return None
    elif groups.get("first"):
        is_first_person = True
    elif groups.get("who"):
        begin, stop = match.span("who")
        if is_software(text, begin, stop) or (means_software and text[begin:stop].lower().startswith("operator")):
            return None
        if lowered[begin:stop] in ("he", "she") and _OUTSIDER.search(lowered, 0, begin):
            return None
        if (
            code == "BLM011"
            and text[begin:stop].lower().rstrip("s") == "team"
            and "nobody" not in match[0]
            and "no one" not in match[0]
        ):
            return None
        if code in _NEEDS_PERSON and _DEPLOYER.match(lowered, begin):
            return None
        if code != "BLM011" and is_denied(lowered, begin):
            return None
    if is_denied(lowered, start) or _vetoed(code, lowered, match, groups):
        return None
    lead = len(lowered[start:end]) - len(lowered[start:end].lstrip(" \t\n,;:."))
    return Hit(code, start + lead, end, is_first_person)


_NEEDS_PERSON: Final = frozenset(("RCA002", "BLM004"))
_OUTSIDER: Final = re.compile(
    r"\b(?:customer|user|client|caller|visitor|reader|patient|guest|member|buyer|seller|tenant)\b"
)
_DEPLOYER: Final = re.compile(r"deployers?\b")
_SEEN_THAT: Final = re.compile(r"\s+(?:the|that|this|it|how|in)\b")
_REPAIRS: Final = re.compile(
    r"\b(?:fix(?:es|ed|ing)?|mitigat\w+|restor\w+|resolv\w+|recover\w+|repair\w+|workaround|after\s+the\s+incident|as\s+a\s+remedy"
    r"|added\s+(?:an?\s+|more\s+|some\s+)?(?:logging|logs?|metrics?|alerts?|dashboards?|tests?|traces?|tracing))\b"
)
_EXPLAINS: Final = re.compile(r"(?:\s+[\w-]+){1,3},\s+which\b")
_SYSTEM_ACTS: Final = re.compile(
    r"\b(?:charged|sent|billed|e-?mailed|refunded|delivered|served|displayed|returned|published|notified|paid)\Z"
)
_EXPLAINED: Final = re.compile(
    r"[^.;]{0,160}?(?:,|\s)\s*(?:because|since|as)\s+(?!of\b|he\b|she\b|they\b|soon\b|well\b)"
)
_RISK_OF: Final = re.compile(
    r"\b(?:risks?|chances?|probability|likelihood|possibility|potential|prone|room|susceptible|avoid|prevent|reduces?|protect)\b[^.;]{0,40}\Z"
)
_NOT_TO_BLAME: Final = re.compile(r"\b(?:not|never|n't)\b")


def _vetoed(code: str, lowered: str, match: re.Match[str], groups: dict[str, str | None]) -> bool:
    if code == "BLM003":
        return bool(groups.get("did") or groups.get("let")) and _EXPLAINED.match(lowered, match.end()) is not None
    if code in ("BLM005", "TML015") and groups.get("part"):
        part = (groups["part"] or "").split()[0]
        if groups.get("could"):
            return re.fullmatch(_COULD, part) is None or (
                part == "seen" and _SEEN_THAT.match(lowered, match.end()) is None
            )
        return part in _ADJECTIVES and _IS_OBJECT.match(lowered, match.end()) is None
    if code == "RCA002":
        return bool(groups.get("act")) and (
            _EXPLAINED.match(lowered, match.end()) is not None or _EXPLAINS.match(lowered, match.end()) is not None
        )
    if code == "BLM004":
        return bool(groups.get("first")) and _SYSTEM_ACTS.search(match[0]) is not None
    if code == "BLM009":
        return _REPAIRS.search(lowered) is not None
    if code == "BLM001":
        return _RISK_OF.search(lowered, max(0, match.start() - 60), match.start()) is not None
    if code == "BLM011":
        return "?" not in lowered[match.end() :]
    if code == "BLM008":
        return _NOT_TO_BLAME.search(match[0]) is not None
    return False


def _has_human_before(lowered: str, at: int) -> bool:
    """Whether `they` means people: a plural role or a team stands before it in the sentence, and no plural thing between."""
    people = [match.end() for match in _PLURAL_PEOPLE.finditer(lowered, 0, at)]
    return bool(people) and _PLURAL_THING.search(lowered, people[-1], at) is None


_PLURAL_PEOPLE: Final = re.compile(
    r"(?<![\w-])(?:engineers|developers|operators|technicians|admins|administrators|dbas|sres|authors|reviewers|maintainers|contractors"
    r"|responders|colleagues|people|team|staff|members)(?![\w'-])"
)
