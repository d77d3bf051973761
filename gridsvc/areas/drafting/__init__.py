"""Making drafts: each deed leaves what is in force as it is."""
