"""The NATS engine: configuration of servers, what they tell, and what they are asked to do."""
