"""The time that a query in words names: years, months, seasons, days, and words like `last March` and `since`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SEASONS = {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9}
"""First month of each, in the north (the meteorologists' seasons)."""
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
} | {"a": 1, "an": 1}
_DECADES = {"fifties": 1950, "sixties": 1960, "seventies": 1970, "eighties": 1980, "nineties": 1990}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}

_YEAR = r"(?:19[5-9]\d|20[0-9]\d)(?![\d.,]*\d)"
_MONTH = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?(?![a-z])|" + "|".join(_MONTHS)
_SEASON = "|".join(_SEASONS)
_COUNT = r"\d{1,3}|" + "|".join(_NUMBERS)
_UNIT = r"days?|weeks?|months?|years?|decades?"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"


@dataclass(frozen=True)
class Dates:
    """Days from one to another, both included; None: open."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Months:
    """Months of every year, from one to another, both included and 1-based; over the new year where first > last."""

    first: int
    last: int


When = Dates | Months


@dataclass(frozen=True)
class NamedTime:
    """A time as a query names it."""

    when: When
    start: int
    end: int
    """What of the text says so."""


@dataclass(frozen=True)
class _Now:
    today: date
    south: bool

    def season(self, name: str) -> int:
        """The month that a season begins in."""
        month = _SEASONS[name.lower()]
        return (month + 5) % 12 + 1 if self.south else month


@dataclass(frozen=True)
class _Moment:
    """A date as it is written, and whether it tells a time without a preposition."""

    when: When
    end: int
    certain: bool = True
    month: int | None = None
    """Of a month alone; of a day alone, less than none."""
    number: bool = False
    """A year alone, which may count something."""


def named_time(text: str, today: date, *, south: bool = False) -> NamedTime | None:
    """The time that a text names; None where it names none. `south`: seasons are those of the southern hemisphere.

    A year alone, a month and a season count after a preposition where no noun follows (`in summer`, but not `summer
    houses` and `2000 boats`); what can be nothing else counts anywhere. A winter that spans the new year belongs to
    the year that it ends in.
    """
    now = _Now(today, south)
    for place in re.finditer(r"(?<![\w.:/-])(?=\w)", text):
        found = _from(text, place.start(), now)
        if found is not None and not _REFUSED.search(text[: found.start]):
            return found
    return None


_REFUSED = re.compile(r"(?:\bnot|\bexcept|\bexcluding|\bwithout|\bbut\s+not|\bno)\s+$", re.IGNORECASE)
_ENDS = re.compile(
    r"\s*(?:$|[,;.:!?()]|(?:a|an|the|and|or|with|without|near|in|on|at|by|along|from|to|before|after|since|during|but|that|which"
    r"|where|showing|seen|taken|beside|next|around|within|of|over|across)\b)",
    re.IGNORECASE,
)
_TAKEN = r"(?:(?:taken|acquired|captured|recorded|seen|photographed|shot|dated|built)\s+)?"
_SINCE = re.compile(_TAKEN + r"(?:since|starting\s+(?:in|from)|as\s+of)\s+", re.IGNORECASE)
_AFTER = re.compile(_TAKEN + r"(?:after|later\s+than|more\s+recent\s+than|newer\s+than)\s+", re.IGNORECASE)
_BEFORE = re.compile(_TAKEN + r"(?:before|prior\s+to|earlier\s+than|older\s+than)\s+", re.IGNORECASE)
_UNTIL = re.compile(_TAKEN + r"(?:until|till|up\s+to|no\s+later\s+than)\s+", re.IGNORECASE)
_BETWEEN = re.compile(_TAKEN + r"between\s+", re.IGNORECASE)
_FROM = re.compile(_TAKEN + r"from\s+", re.IGNORECASE)
_TO = re.compile(r"\s*(?:to|until|till|through|[-\N{EN DASH}])\s*", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_ONWARDS = re.compile(r"\s+on(?:wards?)?\b(?!\s+(?:the|a)\b)", re.IGNORECASE)
_IN = re.compile(_TAKEN + r"(?:in|during|on|throughout|over|within|at|from|of|dated)\s+", re.IGNORECASE)


def _from(text: str, at: int, now: _Now) -> NamedTime | None:
    """The time that a text names from a position on."""
    for pattern, open_side in ((_SINCE, _since), (_AFTER, _after), (_BEFORE, _before), (_UNTIL, _until)):
        if match := pattern.match(text, at):
            moment = _moment(text, match.end(), now)
            return _named(open_side(moment.when), at, moment.end) if moment and _stands(text, moment) else None
    if match := _BETWEEN.match(text, at):
        return _range(text, at, match.end(), _AND, now)
    if match := _FROM.match(text, at):
        if found := _range(text, at, match.end(), _TO, now):
            return found
        moment = _moment(text, match.end(), now)
        if moment and (onwards := _ONWARDS.match(text, moment.end)):
            return _named(_since(moment.when), at, onwards.end())
    if match := _IN.match(text, at):
        if found := _range(text, at, match.end(), _AND, now):
            return found
        moment = _moment(text, match.end(), now)
        return _named(moment.when, at, moment.end) if moment and _stands(text, moment) else None
    if found := _range(text, at, at, _TO, now):
        return found if _certain_range(text, found) else None
    moment = _moment(text, at, now)
    if moment is None or not moment.certain or not _stands(text, moment):
        return None
    return _named(moment.when, at, moment.end) if not _NUMBERED.search(text[:at]) else None


_NUMBERED = re.compile(
    r"\b(?:route|road|highway|flight|number|no|nr|runway|terminal|model|boeing|airbus|building|square\s+of|for|than|about"
    r"|some|all|over|under|of)\.?\s+$",
    re.IGNORECASE,
)


def _certain_range(text: str, found: NamedTime) -> bool:
    """`2015-2018` and `June to September 2018`, not `1-2`."""
    return isinstance(found.when, Dates) and not _NUMBERED.search(text[: found.start])


def _stands(text: str, moment: _Moment) -> bool:
    """Whether a date that may be something else stands by itself, without a noun behind it."""
    return (moment.certain and not moment.number) or _ENDS.match(text, moment.end) is not None


def _range(text: str, start: int, at: int, joint: re.Pattern[str], now: _Now) -> NamedTime | None:
    """Two dates and what joins them; what the first leaves open (`May`, `1`) the second tells."""
    first = _moment(text, at, now) or _day_alone(text, at)
    between = joint.match(text, first.end) if first else None
    if first is None or between is None:
        return None
    last = _moment(text, between.end(), now)
    if last is None or not (_stands(text, last) or last.certain):
        return None
    when = _joined(first, last)
    return _named(when, start, last.end) if when else None


def _day_alone(text: str, at: int) -> _Moment | None:
    match = re.compile(_DAY + r"(?!\w)", re.IGNORECASE).match(text, at)
    if match is None:
        return None
    day = int(re.sub(r"\D", "", match.group()))
    return _Moment(Months(day, day), match.end(), certain=False, month=-day)


def _joined(first: _Moment, last: _Moment) -> When | None:
    if isinstance(first.when, Months) and isinstance(last.when, Months):
        return Months(first.when.first, last.when.last) if (first.month or 1) > 0 else None
    if isinstance(last.when, Months) or last.when.first is None or last.when.last is None:
        return None
    if isinstance(first.when, Dates):
        opened = first.when.first
        return Dates(opened, last.when.last) if opened is not None and opened <= last.when.last else None
    if first.month is not None and first.month < 0:
        opened, closed = last.when.first, last.when.last
        in_one_month = (opened.year, opened.month) == (closed.year, closed.month)
        return Dates(opened.replace(day=-first.month), closed) if in_one_month and -first.month <= closed.day else None
    year = last.when.first.year - (first.when.first > last.when.first.month)
    return Dates(date(year, first.when.first, 1), last.when.last)


def _named(when: When | None, start: int, end: int) -> NamedTime | None:
    return NamedTime(when, start, end) if when is not None else None


def _since(when: When) -> When | None:
    return Dates(when.first, None) if isinstance(when, Dates) else None


def _after(when: When) -> When | None:
    return Dates(when.last + timedelta(days=1), None) if isinstance(when, Dates) and when.last else None


def _before(when: When) -> When | None:
    return Dates(None, when.first - timedelta(days=1)) if isinstance(when, Dates) and when.first else None


def _until(when: When) -> When | None:
    return Dates(None, when.last) if isinstance(when, Dates) else None


def _moment(text: str, at: int, now: _Now) -> _Moment | None:
    """The date that is written at a position."""
    for pattern, read in _WRITTEN:
        match = pattern.match(text, at)
        if match is not None:
            try:
                moment = read(match, now)
            except ValueError:  # the thirtieth of February
                continue
            if moment is not None:
                return moment
    return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower()[:3]))


def _of_month(year: int, month: int, count: int = 1) -> Dates:
    """So many months from one on."""
    months = year * 12 + month - 1
    after = months + count
    return Dates(date(months // 12, months % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1))


def _of_season(year: int, first: int) -> Dates:
    """Three months; one that spans the new year belongs to the year that it ends in."""
    return _of_month(year - 1 if first == 12 else year, first, 3)


def _past(year: int, dates: Callable[[int], Dates], today: date) -> Dates:
    """The last that is over."""
    return next(
        found
        for found in (dates(year + step) for step in (1, 0, -1, -2))
        if found.last is not None and found.last < today
    )


def _iso(match: re.Match[str], _: _Now) -> _Moment:
    year, month = int(match["year"]), int(match["month"])
    if match["day"]:
        day = date(year, month, int(match["day"]))
        return _Moment(Dates(day, day), match.end())
    if not 1 <= month <= 12:
        raise ValueError("no month")
    return _Moment(_of_month(year, month), match.end())


def _on_day(match: re.Match[str], _: _Now) -> _Moment:
    day = date(int(match["year"]), _month(match["month"]), int(re.sub(r"\D", "", match["day"])))
    return _Moment(Dates(day, day), match.end())


def _in_month(match: re.Match[str], _: _Now) -> _Moment:
    return _Moment(_of_month(int(match["year"]), _month(match["month"])), match.end())


def _in_season(match: re.Match[str], now: _Now) -> _Moment:
    year = int(match["year"]) + (1 if match["next"] else 0)
    return _Moment(_of_season(year, now.season(match["season"])), match.end())


def _in_quarter(match: re.Match[str], _: _Now) -> _Moment:
    number = int(match["q"]) if match["q"] else _ORDINALS[match["nth"].lower()]
    return _Moment(_of_month(int(match["year"]), 3 * number - 2, 3), match.end())


def _in_half(match: re.Match[str], _: _Now) -> _Moment | None:
    number = _ORDINALS[match["nth"].lower()]
    return _Moment(_of_month(int(match["year"]), 6 * number - 5, 6), match.end()) if number < 3 else None


def _in_third(match: re.Match[str], _: _Now) -> _Moment:
    word = (match["third"] or match["part"]).lower()
    month = 1 if word in ("early", "beginning", "start") else 5 if word in ("mid", "middle") else 9
    return _Moment(_of_month(int(match["year"]), month, 4), match.end())


def _in_decade(match: re.Match[str], _: _Now) -> _Moment:
    if match["word"]:
        first = _DECADES[match["word"].lower()]
    else:
        number = int(match["decade"])
        first = number if number > 100 else 1900 + number if number >= 50 else 2000 + number
    return _Moment(Dates(date(first, 1, 1), date(first + 9, 12, 31)), match.end())


def _relative(match: re.Match[str], now: _Now) -> _Moment:
    today, word, last = now.today, match["what"].lower(), match["which"].lower() != "this"
    if word == "year":
        dates = _of_month(today.year - last, 1, 12)
    elif word == "month":
        dates = _of_month(today.year, today.month - last)
    elif word == "week":
        monday = today - timedelta(days=today.weekday() + 7 * last)
        dates = Dates(monday, monday + timedelta(days=6))
    elif word in _SEASONS:
        first = now.season(word)
        begun = first == today.month == 12  # a season that began this month and belongs to the year after
        dates = (
            _past(today.year, lambda year: _of_season(year, first), today)
            if last
            else _of_season(today.year + begun, first)
        )
    else:
        month = _month(word)
        dates = _past(today.year, lambda year: _of_month(year, month), today) if last else _of_month(today.year, month)
    return _Moment(dates, match.end())


def _lately(match: re.Match[str], now: _Now) -> _Moment:
    count = _number(match["count"] or "a")
    return _Moment(Dates(_back(now.today, count, match["unit"]), now.today), match.end())


def _ago(match: re.Match[str], now: _Now) -> _Moment:
    day, unit = _back(now.today, _number(match["count"]), match["unit"]), match["unit"].lower()
    if unit.startswith(("year", "decade")):
        return _Moment(_of_month(day.year, 1, 12), match.end())
    if unit.startswith("month"):
        return _Moment(_of_month(day.year, day.month), match.end())
    if unit.startswith("week"):
        monday = day - timedelta(days=day.weekday())
        return _Moment(Dates(monday, monday + timedelta(days=6)), match.end())
    return _Moment(Dates(day, day), match.end())


def _number(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word)


def _back(today: date, count: int, unit: str) -> date:
    """So many days, weeks, months, years or decades before a day."""
    unit = unit.lower()
    if unit.startswith(("day", "week")):
        return today - timedelta(days=count * (7 if unit.startswith("week") else 1))
    months = today.year * 12 + today.month - 1
    months -= count * (1 if unit.startswith("month") else 12 if unit.startswith("year") else 120)
    last = _of_month(months // 12, months % 12 + 1).last
    assert last is not None
    return last.replace(day=min(today.day, last.day))


def _a_day(match: re.Match[str], now: _Now) -> _Moment:
    day = now.today - timedelta(days=match.group().lower() == "yesterday")
    return _Moment(Dates(day, day), match.end())


def _year(match: re.Match[str], _: _Now) -> _Moment:
    return _Moment(_of_month(int(match["year"]), 1, 12), match.end(), number=True)


def _every_month(match: re.Match[str], _: _Now) -> _Moment | None:
    month = _month(match["month"])
    return _Moment(Months(month, month), match.end(), certain=False, month=month)


def _every_season(match: re.Match[str], now: _Now) -> _Moment:
    first = now.season(match["season"])
    return _Moment(Months(first, (first + 1) % 12 + 1), match.end(), certain=False)


def _written() -> Iterator[tuple[re.Pattern[str], Callable[[re.Match[str], _Now], _Moment | None]]]:
    year, month, day = rf"(?P<year>{_YEAR})", rf"(?P<month>{_MONTH})", rf"(?P<day>{_DAY})"
    the = r"(?:the\s+)?"
    nth = "|".join(_ORDINALS)
    told: tuple[tuple[str, Callable[[re.Match[str], _Now], _Moment | None]], ...] = (
        (r"(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)(?:-(?P<day>[0-3]\d))?(?![\d-])", _iso),
        (rf"{the}{day}\s+(?:of\s+)?{month}\s*,?\s+{year}", _on_day),
        (rf"{month}\s+{day}\s*,?\s+{year}", _on_day),
        (rf"{month}\s*,?\s+(?:of\s+)?{year}", _in_month),
        (
            rf"{the}(?P<season>{_SEASON})\s+(?:of\s+)?{year}(?P<next>\s?[-/\N{{EN DASH}}]\s?(?:20|19)?\d\d(?!\d))?",
            _in_season,
        ),
        (rf"(?:q(?P<q>[1-4])|{the}(?P<nth>{nth})\s+quarter)\s+(?:of\s+)?{year}", _in_quarter),
        (rf"{the}(?P<nth>{nth})\s+half\s+(?:of\s+)?{year}", _in_half),
        (
            rf"(?:(?P<third>early|mid|late)[-\s]+|{the}(?P<part>beginning|start|middle|end)\s+of\s+){the}{year}",
            _in_third,
        ),
        (rf"{the}(?:(?P<decade>(?:19|20)?[0-9]0)'?s|(?P<word>{'|'.join(_DECADES)}))(?!\w)", _in_decade),
        (rf"{the}(?:last|past|previous)\s+(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})\b", _lately),
        (r"the\s+(?:last|past|previous)\s+(?P<count>)(?P<unit>decade|year|month|week)\b", _lately),
        (rf"(?P<which>last|this|past|previous)\s+(?P<what>year|month|week|{_SEASON}|{_MONTH})\b", _relative),
        (rf"(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})\s+ago\b", _ago),
        (r"(?:yesterday|today)\b", _a_day),
        (rf"(?:the\s+)?(?:year\s+)?{year}", _year),
        (rf"{month}(?!\w)", _every_month),
        (rf"{the}(?P<season>{_SEASON})(?:\s+(?:months|season|time))?(?!\w)", _every_season),
    )
    for pattern, read in told:
        yield re.compile(pattern, re.IGNORECASE), read


_WRITTEN = tuple(_written())
