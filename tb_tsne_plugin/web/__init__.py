"""HTTP: guards, parsing, one handler a route, encodings, the one error shape. The rules live in the layers below."""
