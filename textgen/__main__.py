"""`python -m textgen`."""

import sys

from textgen.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
