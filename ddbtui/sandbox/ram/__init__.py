"""AWS RAM: resources shared between accounts."""
