"""The published interface description of the GovStack Consent Building Block, where the facts lie beside the checkout."""

from pathlib import Path
from typing import Any

import pytest
import yaml

FILE = Path(__file__).parents[2].parent / "shared" / "specs" / "govstack-consent-openapi.yaml"
NOTHING: dict[str, Any] = {"openapi": "3.0.3", "info": {"title": "Not here", "version": "0"}, "paths": {}}
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text()) if FILE.exists() else NOTHING
needs_the_document = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE.name} is not here")
