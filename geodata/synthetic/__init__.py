"""Parts of the synthetic city: one module per thing that `make_city.py` writes."""
