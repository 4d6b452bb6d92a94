"""An audit spread over machines: Spark moves rows, the embedded reader types them piece by piece, the plan's SQL runs on Spark.

`workers` is what runs on the machines, `reading` makes the tables of records, `explaining` lets the reference explain what was flagged,
`outcome` writes the run. Only `finra_rules.database.spark.session` imports pyspark.
"""
