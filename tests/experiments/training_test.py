"""Programs that start anew to have their memory in huge pages."""

import os
import subprocess
import sys

import pytest
from running import ENV, ROOT

CODE = f"""
import sys
sys.path.insert(0, {str(ROOT / 'experiments')!r})
import training, os
training.use_huge_pages()
print(os.environ.get("GLIBC_TUNABLES"), sys.argv[1:], os.getpid())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has them")
@pytest.mark.parametrize("given", [None, "glibc.malloc.tcache_count=7"])
def test_a_program_starts_anew_but_once_with_the_same_arguments(given):
  env = {**ENV, **({} if given is None else {"GLIBC_TUNABLES": given})}
  process = subprocess.Popen([sys.executable, "-c", CODE, "--a=1", "b c"], env=env, stdout=subprocess.PIPE, text=True)
  out, _ = process.communicate(timeout=120)
  assert out.split(" ", 1) == [given or "glibc.malloc.hugetlb=1", f"['--a=1', 'b c'] {process.pid}\n"]
  assert "GLIBC_TUNABLES" not in os.environ
