{{#if imports}}
"""Lets the tests of {{name}} import it from wherever pytest is started."""

import sys
from pathlib import Path

MODULE = Path(__file__).resolve().parents[1]
FOLDERS = [
{{#each import_roots}}
    {{string path}},
{{/each}}
]

sys.path[:0] = [str((MODULE / folder).resolve()) for folder in FOLDERS]
{{/if}}
