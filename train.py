"""Train a character LSTM on a text and publish it as a timeline.

python train.py --corpus nietzsche
python train.py --corpus my-book.txt --push-to-hub USER/my-book
"""

import sys

from textgen.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
