"""Everything that is trained at one date, side by side: targets, clusterings, next products."""

import datetime
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from segmentry.home import Home
from segmentry.models.clusters.fitting import train_clusters
from segmentry.models.next_products.training import train_next_products
from segmentry.models.storing import Training
from segmentry.models.targets.training import read_training_data, train_models
from segmentry.warehouse.door import Warehouse


def train_at(
    warehouse: Warehouse,
    home: Home,
    date: datetime.date,
    first_order: datetime.date,
    is_newest: bool,
) -> list[Training]:
    """Train as of one date and store the models below home.

    Next products are ranked at D alone, so that they are trained at the newest date alone.
    """
    data = read_training_data(warehouse, date, first_order)
    # Much of it is one thread's work. One thread a sum: the same sums on every machine.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(train_models, warehouse, home, data),
            pool.submit(train_clusters, warehouse, home, data),
        ]
        if is_newest:
            jobs.append(pool.submit(lambda: [train_next_products(warehouse, home, date)]))
        return [training for job in jobs for training in job.result()]
