"""`manage.py sample_workload`: write a synthetic log for trying out Netra, with a known amount of waste."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.exceptions import BadInput
from core.i18n.text import plural_text
from workloads.sample.generator import write_sample


class Command(BaseCommand):
    help = "Write a synthetic log of LLM usage in Netra's own format (docs/sample.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", nargs="?", type=Path, default=Path("sample.jsonl"), help="default: sample.jsonl")
        parser.add_argument("--seed", type=int, default=7, help="default: 7; the same seed gives the same file")
        parser.add_argument("--days", type=int, default=30, help="default: 30")
        parser.add_argument(
            "--requests", type=int, default=20_000, help="approximate number of requests; default: 20000"
        )
        parser.add_argument("--planted", type=Path, metavar="JSON", help="also write the planted savings to this file")

    def handle(self, *, out: Path, seed: int, days: int, requests: int, planted: Path | None, **options: Any) -> None:
        try:
            sample = write_sample(out, seed=seed, days=days, requests=requests)
            if planted:
                planted.write_text(json.dumps(sample.to_json(), indent=2) + "\n", encoding="utf-8")
        except (BadInput, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        written = plural_text("{n:,} synthetic request", "{n:,} synthetic requests", n=sample.requests)
        self.stdout.write(f"{out}: {written}, ${sample.cost:.2f}")
