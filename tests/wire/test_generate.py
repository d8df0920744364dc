from typing import get_args

from wire.base import Frame
from wire.generate import declared_models


def test_every_frame_has_its_own_literal_type_in_noun_verb_form() -> None:
    types: dict[str, str] = {}
    for model in declared_models():
        if not issubclass(model, Frame):
            continue
        (literal,) = get_args(model.model_fields["type"].annotation)
        assert literal == model.model_fields["type"].default
        assert literal not in types, f"{model.__name__} and {types[literal]} share {literal}"
        types[literal] = model.__name__
    assert types


def test_every_wire_model_says_what_it_is_for() -> None:
    assert [model.__name__ for model in declared_models() if not (model.__doc__ or "").strip()] == []
