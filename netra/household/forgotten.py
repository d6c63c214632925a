"""A person of the first start who is erased: their name and first password are not kept any longer either."""

import os
import secrets
from pathlib import Path

from netra.core.exceptions import OperatorError
from netra.household.people import SIGN_INS, kept_in
from netra.household.private import write_new


def forget_sign_in(data_dir: Path, name: str) -> None:
    """Where that name is not kept, nothing is written. Raises OperatorError for a file that cannot be used."""
    path = kept_in(data_dir)
    try:
        kept = SIGN_INS.validate_json(path.read_bytes())
        left = tuple(each for each in kept if each.name != name)
        if left != kept:
            draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}.new")
            write_new(draft, SIGN_INS.dump_json(left, indent=2).decode() + "\n")
            os.replace(draft, path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read or written: mend it, or remove it.") from error
