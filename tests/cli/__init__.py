"""Tests of `./simpi`."""
