"""What a first start makes and every start finds again: folders, key, schema, people, a sample log. And the server."""
