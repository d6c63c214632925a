"""A reader of logs that reads well and fails at their figures. Run as `python -m`."""

from workloads.ingest import sandbox_child


def fail(*_: object, **__: object) -> None:
    raise ArithmeticError("a price that is none")


setattr(sandbox_child, "precompute_answers", fail)  # noqa: B010 - it is what the module calls

if __name__ == "__main__":
    sandbox_child.main()
