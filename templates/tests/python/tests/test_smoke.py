{{#if imports}}
"""Imports every file of {{name}}: what cannot be imported cannot work."""

import importlib
from pathlib import Path

import pytest

MODULE = Path(__file__).resolve().parents[1]
FILES = {
{{#each imports}}
    {{string name}}: {{string path}},
{{/each}}
}


@pytest.mark.parametrize("name", FILES)
def test_file_can_be_imported(name):
    imported = importlib.import_module(name)

    # Not another one of that name, installed somewhere else.
    assert Path(imported.__file__).resolve() == (MODULE / FILES[name]).resolve()
{{/if}}
