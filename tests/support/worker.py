"""A Python process that runs one request after another, so that tests pay for imports once.

The Hub client reads its endpoint, cache and offline switch when it is imported. So a test that
starts a Hub needs a separate process. A request is one JSON line: source code or the arguments of
`python -m textgen`, and environment variables. The answer is also one JSON line: the exit status
and everything that was written to file descriptors 1 and 2.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback
from typing import Any


def execute(request: dict[str, Any]) -> int:
    try:
        if "code" in request:
            exec(request["code"], {"__name__": "__main__"})  # noqa: S102 - the tests' own code
        else:
            sys.argv = ["textgen", *request["arguments"]]
            runpy.run_module("textgen", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        for name, value in request["environment"].items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            status = execute(request)
            sys.stdout.flush()
            sys.stderr.flush()
            printed = []
            for file in (out, err):
                file.seek(0)
                printed.append(file.read().decode())
        print(json.dumps([status, *printed]), file=answers, flush=True)


if __name__ == "__main__":
    main()
