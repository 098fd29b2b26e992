"""Names of modules of the project, as `vocab.load`, exist, also on paths that few tests take."""

import ast
import importlib
import pathlib

import pytest

from glove_jax.errors import InputError

ROOT = pathlib.Path(__file__).parent.parent
FOLDERS = ("glove_jax", "experiments", "tests")
PATHS = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def imported_modules(tree):
  """Returns the modules of the project that a file imports, by the name that it gives them."""
  modules = {}
  for node in ast.walk(tree):
    if not isinstance(node, ast.ImportFrom) or not node.module:
      continue
    if node.module.split(".")[0] not in ("glove_jax", "tools"):
      continue
    for alias in node.names:
      try:
        modules[alias.asname or alias.name] = importlib.import_module(
          f"{node.module}.{alias.name}"
        )
      except (ModuleNotFoundError, InputError):  # a function or class; a package that is missing
        continue
  return modules


def assigned_names(function):
  """Returns the parameters and variables of a function."""
  names = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
  stored = (node for node in ast.walk(function) if isinstance(node, ast.Name))
  return names | {node.id for node in stored if isinstance(node.ctx, ast.Store)}


def missing_attributes(tree, modules):
  """Returns `line: module.name` of each name that a module does not have."""
  missing = []

  def visit(node, hidden):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ListComp):
      hidden = hidden | assigned_names(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
      name = node.value.id
      if name in modules and name not in hidden and not hasattr(modules[name], node.attr):
        missing.append(f"{node.lineno}: {name}.{node.attr}")
    for child in ast.iter_child_nodes(node):
      visit(child, hidden)

  visit(tree, frozenset())
  return missing


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(ROOT)))
def test_attributes_of_modules_exist(path):
  tree = ast.parse(path.read_text(encoding="utf-8"))
  assert missing_attributes(tree, imported_modules(tree)) == []


def test_a_missing_attribute_is_reported():
  source = "from glove_jax import errors\ndef f():\n  return errors.Missing(errors.InputError)"
  tree = ast.parse(source)
  assert missing_attributes(tree, imported_modules(tree)) == ["3: errors.Missing"]
