"""A narrow stand-in for the library of this name that AWS Glue has: what the job scripts of ddbtui use of it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python.html
"""
