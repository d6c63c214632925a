"""What gateways in front of providers log. One module a format."""
