"""Train a character LSTM on a text and publish it as a timeline.

python train.py --corpus nietzsche
python train.py --corpus my-book.txt --push-to-hub USER/my-book
"""

import sys

try:
    from textgen.cli.train import main

    if __name__ == "__main__":
        sys.exit(main())
except KeyboardInterrupt:  # during the imports, too early for `main` to handle it
    sys.exit(130)
