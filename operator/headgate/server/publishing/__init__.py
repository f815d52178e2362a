"""Publishes each prediction to a stream, beside the path of requests and never in its way.

`publisher.py` is imported only where the settings ask for it: others need not wait for it.
"""
