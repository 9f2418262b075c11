"""Shapes and types checked at run time, in tests only: an int passes for a float, as the type system has it."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
