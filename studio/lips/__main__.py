"""``python -m studio.lips``: the steps of the recipe, one word each."""

from __future__ import annotations

import sys

from studio.lips.commands import main

if __name__ == "__main__":
    sys.exit(main())
