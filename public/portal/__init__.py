"""The open-data portal: what data the city has, what of it is open, and why the rest is not."""
