"""Many people looked for in one text at once; of each the answer is that of their own Mentions."""

from collections.abc import Mapping, Sequence

from governance.retention.connectors.mentions import Mentions


class Crowd:
    """`identifiers` of each person, in their order; people are told by their place in it."""

    def __init__(self, identifiers: Sequence[Mapping[str, str]]) -> None:
        self.mentions = [Mentions(known) for known in identifiers]
        pieces = [(piece.lower(), i) for i, one in enumerate(self.mentions) for piece in one.fragments()]
        # Beyond ASCII one letter may stand for another: there each pattern decides by itself, as Mentions does.
        self._plain = {
            i for i, one in enumerate(self.mentions) if one and all(p.isascii() for p in one.fragments())
        }
        self._pieces: dict[str, set[int]] = {}
        for piece, i in pieces:
            if i in self._plain:
                self._pieces.setdefault(piece, set()).add(i)
        self._others = [i for i, one in enumerate(self.mentions) if one and i not in self._plain]

    def fragments(self) -> list[str]:
        """Pieces of which at least one stands in every text that mentions one of them, for a coarse first query."""
        return list(dict.fromkeys(piece for one in self.mentions for piece in one.fragments()))

    def named(self, text: str) -> list[int]:
        """Who is mentioned at all, in ascending order."""
        if not text.isascii():
            return [i for i, one in enumerate(self.mentions) if one and one.count(text)]
        lower = text.lower()
        likely = {i for piece, people in self._pieces.items() if piece in lower for i in people}
        return [i for i in sorted(likely | set(self._others)) if self.mentions[i].count(text)]
