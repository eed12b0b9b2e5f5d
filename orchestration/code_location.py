"""What `dagster dev` loads: the definitions of the home named by SEGMENTRY_HOME."""

from orchestration.definitions import build_defs
from segmentry.home import Home

defs = build_defs(Home.at())
