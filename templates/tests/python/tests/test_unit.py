{{#if imports}}
"""What {{name}} offers is there."""

import importlib
{{#if python_apis}}
from operator import attrgetter
{{/if}}

import pytest

FILES = [
{{#each imports}}
    {{string name}},
{{/each}}
]
{{#if python_apis}}
APIS = [
{{#each python_apis}}
    {{string name}},
{{/each}}
]


def defines(name, api):
    try:
        attrgetter(api)(importlib.import_module(name))
    except AttributeError:
        return False
    return True


@pytest.mark.parametrize("api", APIS)
def test_public_api_is_defined(api):
    assert any(defines(name, api) for name in FILES)
{{/if}}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_exports_can_be_imported(name):
    exec(f"from {name} import *", {})
{{/if}}
