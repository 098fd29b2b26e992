"""JAX's persistent cache of compiled programs, in the user's cache folder.

A short run is mostly compilation. With the cache, a second run of the same sizes compiles nothing.
The variables of JAX itself come first: JAX_COMPILATION_CACHE_DIR names another folder, and
JAX_ENABLE_COMPILATION_CACHE=0 turns the cache off.
"""

import contextlib
import hashlib
import os
import pathlib
import platform

MAX_BYTES = 2 << 30
MIN_SECONDS = 0.05  # programs that compile in less are not kept


def enable(folder: str = "auto") -> None:
  """Turns the cache on, unless JAX has been told of another one, or to do without.

  Args:
    folder: `auto` for the user's cache folder; empty for no cache; or a path.
  """
  import jax  # imported late: `import glove_jax` does without it

  configured = jax.config.jax_compilation_cache_dir is not None
  if not folder or configured or not jax.config.jax_enable_compilation_cache:
    return
  path = user_folder() if folder == "auto" else pathlib.Path(folder)
  if not _is_writable(path):
    return
  trim(path, MAX_BYTES)
  jax.config.update("jax_compilation_cache_dir", str(path))
  if "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS" not in os.environ:
    jax.config.update("jax_persistent_cache_min_compile_time_secs", MIN_SECONDS)


def user_folder() -> pathlib.Path:
  """Returns the folder in the user's cache for this kind of processor."""
  root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
  return pathlib.Path(root) / "glove_jax" / "compiled" / processor()


def trim(folder: pathlib.Path, max_bytes: int) -> None:
  """Removes the files of a folder that were used longest ago until the rest fit `max_bytes`."""
  entries = []
  with contextlib.suppress(OSError):
    for entry in os.scandir(folder):
      if entry.is_file(follow_symlinks=False):
        stat = entry.stat(follow_symlinks=False)
        entries.append((max(stat.st_atime, stat.st_mtime), stat.st_size, entry.path))
  total = sum(size for _, size, _ in entries)
  for _, size, path in sorted(entries):
    if total <= max_bytes:
      return
    with contextlib.suppress(OSError):  # another process has removed it
      os.unlink(path)
    total -= size


def _is_writable(path: pathlib.Path) -> bool:
  """Returns whether a folder can be made and written to; a run goes on without a cache."""
  try:
    path.mkdir(parents=True, exist_ok=True)
  except (OSError, ValueError):
    return False
  return os.access(path, os.W_OK | os.X_OK)


def processor() -> str:
  """Returns a name of this processor with its instructions.

  Compiled code may use all of them; a home folder may be shared by machines that differ.
  """
  description = platform.processor() + platform.machine()
  with contextlib.suppress(OSError):
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
      if line.startswith(("model name", "flags", "Features")):
        description += line
      if not line:
        break  # the other cores are alike
  digest = hashlib.sha256(description.encode()).hexdigest()[:12]
  return f"{platform.machine() or 'cpu'}-{digest}"
