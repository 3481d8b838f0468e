"""`python -m deploy.local`: what ./run starts, first on the machine's own Python, then on the installed one."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deploy.local import setup
from deploy.local.errors import StartError


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="./run",
        description="Start Maskloom on this machine. DATABASE_URL and REDIS_URL in the environment "
        "name servers to use instead of its own.",
    )
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
    parser.add_argument("--data", type=Path, default=setup.ROOT / "var", help="where all data is kept")
    arguments = parser.parse_args()
    try:
        python = setup.ensure(setup.ROOT / "requirements.txt", setup.ROOT / ".venv")
        if Path(sys.prefix).resolve() != python.parents[1].resolve():
            os.execv(python, [str(python), "-P", "-m", "deploy.local", *sys.argv[1:]])
        from deploy.local.up import up

        up(arguments.data.expanduser().resolve(), arguments.port)
    except StartError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped while setting up; ./run goes on from here.")


main()
