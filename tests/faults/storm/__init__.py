"""Users who keep asking an installation of `manage.py run_scaled` while its parts are killed, frozen and restarted."""
