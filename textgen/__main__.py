"""`python -m textgen`."""

import sys

try:
    from textgen.cli.main import main

    if __name__ == "__main__":
        sys.exit(main())
except KeyboardInterrupt:  # during the imports, too early for `main` to handle it
    sys.exit(130)
