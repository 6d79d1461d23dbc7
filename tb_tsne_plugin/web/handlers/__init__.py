"""One function a route: it gets a checked request, calls the layers below, and returns what to answer."""
