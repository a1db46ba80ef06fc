"""`python -m ddbtui`."""

import sys

from ddbtui.cli import main

sys.exit(main())
