"""Apache Spark: the same SQL trees on a cluster. `session` is the one module that imports pyspark."""
