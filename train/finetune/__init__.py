"""A retrain: a served model learns from labelled images, forgets nothing, and is judged before it is used."""
