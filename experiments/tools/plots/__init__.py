"""The pictures of the programs, in one look. Matplotlib is imported when one is drawn."""

from tools.plots.bars import draw_benchmark, draw_evaluation
from tools.plots.comparison import draw_comparison, draw_repeats, draw_scores
from tools.plots.curves import draw_label_efficiency, draw_runs
from tools.plots.gains import draw_ablations
from tools.plots.look import check
from tools.plots.scaling import draw_scaling
from tools.plots.word_maps import PROJECTIONS, draw_analogies, draw_map

__all__ = [
  "PROJECTIONS",
  "check",
  "draw_ablations",
  "draw_analogies",
  "draw_benchmark",
  "draw_comparison",
  "draw_evaluation",
  "draw_label_efficiency",
  "draw_map",
  "draw_repeats",
  "draw_runs",
  "draw_scaling",
  "draw_scores",
]
