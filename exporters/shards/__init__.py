"""Features or labels of very many images, in Parquet files that are written by themselves."""
