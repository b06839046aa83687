"""The lint of a notice: what each rule finds, a near miss of each that it leaves alone, and that no text breaks it."""

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from governance.demo import notices as tellings
from governance.lib import languages, packs
from governance.people.models import Entity
from governance.purposes import lint, lint_words, reading

TODAY, PHASE_3 = date(2026, 11, 24), date(2027, 6, 1)


def found(language: str, on: date = TODAY, /, title: str = "Training", **elements: str) -> set[str]:
    return {finding.code for finding in lint.findings(lint.Text.of(language, title, elements), on)}


# (code, language, element, what is found, what is left alone)
ROWS = [
    ("preticked", "en", "purpose", "The box is already ticked for you.", "No box is already ticked for you."),
    ("preticked", "en", "data", "Recording is switched on by default.", "Nothing is switched on by default."),
    ("preticked", "en", "data", "It runs unless you switch it off.", "It runs only when you switch it on."),
    ("preticked", "hi", "data", "यह पहले से चुना हुआ है।", "यह पहले से चुना हुआ नहीं है।"),
    ("preticked", "de", "data", "Das Kästchen ist bereits angekreuzt.", "Kein Kästchen ist bereits angekreuzt."),
    ("bundled", "en", "basis", "By signing your contract you agree to this.", "Signing your contract agrees to nothing of this."),
    ("bundled", "en", "basis", "I agree to all processing.", "I agree to this one recording."),
    ("bundled", "en", "basis", "By logging in you agree to everything.", "By logging in you do not agree to anything."),
    ("bundled", "hi", "basis", "हस्ताक्षर करके आप इससे सहमत होते हैं।", "हस्ताक्षर का इससे संबंध नहीं है।"),
    ("bundled", "de", "basis", "Mit der Unterschrift stimmen Sie zu.", "Die Unterschrift hat damit zu tun, dass Sie arbeiten."),
    ("silence", "en", "refusal", "If you do not reply, we assume that you agree.", "If you do not reply, everything stays off."),
    ("silence", "hi", "refusal", "सात दिन बाद सहमति मानी जाएगी।", "सात दिन बाद फिर पूछा जाएगा।"),
    ("silence", "de", "refusal", "Schweigen gilt als Zustimmung.", "Schweigen bedeutet: Alles bleibt aus."),
    ("waiver", "en", "rights", "You waive your right to complain.", "You do not waive any right."),
    ("waiver", "en", "rights", "You give up your rights.", "You give up no rights."),
    ("waiver", "hi", "rights", "आप शिकायत का अधिकार छोड़ते हैं।", "आप शिकायत का अधिकार रखते हैं।"),
    ("waiver", "de", "rights", "Sie verzichten auf das Recht zur Beschwerde.", "Sie verzichten dabei auf kein Recht."),
    ("reserved", "en", "controller", "This portal is your Consent Manager.", "This portal is not a consent manager."),
    ("reserved", "en", "withdraw", "Press here in our consent-manager.", "A consent manager registered with the Board can press for you."),
    ("reserved", "hi", "controller", "यह पोर्टल आपका सहमति प्रबंधक है।", "पंजीकृत सहमति प्रबंधक के ज़रिए भी।"),
    ("reserved", "ta", "controller", "இது உங்கள் Consent Manager.", "இது உங்கள் தளம்."),
    ("harder", "en", "withdraw", "Write to us by post.", "Write to us at privacy@firm.example."),
    ("harder", "en", "withdraw", "On the page, give a reason and press.", "On the page, press: no need to give a reason."),
    ("harder", "en", "withdraw", "With the approval of your manager, press.", "Without the approval of your manager, press."),
    ("harder", "hi", "withdraw", "बटन दबाकर कारण बताएँ।", "बटन दबाइए, कोई कारण नहीं पूछा जाता।"),
    ("harder", "de", "withdraw", "Schreiben Sie per Einschreiben.", "Drücken Sie „Widerrufen“, ohne Begründung."),
    ("no_way_out", "en", "withdraw", "You can stop at any time.", "You can stop at any time: press “Withdraw”."),
    ("no_way_out", "hi", "withdraw", "आप कभी भी रोक सकते हैं।", "आप कभी भी बटन से रोक सकते हैं।"),
    ("no_way_out", "de", "withdraw", "Das geht jederzeit.", "Das geht jederzeit auf der Seite „Meine Entscheidungen“."),
    ("detriment", "en", "refusal", "If you refuse, your bonus may be affected.", "If you refuse, nothing is affected: same pay."),
    ("detriment", "en", "refusal", "If you say no, you lose access.", "If you say no, you lose nothing."),
    ("detriment", "hi", "refusal", "मना करने पर बोनस कम होगा।", "मना करने पर सब वैसा ही रहेगा।"),
    ("detriment", "de", "refusal", "Wenn Sie ablehnen, entfällt der Bonus.", "Wenn Sie ablehnen, bleibt alles gleich."),
    ("unequal", "en", "refusal", "We recommend that you agree.", "We do not recommend that you agree or refuse."),
    ("unequal", "en", "purpose", "Most colleagues have already agreed.", "Colleagues decide for themselves."),
    ("unequal", "hi", "purpose", "कृपया सहमति दें।", "सहमति देना या न देना आप पर है।"),
    ("unequal", "de", "purpose", "Bitte stimmen Sie zu.", "Sie können zustimmen oder ablehnen."),
    ("elsewhere", "en", "retention", "As set out in your employment contract.", "Twelve months, whatever your contract says."),
    ("elsewhere", "hi", "retention", "अवधि पुस्तिका में देखें।", "अवधि बारह महीने है।"),
    ("elsewhere", "de", "retention", "Siehe dazu im Handbuch.", "Zwölf Monate; das Handbuch ändert daran nichts."),
    ("placeholder", "en", "controller", "{name}, Pune", "Nirmaan, Pune"),
    ("placeholder", "hi", "controller", "TODO", "पुणे"),
    ("demo_mark", "ta", "purpose", "Demo text, not reviewed.", "சரிபார்க்கப்பட்டது."),
    ("vague", "en", "data", "We may record clicks, keys etc.", "You may write to us in May."),
    ("vague", "en", "uses", "To improve our services.", "To fill in claim forms."),
    ("vague", "hi", "data", "क्लिक आदि।", "क्लिक।"),
    ("vague", "de", "data", "Unter anderem Klicks.", "Klicks."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "language", "element", "wrong", "right"), ROWS)
