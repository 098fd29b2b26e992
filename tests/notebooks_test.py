"""The notebooks: stored with clean outputs, without training logic of their own, and able to run top to bottom."""

import ast
import importlib.util
import json
import os
import pathlib
import re
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

MOST_BYTES = 600_000
OF_A_MACHINE = re.compile(
  r"/(?:home|root|work|tmp|Users|usr|opt|mnt|private|content)/|[A-Z]:\\\\?Users|site-packages|dist-packages")
FORBIDDEN = {"optax", "grad", "value_and_grad", "vjp", "jvp", "jacrev", "jacfwd"}  # of whatever module
TRAINING = re.compile(
  r"(?:^|_)(?:train|fit|update|step|loss|grad|gradient|backward|optimi[sz]er?|adagrad|sgd|adam)(?:$|_)")


def missing(*modules):
  """Skips a test unless the modules are here."""
  absent = [module for module in modules if importlib.util.find_spec(module) is None]
  return pytest.mark.skipif(bool(absent), reason=f"needs {', '.join(absent)}: pip install -e '.[demo,notebooks]'")


def read(path):
  import nbformat
  return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_cells(notebook):
  return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(outputs):
  """What outputs show as text."""
  for output in outputs:
    found = output.get("text", "") or [
      value for kind, value in output.get("data", {}).items() if not kind.startswith("image/png")]
    yield "".join(map(str, found))


def stderr(cells):
  return [output.text for cell in cells for output in cell.outputs if output.get("name") == "stderr"]


def training_logic(source):
  """Names in the source that only a training step of one's own would need."""
  found = []
  for node in ast.walk(ast.parse(source)):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and TRAINING.search(node.name.lower()):
      found.append(f"def {node.name}")
    names = {
      ast.Attribute: lambda node: [node.attr],
      ast.Name: lambda node: [node.id],
      ast.Import: lambda node: [part for alias in node.names for part in alias.name.split(".")],
      ast.ImportFrom: lambda node: [*(node.module or "").split("."), *(alias.name for alias in node.names)],
    }.get(type(node), lambda node: [])(node)
    found += [name for name in names if name in FORBIDDEN]
  return found


def test_there_are_notebooks():
  assert NOTEBOOKS


@missing("nbformat")
@each_notebook
def test_a_notebook_is_valid_and_stored_with_clean_outputs(path):
  import nbformat
  notebook = read(path)
  nbformat.validate(notebook)
  assert path.stat().st_size < MOST_BYTES
  cells = code_cells(notebook)
  assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), "run it anew, top to bottom"
  outputs = [output for cell in cells for output in cell.outputs]
  assert any("image/png" in output.get("data", {}) for output in outputs)
  assert not [output for output in outputs if output.output_type == "error"]
  assert not stderr(cells)
  for text in [*texts(outputs), *(cell.source for cell in notebook.cells), json.dumps(notebook.metadata)]:
    assert not (found := OF_A_MACHINE.search(text)), found
    assert "\r" not in text, "a progress bar"
  assert notebook.metadata.kernelspec.name == "python3"


@missing("nbformat")
@each_notebook
def test_a_notebook_has_no_training_logic_of_its_own(path):
  assert training_logic("\n".join(cell.source for cell in code_cells(read(path)))) == []


@pytest.mark.parametrize("source", [
  "import optax", "from jax import grad", "jax.value_and_grad(f)", "def train_step(state): pass", "def loss(p): pass",
])
def test_training_logic_is_found(source):
  assert training_logic(source)


def execute(path, folder):
  """Runs a copy of a notebook in `folder`, in a kernel of this very interpreter; (its cells, the losses in `log`)."""
  import matplotlib.font_manager  # noqa: F401  builds matplotlib's font cache, which else is reported on stderr
  import nbformat
  from jupyter_client.kernelspec import KernelSpecManager
  from jupyter_client.manager import AsyncKernelManager
  from nbclient import NotebookClient

  notebook = read(shutil.copy(path, folder))
  for cell in code_cells(notebook):
    cell.update(outputs=[], execution_count=None)
  losses = 'import json; print(json.dumps([r["loss"] for r in globals().get("log", []) if "loss" in r]))'
  notebook.cells.append(nbformat.v4.new_code_cell(losses))
  # Without folders to look in, only the kernel of the running interpreter's own ipykernel is left.
  manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
  env = {**os.environ, "JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1", "PYTHONPATH": str(ROOT),
         "IPYTHONDIR": str(folder / "ipython"), "TMPDIR": str(folder)}
  client = NotebookClient(notebook, km=manager, timeout=600, resources={"metadata": {"path": str(folder)}})
  client.execute(env=env)
  *cells, last = code_cells(notebook)
  return cells, json.loads("".join(texts(last.outputs)))


@pytest.mark.slow
@missing("nbclient", "nbformat", "ipykernel", "jupyter_client", "matplotlib", "gensim")
@each_notebook
def test_a_notebook_runs_top_to_bottom(path, tmp_path):
  cells, losses = execute(path, tmp_path)  # a cell that fails raises
  assert not stderr(cells)
  if any("loop.fit(" in cell.source for cell in cells):
    assert len(losses) > 1, "what trains appends its records to a list called `log`"
    assert losses[-1] < losses[0]
