"""What a person meets who holds no office is said in every language that has these pages, whole (governance/pages/own.py).

Which sentences those are: all of the templates of these pages with what they include, all of the modules below, and of
modules that the office shares what is named beside them. A page that joins without a line here fails the second test.
"""

import ast
import gettext
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from governance.lib import languages
from governance.pages import own
from governance.people.rules import OVER_OWN
from governance.purposes import catalogue, lists
from tests.house import test_doors as doors
from tests.house import test_sentences as house

TEMPLATES = house.ROOT / "templates"
LANGUAGES = [row.tag for row in languages.all() if row.has_own_pages and not row.has_pages]
PAGES = """
400.html 403.html 403_csrf.html 404.html 429.html 500.html 503.html
account/account_inactive.html account/login.html account/logout.html account/password_change.html
account/password_reset.html account/password_reset_done.html account/password_reset_from_key.html
account/password_reset_from_key_done.html account/password_set.html account/reauthenticate.html
account/signup_closed.html account/messages/logged_in.txt account/messages/logged_out.txt
account/messages/password_changed.txt account/messages/password_set.txt
consents/choices.html consents/for_others.html consents/history.html consents/keepsake.html consents/notice.html
consents/opt_outs.html consents/pressed.html consents/receipt.html consents/report_pressure.html
exports/content.html exports/where.html
pages/account.html pages/home.html pages/kiosk.html pages/kiosk_choices.html pages/kiosk_code.html
pages/kiosk_codes.html pages/kiosk_history.html pages/kiosk_news.html pages/kiosk_parts.html pages/kiosk_receipt.html
pages/kiosk_requests.html pages/slip.html
people/messages.html
reports/own.html reports/read.html reports/report.html reports/seals.html reports/state.html reports/verify.html
reports/verify_wait.html
retention/own_order.html rights/for_other.html rights/mine.html rights/nominees_mine.html rights/raise.html
""".split()
WHOLE: frozenset[str] = frozenset()
MODULES: dict[str, frozenset[str]] = {
    path: frozenset(names.split())
    for path, names in {
        "capture/kept.py": "", "capture/models.py": "Programme", "capture/recorded.py": "",
        "consents/acting.py": "end withdraw_everything", "consents/explaining.py": "", "consents/forms.py": "Pressed",
        "consents/looked.py": "", "consents/models.py": "", "consents/populations.py": "", "consents/pressure.py": "report",
        "consents/rules.py": "STATUSES INVALID check_move check_give check_hours host check_pause",
        "consents/rules_acting.py": "KINDS SINCE check_act", "consents/rules_objections.py": "check_object",
        "consents/rules_populations.py": "SPEAKERS", "consents/said.py": "", "consents/verifying.py": "", "consents/views.py": "",
        "consents/views_acting.py": "_shown for_others", "consents/views_history.py": "", "consents/views_later.py": "defer",
        "consents/views_notice.py": "", "consents/views_objections.py": "object_to", "consents/views_pauses.py": "",
        "consents/views_pressure.py": "report number_of who pressed", "consents/views_receipts.py": "",
        "exports/models.py": "OwnDeletion", "exports/own_shown.py": "", "exports/rules.py": "STATES WHY_NOT",
        "exports/shown.py": "statement", "exports/views_own.py": "content _deletion delete",
        "lib/countries.py": "", "lib/dates.py": "",
        "pages/choices.py": "", "pages/context.py": "", "pages/errors.py": "", "pages/home.py": "account roles ROLE_COLUMNS",
        "pages/kiosk.py": "Enter _waiting _said", "pages/kiosk_more.py": "", "pages/kiosk_own.py": "", "pages/others.py": "", "pages/parts.py": "",
        "people/messages.py": "", "people/models.py": "", "people/post.py": "", "people/rules.py": "ROLES",
        "people/rules_addresses.py": "check_stop", "people/views_addresses.py": "stop",
        "purposes/models/register.py": "Purpose", "purposes/words.py": "",
        "reports/forms_verify.py": "", "reports/honest.py": "", "reports/kinds/__init__.py": "", "reports/models.py": "", "reports/press.py": "",
        "reports/reports.py": "", "reports/rules.py": "check_ask check_cancel", "reports/verifying.py": "",
        "reports/views.py": "title_of _state _facts _kept", "reports/views_own.py": "", "reports/views_verify.py": "",
        "reports/words.py": "place_in_log",
        "retention/models/orders.py": "", "retention/shown.py": "", "retention/views.py": "own_order _kept_columns _plain_columns _plain_rows",
        "retention/wording.py": "",
        "rights/forms.py": "Raise Nominate", "rights/models.py": "", "rights/requests.py": "entity_of",
        "rights/rules.py": "clock check_raise check_nominate check_take_back check_for_other",
        "rights/views.py": "state remedy is_raised raise_one _order_rows _first_facts",
        "rights/views_nominees.py": "_stands mine take_back for_other",
    }.items()
}  # fmt: skip
INCLUDED = re.compile(r"""["']([\w/]+\.(?:html|txt))["']""")
PLACE = re.compile(r"%\(\w+\)[sd]|%d|</?a\b[^>]*>")
LATIN = re.compile(r"[A-Za-z]+")
OWN_LETTER = re.compile("[\u0600-\u06ff]")


