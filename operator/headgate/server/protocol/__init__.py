"""Open Inference Protocol V2: what stands in a request and in an answer. Pure, no sockets."""
