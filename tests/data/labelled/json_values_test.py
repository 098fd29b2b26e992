"""Values of JSON have the lines where they begin, in blocks of lines and one by one."""

import json

import pytest

from glove_jax.data.labelled import json_values
from glove_jax.errors import InputError


def test_many_lines_are_read_in_blocks():
  lines = []
  for number in range(250):
    lines += [json.dumps({"text": f"text {number}"}), " "]
  records = list(json_values.read_lines("x", lines))
  assert records == [(2 * number + 1, {"text": f"text {number}"}) for number in range(250)]


@pytest.mark.parametrize("damage", ['{"a": [1', '{"a": 1}, {"a": 2}', '{"a": "', "1] [2"])
def test_damage_far_below_names_its_line(damage):
  lines = ['{"a": 1}'] * 300
  lines[210:212] = [damage, '2, "end of line", 3]}']
  with pytest.raises(InputError, match="^x:211: not JSON"):
    list(json_values.read_lines("x", lines))


def test_elements_and_members_have_their_places():
  text = '{"a": [1, 2],\n "b": [{"c": 1},\n\n {"c": 2}]}'
  start = json_values.member_start("x", text, "b")
  values = [{"c": 1}, {"c": 2}]
  assert json_values.number_elements("x", text, start, values) == [(2, values[0]), (4, values[1])]
  assert list(json_values.read_values("x", "1\n [2,\n3] 4")) == [(1, 1), (2, [2, 3]), (3, 4)]
