{{#if integration}}
{{#if imports}}
"""Imports each file of {{name}} in an interpreter of its own: none may need another one imported before it."""

import os
import subprocess
import sys

import pytest

FILES = [
{{#each imports}}
    {{string name}},
{{/each}}
]


@pytest.mark.parametrize("name", FILES)
def test_file_can_be_imported_first(name):
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
{{/if}}
{{/if}}
