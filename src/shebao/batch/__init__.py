"""A list of rules over files of people: one file, a folder of partitions, Ray, Spark.

The unit of work is a pure function of one partition; whatever runs it, the bytes that come out are the same. An output
is complete or absent, and nothing that stood under its name is touched before it is complete.
"""

from shebao.batch.compute import compute_file
from shebao.batch.partitions import DirectoryReport, Job, PartitionReport, compute_directory, compute_partition
from shebao.batch.spec import LawSpec

__all__ = [
    "DirectoryReport",
    "Job",
    "LawSpec",
    "PartitionReport",
    "compute_directory",
    "compute_file",
    "compute_partition",
]
