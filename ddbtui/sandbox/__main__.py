"""`python -m ddbtui.sandbox`: see `ddbtui.sandbox.process` for how to start it from Python."""

from __future__ import annotations

import argparse
import logging
import os
import warnings
from pathlib import Path

SEEDS = ("demo", "large", "small", "none")
ENGINES = ("auto", "spark", "substitute")


def main(argv: list[str] | None = None) -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m ddbtui.sandbox", description="Two simulated AWS accounts.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="factor for all durations; 0 makes all instant")
    parser.add_argument("--seed", choices=SEEDS, default="demo", help="which tables there are")
    parser.add_argument("--config-dir", type=Path, required=True, help="where to write the AWS config and credentials")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs Glue's Spark jobs")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the starting process does")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    from ddbtui.sandbox.server import serve
    from ddbtui.sandbox.world import World

    world = World(speed=arguments.speed, seed=arguments.seed, engine=arguments.engine)
    serve(arguments.port, world, arguments.config_dir, until_stdin_closes=arguments.until_stdin_closes)


if __name__ == "__main__":
    main()
