"""The command line: the composition root, which alone knows both the kiosk and its window."""

import os

# Matrix products of this size gain nothing from a second thread, and OpenBLAS's threads spin while
# they wait: on two busy cores that costs a hundred times the work. Read when numpy is first loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
