import threading

import threadpoolctl

from glove_jax.word_vectors import threads


def blas_threads(block):
  info = threadpoolctl.threadpool_info()
  return block, threading.get_ident(), {each["num_threads"] for each in info
                                        if each["user_api"] == "blas"}


def test_blocks_run_in_order_in_other_threads_with_one_blas_thread_each():
  before = threadpoolctl.threadpool_info()
  results = threads.map_blocks(blas_threads, range(5))
  assert [block for block, _, _ in results] == list(range(5))
  assert all(thread != threading.get_ident() for _, thread, _ in results)
  assert all(numbers == {1} for _, _, numbers in results)
  assert threadpoolctl.threadpool_info() == before


def test_there_is_a_core():
  assert threads.num_cores() >= 1


def test_a_single_block_runs_in_this_thread():
  (_, thread, _), = threads.map_blocks(blas_threads, [0])
  assert thread == threading.get_ident()
  assert threads.map_blocks(blas_threads, []) == []
