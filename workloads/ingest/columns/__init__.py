"""What a column of a table that people or BI tools made holds, by the words of its name and its cells."""
