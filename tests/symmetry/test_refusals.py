"""What is no network, no parameters or no element is refused with a sentence.

Without the checker of shapes that the other tests run under, as users run it: in another process.
"""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
import numpy as np
from saddlescape import symmetry as s
from saddlescape.core import Network, SaddlescapeError, key_for

network = Network((2, 3, 1), "tanh")
good = np.arange(13.0)
identity = s.identity_element(network)
other = s.identity_element(Network((2, 4, 1), "tanh"))
USES_OF = {
    "theta": {
        "apply": lambda x: s.apply(network, identity, x),
        "canonical": lambda x: s.canonical(network, x),
        "align": lambda x: s.align(network, x, good),
        "align to": lambda x: s.align(network, good, x),
        "distance": lambda x: s.distance(network, x, good),
        "distance to": lambda x: s.distance(network, good, x),
        "distance without symmetry": lambda x: s.distance(None, x, good),
        "copies": lambda x: s.copies(network, x),
        "stabilizer_order": lambda x: s.stabilizer_order(network, x),
        "stabilizer": lambda x: s.stabilizer(network, x),
        "orbit": lambda x: s.orbit(network, x),
    },
    "network": {
        "order": s.order,
        "identity_element": s.identity_element,
        "random_element": lambda x: s.random_element(x, key_for(0, "refusal")),
        "apply": lambda x: s.apply(x, identity, good),
        "canonical": lambda x: s.canonical(x, good),
        "align": lambda x: s.align(x, good, good),
        "copies": lambda x: s.copies(x, good),
        "orbit": lambda x: s.orbit(x, good),
        "stabilizer": lambda x: s.stabilizer(x, good),
    },
    "element": {
        "apply": lambda x: s.apply(network, x, good),
        "compose": lambda x: s.compose(x, identity),
        "compose after": lambda x: s.compose(identity, x),
        "inverse": s.inverse,
        "permutation": lambda x: s.apply(network, s.GroupElement((x,), identity.factors), good),
        "factors": lambda x: s.apply(network, s.GroupElement(identity.permutations, (x,)), good),
    },
    "number": {
        "num_restarts": lambda x: s.align(network, good, good, num_restarts=x),
        "tolerance": lambda x: s.copies(network, good, x),
        "max_points": lambda x: s.orbit(network, good).points(x),
        "max_elements": lambda x: s.stabilizer(network, good).elements(x),
        "random_element": lambda x: s.random_element(network, x),
        "unseen": s.unseen,
        "classes": lambda x: s.classes(network, x),
    },
}
BAD = {
    "theta": ["text", ["a"] * 13, None, {}, network, [[1.0], [1.0, 2.0]], [], 1.0,
              good * 1j, np.full(13, np.nan), good / np.array([np.inf] * 12 + [0]),
              np.array([object()] * 13), np.ones((2, 2, 13)), np.ones((0, 0))],
    "network": ["text", (2, 3, 1), good, {}, 3],
    "element": ["text", None, good, (0, 1, 2), network, other.permutations[0]],
    "number": ["text", np.nan, -1.5, {}, np.ones((2, 2)) * 1j, network],
}
found = []
with np.errstate(all="ignore"):
    for kind, uses in USES_OF.items():
        for name, use in uses.items():
            for value in BAD[kind]:
                try:
                    use(value)
                    said = "nothing"
                except SaddlescapeError as error:
                    said = str(error)
                except Exception as error:
                    said = f"{type(error).__name__}: {error}\\n(a foreign error)"
                found.append([kind, name, repr(value)[:40], said])
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def refusals():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["theta", "network", "element", "number"])
def test_every_use_of_what_makes_no_sense_is_refused_in_one_sentence(refusals, kind):
    said = [(use, value, words) for of, use, value, words in refusals if of == kind]
    assert len(said) >= 5 * 6
    bad = [row for row in said if "\n" in row[2] or not ({":", ","} & set(row[2]))]
    assert not bad, bad


@pytest.mark.parametrize(
    ("use", "value", "sentence"),
    [
        ("align", "'text'", "theta is text: give an array of real numbers"),
        ("align to", "['a', 'a'", "reference is text: give an array of real numbers"),
        ("copies", "array([nan", "theta holds nan at entry 0: give finite numbers"),
        ("order", "'text'", "network is a str: give a Network first, such as Network((2, 4, 1))"),
        ("inverse", "None", "element is None: give a GroupElement, see random_element"),
        ("tolerance", "-1.5", "tolerance is -1.5: give a finite number, 0 or larger, or None"),
        ("num_restarts", "nan", "num_restarts is nan: give a whole number, 0 or larger"),
    ],
)
def test_the_sentence_says_what_was_given_and_the_cure(refusals, use, value, sentence):
    assert sentence in [said for _, name, given, said in refusals
                        if name == use and given.startswith(value)]  # fmt: skip
