"""What AWS Glue runs: Spark scripts and the modules that they share.

Glue 5.0 has Python 3.11 and Spark 3.5.4, and of ddbtui only this package. So the modules here import nothing but the
standard library, boto3, pyspark, awsglue and each other; pyspark and awsglue only within functions, since ddbtui itself
runs without them.
https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
"""
