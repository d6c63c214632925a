"""Date and time formats of the admin, in the layout that Django's FORMAT_MODULE_PATH asks for."""
