"""Every rule of the house over the source, by the name of its list of exceptions."""

from tests.architecture.law.arrows import (
    backward_rooms,
    circles_of_modules,
    circles_of_rooms,
    upward_imports,
)
from tests.architecture.law.places import engine_openings, impure_learning, wrong_libraries
from tests.architecture.law.shapes import crowded_folders, long_dagster_bodies, undescribed_rooms
from tests.architecture.law.strings import (
    content_literals,
    facts_elsewhere,
    sql_outside_its_floors,
    untranspilable_sql,
)
from tests.architecture.law.violation import Rule

RULES: dict[str, Rule] = {
    "upward_imports": upward_imports,
    "libraries": wrong_libraries,
    "engine_openings": engine_openings,
    "impure_learning": impure_learning,
    "backward_rooms": backward_rooms,
    "circles_of_modules": circles_of_modules,
    "circles_of_rooms": circles_of_rooms,
    "crowded_folders": crowded_folders,
    "facts_elsewhere": facts_elsewhere,
    "sql_in_orchestration": sql_outside_its_floors,
    "untranspilable_sql": untranspilable_sql,
    "content_literals": content_literals,
    "dagster_bodies": long_dagster_bodies,
    "rooms_described": undescribed_rooms,
}
