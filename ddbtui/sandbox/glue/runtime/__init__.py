"""What a Glue job finds where it runs: a narrow stand-in for awsglue, and a substitute for Spark where that is missing.

The sandbox itself imports nothing of it; a job's process gets this folder on its path, and `substitute` if need be.
"""
