"""A socket between ingress and recognizer replicas on one machine, in place of Serve's gRPC.

Serve still chooses the replica, counts its calls and scales by them; only the bytes take another way, in a
third of the time. Where there is no such way (another machine, another network namespace, no Linux), a call
takes Serve's own.
"""
