"""The closed lists of the register: codes with labels, data of packs/lists.toml, and the DPV terms it may name."""

from functools import cache

from django.utils.translation import get_language

from governance.lib import packs


@cache
def codes(name: str) -> tuple[str, ...]:
    """The codes of a list in its order. KeyError for a list that does not exist."""
    return tuple(packs.load("lists").content["list"][name])


def label(name: str, code: str, language: str = "") -> str:
    """How the code reads in this language (the reader's by default); the code itself where the list does not know it."""
    said = packs.load("lists").content["list"][name].get(code)
    if said is None:
        return code
    language = language or get_language() or "en"
    return str(said.get(language) or said.get(language.split("-")[0]) or said["en"])


def choices(name: str, *, empty: str | None = None) -> list[tuple[str, str]]:
    """(code, label) for a form; with `empty`, a first choice that stands for "not recorded"."""
    listed = [(code, label(name, code)) for code in codes(name)]
    return listed if empty is None else [("", empty), *listed]


def code_of(name: str, said: str) -> str:
    """The code for a code or an English label, whatever its case; "" when the list knows neither."""
    wanted = said.strip().casefold()
    for code, labels in packs.load("lists").content["list"][name].items():
        if wanted in {code.casefold(), *(text.casefold() for text in labels.values())}:
            return str(code)
    return ""


@cache
def categories() -> tuple[str, ...]:
    """The kinds of data that the rules know: KD, CL, PAY, … (packs/policy/categories.toml)."""
    return tuple(packs.load("policy/categories").content["category"])


def category(code: str, language: str = "") -> str:
    said = packs.load("policy/categories").content["category"].get(code)
    if said is None:
        return code
    language = language or get_language() or "en"
    return str(said.get(language) or said.get(language.split("-")[0]) or said["en"])


@cache
def dpv_terms() -> frozenset[str]:
    """Every IRI of DPV 2.3 that an item may carry."""
    content = packs.load("dpv").content
    return frozenset(
        content["prefix"][prefix] + name for prefix, names in content["terms"].items() for name in names
    )


def dpv(said: str) -> str:
    """The IRI for an IRI, a prefixed term (pd:Behavioural) or a bare name; "" for a term that DPV 2.3 does not have."""
    prefixes = packs.load("dpv").content["prefix"]
    prefix, _, name = said.strip().rpartition(":") if "://" not in said else ("", "", said.strip())
    tries = (
        [name]
        if "://" in name
        else [prefixes.get(prefix, "") + name]
        if prefix
        else [base + name for base in (prefixes["pd"], prefixes["dpv"])]
    )
    return next((iri for iri in tries if iri in dpv_terms()), "")
