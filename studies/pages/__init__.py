"""Writers of pages: the environments, the README, the course item by item."""
