"""The tree is the one of RFC 6962: the published vectors of the Certificate Transparency reference implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit import merkle

# The eight inputs and the tree heads after 0 … 8 of them, as the reference implementation's tests publish them.
LEAVES = [
    bytes.fromhex(x)
    for x in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf, size, audit path), numbered from zero.
PATHS = [
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]  # fmt: skip


@pytest.mark.parametrize("size", range(9))
def test_the_published_tree_heads(size: int) -> None:
    assert merkle.root([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_the_published_audit_paths(index: int, size: int, path: list[str]) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert [step.hex() for step in merkle.inclusion_proof(hashes, index)] == path
    assert (
        merkle.root_from_proof(hashes[index], index, size, [bytes.fromhex(step) for step in path]).hex()
        == ROOTS[size]
    )


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70), st.data())
def test_every_path_leads_to_the_head_and_no_other_leaf_does(
    leaves: list[bytes], data: st.DataObject
) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.inclusion_proof(hashes, index)
    head = merkle.root(hashes)
    assert merkle.root_from_proof(hashes[index], index, len(hashes), path) == head
    other = merkle.leaf_hash(leaves[index] + b"!")
    assert merkle.root_from_proof(other, index, len(hashes), path) != head


def test_a_path_of_the_wrong_length_is_refused() -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    path = merkle.inclusion_proof(hashes, 3)
    for wrong in (path[:-1], [*path, path[0]]):
        with pytest.raises(ValueError, match="path"):
            merkle.root_from_proof(hashes[3], 3, 8, wrong)
    for index in (-1, 8):
        with pytest.raises(ValueError, match="leaf"):
            merkle.root_from_proof(hashes[3], index, 8, path)


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
