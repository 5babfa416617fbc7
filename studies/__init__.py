"""The project's own workshop: studies, course pages, recordings; not part of the package."""
