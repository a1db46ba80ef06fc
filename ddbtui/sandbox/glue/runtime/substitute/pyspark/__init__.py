"""Not Spark, but what the job scripts use of it, in threads of one process.

Unlike with Spark, nothing is pickled, no task is repeated, and what an accumulator holds is seen at once.
"""

from .accumulators import Accumulator
from .context import SparkContext
from .rdd import RDD

__version__ = "0.0 (substitute for Spark: threads of one process)"
__all__ = ["RDD", "Accumulator", "SparkContext"]
