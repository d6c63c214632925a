"""Read files of JSON documents: find the rows in them, and lay their members out as columns."""
