"""Runs that the daemon starts are kept as well as those of the command line."""

import dagster as dg

from orchestration.definitions import build_defs, runs_recorded
from orchestration.resources import SegmentryHome
from segmentry.home import Home
from segmentry.warehouse.door import Warehouse


def test_the_sensor_writes_the_steps_of_an_ended_run(shop_home):
    home = Home(shop_home)
    build_defs(home)
    house = Warehouse(home)
    before = house.read("select * from ops.pipeline_runs order by step")
    house.scalar("delete from ops.pipeline_runs returning run_id")
    sensor = runs_recorded(dg.DagsterRunStatus.SUCCESS)
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(before["run_id"][0])
        events = [entry.dagster_event for entry in instance.all_logs(run.run_id)]
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_instance=instance,
            dagster_run=run,
            dagster_event=[event for event in events if event is not None][-1],
            resources={"segmentry": SegmentryHome(root=str(shop_home))},
        )
        sensor(context)
    after = house.read("select * from ops.pipeline_runs order by step")
    assert after["step"].tolist() == before["step"].tolist()
    assert (after["status"] == "success").all()
