"""`python -m inference_worker.evaluation --engine opencv PATH...`: measure an engine on labelled sequences."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference_worker.engines import EngineError, Segmenter, registry
from inference_worker.evaluation import report, sequences
from inference_worker.evaluation.protocols import PROTOCOLS
from inference_worker.evaluation.sequences import SequenceError


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when every sequence was measured, 2 when a path or the engine is of no use."""
    options = _parser().parse_args(arguments)
    try:
        folders = [folder for path in options.paths for folder in sequences.find(path)]
        rows = _measure(registry.load(options.engine), folders, options.protocol or list(PROTOCOLS)[:1])
    except (SequenceError, EngineError) as error:
        print(error, file=sys.stderr)
        return 2
    mean = report.means(rows)
    for protocol, figures in mean.items():
        print(report.table_line({"name": "mean", "protocol": protocol, "objects": "", **figures}))
    if options.json:
        print(json.dumps({"engine": options.engine, "sequences": rows, "mean": mean}))
    return 0


def _measure(segmenter: Segmenter, folders: list[Path], protocols: list[str]) -> list[dict[str, Any]]:
    print(report.table_head(), flush=True)
    rows = []
    for folder in folders:
        sequence = sequences.load(folder)
        for protocol in protocols:
            rows.append(report.summary(sequence.name, protocol, PROTOCOLS[protocol](segmenter, sequence)))
            print(report.table_line(rows[-1]), flush=True)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evaluate", description="Measure an engine on labelled sequences.")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a sequence folder, or a folder of them"
    )
    parser.add_argument(
        "--engine", default=registry.default_name(), help=f"one of {', '.join(registry.NAMES)}"
    )
    parser.add_argument(
        "--protocol",
        action="append",
        choices=list(PROTOCOLS),
        help="may be repeated; default: semi-supervised",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser


if __name__ == "__main__":
    sys.exit(main())
