"""The smallest substitute for Spark: for machines without Java, so that the sandbox can still run a job."""
