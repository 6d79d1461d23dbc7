"""The formats, one a module: how a dataset is written, and which labels stand in one (`catalog.FormatModule`)."""
