"""The small language in which a rule says when it applies: read once, checked against the vocabulary, compiled to closures.

    purpose.kind is agent_training and signal.category in [CL, AP] and not (evidence has lia and evidence has dpia)

Atoms: a yes-or-no fact alone · `is`, `is not`, `in […]`, `not in […]` for one word · `has`, `has any […]`,
`has all […]`, `lacks` for several words · `<`, `<=`, `>`, `>=` for numbers. They are joined by `and`, `or`, `not` and
brackets. There is no call, no attribute and no way to reach Python: what is not listed here is a BadCondition.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TOKEN = re.compile(r"\s*(?:(<=|>=|<|>|\[|\]|\(|\)|,)|([A-Za-z_][A-Za-z0-9_.\-]*)|(-?\d+))")
KEYWORDS = {"and", "or", "not", "is", "in", "has", "lacks", "any", "all"}
MOST_CASES = 20_000  # ways a condition can come true that `can_be_true` looks at; nobody writes so many


class BadCondition(ValueError):
    """A condition that cannot be read, or names what the vocabulary does not know."""


@dataclass(frozen=True)
class Kind:
    """What a fact can be. `words` None: any word (countries, people); else exactly these."""

    form: str  # yes_no, number, word, words
    words: frozenset[str] | None = None


@dataclass(frozen=True)
class Yes:
    fact: str


@dataclass(frozen=True)
class OneOf:
    fact: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Has:
    fact: str
    words: tuple[str, ...]
    every: bool


@dataclass(frozen=True)
class Number:
    fact: str
    sign: str
    bound: int


@dataclass(frozen=True)
class Not:
    part: "Node"


@dataclass(frozen=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Any_:
    parts: tuple["Node", ...]


Node = Yes | OneOf | Has | Number | Not | All | Any_


class _Reader:
    """Recursive descent over the tokens; `or` binds loosest, then `and`, then `not`."""

    def __init__(self, text: str, vocabulary: Mapping[str, Kind]) -> None:
        self.vocabulary, self.tokens, self.at = vocabulary, list(_tokens(text)), 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.next()
        if wanted and token not in wanted:
            raise BadCondition(f"expected {' or '.join(wanted)}, found {token or 'the end'}")
        if not token:
            raise BadCondition("it ends too early")
        self.at += 1
        return token

    def alternatives(self) -> Node:
        parts = [self.together()]
        while self.next() == "or":
            self.take()
            parts.append(self.together())
        return parts[0] if len(parts) == 1 else Any_(tuple(parts))

    def together(self) -> Node:
        parts = [self.denied()]
        while self.next() == "and":
            self.take()
            parts.append(self.denied())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def denied(self) -> Node:
        if self.next() == "not":
            self.take()
            return Not(self.denied())
        if self.next() == "(":
            self.take()
            inside = self.alternatives()
            self.take(")")
            return inside
        return self.atom()

    def atom(self) -> Node:
        fact = self.word()
        kind = self.vocabulary.get(fact)
        if kind is None:
            raise BadCondition(f"there is no fact “{fact}”")
        if kind.form == "yes_no":
            return Yes(fact)
        if kind.form == "number":
            sign = self.take(*COMPARISONS)
            return Number(fact, sign, self.number())
        if kind.form == "word":
            return self.one_of(fact, kind)
        if self.take("has", "lacks") == "lacks":
            return Not(Has(fact, self.known(fact, kind, (self.word(),)), every=True))
        every = self.next() != "any"
        words = self.listed() if self.next() in ("any", "all") and self.take() else (self.word(),)
        return Has(fact, self.known(fact, kind, words), every or len(words) == 1)

    def one_of(self, fact: str, kind: Kind) -> Node:
        denied = False
        sign = self.take("is", "in", "not")
        if sign == "not":
            denied, sign = True, self.take("in")
        elif sign == "is" and self.next() == "not":
            self.take()
            denied = True
        words = self.listed() if sign == "in" else (self.word(),)
        node = OneOf(fact, self.known(fact, kind, words))
        return Not(node) if denied else node

    def listed(self) -> tuple[str, ...]:
        self.take("[")
        words = [self.word()]
        while self.take(",", "]") == ",":
            words.append(self.word())
        return tuple(dict.fromkeys(words))

    def word(self) -> str:
        token = self.take()
        if token in KEYWORDS or not re.match(r"[A-Za-z_]", token):
            raise BadCondition(f"expected a word, found {token}")
        return token

    def number(self) -> int:
        token = self.take()
        if not re.fullmatch(r"-?\d+", token):
            raise BadCondition(f"expected a whole number, found {token}")
        return int(token)

    def known(self, fact: str, kind: Kind, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if kind.words is not None and word not in kind.words:
                raise BadCondition(f"“{fact}” is never “{word}”")
        return words


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise BadCondition(f"cannot read “{text[at : at + 20].strip()}”")
        at = found.end()
        yield found.group().strip()


def read(text: str, vocabulary: Mapping[str, Kind]) -> Node:
    """The condition as a tree; BadCondition says what is wrong with it."""
    reader = _Reader(text, vocabulary)
    node = reader.alternatives()
    if reader.next():
        raise BadCondition(f"there is something after the end: {reader.next()}")
    return node


def write(node: Node) -> str:
    """The condition as text again: `read(write(node)) == node` for every node that `read` gives."""
    match node:
        case Yes(fact):
            return fact
        case OneOf(fact, words):
            return f"{fact} is {words[0]}" if len(words) == 1 else f"{fact} in [{', '.join(words)}]"
        case Has(fact, words, every):
            many = f"{'all' if every else 'any'} [{', '.join(words)}]"
            return f"{fact} has {words[0] if len(words) == 1 else many}"
        case Number(fact, sign, bound):
            return f"{fact} {sign} {bound}"
        case Not(part):
            return f"not {write(part) if isinstance(part, (Yes, Not)) else f'({write(part)})'}"
        case All(parts):
            return " and ".join(f"({write(p)})" if isinstance(p, (All, Any_)) else write(p) for p in parts)
        case Any_(parts):
            return " or ".join(f"({write(p)})" if isinstance(p, Any_) else write(p) for p in parts)
    raise TypeError(type(node).__name__)


def compile_(node: Node) -> Test:
    """A closure that answers for a context (fact name → value)."""
    match node:
        case Yes(fact):
            return lambda facts: facts[fact]
        case OneOf(fact, words):
            if len(words) == 1:
                word = words[0]
                return lambda facts: facts[fact] == word
            one_of = frozenset(words)
            return lambda facts: facts[fact] in one_of
        case Has(fact, words, every):
            if len(words) == 1:
                only = words[0]
                return lambda facts: only in facts[fact]
            several = frozenset(words)
            if every:
                return lambda facts: several <= facts[fact]
            return lambda facts: not several.isdisjoint(facts[fact])
        case Number(fact, sign, bound):
            compare = COMPARISONS[sign]
            return lambda facts: compare(facts[fact], bound)
        case Not(part):
            inner = compile_(part)
            return lambda facts: not inner(facts)
        case All(parts):
            return _chain(tuple(compile_(p) for p in parts), stop_at=False)
        case Any_(parts):
            return _chain(tuple(compile_(p) for p in parts), stop_at=True)
    raise TypeError(type(node).__name__)


def _chain(tests: tuple[Test, ...], *, stop_at: bool) -> Test:
    """`and` stops at the first no, `or` at the first yes; loops cost more than two calls written out."""
    if len(tests) == 2:
        one, two = tests
        if stop_at:
            return lambda facts: one(facts) or two(facts)
        return lambda facts: one(facts) and two(facts)

    def run(facts: Mapping[str, Any]) -> bool:
        for test in tests:
            if bool(test(facts)) is stop_at:
                return stop_at
        return not stop_at

    return run


def facts_of(node: Node) -> frozenset[str]:
    """Every fact that the condition looks at."""
    match node:
        case Not(part):
            return facts_of(part)
        case All(parts) | Any_(parts):
            return frozenset().union(*(facts_of(p) for p in parts))
        case _:
            return frozenset({node.fact})


def words_required(node: Node, fact: str) -> frozenset[str] | None:
    """The words that `fact` must be one of for the condition to come true; None when it does not say."""
    match node:
        case OneOf(name, words) if name == fact:
            return frozenset(words)
        case All(parts):
            said = [wanted for p in parts if (wanted := words_required(p, fact)) is not None]
            return frozenset.intersection(*said) if said else None
        case Any_(parts):
            each = [words_required(p, fact) for p in parts]
            return None if None in each else frozenset().union(*(w for w in each if w is not None))
        case _:
            return None


def can_be_true(node: Node, vocabulary: Mapping[str, Kind]) -> bool:
    """Whether any facts at all make the condition true.

    It is written out as a list of cases, each a set of wishes for single facts; a case is possible when no fact is
    wished to be two things at once.
    """
    for count, case in enumerate(_cases(node, wanted=True)):
        if _possible(case, vocabulary):
            return True
        if count > MOST_CASES:
            raise BadCondition("the condition is too long to be checked")
    return False


Wish = tuple[str, str, Any]  # fact, what is wished of it, the value


def _cases(node: Node, *, wanted: bool) -> Iterator[tuple[Wish, ...]]:
    match node:
        case Not(part):
            yield from _cases(part, wanted=not wanted)
        case All(parts) | Any_(parts):
            if isinstance(node, All) is wanted:
                for chosen in product(*(list(_cases(p, wanted=wanted)) for p in parts)):
                    yield tuple(wish for case in chosen for wish in case)
            else:
                for part in parts:
                    yield from _cases(part, wanted=wanted)
        case Yes(fact):
            yield ((fact, "yes" if wanted else "no", None),)
        case OneOf(fact, words):
            yield ((fact, "among" if wanted else "not among", frozenset(words)),)
        case Has(fact, words, every):
            if every is wanted:
                yield tuple((fact, "with" if wanted else "without", word) for word in words)
            else:
                for word in words:
                    yield ((fact, "with" if wanted else "without", word),)
        case Number(fact, sign, bound):
            yield ((fact, sign if wanted else OPPOSITE[sign], bound),)


def _possible(case: tuple[Wish, ...], vocabulary: Mapping[str, Kind]) -> bool:
    by_fact: dict[str, list[tuple[str, Any]]] = {}
    for fact, wish, value in case:
        by_fact.setdefault(fact, []).append((wish, value))
    return all(_fulfillable(wishes, vocabulary[fact].words) for fact, wishes in by_fact.items())


def _fulfillable(wishes: list[tuple[str, Any]], domain: frozenset[str] | None) -> bool:
    said = {wish for wish, _ in wishes}
    if {"yes", "no"} <= said:
        return False
    if {value for wish, value in wishes if wish == "with"} & {
        value for wish, value in wishes if wish == "without"
    }:
        return False
    allowed = domain
    for wish, value in wishes:
        if wish == "among":
            allowed = value if allowed is None else allowed & value
    excluded = frozenset().union(*(value for wish, value in wishes if wish == "not among"))
    if allowed is not None and said & {"among", "not among"} and not allowed - excluded:
        return False
    low = max((value + (wish == ">") for wish, value in wishes if wish in (">", ">=")), default=None)
    high = min((value - (wish == "<") for wish, value in wishes if wish in ("<", "<=")), default=None)
    return low is None or high is None or low <= high
