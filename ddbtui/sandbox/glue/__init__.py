"""AWS Glue: jobs that really run, the Data Catalog and crawlers."""
