"""Assets, jobs and sensors, one module a part of the flow; a body has twenty lines or fewer.

Not here: what an asset does. It is a function of the room of that stage in `segmentry`.
"""
