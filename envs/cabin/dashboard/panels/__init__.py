"""The panels of the dashboard, one a file; each is drawn again only when what it shows changes."""
