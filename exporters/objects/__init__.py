"""Objects in pictures: the annotation files of other tools, one format a file, as images to export."""
