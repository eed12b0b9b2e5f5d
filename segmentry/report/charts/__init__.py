"""Charts: functions from a frame and a width to an Altair chart. They read nothing."""
