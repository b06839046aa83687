"""Many people looked for in one text at once; of each the answer is that of their own Mentions."""

from collections.abc import Mapping, Sequence

from governance.retention.connectors.mentions import Mentions, is_plain, normal


class Crowd:
    """`identifiers` of each person, in their order; people are told by their place in it."""

    def __init__(self, identifiers: Sequence[Mapping[str, str]]) -> None:
        self.mentions = [Mentions(known) for known in identifiers]
        self._pieces: dict[str, set[int]] = {}
        for i, one in enumerate(self.mentions):
            for piece in one.fragments() if one.is_plain else ():
                self._pieces.setdefault(piece.lower(), set()).add(i)
        # Beyond ASCII one letter may stand for another: there each pattern decides by itself, as Mentions does.
        self._others = [i for i, one in enumerate(self.mentions) if one and not one.is_plain]

    def fragments(self) -> list[str]:
        """Pieces of which at least one stands in every text that mentions one of them, for a coarse first query."""
        return list(dict.fromkeys(piece for one in self.mentions for piece in one.fragments()))

    def named(self, text: str) -> list[int]:
        """Who is mentioned at all, in ascending order."""
        text = normal(text)
        if not is_plain(text):
            return [i for i, one in enumerate(self.mentions) if one.stand_in(text)]
        small = text.lower()
        likely = {i for piece, people in self._pieces.items() if piece in small for i in people}
        return [i for i in sorted(likely | set(self._others)) if self.mentions[i].stand_in(text)]
