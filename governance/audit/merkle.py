"""Merkle tree hashing and inclusion proofs as in RFC 6962, section 2.1. Proof is what we exist for: our own few lines."""

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes; of an empty list the hash of nothing."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        # An unpaired last node moves up unchanged: that gives the same tree as the RFC's recursion.
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index`, lowest first (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError("No such leaf.")
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion_proof(leaves[:k], index), root(leaves[k:])]
    return [*inclusion_proof(leaves[k:], index - k), root(leaves[:k])]


def root_from_proof(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The tree head that this path leads to (RFC 9162, 2.1.3.2). Raises ValueError when the path has a wrong length."""
    if not 0 <= index < size:
        raise ValueError("No such leaf.")
    node, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ValueError("The path is too long.")
        if node % 2 or node == last:
            result = node_hash(step, result)
            while not node % 2 and node:
                node >>= 1
                last >>= 1
        else:
            result = node_hash(result, step)
        node >>= 1
        last >>= 1
    if last:
        raise ValueError("The path is too short.")
    return result
