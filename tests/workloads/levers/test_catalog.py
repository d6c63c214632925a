from workloads.levers.registry import LEVERS


def test_every_lever_has_the_name_it_is_listed_under() -> None:
    assert [lever.name for lever in LEVERS.values()] == list(LEVERS)
