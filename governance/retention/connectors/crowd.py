"""Many people looked for in one text at once; of each the answer is that of their own Mentions."""

from collections.abc import Iterator, Mapping, Sequence

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
        # By their ends, which differ more than the beginnings of numbers do.
        self._shortest = min(map(len, self._pieces), default=0)
        self._by_end: dict[str, list[str]] = {}
        for piece in self._pieces:
            self._by_end.setdefault(piece[-self._shortest :], []).append(piece)

    def fragments(self) -> list[str]:
        """Pieces of which at least one stands in every text that mentions one of them, for a coarse first query."""
        return list(dict.fromkeys(piece for one in self.mentions for piece in one.fragments()))

    def named(self, text: str) -> list[int]:
        """Who is mentioned at all, in ascending order."""
        text = normal(text)
        if not is_plain(text):
            return [i for i, one in enumerate(self.mentions) if one.stand_in(text)]
        small = text.lower()
        likely = {i for piece in self._in(small) for i in self._pieces[piece]}
        return [i for i in sorted(likely | set(self._others)) if self.mentions[i].stand_in(text)]

    def _in(self, small: str) -> Iterator[str]:
        """Which pieces stand in it: in a long text each is looked for, a short one is looked up letter by letter."""
        if len(small) > len(self._pieces):
            yield from (piece for piece in self._pieces if piece in small)
            return
        for end in range(self._shortest, len(small) + 1):
            for piece in self._by_end.get(small[end - self._shortest : end], ()):
                if small.endswith(piece, 0, end):
                    yield piece
