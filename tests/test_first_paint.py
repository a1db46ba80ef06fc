"""The wizard's first frame waits for Textual alone: by what is imported, since times depend on the machine."""

import subprocess
import sys

LATER = {
    "pydantic",
    "boto3",
    "botocore",
    "yaml",
    "sqlite3",
    "ddbtui.draft",
    "ddbtui.flow",
    "ddbtui.plan.model",
    "ddbtui.service",
}


def test_the_app_imports_neither_models_nor_service() -> None:
    code = "import sys, ddbtui.screens.app; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "ddbtui.screens.app" in loaded
    assert not loaded & LATER
