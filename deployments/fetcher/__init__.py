"""Guarded downloads: what a stranger's URL may reach, and how much it may cost.

A URL's way: ``target`` (strict parsing) -> ``guard`` (resolve once, every address must be allowed) ->
``pinned`` (dial exactly those addresses) -> ``download`` (one image, redirects included, each hop guarded
again) -> ``body`` (bounded bytes). ``fetcher`` does it ``count`` times under one deadline.

This package's root imports nothing, so that the settings can use its pure parts.
"""
