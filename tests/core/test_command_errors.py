import pytest
from django.core.management import CommandError

from core.exceptions import BadInput, NetraError, StorageFull
from core.i18n.text import text
from core.management.errors import report_errors

NO_COLUMN = text("There is no column for it.")


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (BadInput(NO_COLUMN), "There is no column for it.", 2),
        (BadInput(NO_COLUMN, in_terminal=text("Say: --map a=b.")), "There is no column for it. Say: --map a=b.", 2),
        (StorageFull(text("The disk is full.")), "The disk is full.", 1),
    ],
)
def test_an_error_is_printed_with_the_command_to_run(error: NetraError, told: str, code: int) -> None:
    with pytest.raises(CommandError) as caught, report_errors("Nothing was done."):
        raise error
    assert (str(caught.value), caught.value.returncode) == (told, code)


@pytest.mark.parametrize(
    ("error", "undone", "told"),
    [
        (KeyboardInterrupt(), "", "Stopped at your request."),
        (KeyboardInterrupt(), "Run it again.", "Stopped at your request. Run it again."),
        (PermissionError(13, "Permission denied", "out.json"), "", "out.json: Permission denied."),
    ],
)
def test_a_command_that_is_stopped_or_cannot_write_says_so_in_one_line(
    error: BaseException, undone: str, told: str
) -> None:
    with pytest.raises(CommandError) as caught, report_errors(undone):
        raise error
    assert (str(caught.value), caught.value.returncode) == (told, 1)
