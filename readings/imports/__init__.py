"""What surrounds an import: the profile it is read with, its preview, its undoing, its receipt."""