def test_a_wording_is_found_and_its_near_miss_is_not(
    code: str, language: str, element: str, wrong: str, right: str
) -> None:
    assert code in found(language, **{element: wrong})
    assert code not in found(language, **{element: right})


def test_every_rule_of_the_pack_has_a_row_and_a_sentence() -> None:
    rules = set(packs.load("lint").content["rule"])
    assert rules - {"binding"} <= {row[0] for row in ROWS}
    assert rules <= set(lint_words.SAYS) and set(lint_words.SAYS) == set(lint_words.SUGGESTS)


def test_only_the_part_on_withdrawing_is_asked_for_a_way_out() -> None:
    assert "harder" not in found("en", contact="Write to us by post.")
    assert "no_way_out" not in found("en", rights="You can stop at any time.")


def test_a_law_that_is_not_in_force_is_not_named_as_binding() -> None:
    said = "The DPDP Act requires us to ask you."
    assert "binding" in found("en", basis=said)
    assert "binding" not in found("en", PHASE_3, basis=said)  # from that day on it is so
    assert "binding" not in found("en", basis="We apply the DPDP Act voluntarily and must ask you.")
    assert "binding" not in found("en", basis="The GDPR requires us to ask you.")
    assert "binding" not in found("en", basis="Your consent: section 6 of the DPDP Act, 2023.")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("markup", "<script>alert(1)</script>"), ("markup", "<b>bold</b>"), ("markup", "&lt;b&gt;"), ("markup", "javascript:alert(1)"),
        ("markup", "[here](https://evil.example)"), ("markup", "{{ secret }}"), ("markup", "< img src=x>"),
        ("bidi", "pay\u202eslip"), ("bidi", "\u2066x\u2069"), ("hidden", "pay\u200bslip"), ("hidden", "a\x00b"), ("hidden", "a\x1bb"),
        ("too_long", "x" * 6001),
    ],
)  # fmt: skip
def test_what_is_not_even_kept(code: str, words: str) -> None:
    assert code in found("en", purpose=words)
    assert code in {f.code for f in lint.unsafe(lint.Text.of("en", words, {}))}


