class ClusterModel: pass
