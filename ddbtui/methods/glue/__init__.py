"""AWS Glue: jobs that load an export or copy a table, and the steps that run them."""
