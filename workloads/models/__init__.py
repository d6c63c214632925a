from workloads.models.upload import Upload
from workloads.models.workload import WAITING, Workload, WorkloadState

__all__ = ["WAITING", "Upload", "Workload", "WorkloadState"]