@pytest.mark.parametrize(
    "words", ["Fewer than 5 < 10", "R&D and HR", "a > b", "5 <10", "नि‍र्माण क‌ार्य", "می‌خواهم", "line\none"]
)
def test_what_only_looks_like_it_is_kept(words: str) -> None:
    assert not list(lint.unsafe(lint.Text.of("en", "T", {"purpose": words})))


def test_the_place_is_named_by_part_and_sentence() -> None:
    text = lint.Text.of("en", "T", {"rights": "You can see it. You waive your rights. You can correct it."})
    [finding] = [f for f in lint.findings(text, TODAY) if f.code == "waiver"]
    assert (finding.element, finding.number, finding.sentence) == ("rights", 2, "You waive your rights.")
    assert "waive" in finding.says and finding.suggestion and finding.cite == "DPDP Act s.6(2)"


def test_what_stops_comes_first() -> None:
    kinds = [
        f.severity
        for f in lint.findings(
            lint.Text.of("en", "T", {"a": "We may record it.", "b": "You waive it."}), TODAY
        )
    ]
    assert kinds == ["stop", "advice"]


def test_long_titles_and_sentences_are_advised_against() -> None:
    assert "long_title" in found("en", title="t" * 121) and "long_title" not in found("en", title="t" * 120)
    assert "long_sentence" in found("en", purpose="word " * 26) and "long_sentence" not in found(
        "en", purpose="word " * 25
    )
    assert "long_sentence" not in found("en", controller="word " * 40)  # an address


def test_a_hard_text_is_told_from_an_easy_one() -> None:
    easy = "We record clicks. You can stop it. Press the button. It is gone at once."
    hard = "Organisational responsibilities necessitate comprehensive documentation of individual interactions notwithstanding confidentiality considerations."
    assert reading.flesch_kincaid(easy) < 4 < 12 < reading.flesch_kincaid(hard)
    leicht = "Wir sehen, wo Sie klicken. Sie können es beenden. Ein Klick genügt."
    schwer = "Verarbeitungsverantwortliche dokumentieren Interaktionsereignisse unternehmensübergreifend unter Berücksichtigung datenschutzrechtlicher Rahmenbedingungen."
    assert reading.wiener(leicht) < 6 < 12 < reading.wiener(schwer)
    assert "reading" in found("en", purpose=hard) and "reading" not in found("en", purpose=easy)
    assert "reading" in found("de", purpose=schwer) and "reading" not in found("de", purpose=leicht)


def test_the_formulas_give_what_their_authors_published() -> None:
    # Seven-teen syl-la-bles: thirteen in four words of one sentence.
    assert reading.flesch_kincaid("The cat sat on mats.") == 0.0
    said = reading.flesch_kincaid("Seventeen syllables altogether, certainly.")
    assert said == pytest.approx(0.39 * 4 + 11.8 * 13 / 4 - 15.59)
    # Three of four words have three syllables or more and more than six letters, one has one syllable.
    said = reading.wiener("Die Verwaltung dokumentiert Interaktionen.")
    assert said == pytest.approx(0.1935 * 75 + 0.1672 * 4 + 0.1297 * 75 - 0.0327 * 25 - 0.875)


