"""Tables in other shapes than a row a request or sum: made such tables before they are read."""
