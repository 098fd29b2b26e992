"""Keys with bounds, and keys of a group with another default."""

import dataclasses

import pytest

from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.finetuning import bounded_keys, settings, training_settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Keys:
  share: float = bounded_keys.fraction(0.5, "A share.")
  number: int = bounded_keys.positive(1, "A number.")
  size: float = bounded_keys.amount(0.0, "A size.")


@pytest.mark.parametrize(
  "values", [{"share": 1.0}, {"share": -0.1}, {"number": 0}, {"size": -1.0}]
)
def test_values_out_of_bounds_are_refused(values):
  with pytest.raises(InputError, match=f"{next(iter(values))}=.*expected at least"):
    settings_lib.make(Keys, values)


def test_values_at_the_bounds_are_taken():
  keys = settings_lib.make(Keys, {"share": 0.0, "number": 1, "size": 0.0})
  assert keys == Keys(share=0.0, number=1, size=0.0)


def test_another_default_keeps_bounds_choices_and_old_spellings():
  fields = {field.name: field for field in dataclasses.fields(settings.BertTagSettings)}
  assert fields["schedule"].default == "linear"
  limits = settings_lib.limits_of(fields["schedule"])
  assert limits.choices == training_settings.SCHEDULES
  assert settings_lib.limits_of(fields["warmup_epochs"]).former == ("warmup",)