def test_hindi_has_no_formula_and_is_measured_by_its_sentences() -> None:
    assert "dense" in found("hi", purpose="शब्द " * 25) and "dense" not in found(
        "hi", purpose=("शब्द " * 8 + "। ") * 3
    )


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Art. 6 Abs. 1 Buchst. a DSGVO gilt.", 1), ("One. Two! Three?", 3), ("एक। दो। तीन।", 3), ("ایک۔ دو۔", 2), ("ᱢᱤᱫ᱾ ᱵᱟᱨ᱾", 2), ("ꯑꯃ꯫ ꯑꯅꯤ꯫", 2),
        ("a\nb", 2), ("", 0), ("It costs 3.5 euros.", 1),
    ],
)  # fmt: skip
def test_sentences_end_where_the_script_ends_them(text: str, sentences: int) -> None:
    assert len(reading.sentences(text)) == sentences


def test_english_that_was_left_standing_is_found_and_names_are_not() -> None:
    english = lint.Text.of("en", "T", {"purpose": "We want to learn the steps of the work."})
    same = lint.Text.of("de", "T", {"purpose": "We want to learn the steps of the work."})
    assert {f.code for f in lint.findings(same, TODAY, english)} >= {"same_as_english"}
    assert "untranslated" in found("de", data="Klicks. The name of the field that you use is kept.")
    assert "untranslated" not in found("de", data="Klicks in „the name of the field and you“.")
    assert "untranslated" in found(
        "hi", data="हम क्लिक रिकॉर्ड करते हैं और यह सब रखते हैं also the name of the field, यही।"
    )
    assert "untranslated" not in found(
        "hi", data="Nirmaan Software Private Limited, Pune का ऐप, “the name of it”, dpo@firm.example।"
    )


def test_a_text_in_another_script_is_not_a_text_in_this_language() -> None:
    assert "wrong_script" in found("ur", purpose="यह हिन्दी में है और उर्दू में नहीं।")
    assert "wrong_script" in found("ta", purpose="This was never translated.")
    assert "wrong_script" not in found("ks-Deva", purpose="यि छु कॉशुर।")
    assert "wrong_script" not in found("ur", purpose="یہ اردو میں ہے، Chrome میں۔")


def test_the_reviewed_texts_of_the_demo_company_stop_nothing() -> None:
    software = Entity(
        name="Nirmaan",
        address="Pune",
        country="IN",
        contact_email="a@b.example",
        dpo_name="D",
        dpo_email="d@b.example",
    )
    for language, text in tellings.texts(software, only_reviewed=True).items():
        stops = [
            f
            for f in lint.findings(lint.Text.of(language, text["title"], text["elements"]), TODAY)
            if f.stops
        ]
        assert stops == [], language


LANGUAGES = st.sampled_from([row.tag for row in languages.all()] + ["fr", "xx", ""])
WORDS = st.text(max_size=300) | st.text(alphabet="<>{}[]()&;:./\\“”'\"\u202e\u200b\x00क्षا. ", max_size=60)


@settings(max_examples=300, deadline=None)
@given(LANGUAGES, WORDS, st.dictionaries(st.text(max_size=12), WORDS, max_size=4), WORDS)
@example("hi", "", {"withdraw": ""}, "")
@example("ur", "‮", {"withdraw": "\x00"}, "<")
def test_no_text_breaks_the_lint(language: str, title: str, elements: dict[str, str], english: str) -> None:
    text = lint.Text.of(language, title, elements)
    for finding in lint.findings(text, TODAY, lint.Text.of("en", "T", {"withdraw": english})):
        assert finding.says and finding.suggestion and finding.severity in ("stop", "advice")
        assert finding.element in {"", "title", *elements}


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS)
def test_a_stop_stays_whatever_stands_around_it(before: str, after: str) -> None:
    """Another part of the notice cannot hide what stands in this one."""
    codes = found("en", purpose=before, uses="You waive your right to complain.", contact=after)
    assert "waiver" in codes


def test_a_long_text_is_read_quickly() -> None:
    text = lint.Text.of(
        "en", "T", {f"e{n}": "We agree to it and you press on and on, a " * 140 for n in range(12)}
    )
    begun = time.perf_counter()
    lint.findings.__wrapped__(text, TODAY)
    assert time.perf_counter() - begun < 5
