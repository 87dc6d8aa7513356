"""Watch a character LSTM learn to write: opens the app.

python app.py
python app.py --model timelines/my-book --model USER/REPO
"""

import sys

try:
    from textgen.cli.app import main

    if __name__ == "__main__":
        sys.exit(main())
except KeyboardInterrupt:  # during the imports, too early for `main` to handle it
    sys.exit(130)