@cache
def templates() -> frozenset[str]:
    """The pages with all that they extend and include."""
    found: set[str] = set()
    wanted = list(PAGES)
    while wanted:
        name = wanted.pop()
        if name not in found and (TEMPLATES / name).exists():
            found.add(name)
            wanted += INCLUDED.findall((TEMPLATES / name).read_text())
    return frozenset(found)


def _named(top: ast.stmt) -> str:
    if isinstance(top, ast.Assign):
        return getattr(top.targets[0], "id", "")
    return getattr(top, "name", "") or getattr(getattr(top, "target", None), "id", "")


def _of_module(path: str, names: frozenset[str]) -> Iterator[house.Sentence]:
    file = house.ROOT / "governance" / path
    if not names:
        yield from house.in_code(file)
        return
    tree = ast.parse(file.read_text())
    assert names <= {_named(top) for top in tree.body}, f"{path} has no {names}"
    imports = [top for top in tree.body if isinstance(top, ast.ImportFrom)]
    for top in tree.body:
        if _named(top) in names:
            yield from house.in_tree(ast.Module([*imports, top], []))


@cache
def sentences() -> dict[house.Sentence, str]:
    """Each with a place where it is said."""
    found: dict[house.Sentence, str] = {}
    for name in templates():
        found |= dict.fromkeys(house.in_template(TEMPLATES / name), name)
    for path, names in MODULES.items():
        found |= dict.fromkeys(_of_module(path, names), path)
    return found


def said_in(language: str) -> dict[Any, str]:
    return {
        key: text
        for folder in reversed(house.CATALOGUES)
        for key, text in gettext.GNUTranslations(
            (folder / language / "LC_MESSAGES" / "django.mo").open("rb")
        )._catalog.items()  # type: ignore[attr-defined]
    }


def _key(context: str | None, text: str) -> str:
    return text if context is None else f"{context}\x04{text}"


def test_there_are_such_languages_and_sentences() -> None:
    assert LANGUAGES == ["ur"] and len(sentences()) > 1200


def test_every_page_about_oneself_is_among_them() -> None:
    known = templates()
    for name, _route, view in doors.ALL:
        permission = getattr(view, "sammati_own", "") or getattr(view, "sammati_permission", "machine")
        if name in own.WORK or name.startswith("api:") or not (permission == "" or permission in OVER_OWN):
            continue
        shown = set(INCLUDED.findall(inspect.getsource(inspect.unwrap(view))))
        shown = {one for one in shown if (TEMPLATES / one).exists()}
        assert shown <= known or name == "purposes:end_override", f"{name} shows {shown - known}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_about_oneself_is_in_the_catalogue(language: str) -> None:
    there = said_in(language)
    missing = {
        text: place
        for (context, text), place in sentences().items()
        if not (there.get(_key(context, text)) or there.get((_key(context, text), 1)))
    }
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_keeps_its_places_and_is_in_its_own_script(language: str) -> None:
    catalogue = gettext.GNUTranslations(
        (house.CATALOGUES[0] / language / "LC_MESSAGES" / "django.mo").open("rb")
    )._catalog  # type: ignore[attr-defined]
    assert len(catalogue) > 1100
    for key, text in catalogue.items():
        source = key[0] if isinstance(key, tuple) else key
        if not source:
            continue
        asked, told = set(PLACE.findall(source)), set(PLACE.findall(text))
        # A plural is listed under its singular, which may do without the number ("One event is kept.").
        assert told >= asked if isinstance(key, tuple) else told == asked, (source, text)
        assert all(word in source for word in LATIN.findall(PLACE.sub("", text))), (source, text)
        assert OWN_LETTER.search(text), (source, text)
        assert not re.search("[\u0643\u064a\u0649]", text), f"an Arabic letter for an Urdu one: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_packs_say_signals_and_grounds_in_it(language: str) -> None:
    for kind in catalogue.signals().values():
        said = [kind.titles, kind.explained, *([kind.never] if kind.never else [])]
        assert all(OWN_LETTER.search(texts.get(language, "")) for texts in said), kind.code
    for name in ("basis_eu", "ground_in"):
        for code in lists.codes(name):
            assert OWN_LETTER.search(lists.label(name, code, language)), code


# Counts: digits alone stay whole among words of either direction.
COUNTS = frozenset(
    "n done of all proved total first last hours before after size index count min_length max length limit_value show_value newest more"
    " keys_without_stream streams_without_key blobs_without_row rows_without_blob".split()
)


def test_a_number_name_or_day_in_a_sentence_from_right_to_left_stays_whole() -> None:
    for text in gettext.GNUTranslations(
        (house.CATALOGUES[0] / "ur" / "LC_MESSAGES" / "django.mo").open("rb")
    )._catalog.values():  # type: ignore[attr-defined]
        said = re.sub(r'<a href="[^"]*">', "", text)
        bare = re.sub("\u2068%\\(\\w+\\)s\u2069", "", said)
        assert set(re.findall(r"%\((\w+)\)s", bare)) <= COUNTS, text
