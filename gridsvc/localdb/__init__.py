"""The embedded PostgreSQL: a private cluster in the data folder, made, started and stopped by the product."""

from gridsvc.localdb.cluster import Cluster
from gridsvc.localdb.facts import Addresses, ClusterStatus

__all__ = ["Addresses", "Cluster", "ClusterStatus"]
