"""Says visibly what the client does now, in the person's language: one line on the terminal, and a small file for a desktop."""

import json
import sys
from pathlib import Path
from typing import TextIO

STATES = ("recording", "offline", "paused", "stopped", "unknown")
SAYS = {
    "en": {
        "recording": "● Recording what you switched on",
        "offline": "● Recording; the portal cannot be reached, it waits encrypted on this device",
        "paused": "○ Paused by you: nothing is recorded",
        "stopped": "○ Nothing is recorded: the programme does not run, or you have not agreed",
        "unknown": "○ Nothing is recorded: the portal cannot be reached, and it says what may be",
    },
    "hi": {
        "recording": "● वही रिकॉर्ड हो रहा है जो आपने चालू किया है",
        "offline": "● रिकॉर्ड हो रहा है; पोर्टल तक पहुँच नहीं है, वह इस उपकरण पर कूटबद्ध रहकर प्रतीक्षा कर रहा है",
        "paused": "○ आपने विराम लगाया है: कुछ भी रिकॉर्ड नहीं होता",
        "stopped": "○ कुछ भी रिकॉर्ड नहीं होता: कार्यक्रम नहीं चल रहा, या आपने सहमति नहीं दी है",
        "unknown": "○ कुछ भी रिकॉर्ड नहीं होता: पोर्टल तक पहुँच नहीं है, और वही बताता है कि क्या रिकॉर्ड हो सकता है",
    },
    "de": {
        "recording": "● Aufgezeichnet wird, was Sie eingeschaltet haben",
        "offline": "● Es wird aufgezeichnet; das Portal ist nicht erreichbar, es wartet verschlüsselt auf diesem Gerät",
        "paused": "○ Von Ihnen angehalten: Es wird nichts aufgezeichnet",
        "stopped": "○ Es wird nichts aufgezeichnet: Das Programm läuft nicht, oder Sie haben nicht zugestimmt",
        "unknown": "○ Es wird nichts aufgezeichnet: Das Portal ist nicht erreichbar, und es sagt, was aufgezeichnet werden darf",
    },
}

NOT_USED = {
    "en": "The policy that lies on this device was changed, or is somebody else’s: it is not used, and the portal is asked.",
    "hi": "इस उपकरण पर रखी नीति बदली गई है, या किसी और की है: उसका उपयोग नहीं होता, और पोर्टल से पूछा जाता है।",
    "de": "Die Vorgaben auf diesem Gerät wurden verändert oder gehören jemand anderem: Sie gelten nicht, und das Portal wird gefragt.",
}


def language_of(wanted: str) -> str:
    """ "hi_IN.UTF-8" → "hi"; English where we have no words."""
    code = wanted.replace("-", "_").split("_")[0].split(".")[0].lower()
    return code if code in SAYS else "en"


class Indicator:
    """`file`: where the state is written, readable for everybody at the machine; `screen`: None writes no line."""

    def __init__(
        self, file: Path | None = None, screen: TextIO | None = sys.stderr, *, language: str = "en"
    ) -> None:
        self._file, self._screen, self.state = file, screen, ""
        self.language = language_of(language)

    def show(self, state: str) -> None:
        if state == self.state:
            return
        self.state, says = state, SAYS[self.language][state]
        if self._screen is not None:
            print(says, file=self._screen)
        if self._file is not None:
            draft = self._file.with_name(f".{self._file.name}.new")
            told = {"state": state, "language": self.language, "says": says}
            draft.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            draft.replace(self._file)

    def say_not_used(self) -> None:
        """What was kept is not what this client kept for this person."""
        if self._screen is not None:
            print(NOT_USED[self.language], file=self._screen)
