"""Retrain jobs from the queue to the replicas: one at a time, every state durable."""
